//! What stands between an organization and its profiles.

use super::files::edit_hint;
use super::{Advice, Advise, Failure, Kind};
use crate::generate::GenerateError;
use crate::organization::account_name::AccountNameError;
use crate::organization::listing::{Organization, Problem};

impl Failure {
    /// What is missing of an organization, unless it is complete.
    pub(crate) fn unless_complete(organization: &Organization) -> Result<(), Self> {
        let failed = || {
            organization.accounts.iter().filter_map(|account| match &account.problem {
                Some(Problem::Failed(error)) => Some((account, error)),
                Some(Problem::NotReached) | None => None,
            })
        };
        let missing = organization.accounts.iter().filter(|a| a.problem.is_some()).count();
        let of = organization.accounts.len();
        let (error, whose) = match (&organization.stopped, failed().next()) {
            (Some(error), _) => (error, String::new()),
            (None, Some((account, error))) => {
                (error, format!(", of {} among them", account.account.account_id))
            }
            (None, None) => return Ok(()),
        };
        let advice = match error.advice() {
            Advice { kind: Kind::Unreachable, .. } => Kind::Unreachable
                .with("run it again: it goes on where this one ended; -v says more"),
            advice => advice,
        };
        let message =
            format!("the roles of {missing} of {of} accounts could not be listed{whose}: {error}");
        Err(Self::say(message, advice))
    }
}

impl Advise for GenerateError {
    fn advice(&self) -> Advice {
        Kind::Config.with(match self {
            Self::Duplicate { .. } => {
                "tell them apart with --profile-name '{account_name}-{account_id}/{role_name}', or \
                 with a rule in awsx's config.toml"
                    .to_owned()
            }
            Self::Taken { .. } => {
                "rename or remove that profile, or give the role another name with --profile-name \
                 (`{session}` in it tells sessions apart) or a rule in awsx's config.toml"
                    .to_owned()
            }
            Self::NoName { .. } => {
                "use {account_id} in the template, or skip the role with a rule".to_owned()
            }
            Self::NotARole { .. } => {
                "skip its account with a rule in awsx's config.toml".to_owned()
            }
            Self::Edit { file, source } => edit_hint(source, file),
            Self::NotReadBack { .. } => "correct the settings in awsx's config.toml".to_owned(),
        })
    }
}

impl Advise for AccountNameError {
    fn advice(&self) -> Advice {
        match self {
            Self::Unknown { name, .. } if name.bytes().all(|b| b.is_ascii_digit()) => Kind::Usage
                .with(
                    "an account id has 12 digits; `awsx sso accounts` lists those that are yours",
                ),
            Self::Unknown { .. } => {
                Kind::Usage.with("`awsx sso accounts` lists those that are yours")
            }
            Self::Ambiguous { .. } => Kind::Usage.with("give the id"),
            Self::StateDir(_) => Kind::Vault.with("set AWSX_STATE_DIR to a directory of your own"),
        }
    }
}
