//! Who exists, who trusts whom, and which credentials are good. Whether a signature fits is
//! `sigv4.rs`'s matter, whether a request is allowed its operation's.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::answer::{Refusal, element};
use super::policy;
use super::random::Random;
use super::saml_signature::SigningKey;
use super::totp::MfaDevice;

/// The people, the roles and the sessions of all accounts.
#[derive(Clone, Debug)]
pub(crate) struct Iam {
    pub(crate) users: Vec<User>,
    pub(crate) roles: Vec<Role>,
    pub(crate) identity_providers: Vec<IdentityProvider>,
    pub(crate) saml_providers: Vec<SamlProvider>,
    /// Access tokens of OAuth 2.0: the provider's host, the token, and whose it is
    pub(crate) oauth_tokens: Vec<(String, String, String)>,
    /// What policies deny: the ARN of a user or a role, and the action
    pub(crate) denied: Vec<(String, &'static str)>,
    /// Accounts whose root users the organization may have act: none without centralized root access
    pub(crate) member_accounts: Vec<String>,
    /// How large session tokens are at least, in bytes
    pub(crate) least_token_size: usize,
    /// Seconds that a session lasts at most, whatever is asked for: none of AWS's is so short
    pub(crate) longest_session: Option<i64>,
    /// Whether AWS makes tokens for others
    pub(crate) outbound_federation: bool,
    /// Encoded refusals: the account, what is sent, and what it says
    pub(crate) messages: Vec<(String, String, String)>,
    /// Virtual MFA devices that are nobody's
    pub(crate) unassigned_devices: Vec<MfaDevice>,
    /// How often a new key is refused before it is known everywhere: a stand-in for seconds
    pub(crate) refusals_of_new_keys: usize,
    /// How often a new key is missing from the list
    pub(crate) lists_without_new_keys: usize,
    sessions: HashMap<String, Session>,
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    /// `arn:aws:iam::ACCOUNT:user/NAME`
    pub(crate) arn: String,
    /// `AIDA…`
    pub(crate) id: String,
    /// At most two, says AWS
    pub(crate) keys: Vec<AccessKey>,
    /// The devices whose codes this user may give
    pub(crate) mfa_devices: Vec<MfaDevice>,
    /// Whether the user's policy allows next to nothing without MFA
    pub(crate) needs_mfa: bool,
}

/// A user's long-term key.
#[derive(Clone, Debug)]
pub(crate) struct AccessKey {
    /// `AKIA…`
    pub(crate) id: String,
    pub(crate) secret: String,
    /// An inactive key is refused like an unknown one.
    pub(crate) active: bool,
    /// `CreateDate`
    pub(crate) created: DateTime<Utc>,
    /// `AccessKeyLastUsed`: when, of which service, in which region
    pub(crate) last_use: Option<(DateTime<Utc>, &'static str, String)>,
    /// How often it is still refused, and missing from the list
    pub(super) unknown: (usize, usize),
}

impl AccessKey {
    /// A key that is known everywhere.
    pub(crate) fn new(id: &str, secret: &str, created: DateTime<Utc>) -> Self {
        let (id, secret) = (id.to_owned(), secret.to_owned());
        Self { id, secret, active: true, created, last_use: None, unknown: (0, 0) }
    }
}

impl User {
    /// A user without keys and devices.
    pub(crate) fn new(arn: &str, id: &str) -> Self {
        let (arn, id) = (arn.to_owned(), id.to_owned());
        Self { arn, id, keys: Vec::new(), mfa_devices: Vec::new(), needs_mfa: false }
    }

