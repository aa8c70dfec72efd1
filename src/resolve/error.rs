//! Why the files and the environment lead to no chain.

use std::fmt;
use std::path::PathBuf;

use super::request::SelectedBy;
use crate::profile::{
    Author, LONGEST, Location, Profile, ProfileError, Profiles, Setting, Stray, UnreadableKey,
};

/// What is wrong, and where.
#[derive(Debug)]
pub(crate) struct ChainError {
    /// The line; none for what no file says
    pub at: Option<Location>,
    pub kind: Box<ChainErrorKind>,
    /// The profiles on the way there, where that may explain it
    pub trail: Option<ProfileTrail>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ChainErrorKind {
    #[error("profile \"{name}\" ({by}) is in neither {} nor {}{}", .config.display(), .credentials.display(), but_there_is(.stray.as_ref()))]
    UnknownProfile {
        name: String,
        by: SelectedBy,
        config: PathBuf,
        credentials: PathBuf,
        similar: Option<String>,
        stray: Option<Stray>,
    },
    #[error(
        "source_profile of profile \"{profile}\" names \"{source_profile}\", which does not exist"
    )]
    UnknownSourceProfile {
        profile: String,
        source_profile: String,
        /// The same without quotes and prefix, if that is a profile
        bare: Option<String>,
        similar: Option<String>,
    },
    #[error("the source profiles form a circle: {circle}")]
    Cycle { circle: ProfileTrail },
    #[error("more than {LONGEST} profiles stand one behind the other, up to \"{profile}\"")]
    TooLong { profile: String },
    #[error(
        "profile \"{profile}\" has both {} and {} ({other}); a role has one source", .keys[0], .keys[1]
    )]
    BothSources { profile: String, keys: [String; 2], other: Location },
    #[error("profile \"{profile}\" has role_arn but neither source_profile nor credential_source")]
    NoSource { profile: String },
    #[error(
        "credential_source of profile \"{profile}\" is \"{value}\"; AWS knows Environment, Ec2InstanceMetadata and EcsContainer, spelled so"
    )]
    UnknownCredentialSource { profile: String, value: String },
    #[error("profile \"{profile}\" takes its credentials from {value}, but {missing}")]
    CredentialSourceAbsent { profile: String, value: String, missing: &'static str },
    #[error("source profile \"{profile}\" has no credentials")]
    SourceWithoutCredentials { profile: String },
    #[error("profile \"{profile}\" has {present} but no {missing} in the same file")]
    HalfKeyPair { profile: String, present: String, missing: &'static str },
    /// The AWS CLI rejects the file, the SDKs take the last one.
    #[error("{key} of profile \"{profile}\" has another value at {first}: it must be said once")]
    Contradiction { profile: String, key: String, first: Location },
    #[error("the stored keys of {profile} cannot be read: {}", .cause.problem)]
    StoredKeys { profile: String, cause: UnreadableKey },
    /// Whatever answered in its place might be somebody else.
    #[error("the session of profile \"{profile}\" that {author} wrote is over")]
    SessionIsOver {
        profile: String,
        author: Author,
        /// The ARN of the role that it was of
        role: Option<String>,
    },
    #[error(
        "the session of profile \"{profile}\" that aws-mfa wrote is a role's, but there is no assumed_role_arn"
    )]
    UnnamedRole { profile: String },
    #[error("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")]
    HalfKeyPairInEnvironment,
    #[error("profile \"{profile}\" has {present} but no {missing}")]
    Incomplete { profile: String, present: String, missing: &'static str },
    #[error("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not")]
    WebIdentityWithoutRole,
    #[error(
        "sso_session of profile \"{profile}\" names \"{session}\", but there is no [sso-session {session}]{}", but_there_is(.stray.as_ref())
    )]
    UnknownSsoSession {
        profile: String,
        session: String,
        bare: Option<String>,
        similar: Option<String>,
        stray: Option<Stray>,
    },
    /// The command line names an `[sso-session]` that does not exist.
    #[error("there is no [sso-session {session}] in {}", .file.display())]
    NoSuchSsoSession { session: String, file: PathBuf, known: Vec<String> },
    #[error("[sso-session {session}] has no {missing}{}", neither_has(.profile.as_deref()))]
    IncompleteSsoSession {
        session: String,
        missing: &'static str,
        /// The profile that could say it too; none where the command line names the session
        profile: Option<String>,
    },
    #[error("{key} of profile \"{profile}\" is not that of its [sso-session {session}] ({other})")]
    SsoSettingsDiffer { profile: String, key: &'static str, session: String, other: Location },
    /// `problem` never holds the value of a secret.
    #[error("{key} of {section} {problem}")]
    InvalidSetting { key: String, section: Section, problem: String },
    #[error("{variable} {problem}")]
    InvalidVariable { variable: &'static str, problem: String },
    #[error(
        "profile \"{profile}\" has no credentials: no role_arn, sso_account_id, aws_access_key_id, credential_process, web_identity_token_file or login_session, and no stored keys"
    )]
    ProfileWithoutCredentials { profile: String },
    #[error(
        "no credentials: not in the environment, not in profile \"{profile}\", not from a container, and the instance metadata service is switched off"
    )]
    NoCredentials { profile: String },
    #[error("{flag} applies to a role session, but {subject} ends without a role")]
    FlagWithoutRole { flag: &'static str, subject: String },
    #[error("{flag} has no effect: an assertion opens the role, and says who that is")]
    FlagBesideAssertion { flag: &'static str },
    #[error("{flag} has no effect: {subject} begins with no assertion")]
    FlagWithoutSaml { flag: &'static str, subject: String },
    #[error(transparent)]
    Profile(ProfileError),
}

fn but_there_is(stray: Option<&Stray>) -> String {
    let shown = |stray: &Stray| format!("; {} has [{}] instead", stray.location, stray.text);
    stray.map(shown).unwrap_or_default()
}

fn neither_has(profile: Option<&str>) -> String {
    profile.map(|name| format!(", and neither has profile \"{name}\"")).unwrap_or_default()
}

/// A section that has a setting.
#[derive(Clone, Debug)]
pub(crate) enum Section {
    Profile(String),
    SsoSession(String),
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(name) => write!(f, "profile \"{name}\""),
            Self::SsoSession(name) => write!(f, "[sso-session {name}]"),
        }
    }
}

