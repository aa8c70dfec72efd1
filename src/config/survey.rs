//! All that can be read of both files however much is wrong with them, and all that is wrong.

use std::path::Path;
use std::sync::Arc;

use super::error::ConfigError;
use super::parse::{Parsed, parse_in_spite};
use super::{location, merge, text};
use crate::env::Env;
use crate::profile::{FileKind, IDENTITY, Location, Profiles, Warning, WarningKind};

/// Both files, and their mistakes.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Without the lines and the files that cannot be read
    pub(crate) profiles: Profiles,
    /// Why they cannot, the config file's first
    pub(crate) errors: Vec<ConfigError>,
    /// What else is odd, in the same order
    pub(crate) oddities: Vec<Oddity>,
}

/// A line that does not mean the same to every AWS tool.
#[derive(Clone, Debug)]
pub(crate) struct Oddity {
    pub(crate) warning: Warning,
    /// Whether what it says decides whose credentials a profile gives
    pub(crate) decides: bool,
}

/// Reads both files. A line that cannot be read is left out, and so is a whole file.
pub(crate) fn survey(env: &Env) -> Survey {
    survey_files([FileKind::Config, FileKind::Credentials].map(|kind| {
        let path = location::path(env, kind);
        let text = text(&path);
        (kind, path.into(), text)
    }))
}

/// The same of texts, which locations call `config` and `credentials`.
#[cfg(test)]
pub(crate) fn survey_texts(config: &str, credentials: &str) -> Survey {
    let file = |kind, name: &str, text: &str| (kind, Path::new(name).into(), Ok(text.to_owned()));
    survey_files([
        file(FileKind::Config, "config", config),
        file(FileKind::Credentials, "credentials", credentials),
    ])
}

type Read = (FileKind, Arc<Path>, Result<String, ConfigError>);

fn survey_files(files: [Read; 2]) -> Survey {
    let mut errors = Vec::new();
    let parsed = files.map(|(kind, path, text)| {
        let read = text.and_then(|text| parse_in_spite(kind, path.clone(), text));
        let (parsed, mistakes) = read.unwrap_or_else(|error| {
            errors.push(error);
            parse_in_spite(kind, path.clone(), String::new()).expect("nothing has no mistakes")
        });
        errors.extend(mistakes.into_iter().map(|(line, expected)| ConfigError::Syntax {
            location: Location { file: path.clone(), line },
            expected,
        }));
        parsed
    });
    let identities = parsed.each_ref().map(Identities::of);
    let [config, credentials] = parsed;
    let profiles = merge::merge(config, credentials);
    let oddity = |warning: &Warning| {
        let mut files = identities.iter();
        let of_file = files.find(|of| of.file == warning.location.file);
        let decides = of_file.is_some_and(|of| of.decides(warning));
        Oddity { warning: warning.clone(), decides }
    };
    let oddities = profiles.warnings().iter().map(oddity).collect();
    Survey { profiles, errors, oddities }
}

/// The lines of a file that decide whose credentials a profile gives.
struct Identities {
    file: Arc<Path>,
    /// The line of each section, and of each of its settings whether it is one
    sections: Vec<(u32, Vec<(u32, bool)>)>,
}

impl Identities {
    fn of(parsed: &Parsed) -> Self {
        let is_identity = |key: &str| IDENTITY.iter().any(|known| known.eq_ignore_ascii_case(key));
        let sections = parsed.sections.iter().map(|section| {
            let entries = section.entries.start as usize..section.entries.end as usize;
            let entries = parsed.file.entries[entries].iter();
            let of = |entry: &crate::profile::written::Entry| {
                (entry.line, is_identity(parsed.file.str(entry.key)))
            };
            // The AWS CLI rejects a file with `[]`, and so has none of its profiles.
            let is_nameless = parsed.file.str(section.header).trim().is_empty();
            let nameless = is_nameless.then_some((section.line, true));
            (section.line, nameless.into_iter().chain(entries.map(of)).collect())
        });
        Self { file: parsed.file.path.clone(), sections: sections.collect() }
    }

