//! Puts settings into a section of an AWS file, in the place of those that it has of the same keys, and takes
//! them out again. Every other byte stays, and means what it meant.

use std::collections::{HashMap, HashSet};

use super::edit::{EditError, ParsedText, Target, indent, is_telling};
use super::line::{Line, count_lines};
use super::remove::{Read, is_same, line_below};
use crate::profile::FileKind;

/// What becomes of a section.
pub(crate) struct NewSettings<'a> {
    pub target: Target<'a>,
    /// All that it has of these goes
    pub keys: Vec<&'a str>,
    /// In a row, in their place. Without any, a section that has nothing else goes, too
    pub settings: Vec<(&'a str, &'a str)>,
}

/// The text with these settings in a row, in the place of all that the profile's sections have of `keys`. Without
/// any, those are taken out, and with them a section that has nothing else.
pub fn with_settings(
    kind: FileKind,
    text: &str,
    profile: &str,
    keys: &[&str],
    settings: &[(&str, &str)],
) -> Result<String, EditError> {
    let (keys, settings) = (keys.to_vec(), settings.to_vec());
    with_all_settings(
        kind,
        text,
        &[NewSettings { target: Target::Profile(profile), keys, settings }],
    )
}

/// The same of many sections at once: in a time that grows with the text, not with its square. A section is named
/// once.
pub(crate) fn with_all_settings(
    kind: FileKind,
    text: &str,
    all: &[NewSettings<'_>],
) -> Result<String, EditError> {
    let before = ParsedText::read(kind, text)?;
    let (mut targets, mut gone) = (HashSet::new(), HashSet::new());
    let (mut rows, mut sections) = (HashMap::new(), Vec::new());
    for new in all {
        refuse(new)?;
        if !targets.insert(new.target.section()) {
            return Err(EditError::Taken);
        }
        let (place, own) = before.place_of(new)?;
        gone.extend(own);
        match place {
            _ if new.settings.is_empty() => {}
            Some(place) => drop(rows.insert(place, &*new.settings)),
            None => sections.push(new),
        }
    }
    let (new, inserted) = assemble(&before, &rows, &gone, &sections);
    let after = ParsedText::read_new(kind, &new)?;
    let is_kept = |line: u32| !gone.contains(&line);
    let is_old = |line: u32| !inserted.contains(&line);
    if !is_same(
        &telling(before.sections_as_read(is_kept)),
        &telling(after.sections_as_read(is_old)),
    ) {
        return Err(EditError::Meaning);
    }
    let is_there = |new: &NewSettings<'_>| {
        new.settings.iter().all(|(key, value)| after.value_of(new.target, key) == Some(value))
    };
    if all.iter().all(is_there) { Ok(new) } else { Err(EditError::Value) }
}

/// What no section can hold.
fn refuse(new: &NewSettings<'_>) -> Result<(), EditError> {
    let has_break = |text: &str| text.contains(['\n', '\r']);
    if has_break(new.target.section().1) {
        return Err(EditError::Name);
    }
    match new.settings.iter().any(|(_, value)| value.is_empty() || has_break(value)) {
        true => Err(EditError::Value),
        false => Ok(()),
    }
}

