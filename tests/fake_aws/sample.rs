//! The world that the stand-in starts with: for the tests, and for `examples/sandbox`.

use chrono::TimeDelta;

use super::container::Container;
use super::github;
use super::iam::{AccessKey, Federation, Iam, IdentityProvider, Role, Trust, User};
use super::metadata::Instance;
use super::organization::Account;
use super::portal::{Assignment, Portal};
use super::state::{self, State};
use super::totp::MfaDevice;

/// The account of the user.
pub(crate) const USER_ACCOUNT: &str = "111111111111";
/// The only user.
pub(crate) const USER: &str = "arn:aws:iam::111111111111:user/dev";
pub(crate) const USER_ID: &str = "AIDA2SANDBOXEXAMPLE7";
/// The user's key.
pub(crate) const KEY_ID: &str = "AKIA2SANDBOXEXAMPLE7";
pub(crate) const SECRET_KEY: &str = "sandbox/dev+wJalrXUtnFEMIbPxRfiCYEXAMPLE";
/// The user's other key, which is inactive.
pub(crate) const INACTIVE_KEY_ID: &str = "AKIA2INACTIVEEXAMPLE";
/// The user's MFA device.
pub(crate) const MFA_SERIAL: &str = "arn:aws:iam::111111111111:mfa/dev";
pub(crate) const MFA_SEED: &[u8] = b"awsx-sandbox-device1";

/// Trusts the user; no MFA; may be tagged and given a source identity; sessions of up to 12 hours.
pub(crate) const READ_ONLY: &str = "arn:aws:iam::111111111111:role/ReadOnly";
/// Trusts the user with MFA; sessions of up to 12 hours.
pub(crate) const ADMIN: &str = "arn:aws:iam::222222222222:role/Admin";
/// Trusts [`ADMIN`] with an external id; may be tagged and given a source identity.
pub(crate) const AUDIT: &str = "arn:aws:iam::333333333333:role/security/Audit";
/// The external id of [`AUDIT`].
pub(crate) const EXTERNAL_ID: &str = "sandbox-audit";
/// Trusts all of account 111111111111, and [`MACHINE`].
pub(crate) const SHARED: &str = "arn:aws:iam::333333333333:role/Shared";
/// Trusts [`ISSUER`]'s tokens for [`SUBJECT`].
pub(crate) const CI: &str = "arn:aws:iam::222222222222:role/Ci";
/// Trusts the tokens of GitHub Actions for [`SUBJECT`].
pub(crate) const GITHUB_CI: &str = "arn:aws:iam::222222222222:role/GithubCi";
/// The role of the machine and the container.
pub(crate) const MACHINE: &str = "arn:aws:iam::222222222222:role/Machine";

/// The OpenID Connect provider.
pub(crate) const ISSUER: &str = "https://token.ci.example";
/// Whom [`CI`] trusts.
pub(crate) const SUBJECT: &str = "repo:example/app:ref:refs/heads/main";
/// Where the machine is.
pub(crate) const REGION: &str = "eu-central-1";
/// The path of the container's endpoint.
pub(crate) const CONTAINER_PATH: &str = "/v2/credentials/0a1b2c3d";
/// What the container's endpoint wants to hear.
pub(crate) const CONTAINER_TOKEN: &str = "Bearer sandbox-container-token";

/// A person of IAM Identity Center.
pub(crate) const SSO_USER: &str = "ann@corp.example";
/// The access token of a person who is logged in to IAM Identity Center.
pub(crate) const SSO_TOKEN: &str = "aoaAAAAAGsandbox-access-token:MGQCMDexample/token+of+ann";
/// Where that person logs in, and the name that the AWS CLI's file of that login has (its SHA-1).
pub(crate) const SSO_START_URL: (&str, &str) =
    ("https://corp.awsapps.com/start", "a51746d4aa793ae07b25e90c3a5db96fc7832bd7");
/// The same for an `[sso-session]`.
pub(crate) const SSO_SESSION: (&str, &str) = ("corp", "ee0bfd2552fbd840c02cc48b6e823320543c450f");
/// What that person may be in account 222222222222.
pub(crate) const SSO_ROLE_NAME: &str = "Developer";
/// The role that IAM Identity Center made of it.
pub(crate) const SSO_ROLE: &str = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Developer_0123456789abcdef";

impl State {
    pub(super) fn sample() -> Self {
        let created = state::now() - TimeDelta::days(100);
        let inactive = AccessKey::new(INACTIVE_KEY_ID, SECRET_KEY, created - TimeDelta::days(300));
        let user = User {
            keys: vec![
                AccessKey::new(KEY_ID, SECRET_KEY, created),
                AccessKey { active: false, ..inactive },
            ],
            mfa_devices: vec![MfaDevice::new(MFA_SERIAL, MFA_SEED)],
            ..User::new(USER, USER_ID)
        };
        let trust =
            |principal: &str| Trust { principals: vec![principal.into()], ..Trust::default() };
        let described = |trust| Trust { tag_session: true, set_source_identity: true, ..trust };
        let federation = |issuer: &str| {
            let federation = Federation { issuer: issuer.into(), subject: SUBJECT.into() };
            Trust { federation: Some(federation), ..Trust::default() }
        };
        let audit = Trust { external_id: Some(EXTERNAL_ID.into()), ..trust(ADMIN) };
        let everyone = "arn:aws:iam::111111111111:root".into();
        let shared = Trust { principals: vec![everyone, MACHINE.into()], ..Trust::default() };
        let role = |arn: &str, max_session_seconds, trust| {
            let name = arn.rsplit('/').next().unwrap_or_default().to_uppercase();
            let id = format!("AROA2{name:X<15}");
            Role { arn: arn.into(), id, max_session_seconds, trust }
        };
        let roles = vec![
            role(READ_ONLY, 43_200, described(trust(USER))),
            role(ADMIN, 43_200, described(Trust { mfa: true, ..trust(USER) })),
            role(AUDIT, 43_200, described(audit)),
            role(SHARED, 3600, shared),
            role(CI, 3600, federation(ISSUER)),
            role(GITHUB_CI, 3600, federation(github::ISSUER)),
            role(MACHINE, 3600, Trust::default()),
            role(SSO_ROLE, 43_200, Trust::default()),
        ];
        let provider = |issuer: &str, key: &str| IdentityProvider {
            issuer: issuer.into(),
            audience: "sts.amazonaws.com".into(),
            key: key.into(),
        };
        let providers = vec![
            provider(ISSUER, "sandbox-issuer-signing-key"),
            provider(github::ISSUER, "sandbox-github-signing-key"),
        ];
        let iam = Iam::new(vec![user], roles, providers);
        let container = Container {
            path: CONTAINER_PATH.into(),
            authorization: Some(CONTAINER_TOKEN.into()),
            role: Some(MACHINE.into()),
        };
        let developer = Assignment {
            user: SSO_USER.into(),
            role_name: SSO_ROLE_NAME.into(),
            role: SSO_ROLE.into(),
            seconds: 8 * 3600,
        };
        let account = Account {
            id: "222222222222".into(),
            name: "Workloads Dev".into(),
            email: "aws+workloads@corp.example".into(),
        };
        let portal = Portal::new(SSO_TOKEN, account, developer, state::now());
        Self::new(iam, Instance::new(MACHINE, REGION), container, portal)
    }
}
