//! The flags that commands share.

use std::fmt;
use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::guard_flags::GuardFlags;
use crate::app::App;
use crate::credentials::arn::{check_provider_arn, check_role_arn, is_account_id};
use crate::credentials::{MfaCode, Secret};
use crate::profile::parse_duration;
use crate::report::failure::{Failure, word};
use crate::resolve::{Purpose, SessionRules, check_session_name};

/// The profile as an argument or as `--profile`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ProfileArgument {
    /// The profile; without one the whole chain, with AWS_PROFILE, AWS_DEFAULT_PROFILE, default
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    positional: Option<String>,
    /// The same as PROFILE
    #[arg(
        short = 'p',
        long = "profile",
        value_name = "PROFILE",
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "positional"
    )]
    flag: Option<String>,
}

impl ProfileArgument {
    /// The profile that the command line names, either way.
    pub(super) fn name(&self) -> Option<&str> {
        self.positional.as_deref().or(self.flag.as_deref())
    }
}

/// A role of IAM Identity Center instead of a profile.
#[derive(Clone, Debug, Default, Args)]
struct SsoFlags {
    /// A role of IAM Identity Center instead of a profile: its [sso-session]
    #[arg(long, value_name = "SESSION", help_heading = WHICH)]
    sso: Option<String>,
    /// Its account, by name or id
    #[arg(long, value_name = "NAME|ID", requires = "sso", help_heading = WHICH)]
    account: Option<String>,
    /// Its role: the name of the permission set
    #[arg(long, value_name = "ROLE", requires = "sso", help_heading = WHICH)]
    role: Option<String>,
}

/// A role that a SAML assertion opens.
#[derive(Clone, Debug, Default, Args)]
struct SamlFlags {
    /// A SAML assertion instead: a file, or - for stdin
    #[arg(
        long,
        value_name = "FILE|-",
        conflicts_with_all = ["saml_command", "sso"],
        help_heading = WHICH
    )]
    saml_assertion: Option<String>,
    /// The same of a program that prints it, with arguments
    #[arg(
        long,
        value_name = "COMMAND",
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "sso",
        help_heading = WHICH
    )]
    saml_command: Option<String>,
    /// The SAML provider in IAM, where it has several
    #[arg(long, value_name = "ARN", value_parser = read_provider_arn, help_heading = WHICH)]
    principal_arn: Option<String>,
}

/// Where the command line says that an assertion is.
#[derive(Clone, Copy)]
pub(super) enum AssertionFlag<'f> {
    /// `--saml-assertion`
    Given(&'f str),
    /// `--saml-command`
    Command(&'f str),
}

/// Flags of the commands whose calls a profile's credentials sign.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct SignerFlags {
    /// The profile that signs; without one the whole chain
    #[arg(
        short,
        long,
        value_name = "PROFILE",
        value_parser = NonEmptyStringValueParser::new(),
        help_heading = WHO_SIGNS
    )]
    pub(super) profile: Option<String>,
    #[command(flatten, next_help_heading = WHO_SIGNS)]
    sso: SsoFlags,
    /// Ignore cached sessions
    #[arg(long, help_heading = WHO_SIGNS)]
    refresh: bool,
    #[command(flatten)]
    code: MfaCodeFlag,
    #[command(flatten)]
    pub(super) guard: GuardFlags,
}

/// Of the commands whose calls nobody signs.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ProfileFlag {
    /// The profile whose region and endpoints count
    #[arg(short, long, value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) profile: Option<String>,
    #[command(flatten)]
    pub(super) guard: GuardFlags,
}

impl SignerFlags {
    pub(super) fn of_profile(profile: Option<String>) -> Self {
        Self { profile, ..Self::default() }
    }

    /// Of a call that nobody signs.
    pub(super) fn of_nobody(ProfileFlag { profile, guard }: ProfileFlag) -> Self {
        Self { profile, guard, ..Self::default() }
    }

    /// As flags of a command that resolves credentials.
    pub(super) fn session(&self) -> SessionFlags {
        let Self { sso, refresh, code, .. } = self.clone();
        SessionFlags { sso, refresh, code, ..SessionFlags::default() }
    }
}

