//! `awsx keys remove`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::list::{name_some, users_of_keys};
use crate::app::App;
use crate::app::keys::ask_iam;
use crate::cli::page::page;
use crate::keys::record::{StoredKeysHeader, WAITING_FOR_KEYS};
use crate::ports::KeyStatus;
use crate::profile::nearest;
use crate::report::failure::{Failure, Kind, word};
use crate::vault::{Lock, VaultError};

/// Remove an access key from the vault
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
The sessions that came from it are forgotten too. At AWS the key stays as it is,
unless --deactivate or --delete is given.
";
    "awsx keys remove dev"
    "awsx keys remove dev --delete  nobody uses it any longer"
    "awsx keys remove dev --yes     for a script"
))]
pub(in crate::cli) struct RemoveKeys {
    /// As `awsx keys list` has it
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// Also deactivate it at IAM: AWS takes it no longer, until somebody activates it
    #[arg(long, conflicts_with = "delete")]
    deactivate: bool,
    /// Also delete it at IAM, for good
    #[arg(long)]
    delete: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl RemoveKeys {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let Self { name, yes, .. } = &self;
        let vault = app.vault()?;
        let key = StoredKeysHeader::key(name);
        let header = match StoredKeysHeader::find(vault, name) {
            // What cannot be read can be removed.
            Err(VaultError::Damaged { .. }) => None,
            found => Some(found?.ok_or_else(|| nothing_stored(app, name))?),
        };
        if !yes && !self.confirm(app, header.as_ref())? {
            app.out().notice("nothing is removed");
            return Ok(());
        }
        self.end_at_iam(app, header.as_ref())?;
        let _lock = vault.hold(Lock::StoredKeys(&key), WAITING_FOR_KEYS)?;
        let now = StoredKeysHeader::find(vault, name).ok().flatten();
        if now.as_ref().map(|now| &now.access_key_id)
            != header.as_ref().map(|header| &header.access_key_id)
        {
            let message = format!("the stored keys of {name} were changed meanwhile");
            return Err(Failure::say(message, Kind::Config.with("run it again")));
        }
        StoredKeysHeader::forget_sessions(vault, name)?;
        vault.remove::<StoredKeysHeader>(&key)?;
        app.out().notice(&match header {
            Some(header) => format!("removed {}; {}", describe(&header), self.fate()),
            None => format!("removed the stored keys of {name}"),
        });
        Ok(())
    }

    /// What becomes of the key at AWS.
    fn fate(&self) -> &'static str {
        match (self.deactivate, self.delete) {
            (true, _) => "at IAM it is inactive",
            (_, true) => "at IAM it is deleted",
            _ => "at AWS it stays as it is",
        }
    }

    /// First: with the secret gone from the vault, nothing here could do it.
    fn end_at_iam(&self, app: &App, header: Option<&StoredKeysHeader>) -> Result<(), Failure> {
        if !self.deactivate && !self.delete {
            return Ok(());
        }
        let name = &self.name;
        let header = header.filter(|header| header.id_beside().is_none()).ok_or_else(|| {
            let message = match header {
                Some(_) => format!("the rotation of {name} is not finished"),
                None => format!(
                    "the stored keys of {name} cannot be read, so nothing can be said to IAM"
                ),
            };
            let hint = match header {
                Some(_) => format!("`awsx keys rotate {}` finishes it", word(name)),
                None => {
                    format!("`awsx keys remove {}` removes them from the vault alone", word(name))
                }
            };
            Failure::say(message, Kind::Config.with(hint))
        })?;
        let id = &header.access_key_id;
        let ended = ask_iam(app, header, |iam, signer| match self.delete {
            true => iam.delete_access_key(signer, id),
            false => iam.set_status(signer, id, KeyStatus::Inactive),
        });
        ended.map_err(|failure| {
            let command = format!("awsx keys remove {}", word(name));
            failure
                .and_then_hint(&format!("nothing was removed; `{command}` removes it here alone"))
        })
    }

    fn confirm(&self, app: &App, header: Option<&StoredKeysHeader>) -> Result<bool, Failure> {
        let name = &self.name;
        let users = users_of_keys(app.profiles()?, app).remove(name).unwrap_or_default();
        let what = header.map_or("what cannot be read".to_owned(), describe);
        let users = match users.len() {
            0 => "no profile uses them".to_owned(),
            1 => format!("{} uses them", name_some(&users)),
            _ => format!("{} use them", name_some(&users)),
        };
        let question = format!(
            "The stored keys of {name} are {what}; {users}. {} Remove them?",
            match (self.deactivate, self.delete) {
                (true, _) => "They are deactivated at IAM, for everybody.",
                (_, true) => "They are deleted at IAM, for everybody.",
                _ => "AWS does not show the secret again.",
            }
        );
        let answer = app.person().ask(|terminal| terminal.confirm(&question, false));
        answer.map_err(|error| {
            let at_iam = match (self.deactivate, self.delete) {
                (true, _) => " --deactivate",
                (_, true) => " --delete",
                _ => "",
            };
            let hint = format!("`awsx keys remove {}{at_iam} --yes` does not ask", word(name));
            Failure::no_answer(&error, hint)
        })
    }
}

/// The key, and the other one of a rotation.
fn describe(header: &StoredKeysHeader) -> String {
    match header.id_beside() {
        Some(beside) => {
            format!("{}, with {beside} of a rotation that is not finished", header.describe())
        }
        None => header.describe(),
    }
}

fn nothing_stored(app: &App, name: &str) -> Failure {
    let stored = app.vault().and_then(|vault| Ok(vault.headers::<StoredKeysHeader>()?));
    let names: Vec<String> = stored.into_iter().flatten().map(|(_, header)| header.name).collect();
    let hint = match nearest(name, names.iter().map(String::as_str)) {
        Some(similar) => format!("did you mean {}? `awsx keys list` lists all", word(similar)),
        None => "`awsx keys list` lists them".to_owned(),
    };
    Failure::say(format!("there are no stored keys of {name}"), Kind::Config.with(hint))
}