    /// `UserName`
    pub(crate) fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Role {
    /// `arn:aws:iam::ACCOUNT:role/NAME`
    pub(crate) arn: String,
    /// `AROA…`
    pub(crate) id: String,
    /// `MaxSessionDuration`: 3600 to 43200 seconds
    pub(crate) max_session_seconds: i64,
    pub(crate) trust: Trust,
}

/// What a role's trust policy says, as far as STS asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// ARNs of users, roles, role sessions or `arn:aws:iam::ACCOUNT:root`
    pub(crate) principals: Vec<String>,
    /// `sts:ExternalId`
    pub(crate) external_id: Option<String>,
    /// `aws:MultiFactorAuthPresent`
    pub(crate) mfa: bool,
    /// Whether `sts:TagSession` is allowed, needed for tags and for inherited ones
    pub(crate) tag_session: bool,
    /// Whether `sts:SetSourceIdentity` is allowed, needed for one that is set or inherited
    pub(crate) set_source_identity: bool,
    /// Who may come with a web identity token
    pub(crate) federation: Option<Federation>,
}

/// The federated principal of a role's trust policy and its `:sub` condition.
#[derive(Clone, Debug)]
pub(crate) struct Federation {
    pub(crate) issuer: String,
    /// The only subject that may come
    pub(crate) subject: String,
}

/// An OpenID Connect provider that AWS knows of, with the key that its tokens are signed with (HS256:
/// AWS wants public keys, but what signs the token makes no difference to who passes it on).
#[derive(Clone, Debug)]
pub(crate) struct IdentityProvider {
    pub(crate) issuer: String,
    /// The client id that AWS accepts
    pub(crate) audience: String,
    pub(crate) key: String,
}

/// A SAML provider in IAM, and the identity provider behind it.
#[derive(Clone, Debug)]
pub(crate) struct SamlProvider {
    /// `arn:aws:iam::ACCOUNT:saml-provider/NAME`
    pub(crate) arn: String,
    /// Of its assertions
    pub(crate) issuer: String,
    pub(crate) key: SigningKey,
}

impl SamlProvider {
    /// With a key of its own.
    pub(crate) fn new(arn: &str, issuer: &str) -> Self {
        Self { arn: arn.into(), issuer: issuer.into(), key: SigningKey::generate() }
    }
}

/// Credentials that were given out.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    /// `ASIA…`
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    /// The token that must come with the key
    pub(crate) session_token: String,
    /// The end, on a whole second
    pub(crate) expiration: DateTime<Utc>,
}

impl Issued {
    /// `Expiration` as AWS writes it.
    pub(crate) fn expiration_text(&self) -> String {
        rfc3339(self.expiration)
    }

