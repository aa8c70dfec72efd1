//! What a chain is made of: where the first credentials come from, and the roles assumed with them.

use std::time::Duration;

use super::assumed_role::{AssumedRole, Mfa};
use super::request::{ScopeText, ScopeWords};
use super::source_kind::SourceKind;
use super::warning::Warning;
use crate::credentials::{
    ContainerEndpoint, GetRoleCredentials, InstanceMetadata, Keys, LoginSession, SessionKey,
    TokenOrigin,
};
use crate::guard::Expected;
use crate::profile::{FileKind, FileSession, Location, StoredKey};
use crate::saml::{Assertion, AssertionSource, Consumer};

/// A source and the roles assumed with it, one after the other. Cannot hold a cycle; only
/// [`super::chain`] builds one.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(super) source: Source,
    pub(super) roles: Vec<AssumedRole>,
    pub(super) profile: Option<String>,
    pub(super) warnings: Vec<Warning>,
    /// How the session is narrowed
    pub(super) scope: ScopeWords,
    /// `--policy`, where no role is there to take it
    pub(super) policy: Option<String>,
    /// `--allowed-account`: whose credentials alone may be used
    pub(super) expected: Vec<Expected>,
    /// The profiles on the way, the one asked for first
    pub(super) trail: Vec<String>,
}

impl Chain {
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The profile that the chain is made from, be it by an awsx around this one; none where others set the
    /// environment, and where a container or the instance answers.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// The profiles on the way, the one asked for first.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &str> {
        self.trail.iter().map(String::as_str)
    }

    /// The chain, if it begins with a web identity, with the name of the token, or of who asks for it.
    /// Another token may be another identity, so no cached session answers for it.
    #[must_use]
    pub(crate) fn with_token(
        mut self,
        token: impl FnOnce(&TokenOrigin) -> Option<SessionKey>,
    ) -> Self {
        if let Source::WebIdentity(web) = &mut self.source {
            web.token = token(&web.origin);
        }
        self
    }

    /// The chain to a session of its access key with MFA, whichever of its profiles names the device; `None`
    /// where none does, or the chain begins otherwise.
    pub(crate) fn into_session_of_keys(mut self) -> Option<Self> {
        let Source::Given(
            Given::StoredKeys { user, .. } | Given::StaticKeys(StaticKeys { user, .. }),
        ) = &mut self.source
        else {
            return None;
        };
        let of_role = self.roles.iter().find_map(|role| role.mfa.clone());
        user.mfa = user.mfa.take().or(of_role);
        user.no_session = None;
        let has_device = user.mfa.is_some();
        self.roles.clear();
        has_device.then_some(self)
    }

    /// Whether it leads to the access keys of a user, and to no role.
    pub(crate) fn leads_to_user(&self) -> bool {
        self.roles.is_empty() && self.source.signs_as() == SignsAs::User
    }

    /// `--scope`, or what the profile says
    pub(crate) fn scope(&self) -> Option<&ScopeText> {
        self.scope.scope.as_ref()
    }

    /// All that is said of what the session may do: each holds.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &ScopeText> {
        self.scope.scope.iter().chain(&self.scope.of_agents)
    }

    /// The chain whose session may do no more than an agent may, nor last longer.
    #[must_use]
    pub(crate) fn with_limits(
        mut self,
        scope: Option<ScopeText>,
        longest: Option<Duration>,
    ) -> Self {
        self.scope.of_agents = scope;
        self.scope.lasting = [self.scope.lasting, longest].into_iter().flatten().min();
        self
    }

    /// The chain whose session may do no more than that.
    #[must_use]
    pub(crate) fn with_scope(mut self, scope: ScopeText) -> Self {
        self.scope.scope = Some(scope);
        self
    }

    /// What the session is for, if somebody says it as what a scope is for.
    pub(crate) fn note(&self) -> Option<&str> {
        self.scope.note.as_deref()
    }

    /// The chain whose session says why it is used: in a tag, where keys assume the last role, else as what a scope
    /// is for.
    #[must_use]
    pub(crate) fn with_reason(mut self, reason: &str) -> Self {
        const TAG: &str = "reason";
        match self.roles.last_mut() {
            Some(role) => {
                let tags = &mut role.context.tags;
                tags.retain(|(key, _)| !key.eq_ignore_ascii_case(TAG));
                tags.push((TAG.to_owned(), reason.to_owned()));
            }
            None => self.scope.note = Some(reason.to_owned()),
        }
        self
    }

    /// Where a person logs in, and for which profile, if the chain begins with a SAML login.
    pub(crate) fn saml_login(&self) -> Option<SamlLogin<'_>> {
        let Source::Saml(saml) = &self.source else { return None };
        let AssertionSource::Login { url, consumer, .. } = &saml.assertion else { return None };
        let SamlIdentity { role, principal_arn, .. } = saml;
        let AssumedRole { profile, role_arn, .. } = role;
        let (profile, principal_arn) = (profile.as_deref()?, principal_arn.as_deref());
        Some(SamlLogin { profile, url, consumer: consumer.as_ref(), role_arn, principal_arn })
    }

    /// The chain to the session that this assertion opens, which a person has brought.
    #[must_use]
    pub(crate) fn with_assertion(mut self, assertion: Assertion) -> Self {
        if let Source::Saml(SamlIdentity {
            assertion: AssertionSource::Login { brought, .. },
            ..
        }) = &mut self.source
        {
            *brought = Some(Box::new(assertion));
        }
        self.roles.clear();
        (self.scope, self.policy) = Default::default();
        self
    }

    pub(crate) fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The role whose session the chain ends in.
    pub(super) fn last_role_mut(&mut self) -> Option<&mut AssumedRole> {
        match (self.roles.last_mut(), &mut self.source) {
            (Some(role), _) => Some(role),
            (None, Source::WebIdentity(web)) => Some(&mut web.role),
            (None, Source::Saml(saml)) if !saml.is_login() => Some(&mut saml.role),
            (None, Source::Given(_) | Source::SsoRole { .. } | Source::Saml(_)) => None,
        }
    }
}

