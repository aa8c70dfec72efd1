//! What the AWS files, the environment and the flags lead to instead of a plan.

use super::mfa::hint_of_serial;
use super::{Advice, Advise, Kind, word};
use crate::credentials::SerialFlaw;
use crate::profile::{Author, Location, display_duration, is_portable_name};
use crate::resolve::{ChainError, ChainErrorKind, PlanError, SelectedBy};
use crate::text::unset;

impl Advise for ChainError {
    fn advice(&self) -> Advice {
        use ChainErrorKind as E;
        let line = self.at.as_ref().map(Location::to_string).unwrap_or_default();
        let hint = match &*self.kind {
            E::UnknownProfile { stray: Some(stray), .. }
            | E::UnknownSsoSession { stray: Some(stray), .. } => {
                format!("write [{}] at {}", stray.instead, stray.location)
            }
            E::UnknownSourceProfile { bare: Some(bare), .. } => {
                format!("write source_profile = {bare}, without quotes and the word profile")
            }
            E::UnknownSsoSession { bare: Some(bare), .. } => {
                format!("write sso_session = {bare}, without quotes and the word sso-session")
            }
            E::UnknownSsoSession { similar: Some(similar), .. } => {
                format!("did you mean \"{similar}\"? correct sso_session in that line")
            }
            E::Contradiction { .. } => "remove one of the two lines".to_owned(),
            E::UnknownProfile { similar: Some(similar), .. } => {
                format!("did you mean \"{similar}\"? `awsx profiles` lists all")
            }
            E::UnknownProfile { similar: None, by: SelectedBy::CommandLine, .. } => {
                "`awsx profiles` lists all".to_owned()
            }
            E::UnknownProfile { by: SelectedBy::Directory, .. } => {
                "`awsx profiles` lists all; `awsx trust --remove` uses the default chain".to_owned()
            }
            E::UnknownProfile { .. } => {
                "`awsx profiles` lists all; unset the variable to use the default chain".to_owned()
            }
            E::UnknownSourceProfile { similar: Some(similar), .. } => {
                format!("did you mean \"{similar}\"?")
            }
            E::UnknownSourceProfile { source_profile, .. } => {
                let section = section("profile", source_profile);
                format!("add {section}, or correct source_profile in that line")
            }
            E::TooLong { .. } => {
                "let a profile further on have credentials of its own; each role is one more call"
                    .to_owned()
            }
            E::Cycle { .. } => "let one of them have credentials of its own".to_owned(),
            E::BothSources { .. } => "remove one of the two lines".to_owned(),
            E::NoSource { .. } => {
                "add source_profile = NAME, the profile whose credentials may assume the role"
                    .to_owned()
            }
            E::UnknownCredentialSource { .. } => {
                "correct credential_source in that line".to_owned()
            }
            E::CredentialSourceAbsent { .. } => {
                "run it where that source is, or use source_profile instead".to_owned()
            }
            E::SourceWithoutCredentials { profile } => {
                let word = word(profile);
                format!(
                    "`awsx keys add {word}` stores an access key for it, `awsx login aws {word}` signs in for it, \
                     `awsx config sso --profile-name {word}` gives it a role of IAM Identity Center"
                )
            }
            E::HalfKeyPair { missing, .. } => {
                format!("add {missing} beside it, or remove the line")
            }
            E::StoredKeys { profile, cause } => {
                return Kind::Vault.with(cause.remedy.clone().unwrap_or_else(|| {
                    format!("`awsx keys add --replace {}` stores them again", word(profile))
                }));
            }
            E::SessionIsOver { profile, author, role } => {
                return Kind::NoCredentials.with(hint_of_session(profile, author, role.as_deref()));
            }
            E::UnnamedRole { .. } => {
                "add assumed_role_arn = ARN, the role that it was of".to_owned()
            }
            E::HalfKeyPairInEnvironment => {
                format!("set AWS_SECRET_ACCESS_KEY too, or {}", unset("AWS_ACCESS_KEY_ID"))
            }
            E::Incomplete { missing, .. } => format!("add {missing} beside it"),
            E::WebIdentityWithoutRole => {
                format!("set AWS_ROLE_ARN too, or {}", unset("AWS_WEB_IDENTITY_TOKEN_FILE"))
            }
            E::UnknownSsoSession { session, .. } => {
                format!("add {} with sso_start_url and sso_region", section("sso-session", session))
            }
            E::NoSuchSsoSession { known, .. } if known.is_empty() => {
                "`awsx config sso` makes one".to_owned()
            }
            E::NoSuchSsoSession { known, .. } => {
                let known: Vec<_> = known.iter().map(|name| word(name)).collect();
                format!("there are: {}", known.join(", "))
            }
            E::IncompleteSsoSession { missing, profile: Some(_), .. } => {
                format!("add {missing} below that line")
            }
            E::IncompleteSsoSession { missing, profile: None, .. } => {
                format!("add {missing} at {line}")
            }
            E::SsoSettingsDiffer { key, .. } => {
                format!("remove {key} from the profile, or correct one of the two")
            }
            E::InvalidSetting { key, .. } => format!("correct {key} in that line"),
            E::InvalidVariable { variable, .. } => format!("correct it, or {}", unset(variable)),
            E::ProfileWithoutCredentials { profile } => {
                let word = word(profile);
                return Kind::NoCredentials.with(format!(
                    "`awsx keys add {word}`, `awsx login aws {word}` or `awsx config sso --profile-name {word}` gives \
                     it some"
                ));
            }
            E::NoCredentials { .. } => {
                return Kind::NoCredentials.with("name a profile (`awsx profiles` lists them)");
            }
            E::FlagWithoutRole { .. } => {
                return Kind::Usage.with("add --role-arn ARN, or leave the flag out");
            }
            E::FlagBesideAssertion { .. } => return Kind::Usage.with("leave the flag out"),
            E::FlagWithoutSaml { .. } => {
                return Kind::Usage.with("leave the profile out, or the flag");
            }
            E::Profile(profile) => return profile.advice(),
        };
        Kind::Config.with(hint)
    }
}

