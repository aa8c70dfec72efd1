//! Whole sections of an AWS file: added, copied, renamed, removed. Every other byte stays, and means what it meant.

use std::cmp::Reverse;

use super::edit::{EditError, ParsedText, Target, indent, is_telling, join};
use super::line::{Line, is_comment};
use super::remove::{Read, is_same};
use crate::profile::FileKind;

/// The text with a new section at its end, with these settings.
pub fn with_new_section(
    kind: FileKind,
    text: &str,
    target: Target<'_>,
    settings: &[(&str, &str)],
) -> Result<String, EditError> {
    let before = ParsedText::read(kind, text)?;
    if !before.header_lines(target).is_empty() {
        return Err(EditError::Taken);
    }
    let ending = before.ending();
    let mut new = before.with_header(target);
    for (key, value) in settings {
        super::edit::refuse(target, key, value)?;
        new.extend([key, " = ", value, ending]);
    }
    let after = ParsedText::read_new(kind, &new)?;
    let is_read = |(key, value): &(&str, &str)| after.value_of(target, key) == Some(value);
    if after.header_lines(target).is_empty() {
        return Err(EditError::Name);
    }
    match settings.iter().all(is_read) && is_same(&before.all(), &after.but(target)) {
        true => Ok(new),
        false => Err(EditError::Value),
    }
}

/// The text with all that a section says, comments among it, once more under another name at its end. Without such a
/// section it is as it was.
pub fn with_copy(
    kind: FileKind,
    text: &str,
    from: Target<'_>,
    to: Target<'_>,
) -> Result<String, EditError> {
    let before = ParsedText::read(kind, text)?;
    if !before.header_lines(to).is_empty() {
        return Err(EditError::Taken);
    }
    let bodies: Vec<_> = before
        .sections(from)
        .into_iter()
        .map(|section| {
            let (_, own) = before.own_lines(section.line);
            join(own)
        })
        .collect();
    if bodies.is_empty() {
        return Ok(text.to_owned());
    }
    let ending = before.ending();
    let mut new = before.with_header(to);
    for body in &bodies {
        if !new.ends_with(['\n', '\r']) {
            new.push_str(ending);
        }
        new.push_str(body);
    }
    if !new.ends_with(['\n', '\r']) {
        new.push_str(ending);
    }
    let after = ParsedText::read_new(kind, &new)?;
    if after.header_lines(to).is_empty() {
        return Err(EditError::Name);
    }
    let settings = |read: Read| -> Read {
        vec![(String::new(), read.into_iter().flat_map(|(_, settings)| settings).collect())]
    };
    let is_copy = is_same(&settings(before.that_count(from)), &settings(after.that_count(to)));
    match is_copy && is_same(&before.all(), &after.but(to)) {
        true => Ok(new),
        false => Err(EditError::Meaning),
    }
}

/// The text with another name in the headers of these sections, however they are spelled.
pub fn with_other_name(
    kind: FileKind,
    text: &str,
    from: Target<'_>,
    to: Target<'_>,
) -> Result<String, EditError> {
    let before = ParsedText::read(kind, text)?;
    if !before.header_lines(to).is_empty() {
        return Err(EditError::Taken);
    }
    let mut places = before.header_places(from);
    if places.len() != before.sections(from).len() {
        // One that is hidden by another spelling would count then.
        return Err(EditError::Meaning);
    }
    places.sort_unstable_by_key(|place| Reverse(place.start));
    let header = before.header_of(to);
    let mut new = text.to_owned();
    for place in &places {
        new.replace_range(place.clone(), &header);
    }
    let after = ParsedText::read_new(kind, &new)?;
    if after.header_lines(to).len() != places.len() {
        return Err(EditError::Name);
    }
    let settings =
        |read: Read| read.into_iter().map(|(_, settings)| (String::new(), settings)).collect();
    match is_same(&settings(before.all()), &settings(after.all()))
        && is_same(&before.but(from), &after.but(to))
    {
        true => Ok(new),
        false => Err(EditError::Meaning),
    }
}