/// The new text, and the numbers of the lines of settings that are new in it.
fn assemble(
    before: &ParsedText<'_>,
    rows: &HashMap<u32, &[(&str, &str)]>,
    gone: &HashSet<u32>,
    sections: &[&NewSettings<'_>],
) -> (String, HashSet<u32>) {
    let mut new = NewText::default();
    let ending = before.ending();
    let end = before.lines.last().map_or(1, |line| line.number + 1);
    for line in &before.lines {
        if let Some(row) = rows.get(&line.number) {
            new.push_row(row, ending);
        }
        if !gone.contains(&line.number) {
            new.push(line.text);
            new.push(line.ending);
        }
    }
    if let Some(row) = rows.get(&end) {
        new.push_row(row, ending);
    }
    for section in sections {
        let length = new.text.len();
        before.begin_section(&mut new.text, section.target);
        new.ends += count_lines(&new.text[length..]);
        new.push_row(&section.settings, ending);
    }
    (new.text, new.inserted)
}

/// A text that grows, and counts its lines.
#[derive(Default)]
struct NewText {
    text: String,
    ends: u32,
    inserted: HashSet<u32>,
}

impl NewText {
    fn push(&mut self, piece: &str) {
        // They become one line end.
        let joins = self.text.ends_with('\r') && piece.starts_with('\n');
        self.ends = self.ends + count_lines(piece) - u32::from(joins);
        self.text.push_str(piece);
    }

    fn push_row(&mut self, settings: &[(&str, &str)], ending: &str) {
        if !self.text.ends_with(['\n', '\r']) {
            self.push(ending);
        }
        for (key, value) in settings {
            self.inserted.insert(self.ends + 1);
            for piece in [key, " = ", value, ending] {
                self.push(piece);
            }
        }
    }
}

/// Sections without settings say nothing.
fn telling(mut sections: Read) -> Read {
    sections.retain(|(_, settings)| !settings.is_empty());
    sections
}

impl ParsedText<'_> {
    /// Where the settings go, unless the section is not there yet, and the numbers of the lines that go.
    fn place_of(&self, new: &NewSettings<'_>) -> Result<(Option<u32>, Vec<u32>), EditError> {
        let NewSettings { target, keys, settings } = new;
        let is_key =
            |key: &str, _: &str| keys.iter().any(|wanted| wanted.eq_ignore_ascii_case(key));
        let old = self.lines_of(*target, is_key);
        let header = self.header_lines(*target).last().copied();
        let place = old.first().copied().or(header.map(|line| line + 1));
        let above = header.filter(|_| old.is_empty() && !settings.is_empty());
        if let Some(line) = old.iter().chain(&above).find_map(|line| line_below(self, *line)) {
            return Err(EditError::IndentedBelow { line });
        }
        let gone = match settings.is_empty() {
            true => [&old[..], &self.lines_left(*target, &old)].concat(),
            false => old,
        };
        // Whatever is indented would continue the last of them, a header too.
        let below = place.and_then(|place| self.lines.get(place as usize - 1..));
        let is_next = |line: &&Line<'_>| !gone.contains(&line.number) && is_telling(line.text);
        let next = below.and_then(|below| below.iter().find(is_next));
        let next = next.filter(|line| !settings.is_empty() && indent(line.text) > 0);
        match next {
            Some(line) => Err(EditError::IndentedBelow { line: line.number }),
            None => Ok((place, gone)),
        }
    }

    /// The lines beside these that are left of sections without any other setting or comment: their headers, and
    /// the blank lines that only kept them apart.
    fn lines_left(&self, target: Target<'_>, gone: &[u32]) -> Vec<u32> {
        let is_blank = |line: &Line<'_>| line.text.trim().is_empty();
        let mut left = Vec::new();
        for header in self.header_lines(target) {
            let (above, below) = self.lines.split_at(header as usize);
            let ends = |line: &Line<'_>| self.is_header(line.number);
            let section = &below[..below.iter().position(ends).unwrap_or(below.len())];
            let is_gone = |line: &Line<'_>| gone.contains(&line.number);
            let Some(last) = section.iter().rposition(is_gone) else { continue };
            let (own, after) = section.split_at(last + 1);
            let is_noted = above.last().is_none_or(|line| !line.text.trim_end().ends_with(']'));
            if is_noted
                || own.iter().any(|line| !is_gone(line) && !is_blank(line))
                || after.iter().any(|line| is_telling(line.text))
            {
                continue;
            }
            left.push(header);
            left.extend(own.iter().filter(|line| is_blank(line)).map(|line| line.number));
            let is_apart = below.get(own.len()).is_none_or(is_blank);
            let before = above.len().checked_sub(2).map(|at| &above[at]);
            left.extend(before.filter(|line| is_apart && is_blank(line)).map(|line| line.number));
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::cases;
    use crate::profile::Profiles;

    const KEYS: [&str; 3] = ["id", "secret", "old"];
    const NEW: [(&str, &str); 2] = [("id", "I"), ("secret", "S+/=")];

    fn put(text: &str) -> Result<String, EditError> {
        with_settings(FileKind::Credentials, text, "a", &KEYS, &NEW)
    }

    fn take(text: &str) -> Result<String, EditError> {
        with_settings(FileKind::Credentials, text, "a", &KEYS, &[])
    }

    #[test]
    fn settings_are_put_in_and_taken_out() {
        for (docs, text, with, without) in [
            ("an empty file", "", "[a]\nid = I\nsecret = S+/=\n", ""),
            (
                "a new section",
                "[b]\nid = x\n",
                "[b]\nid = x\n\n[a]\nid = I\nsecret = S+/=\n",
                "[b]\nid = x\n",
            ),
            (
                "no last line end",
                "[b]\nid = x",
                "[b]\nid = x\n\n[a]\nid = I\nsecret = S+/=\n",
                "[b]\nid = x\n",
            ),
            (
                "CRLF",
                "[b]\r\nid = x\r\n",
                "[b]\r\nid = x\r\n\r\n[a]\r\nid = I\r\nsecret = S+/=\r\n",
                "[b]\r\nid = x\r\n",
            ),
            (
                "in the place of the old ones, in one row",
                "[a]\nold = 1\nregion = x\nsecret = 2\nID=3\n\n# of b\n[b]\nid = x\n",
                "[a]\nid = I\nsecret = S+/=\nregion = x\n\n# of b\n[b]\nid = x\n",
                "[a]\nregion = x\n\n# of b\n[b]\nid = x\n",
            ),
            (
                "a section that is there and says nothing",
                "[a]\n\n[b]\nid = x\n",
                "[a]\nid = I\nsecret = S+/=\n\n[b]\nid = x\n",
                "\n[b]\nid = x\n",
            ),
            ("a header at the end", "[a]", "[a]\nid = I\nsecret = S+/=\n", ""),
            (
                "between others",
                "[b]\nid = x\n\n[a]\nid = 1\n\n[c]\nid = y\n",
                "[b]\nid = x\n\n[a]\nid = I\nsecret = S+/=\n\n[c]\nid = y\n",
                "[b]\nid = x\n\n[c]\nid = y\n",
            ),
            (
                "what somebody noted stays, and keeps the section",
                "[a] # mine\n# key\nid = 1\n",
                "[a] # mine\n# key\nid = I\nsecret = S+/=\n",
                "[a] # mine\n# key\n",
            ),
            (
                "twice",
                "[a]\nid = 1\n[b]\nid = x\n[a]\nid = 2\nsecret = 3\n",
                "[a]\nid = I\nsecret = S+/=\n[b]\nid = x\n[a]\n",
                "[b]\nid = x\n[a]\n",
            ),
        ] {
            let new = put(text).map_err(|error| format!("{docs}: {error}")).unwrap();
            assert_eq!(new, with, "{docs}");
            assert_eq!(put(&new).unwrap(), new, "{docs}");
            assert_eq!(take(&new).unwrap(), without, "{docs}");
            let profiles = Profiles::from_texts("", &new).unwrap();
            let profile = profiles.as_written("a").unwrap();
            assert_eq!(profile.get("secret").unwrap().value, "S+/=", "{docs}");
        }
        assert_eq!(take("[b]\nid = x\n").unwrap(), "[b]\nid = x\n");
    }

    #[test]
    fn what_would_be_read_otherwise_is_refused() {
        for text in ["[a]\nid = 1\n  2\n", "[a]\n  region = x\n", "[a]\nid = 1\n # c\n"] {
            assert!(matches!(put(text), Err(EditError::IndentedBelow { .. })), "{text:?}");
        }
        for value in ["x # y", " x", "x\ny", ""] {
            let put = with_settings(FileKind::Credentials, "", "a", &KEYS, &[("id", value)]);
            assert!(matches!(put, Err(EditError::Value)), "{value:?}");
        }
        for name in ["", "a]\n[b", "profile a"] {
            let put = with_settings(FileKind::Credentials, "", name, &KEYS, &NEW);
            assert!(put.is_err(), "{name:?}");
        }
    }

    /// It would be a part of the value above it.
    #[test]
    fn an_indented_header_below_is_named() {
        for text in ["[b]\n k=v\n [default]\n", "[b]\nk=v\n# c\n\n [default]\nk=1\n", "[b]\n [c]\n"]
        {
            let put = with_settings(FileKind::Credentials, text, "b", &["k"], &[("k", "w")]);
            let line = text.lines().position(|line| line.starts_with(" [")).unwrap() + 1;
            let Err(EditError::IndentedBelow { line: named }) = put else {
                panic!("{text:?}: {put:?}")
            };
            assert_eq!(named as usize, line, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn nothing_else_changes(
            text in cases::text(),
            name in proptest::sample::select(vec!["default", "a", "b", "c d", "é"]),
        ) {
            let Ok(before) = Profiles::from_texts("", &text) else { return Ok(()) };
            let keys = ["k", "l"];
            let put = |settings: &[(&str, &str)]| {
                with_settings(FileKind::Credentials, &text, name, &keys, settings)
            };
            let others = |profiles: &Profiles| {
                let mut all = cases::profiles(profiles);
                all.entry(name.to_owned()).or_default().retain(|key, _| !keys.contains(&&**key));
                all.retain(|_, settings| !settings.is_empty());
                all
            };
            for settings in [&[("k", "set")][..], &[]] {
                let new = match put(settings) {
                    Ok(new) => new,
                    Err(EditError::IndentedBelow { .. } | EditError::Meaning) => continue,
                    Err(other) => panic!("{other}"),
                };
                let after = Profiles::from_texts("", &new).unwrap();
                prop_assert_eq!(others(&after), others(&before));
                let set = after.as_written(name).and_then(|found| Some(found.get("k")?.value.clone()));
                prop_assert_eq!(set.as_deref(), settings.first().map(|(_, value)| *value));
            }
        }
    }
}