/// What makes a session in a section that is over anew.
fn hint_of_session(profile: &str, author: &Author, role: Option<&str>) -> String {
    let name = word(profile);
    match (author, role) {
        (Author::Awsx(Some(request)), _) if *request == name => {
            format!("`awsx sessions write {request}` writes a new one")
        }
        (Author::Awsx(Some(request)), _) => {
            format!("`awsx sessions write {request} --as {name}` writes a new one")
        }
        (Author::Awsx(None), _) => {
            "write it with `awsx sessions write` again, and the flags that it had".to_owned()
        }
        (Author::AwsMfa, None) => {
            format!("`awsx keys add {name}` keeps the access key of which it was made")
        }
        (Author::AwsMfa, Some(role)) => {
            format!("`awsx keys add {name}` keeps the access key with which {role} is assumed")
        }
    }
}

/// A section's first line, as the AWS CLI reads it.
fn section(word: &str, name: &str) -> String {
    let quote = if is_portable_name(name) { "" } else { "\"" };
    format!("[{word} {quote}{name}{quote}]")
}

fn kind_of_place(at: Option<&Location>) -> Kind {
    if at.is_some() { Kind::Config } else { Kind::Usage }
}

impl Advise for PlanError {
    fn advice(&self) -> Advice {
        match self {
            Self::Duration { asked, least, most, .. } => {
                let nearest = display_duration(*(if asked > most { most } else { least }));
                Kind::Usage.with(format!("give --duration {nearest}"))
            }
            Self::ReadWithoutRole { at } => kind_of_place(at.as_ref())
                .with("name services, as in read:s3,logs, or a role: --role-arn ARN"),
            Self::ReadBesidePolicies => Kind::Usage.with(
                "leave out --policy-arn or session_policy_arns, or name services: read:s3,logs",
            ),
            Self::ScopeOfKeys { at: None, .. } => Kind::Usage.with("leave --no-session out"),
            Self::ScopeOfKeys { at: Some(at), .. } => {
                Kind::Config.with(format!("remove the line {at}, or the scope"))
            }
            Self::PolicyTooLong { .. } => {
                Kind::Usage.with("name fewer services or actions, or shorten it with wildcards")
            }
            Self::MinTtl { .. } => Kind::Usage.with("ask for less, or make the session longer"),
            Self::NoDevice { flaw, profile, key, .. } => {
                let hint = hint_of_serial(*flaw, Some(profile));
                Kind::Config.with(match flaw {
                    SerialFlaw::SecurityKey => hint,
                    _ => format!("correct {key} in that line; {hint}"),
                })
            }
        }
    }
}