/// The text without these sections: their headers, their settings and what stands among those. What stands behind the
/// last setting stays: comments that belong to the next section, or to none.
pub fn without_sections(
    kind: FileKind,
    text: &str,
    target: Target<'_>,
) -> Result<String, EditError> {
    let before = ParsedText::read(kind, text)?;
    let mut gone = Vec::new();
    for header in before.header_lines(target) {
        let (header, own) = before.own_lines(header);
        gone.push(header);
        gone.extend(own.iter().map(|line| line.number));
        let last = own.last().map_or(header, |line| line.number);
        // Of the blank lines on both sides one is enough.
        let is_blank = |line: &&Line<'_>| line.text.trim().is_empty();
        let above = header.checked_sub(2).and_then(|at| before.lines.get(at as usize));
        let is_apart = before.lines.get(last as usize).is_none_or(|line| is_blank(&line));
        gone.extend(above.filter(|line| is_apart && is_blank(line)).map(|line| line.number));
    }
    let new = join(before.lines.iter().filter(|line| !gone.contains(&line.number)));
    let after = ParsedText::read_new(kind, &new)?;
    match is_same(&before.but(target), &after.all()) {
        true => Ok(new),
        false => Err(EditError::Meaning),
    }
}

impl ParsedText<'_> {
    /// The header's line, and the section's lines below it up to its last setting and what continues that; comments
    /// directly below are its own, unless they are directly above the next header.
    fn own_lines(&self, header: u32) -> (u32, &[Line<'_>]) {
        let (_, below) = self.lines.split_at(header as usize);
        let ends = |line: &Line<'_>| self.is_header(line.number);
        let section = &below[..below.iter().position(ends).unwrap_or(below.len())];
        let says = |line: &Line<'_>| {
            is_telling(line.text) || indent(line.text) > 0 && !line.text.trim().is_empty()
        };
        let last = section.iter().rposition(says).map_or(0, |at| at + 1);
        let remarks = section[last..].iter().take_while(|line| is_comment(line.text)).count();
        let is_next = last + remarks == section.len() && section.len() < below.len();
        let is_marker = section[last..last + remarks].iter().any(|l| is_marker(l.text));
        let end = if is_next || is_marker { last } else { last + remarks };
        (header, &section[..end])
    }

    fn all(&self) -> Read {
        self.sections_as_read(|_| true)
    }
}

