//! Mends what is odd about an AWS file where it is plain how: every other byte stays, and means what it meant.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::edit::indent;
use super::error::ConfigError;
use super::header::{Header, SectionKind, header_text};
use super::line::{BLANK, Line, header_without_comment, lines, without_comment};
use super::merge::merge;
use super::parse::{Parsed, parse_in_spite};
use crate::profile::{FileKind, Setting, WarningKind, is_known_key, is_portable_name, is_quoted};

/// A text, and what was mended.
#[derive(Debug)]
pub(crate) struct Mended {
    pub(crate) text: String,
    /// By the lines of the text before
    pub(crate) done: Vec<Repair>,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repair {
    pub(crate) line: u32,
    pub(crate) fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Odd(WarningKind),
    /// A value in quotes
    Quotes,
}

/// The text without what is odd about it, as far as nothing else changes by it.
///
/// # Errors
/// The text is larger than files are.
pub(crate) fn mend(kind: FileKind, text: &str) -> Result<Mended, ConfigError> {
    let before = Text::read(kind, text)?;
    let all = before.repairs();
    let mut done: Vec<Repair> = Vec::new();
    let mut mended = text.to_owned();
    let mut mend_also = |more: &[Repair], done: &mut Vec<Repair>| -> Result<bool, ConfigError> {
        let repairs = [&done[..], more].concat();
        let new = before.with(&repairs);
        let is_good = before.is_kept_by(&Text::read(kind, &new)?, &repairs);
        if is_good {
            (mended, *done) = (new, repairs);
        }
        Ok(is_good)
    };
    // All at once, since one may need another; else as many as go together.
    if !all.is_empty() && !mend_also(&all, &mut done)? {
        let mut groups: Vec<Vec<Repair>> = Vec::new();
        for repair in &all {
            match groups.iter_mut().find(|group| is_alike(group[0].fault, repair.fault)) {
                Some(group) => group.push(*repair),
                None => groups.push(vec![*repair]),
            }
        }
        for group in groups {
            if !mend_also(&group, &mut done)? && group.len() > 1 {
                for repair in group {
                    mend_also(&[repair], &mut done)?;
                }
            }
        }
    }
    Ok(Mended { text: mended, done })
}

fn is_alike(one: Fault, other: Fault) -> bool {
    match (one, other) {
        (Fault::Odd(one), Fault::Odd(other)) => {
            std::mem::discriminant(&one) == std::mem::discriminant(&other)
        }
        (one, other) => one == other,
    }
}

struct Text<'a> {
    kind: FileKind,
    parsed: Parsed,
    lines: Vec<Line<'a>>,
    odd: Vec<(u32, WarningKind)>,
    /// How many lines no tool accepts
    mistakes: usize,
}

impl<'a> Text<'a> {
    fn read(kind: FileKind, text: &'a str) -> Result<Self, ConfigError> {
        let path: Arc<Path> = Path::new("").into();
        let parse = |text: &str| parse_in_spite(kind, path.clone(), text.to_owned());
        let (parsed, mistakes) = parse(text)?;
        // What is odd about headers and what is there twice comes out when sections are put together.
        let (empty, _) = parse_in_spite(other(kind), path.clone(), String::new())?;
        let (copy, _) = parse(text)?;
        let profiles = match kind {
            FileKind::Config => merge(copy, empty),
            FileKind::Credentials => merge(empty, copy),
        };
        let odd = profiles.warnings().iter().map(|odd| (odd.location.line, odd.kind)).collect();
        Ok(Self { kind, parsed, lines: lines(text).collect(), odd, mistakes: mistakes.len() })
    }

    /// What can be mended, one for each line.
    fn repairs(&self) -> Vec<Repair> {
        let odd =
            self.odd.iter().map(|(line, kind)| Repair { line: *line, fault: Fault::Odd(*kind) });
        let quoted = self.parsed.file.entries.iter().filter(|entry| {
            let (key, value) = (self.parsed.file.str(entry.key), self.parsed.file.str(entry.value));
            entry.more.is_empty() && is_known_key(key) && is_quoted(value) && !is_command(key)
        });
        let quoted = quoted.map(|entry| Repair { line: entry.line, fault: Fault::Quotes });
        let mut repairs: Vec<Repair> = Vec::new();
        for repair in odd.chain(quoted) {
            let is_first = !repairs.iter().any(|other| other.line == repair.line);
            if is_first && self.mend_line(repair).is_some() {
                repairs.push(repair);
            }
        }
        repairs.sort_by_key(|repair| repair.line);
        repairs
    }