    /// The `<Credentials>` of STS.
    pub(crate) fn xml(&self) -> String {
        format!(
            "<Credentials>\n{}{}{}{}</Credentials>\n",
            element("AccessKeyId", &self.access_key_id),
            element("SecretAccessKey", &self.secret_access_key),
            element("SessionToken", &self.session_token),
            element("Expiration", &self.expiration_text())
        )
    }
}

/// `2026-01-31T09:30:00Z`
pub(crate) fn rfc3339(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The user or the role session
    pub(crate) identity: Identity,
    /// Of temporary credentials only
    pub(crate) session: Option<SessionContext>,
    /// When those end
    pub(crate) ends_at: Option<DateTime<Utc>>,
}

/// A user, a role session, or whom a user vouches for.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// `arn:aws:iam::ACCOUNT:user/NAME`
    User {
        arn: String,
        /// `AIDA…`
        id: String,
    },
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/NAME`
    RoleSession {
        role: String,
        /// `AROA…`
        role_id: String,
        /// `RoleSessionName`
        name: String,
    },
    /// `arn:aws:sts::ACCOUNT:federated-user/NAME`
    Federated {
        /// Of the user
        user: String,
        name: String,
    },
}

/// What a session carries along.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionContext {
    /// Made by `GetSessionToken` with an MFA code. Role sessions do not inherit it.
    pub(crate) mfa: bool,
    /// Kept for good once set
    pub(crate) source_identity: Option<String>,
    /// Handed down a chain of roles
    pub(crate) transitive_tags: Vec<(String, String)>,
    /// Policies that limit the session: of each list one must allow what it does
    pub(crate) limits: Vec<Vec<String>>,
    /// Whether a session signed for the role
    pub(crate) by_session: bool,
    /// How many of them `GetScopedCredentials` made
    pub(crate) scopes: usize,
}

impl Caller {
    /// Refuses what the session's own policies do not allow.
    pub(crate) fn check(&self, action: &str, resource: &str) -> Result<(), Refusal> {
        let mut limits = self.session.iter().flat_map(|session| &session.limits);
        match limits.all(|policies| policy::allow(policies, action, resource)) {
            true => Ok(()),
            false => Err(Refusal::access_denied(format!(
                "User: {} is not authorized to perform: {action} on resource: {resource} because no session \
                 policy allows the {action} action",
                self.identity.arn()
            ))),
        }
    }
}

impl Identity {
    /// `Arn` of `GetCallerIdentity`
    pub(crate) fn arn(&self) -> String {
        match self {
            Self::User { arn, .. } => arn.clone(),
            Self::Federated { user, name } => {
                let partition = user.split(':').nth(1).unwrap_or("aws");
                format!("arn:{partition}:sts::{}:federated-user/{name}", self.account())
            }
            Self::RoleSession { role, name, .. } => {
                let partition = role.split(':').nth(1).unwrap_or("aws");
                let role_name = role.rsplit('/').next().unwrap_or_default();
                format!("arn:{partition}:sts::{}:assumed-role/{role_name}/{name}", self.account())
            }
        }
    }

    /// `UserId` of `GetCallerIdentity`
    pub(crate) fn user_id(&self) -> String {
        match self {
            Self::User { id, .. } => id.clone(),
            Self::RoleSession { role_id, name, .. } => format!("{role_id}:{name}"),
            Self::Federated { name, .. } => format!("{}:{name}", self.account()),
        }
    }

    /// The twelve digits.
    pub(crate) fn account(&self) -> &str {
        let (Self::User { arn, .. }
        | Self::RoleSession { role: arn, .. }
        | Self::Federated { user: arn, .. }) = self;
        arn.split(':').nth(4).unwrap_or_default()
    }

    /// Whether `principal` of a trust policy means this caller.
    pub(crate) fn is(&self, principal: &str) -> bool {
        let (Self::User { arn, .. } | Self::RoleSession { role: arn, .. }) = self else {
            return principal == self.arn();
        };
        let root = format!("{}root", &arn[..arn.find(self.account()).unwrap_or(0) + 13]);
        principal == arn || principal == self.arn() || principal == root
    }
}

#[derive(Clone, Debug)]
struct Session {
    issued: Issued,
    caller: Caller,
}

impl Iam {
    pub(crate) fn new(
        users: Vec<User>,
        roles: Vec<Role>,
        identity_providers: Vec<IdentityProvider>,
    ) -> Self {
        Self {
            users,
            roles,
            identity_providers,
            saml_providers: Vec::new(),
            oauth_tokens: Vec::new(),
            denied: Vec::new(),
            member_accounts: Vec::new(),
            least_token_size: 0,
            longest_session: None,
            outbound_federation: false,
            messages: Vec::new(),
            unassigned_devices: Vec::new(),
            refusals_of_new_keys: 1,
            lists_without_new_keys: 0,
            sessions: HashMap::new(),
        }
    }

    /// The user of that ARN.
    pub(crate) fn user(&mut self, arn: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.arn == arn)
    }

    /// The role of that ARN.
    pub(crate) fn role(&mut self, arn: &str) -> Option<&mut Role> {
        self.roles.iter_mut().find(|role| role.arn == arn)
    }

    /// The MFA device of that serial number, whoever's it is.
    pub(crate) fn mfa_device(&mut self, serial: &str) -> Option<&mut MfaDevice> {
        let mut devices = self.users.iter_mut().flat_map(|user| &mut user.mfa_devices);
        devices.find(|device| device.serial == serial)
    }

    /// Refuses what a policy denies to the caller.
    pub(crate) fn allow(&self, caller: &Caller, action: &'static str) -> Result<(), Refusal> {
        let principal = match &caller.identity {
            Identity::User { arn, .. } | Identity::RoleSession { role: arn, .. } => arn,
            Identity::Federated { user, .. } => user,
        };
        match self.denied.iter().any(|(denied, what)| denied == principal && *what == action) {
            true => Err(Refusal::access_denied(format!(
                "User: {} is not authorized to perform: {action} because no identity-based policy allows \
                 the {action} action",
                caller.identity.arn()
            ))),
            false => caller.check(action, "*"),
        }
    }

    /// The account of an access key, of a user or of a session.
    pub(crate) fn account_of_key(&mut self, id: &str) -> Option<String> {
        let user = self.users.iter().find(|user| user.keys.iter().any(|key| key.id == id));
        let arn = match user {
            Some(user) => user.arn.clone(),
            None => self.sessions.get(id)?.caller.identity.arn(),
        };
        arn.split(':').nth(4).map(str::to_owned)
    }

    /// The long-term key of that id, whoever's it is.
    pub(crate) fn key(&mut self, id: &str) -> Option<&mut AccessKey> {
        self.users.iter_mut().flat_map(|user| &mut user.keys).find(|key| key.id == id)
    }

    /// The partition of a key's user or role.
    pub(crate) fn partition_of(&self, key_id: &str) -> Option<String> {
        let of_user = self.users.iter().find(|user| user.keys.iter().any(|key| key.id == key_id));
        let arn = match (of_user, self.sessions.get(key_id)) {
            (Some(user), _) => user.arn.clone(),
            (None, Some(session)) => session.caller.identity.arn(),
            (None, None) => return None,
        };
        arn.split(':').nth(1).map(str::to_owned)
    }

    /// The secret of a key that may be used now, and whose it is.
    pub(crate) fn caller(
        &mut self,
        key_id: &str,
        token: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(String, Caller), Refusal> {
        if let Some(session) = self.sessions.get(key_id) {
            if token != Some(&session.issued.session_token) {
                return Err(Refusal::unknown_key());
            }
            if session.issued.expiration <= now {
                let message = "The security token included in the request is expired";
                return Err(Refusal::new(403, "ExpiredToken", message));
            }
            let ends_at = Some(session.issued.expiration);
            let caller = Caller { ends_at, ..session.caller.clone() };
            return Ok((session.issued.secret_access_key.clone(), caller));
        }
        let mut keys = self.users.iter_mut().flat_map(|user| {
            let identity = Identity::User { arn: user.arn.clone(), id: user.id.clone() };
            user.keys.iter_mut().map(move |key| (identity.clone(), key))
        });
        match keys.find(|(_, key)| key.id == key_id) {
            Some((_, key)) if key.unknown.0 > 0 => {
                key.unknown.0 -= 1;
                Err(Refusal::unknown_key())
            }
            Some((identity, key)) if key.active && token.is_none() => {
                Ok((key.secret.clone(), Caller { identity, session: None, ends_at: None }))
            }
            _ => Err(Refusal::unknown_key()),
        }
    }

    /// Makes new credentials for `caller`.
    pub(crate) fn issue(
        &mut self,
        random: &mut Random,
        caller: Caller,
        now: DateTime<Utc>,
        seconds: i64,
    ) -> Issued {
        let whole = now - TimeDelta::nanoseconds(now.timestamp_subsec_nanos().into());
        let issued = Issued {
            access_key_id: random.identifier("ASIA"),
            secret_access_key: random.secret_key(),
            session_token: random.session_token(self.least_token_size),
            expiration: whole
                + TimeDelta::seconds(
                    self.longest_session.map_or(seconds, |most| most.min(seconds)),
                ),
        };
        let session = Session { issued: issued.clone(), caller };
        self.sessions.insert(issued.access_key_id.clone(), session);
        issued
    }

    /// Ends every session at `now`.
    pub(crate) fn expire_sessions(&mut self, now: DateTime<Utc>) {
        for session in self.sessions.values_mut() {
            session.issued.expiration = session.issued.expiration.min(now);
        }
    }

    /// Every secret key, session token, MFA seed and signing key.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let keys = self.users.iter().flat_map(|user| &user.keys).map(|key| key.secret.clone());
        let devices = self.users.iter().flat_map(|user| &user.mfa_devices);
        let devices = devices.chain(&self.unassigned_devices);
        let sessions = self.sessions.values().map(|session| &session.issued);
        keys.chain(devices.map(MfaDevice::seed_text))
            .chain(self.identity_providers.iter().map(|provider| provider.key.clone()))
            .chain(self.oauth_tokens.iter().map(|(_, token, _)| token.clone()))
            .chain(sessions.clone().map(|issued| issued.secret_access_key.clone()))
            .chain(sessions.map(|issued| issued.session_token.clone()))
            .collect()
    }
}
