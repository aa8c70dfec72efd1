//! Whether a source is there at all: each kind is looked for once, and what was found is carried on.

use std::fmt;
use std::path::Path;

use super::environment;
use super::source_kind::SourceKind;
use crate::credentials::ContainerEndpoint;
use crate::credentials::aws_mfa::LONG_TERM;
use crate::env::Env;
use crate::profile::{FileKind, FileSession, Location, Profile, Setting};

/// What was found of one kind. `Display` prints the reason why it counts.
pub(super) enum Found<'p> {
    EnvironmentKeys {
        access_key_id: &'p str,
    },
    EnvironmentWebIdentity {
        token_file: &'p Path,
    },
    Container(ContainerEndpoint),
    /// Nothing says so; only asking shows whether there is one.
    Instance,
    InProfile(&'p Profile, ProfileSource<'p>),
}

/// What makes a profile a source; [`super::source`] shows the text of the file.
#[derive(Clone, Copy)]
pub(super) enum ProfileSource<'p> {
    AssumeRole(&'p Setting),
    WebIdentity(&'p Setting),
    Saml(&'p Setting),
    Sso(Pair<'p>),
    StaticKeys(FileKind, Pair<'p>),
    LoginSession(&'p Setting),
    Process(&'p Setting),
    StoredKeys,
    /// The access key of that profile, `NAME-long-term`
    LongTerm(&'p Profile),
}

/// Two settings that AWS wants together.
#[derive(Clone, Copy)]
pub(super) enum Pair<'p> {
    Both(&'p Setting, &'p Setting),
    Half { present: &'p Setting, missing: &'static str },
}

impl<'p> Pair<'p> {
    fn find(
        [first, second]: [&'static str; 2],
        get: impl Fn(&str) -> Option<&'p Setting>,
    ) -> Option<Self> {
        match (get(first), get(second)) {
            (Some(first), Some(second)) => Some(Self::Both(first, second)),
            (Some(present), None) => Some(Self::Half { present, missing: second }),
            (None, Some(present)) => Some(Self::Half { present, missing: first }),
            (None, None) => None,
        }
    }

    fn present(self) -> &'p Setting {
        match self {
            Self::Both(first, _) => first,
            Self::Half { present, .. } => present,
        }
    }
}

/// Why a kind of source is not there, as `Display` prints it.
pub(super) enum Absent<'p> {
    Fact(&'static str),
    NoSetting(&'p Profile, &'static str),
    NoStoredKeys(&'p Profile),
    NoLongTerm(&'p Profile),
}

/// Looks for a kind of source, without judging whether it is complete. The variables of web identity
/// do not count where the command line names the profile.
pub(super) fn find<'p>(
    kind: SourceKind,
    env: &'p Env,
    profile: Option<&'p Profile>,
    is_named: bool,
) -> Result<Found<'p>, Absent<'p>> {
    match kind {
        SourceKind::Environment => match env.get("AWS_ACCESS_KEY_ID") {
            Some(id) => Ok(Found::EnvironmentKeys { access_key_id: id.trim() }),
            None if env.is_present("AWS_ACCESS_KEY_ID") => {
                Err(Absent::Fact("AWS_ACCESS_KEY_ID is blank"))
            }
            None => Err(Absent::Fact("AWS_ACCESS_KEY_ID is not set")),
        },
        SourceKind::Container => environment::container(env)
            .map(Found::Container)
            .ok_or(Absent::Fact("AWS_CONTAINER_CREDENTIALS_… is not set")),
        SourceKind::Instance if environment::instance_is_disabled(env) => {
            Err(Absent::Fact("AWS_EC2_METADATA_DISABLED is true"))
        }
        SourceKind::Instance => Ok(Found::Instance),
        kind => match (env.path("AWS_WEB_IDENTITY_TOKEN_FILE"), profile) {
            (Some(token_file), _) if kind == SourceKind::WebIdentity && !is_named => {
                Ok(Found::EnvironmentWebIdentity { token_file })
            }
            (_, Some(profile)) => Ok(Found::InProfile(profile, find_in_profile(kind, profile)?)),
            (_, None) => Err(Absent::Fact("there is no such profile")),
        },
    }
}

fn find_in_profile<'p>(
    kind: SourceKind,
    profile: &'p Profile,
) -> Result<ProfileSource<'p>, Absent<'p>> {
    use ProfileSource as S;
    let get = |key: &str| profile.get(key);
    let one = |key, source: fn(&'p Setting) -> S<'p>| (get(key).map(source), key);
    let keys_in = |file| {
        let get = |key: &str| profile.get_in(file, key);
        let pair = Pair::find(["aws_access_key_id", "aws_secret_access_key"], get);
        pair.map(|pair| S::StaticKeys(file, pair))
    };
    let (found, known_by) = match kind {
        SourceKind::AssumeRole if get("web_identity_token_file").is_some() => {
            return Err(Absent::Fact("web_identity_token_file turns role_arn into its role"));
        }
        SourceKind::AssumeRole
            if get("saml_command").or(get("saml_login_url")).is_some()
                && get("source_profile").or(get("credential_source")).is_none() =>
        {
            return Err(Absent::Fact("an assertion opens role_arn"));
        }
        SourceKind::AssumeRole if get("oidc").is_some() => {
            return Err(Absent::Fact("oidc turns role_arn into its role"));
        }
        SourceKind::AssumeRole => one("role_arn", S::AssumeRole),
        SourceKind::WebIdentity if get("oidc").is_some() => one("oidc", S::WebIdentity),
        SourceKind::WebIdentity => one("web_identity_token_file", S::WebIdentity),
        SourceKind::Saml => {
            let (command, known_by) = one("saml_command", S::Saml);
            (command.or(get("saml_login_url").map(S::Saml)), known_by)
        }
        SourceKind::Sso => {
            (Pair::find(["sso_account_id", "sso_role_name"], get).map(S::Sso), "sso_account_id")
        }
        SourceKind::CredentialsFile => {
            (keys_in(FileKind::Credentials), "aws_access_key_id in the credentials file")
        }
        SourceKind::LoginSession => one("login_session", S::LoginSession),
        SourceKind::CredentialProcess => one("credential_process", S::Process),
        SourceKind::StoredKeys => {
            return match profile.key_in_vault() {
                Ok(None) => Err(Absent::NoStoredKeys(profile)),
                // What cannot be read is there: nothing else takes its place.
                Ok(Some(_)) | Err(_) => Ok(S::StoredKeys),
            };
        }
        SourceKind::ConfigFile => {
            (keys_in(FileKind::Config), "aws_access_key_id in the config file")
        }
        SourceKind::LongTerm => {
            return profile.long_term().map(S::LongTerm).ok_or(Absent::NoLongTerm(profile));
        }
        SourceKind::Environment | SourceKind::Container | SourceKind::Instance => {
            return Err(Absent::Fact("no profile is of this kind"));
        }
    };
    found.ok_or(Absent::NoSetting(profile, known_by))
}

/// The order in which the kinds answer for a profile. Stored keys take the place of those of the credentials
/// file, where it has any; else they come after what the profile says. So does the access key that aws-mfa made a
/// session of, where that does not last any more. What awsx wrote there comes last: it is of the others.
pub(super) fn order(profile: Option<&Profile>) -> [SourceKind; SourceKind::ORDER.len()] {
    use SourceKind as K;
    let mut order = K::ORDER;
    let has_keys = |profile: &&Profile| find_in_profile(K::CredentialsFile, profile).is_ok();
    let Some(profile) = profile.filter(has_keys) else { return order };
    if has_export(profile) {
        let [from, to] = places(&order, [K::CredentialsFile, K::LongTerm]);
        order[from..=to].rotate_left(1);
        return order;
    }
    let [from, to] = places(&order, [K::CredentialsFile, K::StoredKeys]);
    order[from..=to].rotate_right(1);
    if profile.short_session().is_some() {
        let [from, to] = places(&order, [K::CredentialsFile, K::LongTerm]);
        order[from..=to].rotate_right(1);
    }
    order
}

/// Whether its section of the credentials file is what `awsx sessions write` made of its other sources.
pub(super) fn has_export(profile: &Profile) -> bool {
    profile.file_session().is_some_and(|session| session.is_of_awsx())
}

fn places<const N: usize>(order: &[SourceKind], kinds: [SourceKind; N]) -> [usize; N] {
    kinds
        .map(|kind| order.iter().position(|found| *found == kind).expect("each kind has its place"))
}

/// All that makes the profile a source, in its order.
pub(super) fn sources_of_profile(profile: &Profile) -> impl Iterator<Item = ProfileSource<'_>> {
    order(Some(profile)).into_iter().filter_map(|kind| find_in_profile(kind, profile).ok())
}

/// What makes the profile a source beside what the credentials file has, and where.
pub(crate) fn sources_beside_file(
    profile: &Profile,
) -> impl Iterator<Item = (SourceKind, Option<Setting>)> {
    let kinds = SourceKind::ORDER.into_iter().filter(|kind| *kind != SourceKind::CredentialsFile);
    let found = kinds.filter_map(|kind| Some((kind, find_in_profile(kind, profile).ok()?)));
    found.map(|(kind, source)| (kind, source.setting().cloned()))
}

/// What a profile draws on first.
pub(crate) fn kind_of_profile(profile: &Profile) -> Option<SourceKind> {
    order(Some(profile)).into_iter().find(|kind| find_in_profile(*kind, profile).is_ok())
}

/// What the SDKs find in a profile first: they know nothing of what is awsx's own.
pub(crate) fn first_source_of_sdks(profile: &Profile) -> Option<SourceKind> {
    use SourceKind as K;
    if profile.get("role_arn").is_some() {
        return Some(K::AssumeRole);
    }
    let is_of_awsx = |kind: &K| matches!(kind, K::StoredKeys | K::LongTerm | K::Saml);
    let mut kinds = K::ORDER.into_iter().filter(|kind| !is_of_awsx(kind));
    kinds.find(|kind| find_in_profile(*kind, profile).is_ok())
}

/// What a profile draws on first, if it has stored keys.
pub(super) fn source_with_stored_keys(profile: &Profile) -> ProfileSource<'_> {
    let kinds = order(Some(profile)).into_iter();
    let mut before = kinds.take_while(|kind| *kind != SourceKind::StoredKeys);
    let found = before.find_map(|kind| find_in_profile(kind, profile).ok());
    found.unwrap_or(ProfileSource::StoredKeys)
}

/// The keys that the files state for a profile: the first half that is there of each.
pub(super) fn keys_in_files(profile: &Profile) -> impl Iterator<Item = &Setting> {
    [SourceKind::CredentialsFile, SourceKind::ConfigFile]
        .into_iter()
        .filter(|kind| *kind != SourceKind::CredentialsFile || !has_export(profile))
        .filter_map(|kind| find_in_profile(kind, profile).ok()?.setting())
}

impl Found<'_> {
    /// Where the setting stands that decided.
    pub(super) fn at(&self) -> Option<&Location> {
        match self {
            Self::InProfile(_, source) => source.setting().map(|setting| &setting.location),
            _ => None,
        }
    }
}

impl<'p> ProfileSource<'p> {
    /// The setting that makes it one.
    pub(super) fn setting(self) -> Option<&'p Setting> {
        match self {
            Self::AssumeRole(setting)
            | Self::WebIdentity(setting)
            | Self::Saml(setting)
            | Self::LoginSession(setting)
            | Self::Process(setting) => Some(setting),
            Self::Sso(pair) | Self::StaticKeys(_, pair) => Some(pair.present()),
            Self::StoredKeys => None,
            Self::LongTerm(long_term) => keys_in_files(long_term).next(),
        }
    }
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnvironmentKeys { .. } => f.write_str("AWS_ACCESS_KEY_ID is set"),
            Self::EnvironmentWebIdentity { .. } => {
                f.write_str("AWS_WEB_IDENTITY_TOKEN_FILE is set")
            }
            Self::Container(_) => f.write_str("AWS_CONTAINER_CREDENTIALS_… is set"),
            Self::Instance => f.write_str("the last resort; only asking shows whether it is there"),
            Self::InProfile(profile, ProfileSource::LongTerm(long_term)) => {
                let (name, long_term) = (profile.name(), long_term.name());
                match profile.short_session() {
                    Some(FileSession { at, .. }) => {
                        write!(
                            f,
                            "the session of profile \"{name}\" is over ({at}); {long_term} is its source"
                        )
                    }
                    None => write!(f, "profile \"{name}\" has its access key in {long_term}"),
                }
            }
            Self::InProfile(profile, source) => {
                let key = source.setting().map_or("stored keys", |setting| &setting.key);
                write!(f, "profile \"{}\" has {key}", profile.name())
            }
        }
    }
}

impl fmt::Display for Absent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact(fact) => f.write_str(fact),
            Self::NoSetting(profile, key) => {
                write!(f, "profile \"{}\" has no {key}", profile.name())
            }
            Self::NoStoredKeys(profile) => {
                write!(f, "profile \"{}\" has no stored keys", profile.name())
            }
            Self::NoLongTerm(profile) => {
                write!(f, "there is no access key in {}{LONG_TERM}", profile.name())
            }
        }
    }
}
