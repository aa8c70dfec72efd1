//! Reads the files of other tools. No keychain is opened, and nothing is asked of a network.

use std::fs;
use std::path::{Path, PathBuf};

use super::App;
use super::aws_vault::{Backend, file_dir, hand_over, pass_dir};
use crate::config::survey::survey;
use crate::credentials::aws_mfa::LONG_TERM;
use crate::keys::import::find_in_credentials_file;
use crate::migrate::{Finding, LongTerm, Looked, Own, OwnFile, Place, Store, find};
use crate::profile::Profiles;
use crate::state::files;

/// Bytes of a file, at most.
const LONGEST: u64 = 4 * 1024 * 1024;

impl App {
    /// What other tools left in files. `tell`: told of an AWS file that cannot be read.
    pub(crate) fn find_left_by_others(&self, tell: &dyn Fn(&str)) -> Vec<Finding> {
        let survey = survey(&self.env);
        for error in &survey.errors {
            tell(&error.to_string());
        }
        let long_terms = long_terms(&survey.profiles);
        let store = store_of_aws_vault(self);
        let looked = Looked {
            profiles: &survey.profiles,
            long_terms: &long_terms,
            store: store.as_ref(),
            preferences: self.preferences().ok(),
        };
        find(&looked, &|places| self.read_first(places))
    }

    fn read_first(&self, places: &[Place]) -> Own {
        for path in places.iter().filter_map(|place| self.path_of(*place)) {
            let place = path.display().to_string();
            match files::read_regular(&path, LONGEST) {
                Ok(bytes) => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    return Own::File(OwnFile { place, text });
                }
                Err(error) if files::is_missing(&error) => {}
                Err(error) => return Own::Unreadable { place, problem: error.to_string() },
            }
        }
        Own::Nothing
    }

    /// Where that is; none where a variable or the home directory is not set.
    pub(super) fn path_of(&self, place: Place) -> Option<PathBuf> {
        let env = &self.env;
        match place {
            Place::Variable(name) => Some(env.expand_home(env.path(name)?)),
            Place::InVariable(name, file) => Some(env.expand_home(env.path(name)?).join(file)),
            Place::Home(file) => env.in_home(file),
            Place::Config(file) => match env.path("XDG_CONFIG_HOME") {
                Some(directory) => Some(directory.join(file)),
                None => env.in_home(&format!(".config/{file}")),
            },
            Place::Here(file) => Some(env.working_directory().join(file)),
            Place::Root(file) => Some(PathBuf::from(file)),
        }
    }
}

/// The access keys that aws-mfa reads.
fn long_terms(profiles: &Profiles) -> Vec<LongTerm> {
    let found = find_in_credentials_file(profiles).into_iter();
    let of_aws_mfa = found.filter(|found| {
        found.section.as_deref().is_some_and(|section| section.ends_with(LONG_TERM))
    });
    of_aws_mfa
        .map(|found| LongTerm { name: found.name, place: found.place, problem: found.key.err() })
        .collect()
}

/// Where aws-vault keeps its items: what `AWS_VAULT_BACKEND` says, else what is there.
fn store_of_aws_vault(app: &App) -> Option<Store> {
    let named = app.env.get("AWS_VAULT_BACKEND").map(str::trim);
    let files = file_dir(app);
    let keychain = app.env.in_home("Library/Keychains/aws-vault.keychain-db");
    let name = match named {
        Some(named) => named,
        None if has_files(&files) => "file",
        None if keychain.as_ref().is_some_and(|path| path.is_file()) => "keychain",
        None => return None,
    };
    let place = match (name, keychain) {
        ("file", _) => files.display().to_string(),
        ("pass", _) => pass_dir(app).display().to_string(),
        ("keychain", Some(keychain)) => keychain.display().to_string(),
        _ => "AWS_VAULT_BACKEND".to_owned(),
    };
    let backend = Backend::of(name).map(Backend::as_str).ok_or_else(|| name.to_owned());
    Some(Store { place, backend, hand_over: hand_over(app) })
}

fn has_files(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some())
}
