//! Where a person logs in, and what a login gives and takes: plain data, shared by the room that decides,
//! the client that sends and the vault that keeps. Fields have AWS's names.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{Secret, SessionCredentials, SsoLogin};

/// Where a person logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// IAM Identity Center: `[sso-session]`, or a profile's own `sso_start_url`
    IdentityCenter(SsoLogin),
    /// AWS's console: `login_session`
    Console(LoginSession),
}

/// Who logged in at AWS's console: the ARN that a profile's `login_session` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LoginSession(String);

/// How a login is called in sentences: AWS has a word of its own for that of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoginWords {
    pub noun: &'static str,
    pub verb: &'static str,
    pub doing: &'static str,
    pub past: &'static str,
    /// What stands before the name: "Log in to corp", "Sign in to AWS as arn:…"
    pub question: &'static str,
    /// The same, afterwards
    pub done: &'static str,
    /// What a browser that cannot come back needs
    pub code: &'static str,
    /// The flag for a browser that cannot come back to awsx
    pub elsewhere: &'static str,
}

impl Login {
    pub(crate) const IDENTITY_CENTER: &'static LoginWords = &LoginWords {
        noun: "login",
        verb: "log in",
        doing: "logging in",
        past: "logged in",
        question: "Log in to",
        done: "logged in to",
        code: "device code",
        elsewhere: "--device-code",
    };
    pub(crate) const CONSOLE: &'static LoginWords = &LoginWords {
        noun: "sign-in",
        verb: "sign in",
        doing: "signing in",
        past: "signed in",
        question: "Sign in to AWS as",
        done: "signed in to AWS as",
        code: "code",
        elsewhere: "--remote",
    };

    pub(crate) const SAML: &'static LoginWords = &LoginWords {
        noun: "login",
        verb: "log in",
        doing: "logging in",
        past: "logged in",
        question: "Log in for",
        done: "logged in for",
        code: "assertion",
        elsewhere: "--no-browser",
    };

    pub(crate) fn words(&self) -> &'static LoginWords {
        match self {
            Self::IdentityCenter(_) => Self::IDENTITY_CENTER,
            Self::Console(_) => Self::CONSOLE,
        }
    }

    /// How the command line names it: the `[sso-session]`, else the start URL; the ARN.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::IdentityCenter(login) => login.session.as_deref().unwrap_or(&login.start_url),
            Self::Console(session) => session.arn(),
        }
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdentityCenter(login) => login.fmt(f),
            Self::Console(session) => write!(f, "login_session {}", session.arn()),
        }
    }
}

impl LoginSession {
    pub(crate) fn new(arn: impl Into<String>) -> Self {
        Self(arn.into())
    }

    pub(crate) fn arn(&self) -> &str {
        &self.0
    }
}

/// How a person proves to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// `authorization_code` with PKCE: a browser on this machine
    AuthorizationCode,
    /// `urn:ietf:params:oauth:grant-type:device_code`: a browser anywhere, and a code to compare
    DeviceCode,
}

/// A client of the OIDC service,
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_RegisterClient.html>
#[derive(Clone, Debug)]
pub struct Registration {
    pub client_id: String,
    pub client_secret: Secret,
    /// `clientSecretExpiresAt`
    pub expires_at: DateTime<Utc>,
}

/// What `CreateToken` answers,
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>
#[derive(Clone, Debug)]
pub struct SsoToken {
    pub access_token: Secret,
    /// From then on AWS refuses it: `expiresIn`, by the local clock
    pub expires_at: DateTime<Utc>,
    /// None where the scopes give none
    pub refresh_token: Option<Secret>,
}

/// What a token is asked for with.
#[derive(Clone, Debug)]
pub(crate) enum TokenProof {
    /// `authorization_code`
    Code(AuthorizedCode),
    /// `urn:ietf:params:oauth:grant-type:device_code`
    Device(Secret),
    /// `refresh_token`
    Refresh(Secret),
}

/// What came of the person's yes in the browser. AWS gives a token for it, once.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizedCode {
    pub code: Secret,
    /// `codeVerifier`
    pub verifier: Secret,
    /// As the browser was sent there, with the port
    pub redirect_uri: String,
}

/// What `StartDeviceAuthorization` answers,
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>
#[derive(Clone, Debug)]
pub(crate) struct DeviceAuthorization {
    pub device_code: Secret,
    /// What the person compares or types
    pub user_code: String,
    /// Where it is typed
    pub verification_uri: String,
    /// The same with the code in it
    pub verification_uri_complete: Option<String>,
    /// From then on the code is void: `expiresIn`, by the local clock
    pub expires_at: DateTime<Utc>,
    /// Seconds between two polls; 5 where AWS states none
    pub interval: u64,
}

/// What the person is asked to allow in the browser.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    /// With the port
    pub redirect_uri: String,
    /// What the answer must repeat
    pub state: String,
    /// Of the method S256: base64url of SHA-256 of the verifier
    pub code_challenge: String,
}

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

/// What `CreateOAuth2Token` of AWS sign-in is asked with,
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html>
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
