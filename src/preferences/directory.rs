//! `.awsx.toml`: what is used in a directory and below it, where nobody says otherwise. Data alone, never a command.

use std::path::Path;
use std::sync::Arc;

use super::file::{PreferencesError, of_text};
use super::read::{Mistake, document, read_demand};
use crate::guard::{KEYS, Rule};
use crate::profile::{Location, is_region};

/// What the file is called.
pub(crate) const FILE: &str = ".awsx.toml";

const EXPECTED_ACCOUNT: &str = "expected_account";

/// What a directory says.
#[derive(Clone, Debug)]
pub(crate) struct DirectorySettings {
    pub file: Arc<Path>,
    pub profile: Option<String>,
    pub region: Option<String>,
    /// And where it stands
    pub scope: Option<(String, Location)>,
    /// `expected_account`, a guard
    pub account: Option<Rule>,
}

impl DirectorySettings {
    /// Reads the text of the file.
    ///
    /// # Errors
    ///
    /// What is no setting of it, or has not the form of one, with its line.
    pub(crate) fn from_text(path: &Path, text: &str) -> Result<Self, PreferencesError> {
        of_text(path, text, |place| read(path, text, place))
    }

    /// What it says, a line for each.
    pub(crate) fn lines(&self) -> Vec<String> {
        let account = self.account.as_ref().map(|rule| rule.demand.values().join(", "));
        let scope = self.scope.as_ref().map(|(text, _)| text.clone());
        [
            ("profile", self.profile.clone()),
            ("region", self.region.clone()),
            ("scope", scope),
            (EXPECTED_ACCOUNT, account),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name:<17} {}", value?)))
        .collect()
    }
}

fn read(
    path: &Path,
    text: &str,
    place: &dyn Fn(usize) -> Location,
) -> Result<DirectorySettings, Mistake> {
    let mut said = DirectorySettings {
        file: path.into(),
        profile: None,
        region: None,
        scope: None,
        account: None,
    };
    document(text, |entry| {
        match entry.key {
            "profile" => said.profile = Some(entry.name("must be the name of a profile")?),
            "region" => {
                let region = entry.text()?;
                if !is_region(region) {
                    return Err(entry.mistake("must be a region, such as \"eu-west-1\""));
                }
                said.region = Some(region.to_owned());
            }
            "scope" => {
                let scope = entry.name("must be a scope, such as \"read:s3\"")?;
                said.scope = Some((scope, place(entry.key_at)));
            }
            EXPECTED_ACCOUNT => {
                let key = KEYS.iter().find(|key| key.name == EXPECTED_ACCOUNT);
                said.account =
                    key.map(|key| read_demand(&entry, key, place)).transpose()?.flatten();
            }
            _ => return Err(entry.no_setting("profile, region, scope, expected_account")),
        }
        Ok(())
    })?;
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_says_data_alone() {
        let read = |text: &str| DirectorySettings::from_text(Path::new("/w/.awsx.toml"), text);
        let text = "profile = \"dev\"\nregion = \"eu-west-1\"\nscope = \"read:s3\"\n\
                    expected_account = [\"111111111111\"]\n";
        let said = read(text).unwrap();
        assert_eq!(said.lines().len(), 4, "{said:?}");
        assert_eq!(
            (said.profile.as_deref(), said.region.as_deref()),
            (Some("dev"), Some("eu-west-1"))
        );
        assert!(said.lines()[3].ends_with("111111111111"), "{:?}", said.lines());
        assert!(read("").unwrap().lines().is_empty());
        for (text, words) in [
            ("profile = 1", "1:11: profile must be"),
            ("profile = \" \"", "1:11: profile must be the name of a profile"),
            ("region = \"x y\"", "1:10: region must be a region"),
            ("scope = \"\"", "1:9: scope must be a scope"),
            ("\nexpected_account = \"1\"", "2:20: expected_account must be an account"),
            ("credential_process = \"x\"", "1:1: credential_process is not a setting of awsx"),
            ("[profile]\na = 1", "1:1: profile must be"),
            ("profile", "1:"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(
                error.starts_with("/w/.awsx.toml:") && error.contains(words),
                "{text}: {error}"
            );
        }
    }
}
