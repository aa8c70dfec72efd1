//! What AWS sign-in gives, and what it takes. Fields have AWS's names.
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html>

use chrono::{DateTime, Utc};

use super::{AuthorizedCode, Secret, SessionCredentials};

/// The client that a person signs in with, `client_id`; AWS has the same two for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInClient {
    /// `arn:aws:signin:::devtools/same-device`: the browser comes back to this machine
    SameDevice,
    /// `arn:aws:signin:::devtools/cross-device`: the page shows a code, which the person brings
    CrossDevice,
}

impl SignInClient {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::SameDevice => "arn:aws:signin:::devtools/same-device",
            Self::CrossDevice => "arn:aws:signin:::devtools/cross-device",
        }
    }
}

/// What `CreateOAuth2Token` is asked with.
#[derive(Debug)]
pub(crate) enum SignInProof {
    /// `authorization_code`
    Code(AuthorizedCode),
    /// `refresh_token`; AWS takes it once
    Refresh(Secret),
}

/// What `CreateOAuth2Token` answers.
#[derive(Clone, Debug)]
pub(crate) struct SignInAnswer {
    /// `accessToken`, which is session credentials; they end after `expiresIn` seconds, by the
    /// local clock. The account is known where the session is.
    pub credentials: SessionCredentials,
    /// Takes the place of the one that was sent
    pub refresh_token: Secret,
    /// None in the answer to a refresh
    pub id_token: Option<Secret>,
    /// `sub` of the `idToken`: the ARN of who signed in, the `login_session` of profiles
    pub session: Option<String>,
}

/// A sign-in as it is kept.
#[derive(Clone, Debug)]
pub struct SignInToken {
    /// Of the client that the person signed in with; AWS wants it at each refresh
    pub client_id: String,
    /// The region of the endpoint; none where the AWS CLI did not note it
    pub region: Option<String>,
    /// The credentials of now; none once AWS refused to renew them
    pub credentials: Option<SessionCredentials>,
    /// Renews them; none once AWS refused it
    pub refresh_token: Option<Secret>,
    pub id_token: Option<Secret>,
    /// The private key that the tokens are bound to (DPoP): P-256, SEC1, PEM
    pub dpop_key: Secret,
}

impl SignInToken {
    /// When AWS refuses the credentials from.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.credentials.as_ref()?.expiration.at()
    }
}
