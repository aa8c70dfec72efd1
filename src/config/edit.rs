//! Edits of single settings in an AWS file's text, which keep every byte they need not change:
//! comments, order, indentation, line ends, the missing line end at the end.
//!
//! Each function returns the new text, and only if the parser reads from it what was asked for:
//! a value that would be cut at a ` #`, or a name that nobody could read, is refused. [`super::block`]
//! edits whole blocks, [`super::write`] files.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use super::error::{ConfigError, Expected};
use super::header::{SectionKind, header_text};
use super::line::{BLANK, Line, is_comment, lines};
use super::parse::{Parsed, Section, parse};
use crate::profile::written::{Entry, Span};
use crate::profile::{FileKind, Setting, is_portable_name};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// `[profile NAME]`, `[default]`; `[NAME]` in the credentials file
    Profile(&'a str),
    SsoSession(&'a str),
    Services(&'a str),
}

#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("line {line}: {expected}")]
    Syntax { line: u32, expected: Expected },
    #[error("the text is larger than 64 MiB")]
    TooLarge,
    #[error("a key may only have letters, digits and _-/.%@:+")]
    Key,
    #[error(
        "the files cannot hold this value: it is empty, has a line break, blanks at its ends, or \
         a blank before `#` or `;`"
    )]
    Value,
    /// A name with a line break, blanks around it, or one that the file cannot hold
    #[error("the files cannot hold a section of this name")]
    Name,
    /// ` [next]` behind the section: a new setting above it would take it as part of its value
    #[error("line {line}: begin this section in column 1 first")]
    IndentedSection { line: u32 },
    /// What is indented below a line that is to go would belong to the line above
    #[error("line {line}: begin this line in column 1 first")]
    IndentedBelow { line: u32 },
    /// Without the lines, others would mean something else
    #[error("what stays would be read otherwise")]
    Meaning,
    #[error("a block must start with a section")]
    Block,
    #[error("line {line}: the marker of a block has no counterpart")]
    OpenBlock { line: u32 },
    /// `s3 = x`, where a setting should be added below `s3 =`
    #[error("line {line}: it has a value, so no settings can stand below it")]
    HasValue { line: u32 },
    #[error("there is a section of that name already")]
    Taken,
}

impl<'a> Target<'a> {
    pub(super) fn section(self) -> (SectionKind, &'a str) {
        match self {
            Self::Profile(name) => (SectionKind::Profile, name),
            Self::SsoSession(name) => (SectionKind::SsoSession, name),
            Self::Services(name) => (SectionKind::Services, name),
        }
    }
}

/// The text with `key = value` in the section: replaces an existing value, adds a new setting after the
/// section's last one, and a new section at the end of the file.
pub fn with_setting(
    kind: FileKind,
    text: &str,
    target: Target<'_>,
    key: &str,
    value: &str,
) -> Result<String, EditError> {
    refuse(target, key, value)?;
    let file = ParsedText::read(kind, text)?;
    let new = match (file.entry_of(target, key), file.sections(target).last()) {
        (Some(entry), _) => file.with_value(entry, value),
        (None, Some(section)) => file.with_line(section, &format!("{key} = {value}"))?,
        (None, None) => file.with_section(target, &format!("{key} = {value}")),
    };
    let edited = ParsedText::read_new(kind, &new)?;
    match edited.entry_of(target, key) {
        Some(entry) if edited.value(entry) == value => Ok(new),
        Some(_) => Err(EditError::Value),
        None => Err(EditError::Name),
    }
}

/// What no line can hold.
pub(super) fn refuse(target: Target<'_>, key: &str, value: &str) -> Result<(), EditError> {
    let has_break = |text: &str| text.contains(['\n', '\r']);
    match (is_portable_name(key), value) {
        (false, _) => Err(EditError::Key),
        (true, value) if value.is_empty() || has_break(value) => Err(EditError::Value),
        _ if has_break(target.section().1) => Err(EditError::Name),
        _ => Ok(()),
    }
}

