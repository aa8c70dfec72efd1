//! All profiles of both files, by name. Settings are copied out for one profile at a time.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::name::nearest;
use super::written::FileText;
use super::{FileKind, Location, Need, Profile, Section, StoredKeys, Warning, WarningKind};
use crate::credentials::aws_mfa::LONG_TERM;

/// The sections of both AWS files. Made by `config::load`.
#[derive(Debug)]
pub struct Profiles {
    pub(crate) config: FileText,
    pub(crate) credentials: FileText,
    pub(crate) profiles: Index,
    pub(crate) sso_sessions: Index,
    pub(crate) services: Index,
    pub(crate) strays: Vec<Stray>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) stored: StoredKeys,
    /// What sessions in the files must last for
    pub(crate) need: Need,
    /// Whether any profile is called `NAME-long-term`: where none is, thousands are not asked for theirs
    pub(crate) has_long_terms: OnceCell<bool>,
}

/// What is asked of the files first, by name: where no more is read than that and what it names, the rest
/// of the files may be wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roots {
    pub(crate) profiles: Vec<String>,
    pub(crate) sso_sessions: Vec<String>,
}

/// A section that the AWS SDKs ignore, though somebody seems to have meant a profile or a session with it.
#[derive(Clone, Debug)]
pub(crate) struct Stray {
    pub(crate) is_session: bool,
    /// The name that was meant
    pub(crate) name: String,
    /// The text between the brackets, as it is and as it should be
    pub(crate) text: String,
    pub(crate) instead: String,
    pub(crate) location: Location,
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
    /// The line of the next section in the file
    pub(crate) end: u32,
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

    /// The profile without what `include_profile` brings; `None` if neither file defines it.
    pub fn as_written(&self, name: &str) -> Option<Profile> {
        let own = self.section(&self.profiles, name)?;
        Some(self.profile_of(own, self.long_term_of(name)))
    }

    /// The same; one that no file defines, but that has stored keys, or an access key in `NAME-long-term`, says
    /// nothing.
    pub(crate) fn as_known(&self, name: &str) -> Option<Profile> {
        self.as_written(name).or_else(|| {
            let own = Section { name: name.to_owned(), headers: Vec::new(), settings: Vec::new() };
            let profile = self.profile_of(own, self.long_term_of(name));
            (profile.long_term().is_some() || self.is_stored(name)).then_some(profile)
        })
    }

    fn profile_of(&self, own: Section, long_term: Option<Box<Profile>>) -> Profile {
        let (included, stored) = (Vec::new(), self.stored.clone());
        Profile { own, included, stored, long_term, need: self.need }
    }

    /// The profile `NAME-long-term`.
    fn long_term_of(&self, name: &str) -> Option<Box<Profile>> {
        let is_one = |name: &str| name.ends_with(LONG_TERM);
        if !self.has_long_terms.get_or_init(|| self.names().any(is_one)) {
            return None;
        }
        let own = self.section(&self.profiles, &format!("{name}{LONG_TERM}"))?;
        (!name.is_empty()).then(|| Box::new(self.profile_of(own, None)))
    }

    fn is_stored(&self, name: &str) -> bool {
        !matches!(self.stored.find(name), Ok(None))
    }

