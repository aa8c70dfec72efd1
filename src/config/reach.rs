//! Finds in files of thousands of sections those that a profile reaches: through `source_profile`,
//! `include_profile`, `sso_session` and `services`. The others are not read, so that their mistakes are told by
//! whatever reads the whole files (`awsx profiles`), and not in front of every command.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use memchr::memchr_iter;

use super::error::ConfigError;
use super::header::{SectionKind, plain_header};
use super::line::{BLANK, count_lines};
use super::parse::{Parsed, Piece, parse, parse_pieces};
use crate::credentials::aws_mfa::LONG_TERM;
use crate::profile::{FileKind, Roots};

/// The settings that name a section.
const REFERENCES: [(&str, SectionKind); 4] = [
    ("source_profile", SectionKind::Profile),
    ("include_profile", SectionKind::Profile),
    ("sso_session", SectionKind::SsoSession),
    ("services", SectionKind::Services),
];

/// The sections of both files that the roots reach, and all whose header is anything but plain: nobody knows
/// what those are without reading them.
pub(super) fn parse_reached(
    files: [(FileKind, Arc<Path>, String); 2],
    roots: &Roots,
) -> Result<[Parsed; 2], ConfigError> {
    let mut outlines = files.each_ref().map(|(kind, path, text)| Outline::of(*kind, path, text));
    let profiles = roots.profiles.iter().map(|name| (SectionKind::Profile, name.clone()));
    let sessions = roots.sso_sessions.iter().map(|name| (SectionKind::SsoSession, name.clone()));
    let odd = outlines
        .iter()
        .flat_map(|outline| outline.chosen.iter().flat_map(|at| outline.references(*at)));
    let mut wanted: Vec<_> = profiles.chain(sessions).chain(odd).collect();
    let mut seen = 0;
    while let Some((kind, name)) = wanted.get(seen).cloned() {
        seen += 1;
        for outline in &mut outlines {
            for at in outline.find_all(kind, &name) {
                if outline.chosen.insert(at) {
                    wanted.extend(outline.references(at));
                }
            }
        }
    }
    let [of_config, of_credentials] = outlines.map(|outline| outline.pieces());
    let [config, credentials] = files;
    let parse = |(kind, path, text), pieces: &[Piece]| parse_pieces(kind, path, text, pieces);
    Ok([parse(config, &of_config)?, parse(credentials, &of_credentials)?])
}

/// Where the sections of a text are: a bracket in column 1 begins one, whatever stands before it.
struct Outline<'t> {
    kind: FileKind,
    path: &'t Arc<Path>,
    text: &'t str,
    sections: Vec<Section<'t>>,
    /// Of those, which are read
    chosen: BTreeSet<usize>,
}

struct Section<'t> {
    start: usize,
    /// None where the header has to be read to know
    plain: Option<(SectionKind, &'t str)>,
}

impl<'t> Outline<'t> {
    fn of(kind: FileKind, path: &'t Arc<Path>, text: &'t str) -> Self {
        // What comes before the first section belongs to none.
        let mut sections = vec![Section { start: 0, plain: None }];
        for at in memchr_iter(b'[', text.as_bytes()) {
            if matches!(text.as_bytes()[..at].last(), None | Some(b'\n' | b'\r')) {
                sections.push(Section { start: at, plain: plain_header(kind, &text[at..]) });
                continue;
            }
            let before = text[..at].trim_end_matches(BLANK);
            if !(before.is_empty() || before.ends_with(['\n', '\r'])) {
                continue;
            }
            if let Some(section) = sections.last_mut() {
                // Perhaps a header, perhaps a line of a value.
                section.plain = None;
            }
        }
        let odd = sections.iter().enumerate().filter(|(_, section)| section.plain.is_none());
        let chosen = odd.map(|(at, _)| at).collect();
        Self { kind, path, text, sections, chosen }
    }

