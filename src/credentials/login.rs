//! What a login at IAM Identity Center gives, and what it takes: plain data, shared by the session
//! that decides, the client that sends and the vault that keeps.

use chrono::{DateTime, Utc};

use super::Secret;

/// How a person proves to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// `authorization_code` with PKCE: a browser on this machine
    AuthorizationCode,
    /// `urn:ietf:params:oauth:grant-type:device_code`: a browser anywhere, and a code to compare
    DeviceCode,
}

/// A client of the OIDC service,
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_RegisterClient.html>
#[derive(Clone, Debug)]
pub struct Registration {
    /// `clientId`
    pub client_id: String,
    /// `clientSecret`
    pub client_secret: Secret,
    /// `clientSecretExpiresAt`
    pub expires_at: DateTime<Utc>,
}

/// What `CreateToken` answers,
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>
#[derive(Clone, Debug)]
pub struct SsoToken {
    /// `accessToken`
    pub access_token: Secret,
    /// From then on AWS refuses it: `expiresIn`, by the local clock
    pub expires_at: DateTime<Utc>,
    /// `refreshToken`; none where the scopes give none
    pub refresh_token: Option<Secret>,
}

/// What a token is asked for with.
#[derive(Clone, Debug)]
pub enum TokenProof {
    /// `authorization_code`
    Code {
        /// `code`
        code: Secret,
        /// `codeVerifier`
        verifier: Secret,
        /// `redirectUri`, with the port
        redirect_uri: String,
    },
    /// `urn:ietf:params:oauth:grant-type:device_code`
    Device {
        /// `deviceCode`
        device_code: Secret,
    },
    /// `refresh_token`
    Refresh {
        /// `refreshToken`
        refresh_token: Secret,
    },
}

/// What `StartDeviceAuthorization` answers,
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>
#[derive(Clone, Debug)]
pub struct DeviceAuthorization {
    /// `deviceCode`
    pub device_code: Secret,
    /// `userCode`: what the person compares or types
    pub user_code: String,
    /// `verificationUri`: where it is typed
    pub verification_uri: String,
    /// `verificationUriComplete`: the same with the code in it
    pub verification_uri_complete: Option<String>,
    /// From then on the code is void: `expiresIn`, by the local clock
    pub expires_at: DateTime<Utc>,
    /// `interval`, in seconds between two polls; 5 where AWS states none
    pub interval: u64,
}

/// What the person is asked to allow in the browser.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// `redirect_uri`, with the port
    pub redirect_uri: String,
    /// `state`: what the answer must repeat
    pub state: String,
    /// `code_challenge` of the method S256: base64url of SHA-256 of the verifier
    pub code_challenge: String,
}