    fn with(&self, repairs: &[Repair]) -> String {
        let by_line: HashMap<u32, Repair> =
            repairs.iter().map(|repair| (repair.line, *repair)).collect();
        let mut new = String::new();
        for line in &self.lines {
            match by_line.get(&line.number).and_then(|repair| self.mend_line(*repair)) {
                Some(text) => new.push_str(&text),
                None => new.extend([line.text, line.ending]),
            }
        }
        new
    }

    /// The line as it should be, with its end; `None` where that is not plain.
    fn mend_line(&self, repair: Repair) -> Option<String> {
        use WarningKind as K;
        let line = self.lines.get(repair.line as usize - 1)?;
        let Line { text, ending, .. } = *line;
        let own_ending = if ending.is_empty() { "\n" } else { ending };
        let whole = |text: &str| Some([text, ending].concat());
        let kind = match repair.fault {
            Fault::Odd(kind) => kind,
            Fault::Quotes => {
                let entries = &self.parsed.file.entries;
                let entry = entries.iter().find(|entry| entry.line == repair.line)?;
                let value = self.parsed.file.str(entry.value);
                let inner = &value[1..value.len() - 1];
                let is_plain =
                    !inner.is_empty() && !inner.contains(['"', '\'']) && inner.trim() == inner;
                return whole(&text.replacen(value, inner, 1)).filter(|_| is_plain);
            }
        };
        match kind {
            K::IndentedComment | K::CommentInValue | K::IndentedLine => {
                whole(text.trim_start_matches(BLANK))
            }
            K::ColonForEquals => {
                let (key, value) = text.split_once(':')?;
                whole(&format!("{} = {}", key.trim_end(), value.trim_start_matches(BLANK)))
            }
            K::CommentAfterValue => {
                let (before, remark) = parts(text, without_comment(text.trim_matches(BLANK)))?;
                Some([remark, own_ending, before, ending].concat())
            }
            K::BracketInComment => {
                let (before, remark) = parts(text, header_without_comment(text))?;
                Some([remark, own_ending, before, ending].concat())
            }
            K::PaddedHeader | K::NameOnlyForCli => {
                let header = self.header(repair.line)?;
                is_portable_name(&header.name).then_some(())?;
                self.with_header(line, header.kind, &header.name)
            }
            K::SectionIgnored => {
                let text = self.header_text(repair.line)?.trim();
                let (prefix, name) = text.split_once(BLANK)?;
                let kind = match prefix {
                    "profile" => SectionKind::Profile,
                    "sso-session" => SectionKind::SsoSession,
                    _ => return None,
                };
                let name = name.trim();
                // A quote that is open may end anywhere.
                (!name.is_empty() && !name.contains(['"', '\\'])).then_some(())?;
                self.with_header(line, kind, name)
            }
            K::PrefixMissing => {
                let name = self.header_text(repair.line)?.trim();
                let is_plain = is_portable_name(name) && !WORDS.contains(&name);
                (is_plain && self.has_profile(repair.line)).then_some(())?;
                self.with_header(line, SectionKind::Profile, name)
            }
            K::PrefixInCredentials => {
                let (prefix, name) = self.header_text(repair.line)?.trim().split_once(BLANK)?;
                let name = name.trim().trim_matches('"');
                (prefix == "profile" && is_portable_name(name)).then_some(())?;
                self.with_header(line, SectionKind::Profile, name)
            }
            K::ByteOrderMark => whole(text.strip_prefix('\u{feff}')?),
            K::LoneCarriageReturn => Some([text, "\n"].concat()),
            // Which of two is meant, or what a line should say, nobody knows.
            K::HeaderInValue
            | K::SettingInValue
            | K::NestedWithoutKey
            | K::BlankLineInValue
            | K::ColonInKey
            | K::KeyIgnored
            | K::KeyInComment
            | K::RepeatedKey { .. }
            | K::RepeatedSection { .. }
            | K::ShadowedSection { .. }
            | K::TextAfterHeader
            | K::UnknownKind
            | K::UpperCaseDefault
            | K::UnusualBlank => None,
        }
    }

