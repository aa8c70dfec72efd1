//! What the tests of this room share.

use chrono::{DateTime, TimeZone, Utc};

use crate::credentials::SsoLogin;

pub(super) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()
}

pub(super) fn login() -> SsoLogin {
    SsoLogin {
        session: Some("corp".into()),
        start_url: "https://corp.awsapps.com/start".into(),
        region: "eu-west-1".into(),
        scopes: vec![],
    }
}