/// The profiles on the way to a source, the one asked for first. Shown as `a -> b`.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProfileTrail(Vec<String>);

impl ProfileTrail {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.0.len() > LONGEST
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|visited| visited == name)
    }

    pub(super) fn push(&mut self, name: &str) {
        self.0.push(name.to_owned());
    }

    /// The error of a line on the way.
    pub(super) fn error<'l>(
        &self,
        at: impl Into<Option<&'l Location>>,
        kind: ChainErrorKind,
    ) -> ChainError {
        ChainError { trail: Some(self.clone()), ..ChainError::at(at, kind) }
    }

    /// The error of a setting that needs another one.
    pub(super) fn incomplete(
        &self,
        profile: &Profile,
        present: &Setting,
        missing: &'static str,
    ) -> ChainError {
        let kind = ChainErrorKind::Incomplete {
            profile: profile.name().to_owned(),
            present: present.key.to_string(),
            missing,
        };
        self.error(&present.location, kind)
    }
}

impl fmt::Display for ProfileTrail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" -> "))
    }
}

impl ChainError {
    /// The same, with the name that was probably meant. Whoever lists many errors does without: for each,
    /// all names are looked at.
    pub(super) fn suggest(mut self, profiles: &Profiles) -> Self {
        match &mut *self.kind {
            ChainErrorKind::UnknownProfile { name, similar, .. }
            | ChainErrorKind::UnknownSourceProfile { source_profile: name, similar, .. } => {
                *similar = profiles.similar(name).map(str::to_owned);
            }
            ChainErrorKind::UnknownSsoSession { session, similar, .. } => {
                *similar = profiles.similar_session(session).map(str::to_owned);
            }
            _ => {}
        }
        self
    }

    pub(super) fn at<'l>(at: impl Into<Option<&'l Location>>, kind: ChainErrorKind) -> Self {
        Self { at: at.into().cloned(), kind: Box::new(kind), trail: None }
    }

    /// A setting whose value does not fit.
    pub(super) fn invalid(setting: &Setting, section: Section, problem: impl Into<String>) -> Self {
        let (key, problem) = (setting.key.to_string(), problem.into());
        Self::at(&setting.location, ChainErrorKind::InvalidSetting { key, section, problem })
    }
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = &self.at {
            write!(f, "{at}: ")?;
        }
        write!(f, "{}", self.kind)?;
        match &self.trail {
            Some(trail) if trail.0.len() > 1 => write!(f, " (path: {trail})"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for ChainError {}

/// What no file says, so that there is no line.
impl From<ChainErrorKind> for ChainError {
    fn from(kind: ChainErrorKind) -> Self {
        Self { at: None, kind: Box::new(kind), trail: None }
    }
}

/// Names its line itself.
impl From<ProfileError> for ChainError {
    fn from(error: ProfileError) -> Self {
        ChainErrorKind::Profile(error).into()
    }
}
