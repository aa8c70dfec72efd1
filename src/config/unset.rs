//! Takes a setting out of a section. The section stays, with or without other settings: to the AWS CLI and the SDKs
//! a profile without any is a profile still, and others may name it.

use super::edit::{EditError, ParsedText, Target, indent, is_telling};
use super::remove::is_same;
use crate::profile::FileKind;

/// The text without any line that sets `key`, or `nested` below it, in a section of the target, however it is
/// spelled. What is indented below the setting goes with it, but for comments; a key that has nothing below it any
/// longer goes too.
pub fn without_setting(
    kind: FileKind,
    text: &str,
    target: Target<'_>,
    (key, nested): (&str, Option<&str>),
) -> Result<String, EditError> {
    let before = ParsedText::read(kind, text)?;
    let (mut gone, mut moved) = (Vec::new(), Vec::new());
    for entry in before.all_entries_of(target, key) {
        let is_meant = |child: &str| nested.is_none_or(|nested| child.eq_ignore_ascii_case(nested));
        let children: Vec<_> = before.children(entry).collect();
        let (meant, others): (Vec<_>, Vec<_>) =
            children.iter().partition(|(_, child, _)| is_meant(child));
        if nested.is_some() && (meant.is_empty() || !before.can_have_children(entry)) {
            continue;
        }
        if nested.is_some() && !others.is_empty() {
            gone.extend(meant.iter().map(|(line, ..)| *line));
            continue;
        }
        gone.push(entry.line);
        let outer = before.lines.get(entry.line as usize - 1).map_or(0, |own| indent(own.text));
        for line in before.further_lines(entry) {
            let is_inner = indent(line.text) > outer && !line.text.trim().is_empty();
            match is_telling(line.text) {
                true if is_inner => gone.push(line.number),
                false if is_inner => moved.push(line.number),
                _ => {}
            }
        }
    }
    let mut new = String::with_capacity(text.len());
    for line in before.lines.iter().filter(|line| !gone.contains(&line.number)) {
        let is_moved = moved.contains(&line.number);
        let text = if is_moved { line.text.trim_start() } else { line.text };
        new.extend([text, line.ending]);
    }
    let after = ParsedText::read_new(kind, &new)?;
    match is_same(&before.sections_without(&gone), &after.sections_without(&[])) {
        true => Ok(new),
        false => Err(EditError::Meaning),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::cases;
    use crate::profile::Profiles;

    fn unset(text: &str, name: &str, nested: Option<&str>) -> Result<String, EditError> {
        without_setting(FileKind::Config, text, Target::Profile(name), ("k", nested))
    }

    #[test]
    fn a_setting_goes_and_all_else_stays() {
        for (docs, text, nested, expected) in [
            ("the usual", "[profile a]\nk = 1 # c\nx = 2\n", None, "[profile a]\nx = 2\n"),
            ("the header stays", "# c\n[profile a]\nk = 1\n", None, "# c\n[profile a]\n"),
            ("not there", "[profile b]\nk = 1\n", None, "[profile b]\nk = 1\n"),
            ("twice", "[profile a]\nk=1\nx = 2\nK = 3", None, "[profile a]\nx = 2\n"),
            (
                "in both spellings",
                "[profile a]\nk = 1\n[profile \"a\"]\nk = 2\n",
                None,
                "[profile a]\n[profile \"a\"]\n",
            ),
            (
                "with what continues it",
                "[profile a]\r\nk = 1\r\n  2\r\n\r\n  # c\r\n  3\r\nx = 2\r\n",
                None,
                "[profile a]\r\n\r\n# c\r\nx = 2\r\n",
            ),
            (
                "one of several below it",
                "[profile a]\nk =\n  m = 1\n  n = 2\n",
                Some("M"),
                "[profile a]\nk =\n  n = 2\n",
            ),
            (
                "the last one below it",
                "[profile a]\nx = 1\nk =\n  m = 1\n",
                Some("m"),
                "[profile a]\nx = 1\n",
            ),
            (
                "another one below it",
                "[profile a]\nk =\n  m = 1\n",
                Some("n"),
                "[profile a]\nk =\n  m = 1\n",
            ),
        ] {
            assert_eq!(unset(text, "a", nested).unwrap(), expected, "{docs}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn nothing_else_goes(
            text in cases::text(),
            name in proptest::sample::select(vec!["default", "a", "b", "c d", "é"]),
        ) {
            let Ok(before) = Profiles::from_texts(&text, "") else { return Ok(()) };
            let new = match unset(&text, name, None) {
                Err(EditError::Meaning) => return Ok(()),
                new => new.unwrap(),
            };
            let after = Profiles::from_texts(&new, "").unwrap();
            let mut expected = cases::profiles(&before);
            if let Some(settings) = expected.get_mut(name) {
                settings.remove("k");
            }
            prop_assert_eq!(cases::profiles(&after), expected);
            prop_assert_eq!(unset(&new, name, None).unwrap(), &new[..]);
        }
    }
}