/// A line that begins or ends the block of sections that awsx keeps for itself.
fn is_marker(line: &str) -> bool {
    line.starts_with("# >>> awsx ") || line.starts_with("# <<< awsx ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::cases;
    use crate::profile::Profiles;

    const A: Target<'_> = Target::Profile("a");
    const N: Target<'_> = Target::Profile("n");

    #[test]
    fn sections_go_with_their_settings_and_nothing_else() {
        for (docs, text, expected) in [
            ("alone", "[profile a]\nk = 1\n", ""),
            ("not there", "[profile b]\nk = 1\n", "[profile b]\nk = 1\n"),
            (
                "between others",
                "[profile b]\nk = 1\n\n[profile a]\nk = 2\n\n[profile c]\n",
                "[profile b]\nk = 1\n\n[profile c]\n",
            ),
            (
                "comments of the next one stay",
                "[profile a]\n# of k\nk = 2\n# of c\n[profile c]\n",
                "# of c\n[profile c]\n",
            ),
            (
                "comments behind a blank line stay",
                "[profile a]\nk = 2\n# k = 3\n\n# about\n\n[profile c]\n",
                "\n# about\n\n[profile c]\n",
            ),
            (
                "markers of a block stay",
                "# >>> awsx x\n[profile a]\nk = 2\n# <<< awsx x\n",
                "# >>> awsx x\n# <<< awsx x\n",
            ),
            (
                "in all spellings, with nested settings and CRLF",
                "[profile a]\r\ns3 =\r\n  x = 1\r\n[b]\r\n[profile \"a\"]\r\nk = 3",
                "[b]\r\n",
            ),
        ] {
            assert_eq!(without_sections(FileKind::Config, text, A).unwrap(), expected, "{docs}");
        }
    }

    #[test]
    fn sections_get_another_name_and_are_copied() {
        let kind = FileKind::Config;
        let text = "# a\n[profile a] # c\nk = 1 # d\n\n# of b\n[profile b]\n[ profile a ]\nl = 2";
        let new = with_other_name(kind, text, A, N).unwrap();
        assert_eq!(
            new,
            "# a\n[profile n] # c\nk = 1 # d\n\n# of b\n[profile b]\n[profile n]\nl = 2"
        );
        let hidden = with_other_name(kind, "[profile a]\n[profile \"a\"]\nk = 1\n", A, N);
        assert!(matches!(hidden, Err(EditError::Meaning)));
        let copy = with_copy(kind, text, A, N).unwrap();
        assert_eq!(copy, format!("{text}\n\n[profile n]\nk = 1 # d\nl = 2\n"));
        let two = Target::Profile("two words");
        let quoted = with_other_name(kind, "[default]\nk = 1\n", Target::Profile("default"), two);
        assert_eq!(quoted.unwrap(), "[profile \"two words\"]\nk = 1\n");
        let credentials = with_other_name(FileKind::Credentials, "[a]\r\n", A, N).unwrap();
        assert_eq!(credentials, "[n]\r\n");
        // What is indented would belong to the key above.
        let torn = "[default]\nk=\n[profile a]\n [default]\n";
        assert!(matches!(without_sections(kind, torn, A), Err(EditError::Meaning)));
        for taken in [with_other_name, with_copy] {
            let found = taken(kind, "[profile a]\n[profile n]\n", A, N);
            assert!(matches!(found, Err(EditError::Taken)));
            assert!(taken(kind, "[profile a]\n", A, Target::Profile("x]\n[y")).is_err());
        }
        let added = with_new_section(kind, "[b]", N, &[("k", "v"), ("l", "w")]).unwrap();
        assert_eq!(added, "[b]\n\n[profile n]\nk = v\nl = w\n");
        assert_eq!(with_new_section(kind, "", N, &[]).unwrap(), "[profile n]\n");
        for (key, value) in [("k", "a # b"), ("k", ""), ("a b", "c"), ("k", "a\nb")] {
            assert!(with_new_section(kind, "", N, &[(key, value)]).is_err(), "{key} {value}");
        }
        assert!(matches!(with_new_section(kind, &added, N, &[]), Err(EditError::Taken)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn nothing_else_changes(
            text in cases::text(),
            name in proptest::sample::select(vec!["default", "a", "b", "c d", "é"]),
        ) {
            let Ok(before) = Profiles::from_texts(&text, "") else { return Ok(()) };
            let (from, kind) = (Target::Profile(name), FileKind::Config);
            let expected = cases::profiles(&before);
            let read = |text: &str| cases::profiles(&Profiles::from_texts(text, "").unwrap());
            let has = expected.contains_key(name);
            match without_sections(kind, &text, from) {
                Err(EditError::Meaning) => {}
                Err(other) => panic!("{other}"),
                Ok(new) => {
                    let mut others = expected.clone();
                    others.remove(name);
                    prop_assert_eq!(read(&new), others);
                }
            }
            match with_other_name(kind, &text, from, N) {
                Err(EditError::Meaning) => {}
                Err(other) => panic!("{other}"),
                Ok(new) => {
                    let read = read(&new);
                    prop_assert!(!read.contains_key(name));
                    prop_assert_eq!(read.contains_key("n"), has);
                    let back = with_other_name(kind, &new, N, from).unwrap();
                    prop_assert_eq!(read.len(), cases::profiles(&Profiles::from_texts(&back, "").unwrap()).len());
                }
            }
            match with_copy(kind, &text, from, N) {
                Err(EditError::Meaning) => {}
                Err(other) => panic!("{other}"),
                Ok(new) => {
                    prop_assert!(new.starts_with(&text));
                    let mut read = read(&new);
                    prop_assert_eq!(read.remove("n"), expected.get(name).cloned());
                    prop_assert_eq!(read, expected);
                }
            }
        }
    }
}