    fn section(&self, line: u32) -> Option<&[(u32, bool)]> {
        let mut sections = self.sections.iter().rev();
        sections.find(|(header, _)| *header <= line).map(|(_, entries)| &**entries)
    }

    /// Whether the section on this line, or around it, has such a line.
    fn has_one(&self, line: u32) -> bool {
        self.section(line).is_some_and(|entries| entries.iter().any(|(_, decides)| *decides))
    }

    /// Whether the line, or the setting that it goes on with, is one.
    fn is_one(&self, line: u32) -> bool {
        let entries = self.section(line).unwrap_or_default();
        entries.iter().rev().find(|(entry, _)| *entry <= line).is_some_and(|(_, decides)| *decides)
    }

    fn decides(&self, warning: &Warning) -> bool {
        use WarningKind as K;
        let line = warning.location.line;
        match warning.kind {
            // Of two spellings one tool has the one, the others the other.
            K::ShadowedSection { winner } => self.has_one(line) != self.has_one(winner),
            K::NameOnlyForCli
            | K::PaddedHeader
            | K::TextAfterHeader
            | K::BracketInComment
            | K::SectionIgnored
            | K::PrefixMissing
            | K::UnknownKind
            | K::PrefixInCredentials
            | K::UpperCaseDefault
            | K::RepeatedSection { .. } => self.has_one(line),
            K::CommentAfterValue
            | K::CommentInValue
            | K::HeaderInValue
            | K::SettingInValue
            | K::BlankLineInValue
            | K::ColonForEquals
            | K::ColonInKey
            | K::RepeatedKey { .. }
            | K::LoneCarriageReturn
            | K::UnusualBlank
            | K::IndentedLine => self.is_one(line),
            K::IndentedComment
            | K::NestedWithoutKey
            | K::KeyIgnored
            | K::KeyInComment
            | K::ByteOrderMark => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_is_read_and_every_mistake_is_told() {
        let survey = survey_texts(
            "region = lost\n[default]\nhunter2\nregion = a\n[profile open\nrole_arn = r\n= x\n",
            "[open]\nsource_profile = default\n[more]\nnonsense\n",
        );
        let errors: Vec<String> = survey.errors.iter().map(ToString::to_string).collect();
        let expected = [
            "config:1: expected a section",
            "config:3: expected `key = value`",
            "config:5: expected `]`",
            "config:7: expected `key = value`, found no key",
            "credentials:4: expected `key = value`",
        ];
        assert_eq!(errors.len(), expected.len(), "{errors:?}");
        for (error, expected) in errors.iter().zip(expected) {
            assert!(error.starts_with(expected), "{error}");
        }
        let open = survey.profiles.as_written("open").unwrap();
        let settings: Vec<&str> = open.settings().map(|setting| &*setting.key).collect();
        assert_eq!(settings, ["role_arn", "source_profile"]);
        assert_eq!(survey.profiles.as_written("default").unwrap().settings().count(), 1);
    }

    #[test]
    fn lines_that_decide_whose_credentials_they_are() {
        for (text, decides) in [
            ("[profile a]\nregion = x # c\n", false),
            ("[profile a]\nrole_arn = x # c\n", true),
            ("[profile a]\nrole_arn = x\n  # c\nregion = y\n", true),
            ("[profile a]\nrole_arn = x\nregion = y\n\n  z\n", false),
            ("[a]\nregion = x\n", false),
            ("[]\nregion = x\n", true),
            ("[a]\nSSO_Start_URL = x\n", true),
            ("[profile \"a\"]\nrole_arn = x\n[profile b]\n", true),
            ("[profile \"a\"]\n[profile b]\nrole_arn = x\n", false),
            ("[profile default]\nrole_arn = x\n[default]\n", true),
            ("[profile default]\nrole_arn = x\n[default]\nrole_arn = y\n", false),
        ] {
            let survey = survey_texts(text, "");
            assert_eq!(survey.oddities.len(), 1, "{text}: {:?}", survey.oddities);
            assert_eq!(survey.oddities[0].decides, decides, "{text}");
        }
    }
}
