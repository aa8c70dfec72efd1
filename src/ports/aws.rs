//! AWS's services: STS, IAM Identity Center with its access portal and OIDC service, AWS sign-in.

use super::CallError;
use crate::credentials::{
    AssumeRole, AssumeRoleWithWebIdentity, Authorization, DeviceAuthorization, GetRoleCredentials,
    GetSessionToken, Grant, Keys, MfaCode, Registration, Secret, SessionCredentials, SignInAnswer,
    SignInClient, SignInProof, SsoLogin, SsoToken, StsAnswer, StsCall, TokenProof,
};

pub(crate) trait Sts {
    /// `sts:GetSessionToken`
    fn get_session_token(
        &self,
        keys: &Keys,
        request: &GetSessionToken,
        code: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError>;
    /// `sts:AssumeRole`
    fn assume_role(
        &self,
        keys: &Keys,
        request: &AssumeRole,
        code: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError>;
    /// `sts:AssumeRoleWithWebIdentity`; unsigned, the token proves who asks.
    fn assume_role_with_web_identity(
        &self,
        request: &AssumeRoleWithWebIdentity,
        token: Secret,
    ) -> Result<SessionCredentials, CallError>;
    /// `sts:GetCallerIdentity`
    fn get_caller_identity(&self, keys: &Keys) -> Result<CallerIdentity, CallError>;
    /// Any operation by its name; unsigned without keys.
    fn ask(
        &self,
        keys: Option<&Keys>,
        call: &StsCall,
        code: Option<MfaCode>,
    ) -> Result<StsAnswer, CallError>;
}

/// The answer to `sts:GetCallerIdentity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallerIdentity {
    /// `Account`, 12 digits
    pub account: String,
    pub arn: String,
    pub user_id: String,
}

pub(crate) trait Sso {
    /// `sso:GetRoleCredentials`; a token that AWS does not accept is [`CallError::LoginNeeded`].
    fn role_credentials(
        &self,
        token: &Secret,
        request: &GetRoleCredentials,
    ) -> Result<SessionCredentials, CallError>;
    /// `sso:Logout`: AWS takes the token no longer. One that was over already is no error.
    fn logout(&self, login: &SsoLogin, token: &Secret) -> Result<(), CallError>;
}

/// The access portal, as far as it lists. Throttling is waited out, at a rate that the portal allows.
pub(crate) trait Portal {
    /// `sso:ListAccounts`, all pages. A token that AWS does not accept is [`CallError::LoginNeeded`].
    fn accounts(&self, login: &SsoLogin, token: &Secret) -> Result<Vec<Account>, CallError>;
    /// `sso:ListAccountRoles` of every account, all pages, several at once. `tell` gets each account
    /// when it is done; one that fails does not stop the others.
    ///
    /// # Errors
    /// What would stop every other call too: the token is not accepted
    /// ([`CallError::LoginNeeded`]), AWS throttles all of them or cannot be reached. What was told
    /// before stays true.
    fn roles(
        &self,
        login: &SsoLogin,
        token: &Secret,
        accounts: &[String],
        tell: &mut dyn FnMut(PortalEvent),
    ) -> Result<(), CallError>;
}

/// An account that the person may enter, as `sso:ListAccounts` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// `accountId`, 12 digits
    pub account_id: String,
    /// `accountName`; empty where there is none
    pub account_name: String,
    /// `emailAddress`, the account's; empty where there is none
    pub email: String,
}

/// What comes in while the roles of many accounts are listed.
#[derive(Debug)]
pub(crate) enum PortalEvent {
    /// An account is done: its `roleName`s in the portal's order, or why they could not be listed.
    Roles { account_id: String, outcome: Result<Vec<String>, CallError> },
    /// AWS took a request for one too many; it is sent again.
    Throttled,
    /// About a second went by, with or without events.
    SecondPassed,
}

/// The OIDC service of IAM Identity Center. Its refusals are [`CallError::Refused`] with AWS's code,
/// such as `AuthorizationPendingException`.
pub(crate) trait Oidc {
    /// AWS's own start URL where the login's leads to one: an organization may have a domain of its own.
    ///
    /// # Errors
    /// It leads elsewhere, or to another region.
    fn start_url(&self, login: &SsoLogin) -> Result<String, CallError>;
    /// `sso-oidc:RegisterClient`
    fn register(&self, login: &SsoLogin, grant: Grant) -> Result<Registration, CallError>;
    /// The address at which a person allows the client to act for them. Asks nobody.
    fn authorize_url(
        &self,
        login: &SsoLogin,
        registration: &Registration,
        authorization: &Authorization,
    ) -> Result<String, CallError>;
    /// `sso-oidc:StartDeviceAuthorization`
    fn start_device_authorization(
        &self,
        login: &SsoLogin,
        registration: &Registration,
    ) -> Result<DeviceAuthorization, CallError>;
    /// `sso-oidc:CreateToken`. A code or a refresh token is used once: the call is not repeated once
    /// AWS may have seen it.
    fn token(
        &self,
        login: &SsoLogin,
        registration: &Registration,
        proof: &TokenProof,
    ) -> Result<SsoToken, CallError>;
}

/// AWS sign-in. Its refusals are [`CallError::Refused`] with the `error` of the answer for a code, such
/// as `TOKEN_EXPIRED`.
pub(crate) trait SignIn {
    /// A new private key for tokens to be bound to: P-256, SEC1, PEM.
    fn new_key(&self) -> Secret;
    /// `https://REGION.signin.aws.amazon.com`, or the configured endpoint. Asks nobody.
    fn endpoint_url(&self, region: &str) -> Result<String, CallError>;
    /// The address at which a person signs in. Asks nobody.
    fn authorize_url(
        &self,
        region: &str,
        client: SignInClient,
        authorization: &Authorization,
    ) -> Result<String, CallError>;
    /// `signin:CreateOAuth2Token`, proved with the key. A code or a refresh token is used once: the
    /// call is not repeated once AWS may have seen it.
    fn token(
        &self,
        region: &str,
        client_id: &str,
        key: &Secret,
        proof: &SignInProof,
    ) -> Result<SignInAnswer, CallError>;
}