pub(super) struct ParsedText<'a> {
    kind: FileKind,
    parsed: Parsed,
    pub(super) lines: Vec<Line<'a>>,
    /// Where the sections of each name are, in order
    by_name: OnceCell<HashMap<(SectionKind, String), Vec<usize>>>,
}

impl<'a> ParsedText<'a> {
    pub(super) fn read(kind: FileKind, text: &'a str) -> Result<Self, EditError> {
        let parsed = parse(kind, Path::new("").into(), text.to_owned()).map_err(|e| match e {
            ConfigError::Syntax { location, expected } => {
                EditError::Syntax { line: location.line, expected }
            }
            _ => EditError::TooLarge,
        })?;
        Ok(Self { kind, parsed, lines: lines(text).collect(), by_name: OnceCell::new() })
    }

    /// Reads what an edit has made of a text that could be read: where it cannot be any more, what stays would be
    /// something else.
    pub(super) fn read_new(kind: FileKind, text: &'a str) -> Result<Self, EditError> {
        Self::read(kind, text).map_err(|error| match error {
            EditError::Syntax { .. } => EditError::Meaning,
            other => other,
        })
    }

    /// The sections that count for the target, in order.
    pub(super) fn sections(&self, target: Target<'_>) -> Vec<&Section> {
        let with_rank = |section| (section, self.parsed.header(section).rank);
        let found: Vec<_> = self.all_sections(target).map(with_rank).collect();
        let highest = found.iter().map(|(_, rank)| *rank).max();
        found.into_iter().filter(|(_, rank)| Some(*rank) == highest).map(|(s, _)| s).collect()
    }

    fn entries(&self, section: &Section) -> &[Entry] {
        &self.parsed.file.entries[section.entries.start as usize..section.entries.end as usize]
    }

    /// The entry of the target with this key that counts: the last one.
    pub(super) fn entry_of(&self, target: Target<'_>, key: &str) -> Option<&Entry> {
        let is_meant = |entry: &&Entry| self.parsed.file.str(entry.key).eq_ignore_ascii_case(key);
        let sections = self.sections(target).into_iter();
        sections.flat_map(|section| self.entries(section)).rfind(is_meant)
    }

    /// The sections of the target, whether they count or not.
    fn all_sections(&self, target: Target<'_>) -> impl Iterator<Item = &Section> {
        let (kind, name) = target.section();
        let places = self.by_name().get(&(kind, name.to_owned()));
        places.into_iter().flatten().map(|at| &self.parsed.sections[*at])
    }

    fn by_name(&self) -> &HashMap<(SectionKind, String), Vec<usize>> {
        self.by_name.get_or_init(|| {
            let mut by_name: HashMap<_, Vec<usize>> = HashMap::new();
            for (at, section) in self.parsed.sections.iter().enumerate() {
                let header = self.parsed.header(section);
                by_name.entry((header.kind, header.name.into_owned())).or_default().push(at);
            }
            by_name
        })
    }

    /// All entries of the target with this key, whether they count or not.
    pub(super) fn all_entries_of(
        &self,
        target: Target<'_>,
        key: &str,
    ) -> impl Iterator<Item = &Entry> {
        let is_meant =
            move |entry: &&Entry| self.parsed.file.str(entry.key).eq_ignore_ascii_case(key);
        self.all_sections(target).flat_map(|section| self.entries(section)).filter(is_meant)
    }

    /// The settings below an entry without a value of its own: each with its line, its key and where its value
    /// stands.
    pub(super) fn children(
        &self,
        entry: &Entry,
    ) -> impl Iterator<Item = (u32, &str, Range<usize>)> {
        let more =
            &self.parsed.file.continuations[entry.more.start as usize..entry.more.end as usize];
        more.iter().filter_map(|(line, span)| {
            let (key, value) = self.parsed.file.str(*span).split_once('=')?;
            let value = Span::of(&self.parsed.file.text, value.trim()).range();
            Some((*line, key.trim(), value))
        })
    }

    /// Whether it has no value of its own, so that settings can stand below it.
    pub(super) fn can_have_children(&self, entry: &Entry) -> bool {
        self.parsed.file.str(entry.value).is_empty()
    }