/// A login at a SAML identity provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SamlLogin<'c> {
    pub profile: &'c str,
    /// `saml_login_url`
    pub url: &'c str,
    pub consumer: Option<&'c Consumer>,
    pub role_arn: &'c str,
    pub principal_arn: Option<&'c str>,
}

/// Where the first credentials of a chain come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Credentials that somebody else made
    Given(Given),
    /// ```ini
    /// [profile ci]
    /// role_arn = arn:aws:iam::…:role/…
    /// web_identity_token_file = /var/run/token
    /// ```
    /// or `oidc = github` in the place of the file, or `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`, or
    /// `--oidc` with `--role-arn`
    WebIdentity(WebIdentity),
    /// ```ini
    /// [profile corp]
    /// role_arn = arn:aws:iam::…:role/…
    /// saml_command = print-assertion
    /// ```
    /// or `saml_login_url`, `--saml-assertion`, `--saml-command`
    Saml(SamlIdentity),
    /// ```ini
    /// [profile sso]
    /// sso_session = corp
    /// sso_account_id = 111122223333
    /// sso_role_name = Admin
    /// ```
    SsoRole {
        /// The profile; none for `--sso`
        profile: Option<String>,
        request: GetRoleCredentials,
    },
}

/// Credentials that somebody else made, and that are handed over as they are.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… [AWS_SESSION_TOKEN=…]`
    Environment(Keys),
    /// ```ini
    /// [base]
    /// aws_access_key_id = AKIA…
    /// aws_secret_access_key = …
    /// ```
    StaticKeys(StaticKeys),
    /// `awsx keys add`: the access key that the vault keeps for the profile
    StoredKeys { key: StoredKey, user: KeyUser },
    /// ```ini
    /// [profile console]
    /// login_session = arn:aws:sts::…
    /// ```
    LoginSession { profile: String, session: LoginSession },
    /// ```ini
    /// [profile tool]
    /// credential_process = /opt/bin/tool --json
    /// ```
    Process { profile: String, command: String },
    /// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/…` or `_FULL_URI=http://…`
    Container(ContainerEndpoint),
    /// Nothing else applies, or `credential_source = Ec2InstanceMetadata`
    Instance(InstanceMetadata),
}

/// An access key that a file states.
#[derive(Clone, Debug)]
pub(crate) struct StaticKeys {
    pub keys: Keys,
    /// Where `aws_access_key_id` stands
    pub at: Location,
    pub file: FileKind,
    pub user: KeyUser,
    /// The session that they are, if that says of itself when it ends
    pub session: Option<FileSession>,
    /// Whether awsx goes on with other keys of the profile when they are over
    pub is_renewable: bool,
}

/// What a profile says of its own access key, wherever that rests.
#[derive(Clone, Debug)]
pub(crate) struct KeyUser {
    pub profile: String,
    pub mfa: Option<Mfa>,
    pub mfa_process: Option<String>,
    /// `duration_seconds` of a profile that is no role
    pub duration: Option<Duration>,
    /// `session = false`, and where: hand the keys over as they are
    pub no_session: Option<Location>,
    /// The profile whose session is made of the key, where that is another one, as with aws-mfa: MFA is its own
    /// then, and serves what draws on it
    pub serves: Option<String>,
}

/// `AssumeRoleWithWebIdentity` as the environment or a profile asks for it.
#[derive(Clone, Debug)]
pub(crate) struct WebIdentity {
    /// The role, without MFA and external id: a token takes their place
    pub role: AssumedRole,
    pub origin: TokenOrigin,
    /// Names the token, or who asks for one; none until somebody has read it, or where there is none
    pub token: Option<SessionKey>,
}