    fn header(&self, line: u32) -> Option<Header<'_>> {
        let section = self.parsed.sections.iter().find(|section| section.line == line)?;
        Some(self.parsed.header(section))
    }

    /// The text between the brackets on a line.
    fn header_text(&self, line: u32) -> Option<&str> {
        let section = self.parsed.sections.iter().find(|section| section.line == line)?;
        Some(self.parsed.file.str(section.header))
    }

    /// The line with another header, unless the file has that one already.
    fn with_header(&self, line: &Line<'_>, kind: SectionKind, name: &str) -> Option<String> {
        let is_other = |section: &&super::parse::Section| section.line != line.number;
        let is_taken = self.parsed.sections.iter().filter(is_other).any(|section| {
            let header = self.parsed.header(section);
            (header.kind, &*header.name) == (kind, name)
                || self.parsed.file.str(section.header).trim() == name
        });
        let old = self.header_text(line.number)?;
        let new = header_text(self.kind, kind, name);
        let text = line.text.replacen(&format!("[{old}]"), &format!("[{new}]"), 1);
        (!is_taken && text != line.text).then(|| [&*text, line.ending].concat())
    }

    /// Whether a section has settings of profiles, and not those of a session.
    fn has_profile(&self, line: u32) -> bool {
        let section = self.parsed.sections.iter().find(|section| section.line == line);
        let Some(section) = section else { return false };
        let entries = section.entries.start as usize..section.entries.end as usize;
        let keys: Vec<String> = self.parsed.file.entries[entries]
            .iter()
            .map(|entry| self.parsed.file.str(entry.key).to_ascii_lowercase())
            .collect();
        let has = |wanted: &str| keys.iter().any(|key| key == wanted);
        keys.iter().any(|key| is_known_key(key)) && (!has("sso_start_url") || has("sso_account_id"))
    }

    /// Whether the new text says the same but for what was mended, and nothing odd that this one does not.
    fn is_kept_by(&self, new: &Text<'_>, repairs: &[Repair]) -> bool {
        let is_mended = |line: u32| repairs.iter().any(|repair| repair.line == line);
        let same_header = |old: &super::parse::Section, new_section: &super::parse::Section| {
            is_mended(old.line)
                || self.parsed.file.str(old.header) == new.parsed.file.str(new_section.header)
        };
        let sections = self.parsed.sections.iter().zip(&new.parsed.sections);
        self.mistakes == new.mistakes
            && self.parsed.sections.len() == new.parsed.sections.len()
            && sections.into_iter().all(|(old, other)| {
                let settings = |text: &Text<'_>, section: &super::parse::Section| -> Vec<Setting> {
                    text.parsed.file.settings(section.entries.clone()).collect()
                };
                same_header(old, other)
                    && is_same(
                        &settings(self, old),
                        &settings(new, other),
                        &is_quoted_line(repairs),
                    )
            })
            && no_more(&self.counts(repairs), &new.counts(&[]))
    }

    /// How often each kind is there, without what is mended.
    fn counts(&self, repairs: &[Repair]) -> HashMap<std::mem::Discriminant<WarningKind>, usize> {
        let mut counts = HashMap::new();
        for (line, kind) in &self.odd {
            let repair = Repair { line: *line, fault: Fault::Odd(*kind) };
            let mended = repairs.contains(&repair);
            let left = match kind {
                // Such a name is the AWS CLI's alone, once it is a name.
                WarningKind::SectionIgnored if mended => Some(WarningKind::NameOnlyForCli),
                _ if mended => None,
                kind => Some(*kind),
            };
            if let Some(kind) = left {
                *counts.entry(std::mem::discriminant(&kind)).or_default() += 1;
            }
        }
        counts
    }
}

fn other(kind: FileKind) -> FileKind {
    match kind {
        FileKind::Config => FileKind::Credentials,
        FileKind::Credentials => FileKind::Config,
    }
}

/// Words that begin headers, or other sections of the AWS CLI, and so are no profile's name.
const WORDS: [&str; 5] = ["profile", "sso-session", "services", "plugins", "preview"];

/// Of these quotes may be a part.
fn is_command(key: &str) -> bool {
    ["credential_process", "saml_command"].iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// A line up to its comment, and that.
fn parts<'t>(text: &'t str, telling: &str) -> Option<(&'t str, &'t str)> {
    let start = indent(text);
    let end = text[start..].find(telling)? + start + telling.len();
    let remark = text[end..].trim_matches(BLANK);
    (!remark.is_empty()).then(|| (&text[..end], remark))
}

fn is_quoted_line(repairs: &[Repair]) -> impl Fn(u32) -> bool {
    move |line| repairs.contains(&Repair { line, fault: Fault::Quotes })
}

fn is_same(old: &[Setting], new: &[Setting], is_unquoted: &dyn Fn(u32) -> bool) -> bool {
    let one = |(a, b): (&Setting, &Setting)| {
        let value = match is_unquoted(a.location.line) {
            true => a.value.get(1..a.value.len() - 1).unwrap_or_default(),
            false => &a.value,
        };
        a.key == b.key && value == b.value && is_same(&a.nested, &b.nested, is_unquoted)
    };
    old.len() == new.len() && old.iter().zip(new).all(one)
}