/// Flags of the commands that resolve credentials.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct SessionFlags {
    #[command(flatten)]
    sso: SsoFlags,
    #[command(flatten)]
    saml: SamlFlags,
    /// The token for --role-arn: github, gitlab, env:VAR, file:F, cmd:C
    #[arg(
        long,
        value_name = "WHERE",
        requires = "role_arn",
        conflicts_with_all = ["sso", "saml_assertion", "saml_command"],
        help_heading = WHICH
    )]
    pub(super) oidc: Option<String>,
    /// A role to assume last, with what the chain leads to
    #[arg(long, value_name = "ARN", value_parser = read_role_arn, help_heading = WHICH)]
    pub(super) role_arn: Option<String>,
    /// The external id of the last role
    #[arg(long, value_name = "ID", help_heading = WHICH)]
    pub(super) external_id: Option<String>,
    /// Fail unless the credentials are of that account; may be repeated
    #[arg(
        long,
        value_name = "ID",
        value_parser = read_account,
        value_delimiter = ',',
        help_heading = WHICH
    )]
    pub(super) allowed_account: Vec<String>,
    /// How long a new session lasts, such as 15m, 1h30m or 3600
    #[arg(long, value_name = "D", value_parser = read_duration, help_heading = HOW_LONG)]
    pub(super) duration: Option<Duration>,
    /// Renew first if less is left; refuse if no renewal can give it
    #[arg(long, value_name = "D", value_parser = read_duration, help_heading = HOW_LONG)]
    min_ttl: Option<Duration>,
    /// Ignore cached sessions
    #[arg(long, help_heading = HOW_LONG)]
    refresh: bool,
    /// No GetSessionToken: hand over the long-term keys themselves
    #[arg(long, help_heading = HOW_LONG)]
    no_session: bool,
    #[command(flatten)]
    code: MfaCodeFlag,
    /// Narrow it: read:s3,logs, read, a scope by name, JSON, a file
    #[arg(
        long,
        value_name = "SCOPE",
        value_parser = NonEmptyStringValueParser::new(),
        help_heading = SCOPE
    )]
    pub(super) scope: Option<String>,
    /// Let it end sooner, as after 10m
    #[arg(long, value_name = "D", value_parser = read_scope_duration, help_heading = SCOPE)]
    pub(super) scope_for: Option<Duration>,
    /// What it is for, which CloudTrail shows
    #[arg(long, value_name = "TEXT", value_parser = read_scope_note, help_heading = SCOPE)]
    pub(super) scope_note: Option<String>,
    /// The name of the role session, which CloudTrail shows
    #[arg(long, value_name = "NAME", value_parser = read_session_name, help_heading = CONTEXT)]
    pub(super) session_name: Option<String>,
    /// A session policy: JSON, or a file that holds it
    #[arg(long, value_name = "FILE|JSON", help_heading = CONTEXT)]
    pub(super) policy: Option<String>,
    /// Managed policies to use as session policies; may be repeated
    #[arg(long, value_name = "ARN", value_delimiter = ',', help_heading = CONTEXT)]
    pub(super) policy_arn: Vec<String>,
    /// A session tag; may be repeated
    #[arg(long, value_name = "K=V", value_parser = read_tag, help_heading = CONTEXT)]
    pub(super) tag: Vec<(String, String)>,
    /// A session tag that further roles inherit; may be repeated
    #[arg(long, value_name = "K", value_delimiter = ',', help_heading = CONTEXT)]
    pub(super) transitive_tag: Vec<String>,
    /// The source identity of the role session
    #[arg(long, value_name = "S", help_heading = CONTEXT)]
    pub(super) source_identity: Option<String>,
}

/// `--sso`, `--account` and `--role`; the last two may be left to the person to pick.
pub(super) struct SsoRole<'f> {
    pub session: &'f str,
    pub account: Option<&'f str>,
    pub role: Option<&'f str>,
}

impl fmt::Display for SsoRole<'_> {
    /// As flags.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--sso {}", word(self.session))?;
        let more = [("--account", self.account), ("--role", self.role)];
        more.into_iter().try_for_each(|(flag, value)| match value {
            Some(value) => write!(f, " {flag} {}", word(value)),
            None => Ok(()),
        })
    }
}

const WHO_SIGNS: &str = "Who signs";
const WHICH: &str = "Which role";
const HOW_LONG: &str = "How long";
const SCOPE: &str = "How much it may do";
const CONTEXT: &str = "Session policy and tags";