    /// The lines that continue an entry, with the comments and the blank lines among them.
    pub(super) fn further_lines(&self, entry: &Entry) -> &[Line<'a>] {
        let (above, below) = self.lines.split_at(entry.line as usize);
        let outer = above.last().map_or(0, |own| indent(own.text));
        let ends = |line: &Line<'_>| is_telling(line.text) && indent(line.text) <= outer;
        &below[..below.iter().position(ends).unwrap_or(below.len())]
    }

    /// What is left of these lines once the entry goes, or has another value. Comments begin in column 1 then:
    /// indented they would continue the value above.
    pub(super) fn left_of(&self, entry: &Entry) -> String {
        let outer = self.lines.get(entry.line as usize - 1).map_or(0, |own| indent(own.text));
        let mut left = String::new();
        for line in self.further_lines(entry) {
            if indent(line.text) <= outer || line.text.trim().is_empty() {
                left.extend([line.text, line.ending]);
            } else if is_comment(line.text.trim_matches(BLANK)) {
                left.extend([line.text.trim_start_matches(BLANK), line.ending]);
            }
        }
        left
    }

    /// Every section as [`Self::sections_as_read`] has it, without what stands on these lines.
    pub(super) fn sections_without(&self, gone: &[u32]) -> Vec<(String, Vec<Setting>)> {
        let read = |section: &Section| {
            let entries = self.entries(section).iter();
            let kept = entries.filter(|entry| !gone.contains(&entry.line));
            let settings = kept.map(|entry| self.parsed.file.setting_but(entry, gone));
            (self.parsed.file.str(section.header).to_owned(), settings.collect())
        };
        self.parsed.sections.iter().map(read).collect()
    }

    /// The lines of settings in these, by key and value.
    pub(super) fn lines_of(
        &self,
        target: Target<'_>,
        is_meant: impl Fn(&str, &str) -> bool,
    ) -> Vec<u32> {
        self.places_of(target, is_meant).into_iter().map(|(line, _)| line).collect()
    }

    /// The same, and where their values stand in the text.
    pub(super) fn places_of(
        &self,
        target: Target<'_>,
        is_meant: impl Fn(&str, &str) -> bool,
    ) -> Vec<(u32, Range<usize>)> {
        self.all_sections(target)
            .flat_map(|section| self.entries(section))
            .filter(|entry| is_meant(self.parsed.file.str(entry.key), self.value(entry).trim()))
            .map(|entry| (entry.line, entry.value.range()))
            .collect()
    }

    /// Where the names of their headers stand in the text: what is between the brackets.
    pub(super) fn header_places(&self, target: Target<'_>) -> Vec<Range<usize>> {
        self.all_sections(target).map(|section| section.header.range()).collect()
    }

    /// The sections of the target that count, as they are read.
    pub(super) fn that_count(&self, target: Target<'_>) -> Vec<(String, Vec<Setting>)> {
        self.sections(target).into_iter().map(|section| self.as_read(section)).collect()
    }

    /// All sections but those of the target, as they are read.
    pub(super) fn but(&self, target: Target<'_>) -> Vec<(String, Vec<Setting>)> {
        let of_target = self.header_lines(target);
        let others = self.parsed.sections.iter().filter(|s| !of_target.contains(&s.line));
        others.map(|section| self.as_read(section)).collect()
    }

    fn as_read(&self, section: &Section) -> (String, Vec<Setting>) {
        let settings = self.parsed.file.settings(section.entries.clone());
        (self.parsed.file.str(section.header).to_owned(), settings.collect())
    }

    /// The lines of their headers.
    pub(super) fn header_lines(&self, target: Target<'_>) -> Vec<u32> {
        self.all_sections(target).map(|section| section.line).collect()
    }

    /// Whether a section begins on the line.
    pub(super) fn is_header(&self, line: u32) -> bool {
        self.parsed.sections.binary_search_by_key(&line, |section| section.line).is_ok()
    }