fn no_more<K: Eq + std::hash::Hash>(before: &HashMap<K, usize>, after: &HashMap<K, usize>) -> bool {
    after.iter().all(|(kind, count)| before.get(kind).is_some_and(|before| count <= before))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::cases::{profiles, text};
    use crate::profile::Profiles;

    fn mended(text: &str) -> String {
        mend(FileKind::Config, text).unwrap().text
    }

    #[test]
    fn what_is_plain_is_mended() {
        for (docs, text, expected) in [
            ("nothing to mend", "[profile a]\nk = v # x\n# y\n", "[profile a]\n# x\nk = v\n# y\n"),
            ("no end", "[profile a]\nk = v # x", "[profile a]\n# x\nk = v"),
            ("CRLF", "[profile a]\r\nk=v\t;x\r\n", "[profile a]\r\n;x\r\nk=v\r\n"),
            ("a prefix", "[a]\nregion = x\n", "[profile a]\nregion = x\n"),
            ("no prefix: nobody's settings", "[a]\nk = x\n", "[a]\nk = x\n"),
            ("no prefix: a session", "[a]\nsso_start_url = x\n", "[a]\nsso_start_url = x\n"),
            (
                "no prefix: there is one",
                "[a]\nregion = x\n[profile a]\n",
                "[a]\nregion = x\n[profile a]\n",
            ),
            (
                "no prefix, twice",
                "[a]\nregion = x\n[a]\nregion = y\n",
                "[a]\nregion = x\n[a]\nregion = y\n",
            ),
            ("quotes", "[profile two words] # c\n", "[profile \"two words\"] # c\n"),
            ("no quotes", "[profile \"a\"]\n[sso-session 'b']\n", "[profile a]\n[sso-session b]\n"),
            ("quotes that are needed", "[profile \"a b\"]\n", "[profile \"a b\"]\n"),
            ("blanks", "[ profile a ]\n[ default ]\n", "[profile a]\n[default]\n"),
            (
                "a colon behind a remark",
                "[profile a]\nregion: x # c\n",
                "[profile a]\n# c\nregion: x\n",
            ),
            ("a colon alone", "[profile a]\nregion:x\n", "[profile a]\nregion = x\n"),
            (
                "lines that are indented",
                "[profile a]\n  k = v\n  l = w\n  s3 =\n    x = y\n",
                "[profile a]\nk = v\nl = w\ns3 =\n    x = y\n",
            ),
            (
                "comments",
                "  # a\n[profile a]\nk = v\n  # b\n  c\n",
                "# a\n[profile a]\nk = v\n# b\n  c\n",
            ),
            ("a value in quotes", "[profile a]\nrole_arn = \"x\"\n", "[profile a]\nrole_arn = x\n"),
            (
                "quotes of a command",
                "[profile a]\ncredential_process = \"x\"\n",
                "[profile a]\ncredential_process = \"x\"\n",
            ),
            ("a byte order mark", "\u{feff}[profile a]\n", "[profile a]\n"),
            ("lone CR", "[profile a]\rk = v\r", "[profile a]\nk = v\n"),
            ("a bracket in a comment", "[profile a] # [b]\n", "# [b]\n[profile a]\n"),
            ("two values", "[profile a]\nk = v\nk = w\n", "[profile a]\nk = v\nk = w\n"),
            (
                "beside a line that nobody reads",
                "nonsense\n[a]\nregion = x\nmore nonsense\n",
                "nonsense\n[profile a]\nregion = x\nmore nonsense\n",
            ),
        ] {
            assert_eq!(mended(text), expected, "{docs}");
        }
        let credentials = "[profile a]\nregion = x\n[ b ]\n";
        let mended = mend(FileKind::Credentials, credentials).unwrap();
        assert_eq!(mended.text, "[a]\nregion = x\n[b]\n");
        assert_eq!(mended.done.iter().map(|repair| repair.line).collect::<Vec<_>>(), [1, 3]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..Default::default() })]

        /// What was mended is not found any more, nothing new is, and every profile that was there says what it said.
        #[test]
        fn what_is_mended_is_gone_and_nothing_else_changes(text in text()) {
            let before = Text::read(FileKind::Config, &text).unwrap();
            let Mended { text: new, done } = mend(FileKind::Config, &text).unwrap();
            let after = Text::read(FileKind::Config, &new).unwrap();
            prop_assert_eq!(done.is_empty(), text == new);
            prop_assert!(no_more(&before.counts(&done), &after.counts(&[])), "{new:?}");
            prop_assert_eq!(before.mistakes, after.mistakes);
            let of_sections = |fault: &Fault| !matches!(fault, Fault::Odd(
                WarningKind::SectionIgnored | WarningKind::PrefixMissing
            ) | Fault::Quotes);
            if let (Ok(old), Ok(other)) = (Profiles::from_texts(&text, ""), Profiles::from_texts(&new, ""))
                && done.iter().all(|repair| of_sections(&repair.fault))
            {
                prop_assert_eq!(profiles(&old), profiles(&other));
            }
        }
    }
}
