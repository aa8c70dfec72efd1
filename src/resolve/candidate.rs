//! Whether a kind of source is there at all, and what is said about it.

use std::fmt;

use super::environment;
use super::settings::setting;
use super::source::SourceKind;
use crate::env::Env;
use crate::profile::{FileKind, Location, Profile, Setting};

/// One kind of source in AWS's order, and what came of it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Which kind
    pub kind: SourceKind,
    /// What came of it
    pub outcome: Outcome,
    /// Why, in words; never a secret
    pub why: String,
    /// The setting that decided
    pub at: Option<Location>,
}

/// What came of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answers.
    Taken,
    /// It is not there.
    Skipped,
    /// It is there, but another comes first.
    Shadowed,
    /// It is never asked, because a profile was named.
    Unreachable,
}

impl Outcome {
    /// The stable name in JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Skipped => "skipped",
            Self::Shadowed => "shadowed",
            Self::Unreachable => "unreachable",
        }
    }
}

/// What a look at one kind finds. Displayed, it is the reason; most are never shown.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) is_present: bool,
    found: Found<'a>,
}

#[derive(Clone, Copy)]
enum Found<'a> {
    Fact(&'static str),
    Setting(&'a Profile, &'a Setting),
    NoSetting(&'a Profile, &'static str),
}

impl<'a> Look<'a> {
    fn present(fact: &'static str) -> Self {
        Self { is_present: true, found: Found::Fact(fact) }
    }

    fn absent(fact: &'static str) -> Self {
        Self { is_present: false, found: Found::Fact(fact) }
    }

    /// The setting that was found.
    pub(super) fn at(self) -> Option<&'a Location> {
        match self.found {
            Found::Setting(_, setting) => Some(setting.location()),
            Found::Fact(_) | Found::NoSetting(..) => None,
        }
    }
}

impl fmt::Display for Look<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found {
            Found::Fact(fact) => f.write_str(fact),
            Found::Setting(profile, setting) => {
                write!(f, "profile \"{}\" has {}", profile.name(), setting.key())
            }
            Found::NoSetting(profile, mark) => {
                write!(f, "profile \"{}\" has no {mark}", profile.name())
            }
        }
    }
}

/// Looks for the mark of a kind, without judging whether it is complete. `named`: a profile was
/// named, so the variables of web identity do not count.
pub(super) fn look<'a>(
    kind: SourceKind,
    env: &Env,
    profile: Option<&'a Profile>,
    named: bool,
) -> Look<'a> {
    match kind {
        SourceKind::Environment => match env.get("AWS_ACCESS_KEY_ID") {
            Some(_) => Look::present("AWS_ACCESS_KEY_ID is set"),
            None if env.is_present("AWS_ACCESS_KEY_ID") => {
                Look::absent("AWS_ACCESS_KEY_ID is blank")
            }
            None => Look::absent("AWS_ACCESS_KEY_ID is not set"),
        },
        SourceKind::WebIdentity if !named && environment::has_web_identity(env) => {
            Look::present("AWS_WEB_IDENTITY_TOKEN_FILE is set")
        }
        SourceKind::Container => match environment::container(env) {
            Some(_) => Look::present("AWS_CONTAINER_CREDENTIALS_… is set"),
            None => Look::absent("AWS_CONTAINER_CREDENTIALS_… is not set"),
        },
        SourceKind::Instance if environment::instance_is_disabled(env) => {
            Look::absent("AWS_EC2_METADATA_DISABLED is true")
        }
        SourceKind::Instance => {
            Look::present("the last resort; only asking shows whether it is there")
        }
        SourceKind::AssumeRole
        | SourceKind::WebIdentity
        | SourceKind::Sso
        | SourceKind::CredentialsFile
        | SourceKind::LoginSession
        | SourceKind::CredentialProcess
        | SourceKind::ConfigFile => match profile {
            Some(profile) => look_in_profile(kind, profile),
            None => Look::absent("there is no such profile"),
        },
    }
}

fn look_in_profile(kind: SourceKind, profile: &Profile) -> Look<'_> {
    match marked(kind, profile) {
        Some(setting) => Look { is_present: true, found: Found::Setting(profile, setting) },
        None if kind == SourceKind::AssumeRole
            && setting(profile, "web_identity_token_file").is_some() =>
        {
            Look::absent("web_identity_token_file turns role_arn into its role")
        }
        None => Look { is_present: false, found: Found::NoSetting(profile, mark(kind)) },
    }
}

/// The setting that marks a profile as of this kind.
pub(super) fn marked(kind: SourceKind, profile: &Profile) -> Option<&Setting> {
    let in_file =
        |file, key| profile.get_in(file, key).filter(|setting| !setting.value().trim().is_empty());
    match kind {
        SourceKind::AssumeRole => setting(profile, "role_arn")
            .filter(|_| setting(profile, "web_identity_token_file").is_none()),
        SourceKind::WebIdentity => setting(profile, "web_identity_token_file"),
        SourceKind::Sso => {
            setting(profile, "sso_account_id").or_else(|| setting(profile, "sso_role_name"))
        }
        SourceKind::LoginSession => setting(profile, "login_session"),
        SourceKind::CredentialProcess => setting(profile, "credential_process"),
        SourceKind::CredentialsFile => in_file(FileKind::Credentials, "aws_access_key_id")
            .or_else(|| in_file(FileKind::Credentials, "aws_secret_access_key")),
        SourceKind::ConfigFile => in_file(FileKind::Config, "aws_access_key_id")
            .or_else(|| in_file(FileKind::Config, "aws_secret_access_key")),
        SourceKind::Environment | SourceKind::Container | SourceKind::Instance => None,
    }
}

/// The setting that a kind is known by.
fn mark(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::AssumeRole => "role_arn",
        SourceKind::WebIdentity => "web_identity_token_file",
        SourceKind::Sso => "sso_account_id",
        SourceKind::CredentialsFile => "aws_access_key_id in the credentials file",
        SourceKind::LoginSession => "login_session",
        SourceKind::CredentialProcess => "credential_process",
        SourceKind::ConfigFile => "aws_access_key_id in the config file",
        SourceKind::Environment | SourceKind::Container | SourceKind::Instance => "part in it",
    }
}

/// What a profile draws on first: the first kind of AWS's order that it has a mark of.
pub fn kind_of_profile(profile: &Profile) -> Option<SourceKind> {
    SourceKind::ORDER.into_iter().find(|kind| marked(*kind, profile).is_some())
}