    /// What a new header of the target has between its brackets.
    pub(super) fn header_of(&self, target: Target<'_>) -> String {
        let (kind, name) = target.section();
        header_text(self.kind, kind, name)
    }

    /// The value that the target has of the key, on one line.
    pub(super) fn value_of(&self, target: Target<'_>, key: &str) -> Option<&str> {
        self.entry_of(target, key).map(|entry| self.value(entry))
    }

    /// Every section in order, its header's text and its settings; of those the ones on such lines.
    pub(super) fn sections_as_read(
        &self,
        is_kept: impl Fn(u32) -> bool,
    ) -> Vec<(String, Vec<Setting>)> {
        let read = |section: &Section| {
            let settings = self.parsed.file.settings(section.entries.clone());
            let kept = settings.filter(|setting| is_kept(setting.location.line));
            (self.parsed.file.str(section.header).to_owned(), kept.collect())
        };
        self.parsed.sections.iter().map(read).collect()
    }

    fn value(&self, entry: &Entry) -> &str {
        if entry.more.is_empty() { self.parsed.file.str(entry.value) } else { "" }
    }

    /// The text with another value of the entry. Removes the further lines of the old one.
    fn with_value(&self, entry: &Entry, value: &str) -> String {
        let (above, below) = self.lines.split_at(entry.line as usize);
        let after = &below[self.further_lines(entry).len()..];
        let old = entry.value.range();
        self.with_value_at(above, old, value) + &self.left_of(entry) + &join(after)
    }

    /// These lines, of which the last one has another value. A remark behind it, which the AWS CLI takes for a part of
    /// the value, moves to a line of its own above.
    pub(super) fn with_value_at(
        &self,
        lines: &[Line<'_>],
        old: Range<usize>,
        value: &str,
    ) -> String {
        let text = &self.parsed.file.text;
        let Some((own, above)) = lines.split_last() else { return String::new() };
        let start = join(above).len();
        let end = start + own.text.len();
        let is_bare = old.is_empty() && !text[..old.start].ends_with(BLANK);
        let blank = if is_bare && !value.is_empty() { " " } else { "" };
        let behind = &text[old.end..end];
        let remark = behind.trim_matches(BLANK);
        let mut new = text[..start].to_owned();
        let behind = match is_comment(remark) {
            true => {
                let ending = if own.ending.is_empty() { self.ending() } else { own.ending };
                new.extend([remark, ending]);
                ""
            }
            false => behind,
        };
        new.extend([&text[start..old.start], blank, value, behind, own.ending]);
        new
    }

    /// The text with a line after the section's last setting and what is indented below it.
    pub(super) fn with_line(&self, section: &Section, setting: &str) -> Result<String, EditError> {
        let next = self.parsed.sections.iter().find(|next| next.line > section.line);
        let end = next.map_or(self.lines.len(), |next| next.line as usize - 1);
        if let Some(line) = self.lines.get(end).filter(|line| indent(line.text) > 0) {
            return Err(EditError::IndentedSection { line: line.number });
        }
        let entry = self.entries(section).last();
        let mut last = entry.map_or(section.line, |entry| entry.line) as usize;
        for line in &self.lines[last..end] {
            let indented = indent(line.text) > 0;
            if is_telling(line.text) && !indented {
                break;
            }
            if indented && !line.text.trim().is_empty() {
                last = line.number as usize;
            }
        }
        let (before, after) = self.lines.split_at(last);
        let (mut new, ending) = (join(before), self.ending());
        match before.last() {
            Some(line) if line.ending.is_empty() => new.extend([ending, setting]),
            _ => new.extend([setting, ending]),
        }
        Ok(new + &join(after))
    }

    pub(super) fn with_section(&self, target: Target<'_>, setting: &str) -> String {
        let mut new = self.with_header(target);
        new.extend([setting, self.ending()]);
        new
    }

    /// The text with a header of the target at its end, a blank line above it.
    pub(super) fn with_header(&self, target: Target<'_>) -> String {
        let mut new = join(&self.lines);
        self.begin_section(&mut new, target);
        new
    }

    /// Adds a header of the target to a text, and what separates it from that.
    pub(super) fn begin_section(&self, text: &mut String, target: Target<'_>) {
        let ending = self.ending();
        separate(text, ending);
        text.extend(["[", &self.header_of(target), "]", ending]);
    }

    pub(super) fn ending(&self) -> &'a str {
        self.lines.first().map(|line| line.ending).filter(|e| !e.is_empty()).unwrap_or("\n")
    }
}