/// `AssumeRoleWithSAML` as a profile or the command line asks for it.
#[derive(Clone, Debug)]
pub(crate) struct SamlIdentity {
    /// The role, without MFA, external id and session name: the assertion takes their place
    pub role: AssumedRole,
    pub principal_arn: Option<String>,
    pub assertion: AssertionSource,
}

impl SamlIdentity {
    /// Whether a person brings the assertion: how its session is to be was settled when they did.
    pub(super) fn is_login(&self) -> bool {
        matches!(self.assertion, AssertionSource::Login { .. })
    }
}

/// Whose keys the first credentials of a chain are, as far as calls that they sign depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignsAs {
    /// An IAM user's long-term keys
    User,
    /// A session of an IAM user or of an unknown principal
    Session,
    /// A role's session: it cannot present an MFA code
    Role,
}

impl Source {
    /// The name of the stored keys that it is.
    pub(crate) fn name_of_stored_keys(&self) -> Option<&str> {
        match self {
            Self::Given(given) => given.name_of_stored_keys(),
            Self::WebIdentity(_) | Self::Saml(_) | Self::SsoRole { .. } => None,
        }
    }

    /// The access key of a file that it is.
    pub(crate) fn static_keys(&self) -> Option<&StaticKeys> {
        match self {
            Self::Given(Given::StaticKeys(keys)) => Some(keys),
            _ => None,
        }
    }

    pub(super) fn signs_as(&self) -> SignsAs {
        match self {
            Self::Given(Given::StaticKeys(StaticKeys { session: Some(session), .. }))
                if session.is_role =>
            {
                SignsAs::Role
            }
            Self::Given(Given::Environment(keys) | Given::StaticKeys(StaticKeys { keys, .. })) => {
                match keys {
                    Keys::LongTerm(_) => SignsAs::User,
                    Keys::Session(_) => SignsAs::Session,
                }
            }
            Self::Given(Given::StoredKeys { .. }) => SignsAs::User,
            Self::Given(Given::Process { .. } | Given::LoginSession { .. }) => SignsAs::Session,
            Self::Given(Given::Container(_) | Given::Instance(_))
            | Self::WebIdentity(_)
            | Self::Saml(_)
            | Self::SsoRole { .. } => SignsAs::Role,
        }
    }
}

impl Given {
    pub(crate) fn kind(&self) -> SourceKind {
        match self {
            Self::Environment(_) => SourceKind::Environment,
            Self::StaticKeys(keys) => match keys.file {
                FileKind::Credentials => SourceKind::CredentialsFile,
                FileKind::Config => SourceKind::ConfigFile,
            },
            Self::StoredKeys { .. } => SourceKind::StoredKeys,
            Self::LoginSession { .. } => SourceKind::LoginSession,
            Self::Process { .. } => SourceKind::CredentialProcess,
            Self::Container(_) => SourceKind::Container,
            Self::Instance(_) => SourceKind::Instance,
        }
    }

    /// Whose it is, where that is known without asking.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        match self {
            Self::Environment(keys) | Self::StaticKeys(StaticKeys { keys, .. }) => {
                Some(keys.access_key_id())
            }
            Self::StoredKeys { key, .. } => Some(&key.access_key_id),
            Self::LoginSession { .. }
            | Self::Process { .. }
            | Self::Container(_)
            | Self::Instance(_) => None,
        }
    }

    /// Whether it is a session, as far as that is known without asking.
    pub(super) fn is_session(&self) -> bool {
        match self {
            Self::Environment(keys) | Self::StaticKeys(StaticKeys { keys, .. }) => {
                matches!(keys, Keys::Session(_))
            }
            Self::StoredKeys { .. } | Self::Process { .. } => false,
            Self::LoginSession { .. } | Self::Container(_) | Self::Instance(_) => true,
        }
    }

    /// The name of the stored keys.
    pub(super) fn name_of_stored_keys(&self) -> Option<&str> {
        match self {
            Self::StoredKeys { user, .. } => Some(&user.profile),
            _ => None,
        }
    }

    /// The profile's own access key, and what it says of it.
    pub(super) fn key_user(&self) -> Option<&KeyUser> {
        match self {
            Self::StaticKeys(StaticKeys { user, .. }) | Self::StoredKeys { user, .. } => Some(user),
            Self::Environment(_)
            | Self::LoginSession { .. }
            | Self::Process { .. }
            | Self::Container(_)
            | Self::Instance(_) => None,
        }
    }

    pub(super) fn key_user_mut(&mut self) -> Option<&mut KeyUser> {
        match self {
            Self::StaticKeys(StaticKeys { user, .. }) | Self::StoredKeys { user, .. } => Some(user),
            _ => None,
        }
    }

    /// The profile that names it; none for what the environment or the machine hands over.
    pub(super) fn profile(&self) -> Option<&str> {
        match self {
            Self::LoginSession { profile, .. } | Self::Process { profile, .. } => Some(profile),
            _ => self.key_user().map(|user| &*user.profile),
        }
    }
}
