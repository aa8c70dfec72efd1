//! Puts settings into a section of an AWS file, in the place of those that it has of the same keys, and takes
//! them out again. Every other byte stays, and means what it meant.

use super::edit::{EditError, ParsedText, Target, indent, is_telling, join};
use super::line::{Line, count_lines};
use super::remove::{Read, is_same, line_below};
use crate::profile::FileKind;

/// The text with these settings in a row, in the place of all that the profile's sections have of `keys`. Without
/// any, those are taken out, and with them a section that has nothing else.
pub fn with_settings(
    kind: FileKind,
    text: &str,
    profile: &str,
    keys: &[&str],
    settings: &[(&str, &str)],
) -> Result<String, EditError> {
    let has_break = |text: &str| text.contains(['\n', '\r']);
    if has_break(profile) {
        return Err(EditError::Name);
    }
    if settings.iter().any(|(_, value)| value.is_empty() || has_break(value)) {
        return Err(EditError::Value);
    }
    let target = Target::Profile(profile);
    let before = ParsedText::read(kind, text)?;
    let is_key = |key: &str, _: &str| keys.iter().any(|wanted| wanted.eq_ignore_ascii_case(key));
    let old = before.lines_of(target, is_key);
    let header = before.header_lines(target).last().copied();
    let place = old.first().copied().or(header.map(|line| line + 1));
    let above = header.filter(|_| old.is_empty() && !settings.is_empty());
    if let Some(line) = old.iter().chain(&above).find_map(|line| line_below(&before, *line)) {
        return Err(EditError::IndentedBelow { line });
    }
    let gone = match settings.is_empty() {
        true => [&old[..], &before.lines_left(target, &old)].concat(),
        false => old,
    };
    // Whatever is indented would continue the last of them, a header too.
    let is_next = |line: &&Line<'_>| {
        place.is_some_and(|place| line.number >= place)
            && !gone.contains(&line.number)
            && is_telling(line.text)
    };
    let next = before.lines.iter().find(is_next).filter(|_| !settings.is_empty());
    if let Some(line) = next.filter(|line| indent(line.text) > 0) {
        return Err(EditError::IndentedBelow { line: line.number });
    }
    let (new, inserted) = assemble(&before, target, place, &gone, settings);
    let after = ParsedText::read_new(kind, &new)?;
    let is_kept = |line: u32| !gone.contains(&line);
    let is_old = |line: u32| !inserted.contains(&line);
    if !is_same(
        &telling(before.sections_as_read(is_kept)),
        &telling(after.sections_as_read(is_old)),
    ) {
        return Err(EditError::Meaning);
    }
    match settings.iter().all(|(key, value)| after.value_of(target, key) == Some(value)) {
        true => Ok(new),
        false => Err(EditError::Value),
    }
}

/// The new text, and the numbers of the lines that are new in it.
fn assemble(
    before: &ParsedText<'_>,
    target: Target<'_>,
    place: Option<u32>,
    gone: &[u32],
    settings: &[(&str, &str)],
) -> (String, std::ops::Range<u32>) {
    let ending = before.ending();
    let place = place.unwrap_or(u32::MAX);
    let stays = |line: &&Line<'_>| !gone.contains(&line.number);
    let (above, below): (Vec<_>, Vec<_>) =
        before.lines.iter().filter(stays).partition(|line| line.number < place);
    let mut new = join(above);
    if place == u32::MAX && !settings.is_empty() {
        before.begin_section(&mut new, target);
    } else if !settings.is_empty() && !new.ends_with(['\n', '\r']) {
        new.push_str(ending);
    }
    let first = count_lines(&new) + 1;
    for (key, value) in settings {
        new.extend([key, " = ", value, ending]);
    }
    let inserted = first..count_lines(&new) + 1;
    (new + &join(below), inserted)
}

/// Sections without settings say nothing.
fn telling(mut sections: Read) -> Read {
    sections.retain(|(_, settings)| !settings.is_empty());
    sections
}

impl ParsedText<'_> {
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