/// Ends the last line and leaves one blank line after it.
pub(super) fn separate(text: &mut String, ending: &str) {
    if text.is_empty() {
        return;
    }
    if !text.ends_with(['\n', '\r']) {
        text.push_str(ending);
    }
    let ended = ["\r\n", "\n", "\r"].into_iter().find_map(|ending| text.strip_suffix(ending));
    let last = ended.and_then(|lines| lines.rsplit(['\n', '\r']).next());
    if last.is_some_and(|line| !line.trim().is_empty()) {
        // After a lone CR, LF would not be a line end of its own.
        text.push_str(if text.ends_with('\r') { "\r" } else { ending });
    }
}

pub(super) fn join<'l, 't: 'l>(lines: impl IntoIterator<Item = &'l Line<'t>>) -> String {
    lines.into_iter().flat_map(|line| [line.text, line.ending]).collect()
}

pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(BLANK).len()
}

/// Whether the line is neither blank nor a comment.
pub(super) fn is_telling(line: &str) -> bool {
    let trimmed = line.trim();
    !trimmed.is_empty() && !is_comment(trimmed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::cases::{self, profiles, text};
    use crate::profile::Profiles;

    fn set(text: &str, name: &str, key: &str, value: &str) -> Result<String, EditError> {
        with_setting(FileKind::Config, text, Target::Profile(name), key, value)
    }

    #[test]
    fn settings_are_replaced_and_added() {
        for (docs, text, edited) in [
            ("empty file", "", "[profile a]\nk = new\n"),
            ("new section", "[default]\nk = 1\n", "[default]\nk = 1\n\n[profile a]\nk = new\n"),
            ("no final line end", "[profile a]\nx = 1", "[profile a]\nx = 1\nk = new"),
            (
                "indentation and spelling stay, a remark moves above",
                "[profile a]\n  K=old\t# c\n",
                "[profile a]\n# c\n  K=new\n",
            ),
            ("CRLF", "[profile a]\r\nk: 1\r\n", "[profile a]\r\nk: new\r\n"),
            ("CRLF, added", "[profile a]\r\n", "[profile a]\r\nk = new\r\n"),
            ("blank value", "[profile a]\nk =\n", "[profile a]\nk = new\n"),
            ("only a comment", "[profile a]\nk = # c\n", "[profile a]\n# c\nk = new\n"),
            ("a comment at the end", "[profile a]\r\nk=1 ;c", "[profile a]\r\n;c\r\nk=new"),
            ("no comment", "[profile a]\nk = a#b  \n", "[profile a]\nk = new  \n"),
            ("the last one counts", "[profile a]\nk = 1\nk = 2\n", "[profile a]\nk = 1\nk = new\n"),
            (
                "further lines go",
                "[profile a]\nk = 1\n  2\n\n 3\nx = 4\n",
                "[profile a]\nk = new\n\nx = 4\n",
            ),
            (
                "comments among them stay",
                "[profile a]\nk =\n  # c\n  x = 1\n",
                "[profile a]\nk = new\n# c\n",
            ),
            (
                "after what is indented",
                "[profile a]\nx =\n  # c\n\n# d\n",
                "[profile a]\nx =\n  # c\nk = new\n\n# d\n",
            ),
            (
                "after indented comments",
                "[profile a]\n\n  # c\n[b]\n",
                "[profile a]\n\n  # c\nk = new\n[b]\n",
            ),
            ("a quoted name", "[profile \"a\"]\nk = 1\n", "[profile \"a\"]\nk = new\n"),
            (
                "the spelling that counts",
                "[profile \"a\"]\nk = 1\n[profile a]\n",
                "[profile \"a\"]\nk = 1\n[profile a]\nk = new\n",
            ),
            ("byte order mark", "\u{feff}", "\u{feff}\n\n[profile a]\nk = new\n"),
        ] {
            assert_eq!(set(text, "a", "k", "new").unwrap(), edited, "{docs}");
        }
    }

    #[test]
    fn sections_of_every_kind() {
        let edit = |kind, target| with_setting(kind, "", target, "k", "v").unwrap();
        let (config, credentials) = (FileKind::Config, FileKind::Credentials);
        assert_eq!(edit(config, Target::Profile("default")), "[default]\nk = v\n");
        assert_eq!(edit(config, Target::Profile("a b")), "[profile \"a b\"]\nk = v\n");
        assert_eq!(edit(credentials, Target::Profile("a b")), "[a b]\nk = v\n");
        assert_eq!(edit(config, Target::SsoSession("s")), "[sso-session s]\nk = v\n");
        assert_eq!(edit(config, Target::Services("s")), "[services s]\nk = v\n");
    }

    #[test]
    fn what_could_not_be_read_back_is_refused() {
        for value in
            ["", " ", " a", "a ", "a # b", "a\t;b", "# a", "a\nb", "a\r", "a\n[profile x]\nk = v"]
        {
            assert!(
                matches!(set("[default]\n", "a", "k", value), Err(EditError::Value)),
                "{value:?}"
            );
        }
        for key in ["", "a b", "k\n", "k = v\nx", "[x]", "#k"] {
            assert!(matches!(set("[default]\n", "a", key, "v"), Err(EditError::Key)), "{key:?}");
        }
        for name in ["", " ", "a\nb", "a]\n[profile b"] {
            assert!(matches!(set("[default]\n", name, "k", "v"), Err(EditError::Name)), "{name:?}");
        }
        let error = with_setting(FileKind::Credentials, "", Target::Profile("profile a"), "k", "v");
        assert!(matches!(error, Err(EditError::Name)));
        assert!(matches!(set("[default", "a", "k", "v"), Err(EditError::Syntax { .. })));
        let error = set("[profile a]\n [default]\n", "a", "k", "v");
        assert!(matches!(error, Err(EditError::IndentedSection { line: 2 })));
    }

    /// The lines of the text that are not in the other, however often.
    fn lost<'a>(text: &'a str, other: &str) -> Vec<&'a str> {
        let mut others: Vec<_> = lines(other).map(|line| line.text).collect();
        let mut kept = |line: &&str| match others.iter().position(|other| other == line) {
            Some(at) => {
                others.remove(at);
                false
            }
            None => true,
        };
        lines(text).map(|line| line.text).filter(|line| kept(line)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn edits_change_one_setting(
            text in text(),
            name in proptest::sample::select(vec!["default", "a", "b", "c d", "é"]),
            key in proptest::sample::select(vec!["k", "l", "new"]),
        ) {
            let Ok(before) = Profiles::from_texts(&text, "") else { return Ok(()) };
            let edited = match set(&text, name, key, "set") {
                Err(EditError::IndentedSection { .. }) => return Ok(()),
                edited => edited.unwrap(),
            };
            let after = Profiles::from_texts(&edited, "").unwrap();
            let mut expected = profiles(&before);
            expected.entry(name.to_owned()).or_default().insert(key.to_owned(), "set".to_owned());
            prop_assert_eq!(profiles(&after), expected);
            if cases::is_read_alike(&after) {
                let of_sdk = cases::sdk_value(&edited, name, key).flatten();
                prop_assert_eq!(of_sdk.as_deref(), Some("set"), "to the SDK");
            }
            let was_set = before
                .as_written(name)
                .is_some_and(|profile| profile.settings().any(|s| s.key == key));
            prop_assert!(was_set || lost(&text, &edited).len() <= 1, "lines are lost");
            prop_assert_eq!(set(&edited, name, key, "set").unwrap(), &edited[..]);
        }
    }
}
