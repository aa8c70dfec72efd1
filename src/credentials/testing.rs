//! What the tests of several modules share.

use super::SsoLogin;

pub(crate) fn sso_login() -> SsoLogin {
    SsoLogin {
        session: Some("corp".into()),
        start_url: "https://corp.awsapps.com/start".into(),
        region: "eu-west-1".into(),
        scopes: vec![SsoLogin::DEFAULT_SCOPE.into()],
    }
}