    /// Those of a name; of a profile also what aws-mfa makes its sessions of.
    fn find_all(&self, kind: SectionKind, name: &str) -> Vec<usize> {
        let is_meant = |section: &Section<'_>| {
            let Some((found, text)) = section.plain.filter(|(found, _)| *found == kind) else {
                return false;
            };
            // By length first: that is all that most of thousands are asked.
            match text.len().checked_sub(name.len()) {
                Some(0) => text == name,
                Some(rest) if rest == LONG_TERM.len() && found == SectionKind::Profile => {
                    text.strip_suffix(LONG_TERM) == Some(name)
                }
                _ => false,
            }
        };
        let sections = self.sections.iter().enumerate();
        sections.filter_map(|(at, section)| is_meant(section).then_some(at)).collect()
    }

    fn end(&self, at: usize) -> usize {
        self.sections.get(at + 1).map_or(self.text.len(), |next| next.start)
    }

    /// Those that are chosen, each with the number of its first line.
    fn pieces(&self) -> Vec<Piece> {
        let (mut line, mut counted) = (1, 0);
        let piece = |&at: &usize| {
            let start = self.sections[at].start;
            line += count_lines(&self.text[counted..start]);
            counted = start;
            Piece { line, range: start..self.end(at) }
        };
        self.chosen.iter().map(piece).collect()
    }

    /// The sections that one names; of one that cannot be read, none.
    fn references(&self, at: usize) -> Vec<(SectionKind, String)> {
        let text = self.text[self.sections[at].start..self.end(at)].to_owned();
        let Ok(parsed) = parse(self.kind, self.path.clone(), text) else { return Vec::new() };
        let count = u32::try_from(parsed.file.entries.len()).expect("as many as lines");
        let settings = parsed.file.settings(0..count);
        let named = settings.filter_map(|setting| {
            let (_, kind) = REFERENCES.iter().find(|(key, _)| *key == setting.key)?;
            Some((*kind, setting.value.trim().to_owned()))
        });
        named.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::cases;
    use crate::profile::Profiles;

    fn roots(profiles: &[&str], sso_sessions: &[&str]) -> Roots {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Roots { profiles: owned(profiles), sso_sessions: owned(sso_sessions) }
    }

    const CONFIG: &str = "\
# mine
[default]
region = x
[profile a]\r
SOURCE_PROFILE = b
services = s
[profile b]
include_profile = c
[profile c]
sso_session = corp
[profile d]
sso_session = lab
[sso-session corp]
sso_region = x
[sso-session lab]
sso_region = x
[services s]
sts =
  endpoint_url = http://a
[profile \"e\"]
region = x
[stray]
region = x
";

    #[test]
    fn what_the_roots_name_is_read_and_nothing_else_but_what_is_odd() {
        for (docs, roots, profiles, sessions) in [
            ("nothing", roots(&[], &[]), "e", ""),
            ("one", roots(&["d"], &[]), "d e k", "lab"),
            ("what it names in turn", roots(&["a"], &[]), "a b c e", "corp"),
            ("a session", roots(&["none"], &["corp"]), "e", "corp"),
            ("the other file too", roots(&["k"], &[]), "d e k", "lab"),
        ] {
            let credentials = "[other]\nx = y\n[k]\nsource_profile = d\n[d]\nsource_profile = k\n";
            let read = Profiles::of_texts(CONFIG, credentials, Some(&roots)).unwrap();
            let mut names: Vec<_> = read.names().collect();
            names.sort_unstable();
            assert_eq!(names.join(" "), profiles, "{docs}");
            assert_eq!(read.sso_session_names().collect::<Vec<_>>().join(" "), sessions, "{docs}");
            assert_eq!(read.services("s").is_some(), docs == "what it names in turn", "{docs}");
        }
    }

    #[test]
    fn only_a_mistake_in_what_is_read_is_an_error_and_has_its_line() {
        let config = format!("{CONFIG}[profile wrong]\r\nx = y\rno setting\n");
        for (name, expected) in
            [("a", None), ("wrong", Some("config:26: expected `key = value`, found no `=`"))]
        {
            let read = Profiles::of_texts(&config, "", Some(&roots(&[name], &[])));
            assert_eq!(read.err().map(|error| error.to_string()).as_deref(), expected, "{name}");
        }
    }

    /// All that is told of the profile and the session of this name, and of what the profile names.
    fn all_of(profiles: &Profiles, name: &str) -> String {
        let named = |key| profiles.profile(name).ok()??.get(key).map(|s| s.value.trim().to_owned());
        let session = named("sso_session").map(|name| profiles.sso_session(&name));
        let services = named("services").map(|name| profiles.services(&name));
        let (profile, own_session) = (profiles.profile(name), profiles.sso_session(name));
        let warnings = profiles.warnings_of(name);
        format!("{profile:?} {own_session:?} {session:?} {services:?} {warnings:?}")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn it_is_read_as_in_the_whole_files(config in cases::text(), credentials in cases::text()) {
            let naming = |text: String| {
                text.replace("k = v", "include_profile = b").replace("K = v", "services = a")
                    .replace("l = v", "sso_session = a")
            };
            let (config, credentials) = (naming(config), naming(credentials));
            let Ok(whole) = Profiles::from_texts(&config, &credentials) else { return Ok(()) };
            for name in ["default", "a", "b", "c d", "é", "a b", "a#b", "DEFAULT"] {
                let roots = roots(&[name], &[name]);
                let reached = Profiles::of_texts(&config, &credentials, Some(&roots)).unwrap();
                prop_assert_eq!(all_of(&reached, name), all_of(&whole, name), "{}", name);
            }
        }
    }
}