    /// Whether it is a profile: either file defines it, a key is stored for it, or `NAME-long-term` has one.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.contains(name) || self.as_known(name).is_some()
    }

    /// The names in the files' order, then those of which there is `NAME-long-term` alone, then those that have
    /// stored keys alone.
    pub(crate) fn all_names(&self) -> impl Iterator<Item = &str> {
        let stored = self.stored.names().iter().map(String::as_str);
        let short = self.names().filter_map(|name| name.strip_suffix(LONG_TERM));
        let of_aws_mfa = move |name: &str| {
            let known = self.long_term_of(name).map(|long_term| long_term.has_access_key());
            !self.contains(name) && known.unwrap_or_default()
        };
        let short = short.filter(move |name| of_aws_mfa(name));
        let others = stored.filter(move |name| !self.contains(name) && !of_aws_mfa(name));
        self.names().chain(short).chain(others)
    }

    /// The same profiles with stored keys.
    pub(crate) fn with_stored(self, stored: StoredKeys) -> Self {
        Self { stored, ..self }
    }

    /// The same profiles, where sessions in the files must last for this.
    pub(crate) fn with_need(self, need: Need) -> Self {
        Self { need, ..self }
    }

    /// The `[sso-session NAME]` section.
    pub fn sso_session(&self, name: &str) -> Option<Section> {
        self.section(&self.sso_sessions, name)
    }

    /// The names of the `[sso-session NAME]` sections, in the file's order.
    pub fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        self.sso_sessions.names()
    }

    /// The names of the `[services NAME]` sections, in the file's order.
    pub(crate) fn services_names(&self) -> impl Iterator<Item = &str> {
        self.services.names()
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

    /// Those of [`Self::warnings`] that are about the profile: its sections and settings, those that it
    /// includes or names, `[DEFAULT]` beside them, and sections that were probably meant for it.
    pub fn warnings_of(&self, name: &str) -> Vec<&Warning> {
        // Nearly always so: then no section has to be read for it.
        if self.warnings.is_empty() {
            return Vec::new();
        }
        let mut names = vec![name.to_owned()];
        while let Some(included) = self.own_value(names.last(), "include_profile")
            && !names.contains(&included)
        {
            names.push(included);
        }
        let named = |index: &'_ Index, key| {
            let name = names.iter().find_map(|name| self.own_value(Some(name), key));
            name.and_then(|name| index.get(&name)).unwrap_or_default().to_vec()
        };
        let mut sections: Vec<_> =
            names.iter().filter_map(|name| self.profiles.get(name)).flatten().cloned().collect();
        sections.extend(named(&self.sso_sessions, "sso_session"));
        sections.extend(named(&self.services, "services"));
        let is_in = |section: &IndexedSection, file: &Path, line: u32| {
            *self.file(section.file).path == *file && (section.line..section.end).contains(&line)
        };
        let strays = self.strays(false, name).map(|stray| &stray.location);
        let is_about = |Warning { location, kind }: &&Warning| {
            let mut sections = sections.iter();
            match *kind {
                WarningKind::UpperCaseDefault => {
                    sections.any(|s| *self.file(s.file).path == *location.file)
                }
                WarningKind::ShadowedSection { winner } => {
                    sections.any(|section| is_in(section, &location.file, winner))
                }
                _ => {
                    strays.clone().any(|stray| stray == location)
                        || sections.any(|section| is_in(section, &location.file, location.line))
                }
            }
        };
        self.warnings.iter().filter(is_about).collect()
    }

    fn own_value(&self, name: Option<&String>, key: &str) -> Option<String> {
        Some(self.as_written(name?)?.get(key)?.value.trim().to_owned())
    }

    /// The sections that were probably meant for the profile, or the session, of this name.
    pub(crate) fn strays(
        &self,
        is_session: bool,
        name: &str,
    ) -> impl Iterator<Item = &Stray> + Clone {
        self.strays.iter().filter(move |s| s.is_session == is_session && s.name == name)
    }

    /// The profile whose name is nearest to `name`, if one is near enough to be what was meant.
    pub fn similar(&self, name: &str) -> Option<&str> {
        nearest(name, self.all_names())
    }

    /// The session whose name is nearest to `name`.
    pub(crate) fn similar_session(&self, name: &str) -> Option<&str> {
        nearest(name, self.sso_session_names())
    }

    /// Where the config file is or would be.
    pub fn config_file(&self) -> &Path {
        &self.config.path
    }

    /// The config file's text, byte for byte.
    pub fn config_text(&self) -> &str {
        &self.config.text
    }

    /// The credentials file's text, byte for byte.
    pub(crate) fn credentials_text(&self) -> &str {
        &self.credentials.text
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
