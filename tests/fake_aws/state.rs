//! Everything that a test can see and change while the stand-in runs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::answer::Refusal;
use super::consent::Consent;
use super::console::Console;
use super::container::Container;
use super::fault::Faults;
use super::github::Github;
use super::iam::{Caller, Iam, Identity, Issued, SessionContext};
use super::metadata::Instance;
use super::oidc::Oidc;
use super::portal::Portal;
use super::random::Random;
use super::rate::Limit;
use super::request::{Parameters, Request};
use super::sample::SUBJECT;
use super::signin::SignIn;
use super::sigv4::Signed;

/// The whole of the stand-in's state.
pub(crate) struct State {
    pub(crate) iam: Iam,
    /// The machine behind `/latest/`
    pub(crate) instance: Instance,
    pub(crate) container: Container,
    /// What STS takes
    pub(crate) sts_limit: Limit,
    pub(crate) portal: Portal,
    pub(crate) oidc: Oidc,
    pub(crate) signin: SignIn,
    pub(crate) console: Console,
    /// Those that ECR gave
    pub(crate) registry_passwords: Vec<String>,
    /// The buckets of S3, and the keys of their objects
    pub(crate) buckets: BTreeMap<String, BTreeSet<String>>,
    /// The CI job that awsx runs in, if it does
    pub(crate) github: Github,
    /// Where `/start` leads, the start URL of an organization's own domain
    pub(crate) own_domain: String,
    /// What is before the person at the browser
    pub(super) consent: Consent,
    /// The only region whose scope STS accepts here; a host name such as `sts.eu-west-1.amazonaws.com`
    /// decides by itself. None: any.
    pub(crate) region: Option<String>,
    /// How far a signature's time may be off; STS says "15 min."
    pub(crate) tolerance: TimeDelta,
    /// AWS's time less this machine's; shows in every `Date`, expiry and signature check
    pub(crate) clock_offset: TimeDelta,
    /// Added to every answer
    pub(crate) latency: Duration,
    pub(super) random: Random,
    pub(super) faults: Faults,
    /// Every request so far, in the order of arrival
    pub(super) calls: Vec<Call>,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// `AssumeRole`, …, `CreateAccessKey`, …, `ImdsToken`, `ImdsRole`, `ImdsCredentials`,
    /// `ContainerCredentials`, `GetRoleCredentials`, `ListAccounts`, `ListAccountRoles`, `Logout`,
    /// `GithubToken`, `RegisterClient`, `StartDeviceAuthorization`, `CreateToken`, `CreateOAuth2Token`, `GetSigninToken`, `ListObjectsV2`, …, and of a
    /// browser `ConsoleLogin`, `ConsoleHome`, `ConsoleLogout`, `OwnDomain`, `Authorize`, `Allow`, `Deny`, `VerifyDevice`, `ConfirmSession`
    pub(crate) operation: String,
    /// Of the signature, verified or not
    pub(crate) access_key_id: Option<String>,
    /// Of the signature's scope
    pub(crate) region: Option<String>,
    /// The parameters without `Action`, `Version` and secrets
    pub(crate) parameters: Parameters,
    pub(crate) host: String,
    /// Whether it came through TLS
    pub(crate) tls: bool,
    /// By the stand-in's clock
    pub(crate) time: DateTime<Utc>,
    /// `OK`, the error code, or the name of the fault that stood in for an answer
    pub(crate) outcome: String,
}

impl State {
    /// A state with these people and a machine, a container and a portal.
    pub(super) fn new(iam: Iam, instance: Instance, container: Container, portal: Portal) -> Self {
        Self {
            iam,
            instance,
            container,
            sts_limit: Limit::default(),
            portal,
            oidc: Oidc::new(),
            signin: SignIn::new(),
            console: Console::default(),
            registry_passwords: Vec::new(),
            buckets: BTreeMap::new(),
            github: Github::new(SUBJECT),
            own_domain: String::new(),
            consent: Consent::default(),
            region: None,
            tolerance: TimeDelta::minutes(15),
            clock_offset: TimeDelta::zero(),
            latency: Duration::ZERO,
            random: Random::new(),
            faults: Faults::default(),
            calls: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        now() + self.clock_offset
    }

    /// No fault is due any more.
    pub(crate) fn forget_faults(&mut self) {
        self.faults = Faults::default();
    }

    /// Ends every session now; its credentials answer `ExpiredToken`.
    pub(crate) fn expire_sessions(&mut self) {
        self.iam.expire_sessions(self.now());
    }

    /// Credentials of a role session, without asking its trust policy: as AWS's own services get them.
    pub(crate) fn issue_role(&mut self, role: &str, name: &str, seconds: i64) -> Issued {
        let role = self.iam.role(role).expect("the role exists");
        let identity = Identity::RoleSession {
            role: role.arn.clone(),
            role_id: role.id.clone(),
            name: name.to_owned(),
        };
        self.issue(identity, SessionContext::default(), seconds)
    }

    /// Who made a signature, if it and the credentials hold; the use of a key is noted.
    pub(super) fn verify(
        &mut self,
        request: &Request,
        signed: &Signed,
        service: &'static str,
    ) -> Result<Caller, Refusal> {
        let now = self.now();
        let (secret, caller) = self.iam.caller(&signed.key_id, signed.token.as_deref(), now)?;
        signed.verify(request, &secret)?;
        if let Some(key) = self.iam.key(&signed.key_id) {
            key.last_use = Some((now, service, signed.region.clone()));
        }
        Ok(caller)
    }

    pub(super) fn issue(
        &mut self,
        identity: Identity,
        context: SessionContext,
        seconds: i64,
    ) -> Issued {
        let (now, caller) =
            (self.now(), Caller { identity, session: Some(context), ends_at: None });
        self.iam.issue(&mut self.random, caller, now, seconds)
    }
}

/// The time, where AWS's clock is not off.
#[expect(clippy::disallowed_methods, reason = "AWS's clock is another than awsx's")]
pub(super) fn now() -> DateTime<Utc> {
    Utc::now()
}
