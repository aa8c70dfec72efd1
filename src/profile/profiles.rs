//! All profiles of both files, by name. Settings are copied out for one profile at a time.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::name::nearest;
use super::written::FileText;
use super::{FileKind, Location, Profile, Section, Warning, WarningKind};

/// The sections of both AWS files. Made by `config::load`.
#[derive(Debug)]
pub struct Profiles {
    pub(crate) config: FileText,
    pub(crate) credentials: FileText,
    pub(crate) profiles: Index,
    pub(crate) sso_sessions: Index,
    pub(crate) services: Index,
    pub(crate) warnings: Vec<Warning>,
}

/// Sections by name, in the files' order.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) names: Vec<(Arc<str>, Vec<IndexedSection>)>,
    pub(crate) positions: HashMap<Arc<str>, usize>,
}

/// A section that counts.
#[derive(Debug, Clone)]
pub(crate) struct IndexedSection {
    pub(crate) file: FileKind,
    pub(crate) line: u32,
    pub(crate) entries: Range<u32>,
    /// Of several spellings of one name in a file, only the highest rank counts
    pub(crate) rank: u8,
}

impl Index {
    /// The sections with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&[IndexedSection]> {
        self.positions.get(name).map(|&at| self.names[at].1.as_slice())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| &**name)
    }
}

impl Profiles {
    /// The names: the config file's in its order, then those that only the credentials file has.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.names()
    }

    /// Whether either file defines the profile. Names are case-sensitive.
    pub fn contains(&self, name: &str) -> bool {
        self.profiles.get(name).is_some()
    }

    /// The profile without what `include_profile` brings.
    pub fn as_written(&self, name: &str) -> Option<Profile> {
        Some(Profile { own: self.section(&self.profiles, name)?, included: Vec::new() })
    }

    /// The `[sso-session NAME]` section.
    pub fn sso_session(&self, name: &str) -> Option<Section> {
        self.section(&self.sso_sessions, name)
    }

    /// The names of the `[sso-session NAME]` sections, in the file's order.
    pub fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        self.sso_sessions.names()
    }

    /// The `[services NAME]` section.
    pub fn services(&self, name: &str) -> Option<Section> {
        self.section(&self.services, name)
    }

    /// Lines that the AWS SDKs and the AWS CLI read differently, or that both ignore: the config
    /// file's by line, then the credentials file's.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Those of [`Self::warnings`] that are about the profile's own sections and settings.
    pub fn warnings_of(&self, name: &str) -> Vec<&Warning> {
        let Some(section) = self.section(&self.profiles, name) else { return Vec::new() };
        let is_own = |at: &Location| {
            let mut nested = section.settings.iter().flat_map(|setting| &setting.nested);
            section.headers.contains(at)
                || section.settings.iter().any(|setting| setting.location == *at)
                || nested.any(|setting| setting.location == *at)
        };
        let is_about = |warning: &&Warning| match warning.kind {
            WarningKind::ShadowedSection { winner } => {
                is_own(&Location { line: winner, ..warning.location.clone() })
            }
            _ => is_own(&warning.location),
        };
        self.warnings.iter().filter(is_about).collect()
    }

    /// The profile whose name is nearest to `name`, if one is near enough to be what was meant.
    pub fn similar(&self, name: &str) -> Option<&str> {
        nearest(name, self.names())
    }

    /// Where the config file is or would be.
    pub fn config_file(&self) -> &Path {
        &self.config.path
    }

    /// The config file's text, byte for byte.
    pub fn config_text(&self) -> &str {
        &self.config.text
    }

    /// Where the credentials file is or would be.
    pub fn credentials_file(&self) -> &Path {
        &self.credentials.path
    }

    /// One of the two files.
    pub(crate) fn file(&self, kind: FileKind) -> &FileText {
        match kind {
            FileKind::Config => &self.config,
            FileKind::Credentials => &self.credentials,
        }
    }

    fn section(&self, index: &Index, name: &str) -> Option<Section> {
        let sections = index.get(name)?;
        let at = |s: &IndexedSection| self.file(s.file).location(s.line);
        let settings = |s: &IndexedSection| self.file(s.file).settings(s.entries.clone());
        Some(Section {
            name: name.to_owned(),
            header: at(sections.first()?),
            headers: sections.iter().map(at).collect(),
            settings: sections.iter().flat_map(settings).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_files_order() {
        let profiles =
            Profiles::from_texts("[profile b]\n[default]\n[profile a]\n", "[c]\n[a]\n[default]\n")
                .unwrap();
        assert_eq!(profiles.names().collect::<Vec<_>>(), ["b", "default", "a", "c"]);
        assert!(profiles.contains("c") && !profiles.contains("C"));
        assert_eq!(profiles.similar("defualt"), Some("default"));
        assert_eq!(profiles.similar("production"), None);
        assert_eq!(profiles.config_file(), Path::new("config"));
        assert_eq!(profiles.credentials_file(), Path::new("credentials"));
    }

    #[test]
    fn warnings_of_one_profile() {
        let profiles = Profiles::from_texts(
            "[profile a]\nregion = x # c\n[profile b]\nregion = y ;c\ns3 =\n  k = v\n\
             [profile \"a\"]\nregion = z\n[profile b]\nregion = w\n",
            "",
        )
        .unwrap();
        let lines = |name| -> Vec<u32> {
            profiles.warnings_of(name).iter().map(|warning| warning.location.line).collect()
        };
        assert_eq!(lines("a"), [2, 7], "a comment in a value; another spelling of the section");
        assert_eq!(lines("b"), [4, 9], "a comment in a value; the section once more");
        assert!(lines("c").is_empty());
    }
}