impl SessionFlags {
    pub(super) fn sso_role(&self) -> Option<SsoRole<'_>> {
        let SsoFlags { sso, account, role } = &self.sso;
        let (account, role) = (account.as_deref(), role.as_deref());
        Some(SsoRole { session: sso.as_deref()?, account, role })
    }

    pub(super) fn assertion(&self) -> Option<AssertionFlag<'_>> {
        let SamlFlags { saml_assertion, saml_command, .. } = &self.saml;
        let given = saml_assertion.as_deref().map(AssertionFlag::Given);
        given.or(saml_command.as_deref().map(AssertionFlag::Command))
    }

    /// `--principal-arn`
    pub(super) fn principal_arn(&self) -> Option<&str> {
        self.saml.principal_arn.as_deref()
    }

    /// Whether they say whose credentials are meant, so that no profile is needed.
    pub(super) fn names_whose(&self) -> bool {
        self.sso_role().is_some() || self.assertion().is_some() || self.oidc.is_some()
    }

    /// The flags that say whose credentials they are, in the place of a profile, as words of the command line.
    pub(super) fn words_of_role(&self) -> Option<String> {
        let oidc = || {
            let (oidc, role_arn) = (self.oidc.as_deref()?, self.role_arn.as_deref()?);
            Some(format!("--oidc {} --role-arn {role_arn}", word(oidc)))
        };
        self.sso_role().map(|role| role.to_string()).or_else(oidc)
    }

    pub(super) fn rules(&self, purpose: Purpose) -> SessionRules {
        SessionRules {
            duration: self.duration,
            min_ttl: self.min_ttl,
            refresh: self.refresh,
            no_session: self.no_session,
            purpose,
            is_scoped: true,
        }
    }

    /// `--min-ttl`
    pub(super) fn has_min_ttl(&self) -> bool {
        self.min_ttl.is_some()
    }

    /// The same without `--min-ttl`: a server renews what it hands over.
    pub(super) fn without_min_ttl(&self) -> Self {
        Self { min_ttl: None, ..self.clone() }
    }

    /// Of what a server hands over.
    #[cfg(unix)]
    pub(super) fn of_server(duration: Option<Duration>, scope: Option<String>) -> Self {
        Self { duration, scope, ..Self::default() }
    }

    /// The same of a role of IAM Identity Center: its session, account and name.
    #[cfg(unix)]
    pub(super) fn with_sso_role(self, [session, account, role]: [String; 3]) -> Self {
        let sso = SsoFlags { sso: Some(session), account: Some(account), role: Some(role) };
        Self { sso, ..self }
    }

    /// `--no-session`
    pub(super) fn hands_over_keys(&self) -> bool {
        self.no_session
    }

    /// Whether they change what a role session may do, or what it is called.
    pub(super) fn shapes_role(&self) -> bool {
        let Self { role_arn, external_id, session_name, policy, source_identity, .. } = self;
        [role_arn, external_id, session_name, policy, source_identity]
            .iter()
            .any(|flag| flag.is_some())
            || !(self.policy_arn.is_empty()
                && self.tag.is_empty()
                && self.transitive_tag.is_empty())
    }

    /// Says what will be asked of the AWS files. With `--refresh` no session in them will do.
    pub(super) fn ask_of_files(&self, app: &App, profile: Option<&str>) {
        let lasting = if self.refresh { Duration::MAX } else { self.min_ttl.unwrap_or_default() };
        app.ask_of_files(profile, self.sso_role().map(|role| role.session), lasting);
    }

    /// `--mfa-code`
    pub(super) fn mfa_code(&self) -> Result<Option<MfaCode>, Failure> {
        self.code.read()
    }
}

/// `--mfa-code`
#[derive(Clone, Debug, Default, Args)]
pub(super) struct MfaCodeFlag {
    /// The code of the MFA device, instead of asking for it
    #[arg(long, value_name = "CODE", value_parser = to_secret, help_heading = "MFA")]
    mfa_code: Option<Secret>,
}

impl MfaCodeFlag {
    /// The code; a usage failure unless it is six digits.
    pub(super) fn read(&self) -> Result<Option<MfaCode>, Failure> {
        let code = self.mfa_code.as_ref().map(|code| MfaCode::parse(code.expose())).transpose();
        code.map_err(|error| {
            Failure::usage(
                format!("--mfa-code: {error}"),
                "give the six digits that the device shows",
            )
        })
    }
}

pub(super) fn read_duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}

fn to_secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

pub(super) fn read_role_arn(text: &str) -> Result<String, String> {
    check_role_arn(text).map(|()| text.to_owned()).map_err(|problem| format!("it {problem}"))
}

fn read_provider_arn(text: &str) -> Result<String, String> {
    check_provider_arn(text).map(|()| text.to_owned()).map_err(|problem| format!("it {problem}"))
}

fn read_account(text: &str) -> Result<String, &'static str> {
    match is_account_id(text) {
        true => Ok(text.to_owned()),
        false => Err("it is no account of 12 digits"),
    }
}

fn read_session_name(text: &str) -> Result<String, String> {
    check_session_name(text).map(|()| text.to_owned()).map_err(|problem| format!("it {problem}"))
}

/// `DurationSeconds` of `sts:GetScopedCredentials`
fn read_scope_duration(text: &str) -> Result<Duration, String> {
    let duration = read_duration(text)?;
    match duration.as_secs() {
        1..=129_600 => Ok(duration),
        _ => Err("AWS allows 1s to 36h".to_owned()),
    }
}

/// `ScopedSessionDescription`: Latin letters, digits and signs
fn read_scope_note(text: &str) -> Result<String, String> {
    let is_legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    match text.chars().find(|c| !is_legal(*c)) {
        _ if !(2..=256).contains(&text.chars().count()) => {
            Err("it is not 2 to 256 characters long".to_owned())
        }
        Some(_) => Err("AWS takes letters of Western Europe, digits and signs alone".to_owned()),
        None => Ok(text.to_owned()),
    }
}

fn read_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a tag is KEY=VALUE".to_owned()),
    }
}
