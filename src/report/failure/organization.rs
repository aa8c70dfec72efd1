//! What stands between an organization and its profiles.

use super::session::{of_call, of_prompt};
use super::{Failure, Kind};
use crate::config::edit::EditError;
use crate::config::write::WriteError;
use crate::generate::GenerateError;
use crate::organization::listing::{Organization, Problem};
use crate::ports::PromptError;

impl Failure {
    /// What is missing of an organization; nothing if it is complete.
    pub(crate) fn incomplete(organization: &Organization) -> Option<Self> {
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
            (None, None) => return None,
        };
        let (kind, hint) = of_call(error, None);
        let message =
            format!("the roles of {missing} of {of} accounts could not be listed{whose}: {error}");
        let hint = match kind {
            Kind::Unreachable => {
                "run it again: it goes on where this one ended; -v says more".to_owned()
            }
            _ => hint.unwrap_or_default(),
        };
        Some(Self { kind, message, hint: Some(hint).filter(|hint| !hint.is_empty()) })
    }

    /// A question that nobody answers, with what to do instead.
    pub(crate) fn unanswered(error: &PromptError, instead: String) -> Self {
        let (kind, hint) = of_prompt(error, instead);
        Self::new(kind, error, hint)
    }

    /// The same; where a person must log in, with another command to run.
    #[must_use]
    pub(crate) fn with_login_by(mut self, command: &str) -> Self {
        if self.kind == Kind::InputNeeded {
            self.hint = Some(format!("run `{command}` in a terminal"));
        }
        self
    }

    /// Files that contradict what is asked for.
    pub(crate) fn config(message: String, hint: String) -> Self {
        Self { kind: Kind::Config, message, hint: Some(hint) }
    }
}

impl From<GenerateError> for Failure {
    fn from(error: GenerateError) -> Self {
        let hint = match &error {
            GenerateError::Duplicate { .. } => {
                "tell them apart with --profile-name '{account_name}-{account_id}/{role_name}', or \
                 with a rule in awsx's config.toml"
                    .to_owned()
            }
            GenerateError::Taken { .. } => {
                "rename or remove that profile, or give the role another name with --profile-name \
                 or a rule in awsx's config.toml"
                    .to_owned()
            }
            GenerateError::NoName { .. } => {
                "use {account_id} in the template, or skip the role with a rule".to_owned()
            }
            GenerateError::NotARole { .. } => {
                "skip its account with a rule in awsx's config.toml".to_owned()
            }
            GenerateError::Edit { file, source } => of_edit(file, source),
            GenerateError::NotReadBack { .. } => {
                "correct the settings in awsx's config.toml".to_owned()
            }
        };
        Self::new(Kind::Config, &error, hint)
    }
}

fn of_edit(file: &std::path::Path, error: &EditError) -> String {
    let file = file.display();
    match error {
        EditError::Syntax { line, .. } | EditError::IndentedSection { line } => {
            format!("edit {file}:{line}")
        }
        EditError::OpenBlock { line } => {
            format!("remove the line {file}:{line}, or add its counterpart")
        }
        EditError::Block => {
            format!("in {file}, move the settings below the block into a section of their own")
        }
        EditError::TooLarge | EditError::Key | EditError::Value | EditError::Name => {
            format!("check {file}")
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        let hint = match &error {
            WriteError::Read(config) => config.hint(),
            WriteError::Edit { path, source } => of_edit(path, source),
            WriteError::Write { path, .. } => {
                format!("check that you can write {} and its directory", path.display())
            }
        };
        Self::new(Kind::Config, &error, hint)
    }
}
