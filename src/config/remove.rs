//! Takes settings out of an AWS file's text: their lines go, every other byte stays, and means what it meant.

use super::edit::{EditError, ParsedText, Target, indent, is_telling, join};
use super::line::Line;
use crate::profile::{FileKind, Setting};

/// A setting that is to go, if it has this value.
#[derive(Clone, Copy)]
pub(crate) struct Unwanted<'a> {
    pub profile: &'a str,
    pub key: &'a str,
    pub value: &'a str,
}

/// A line that was taken out.
pub(crate) struct RemovedLine {
    pub profile: String,
    /// In the text before, counted from 1
    pub number: u32,
    /// With its end
    pub text: String,
}

/// The text without the lines of these settings, however often they stand there and however the section is
/// spelled; and those lines.
pub(crate) fn without_settings(
    kind: FileKind,
    text: &str,
    settings: &[Unwanted<'_>],
) -> Result<(String, Vec<RemovedLine>), EditError> {
    let before = ParsedText::read(kind, text)?;
    let mut unwanted: Vec<(u32, &str)> = Vec::new();
    for Unwanted { profile, key, value } in settings {
        let is_it = |k: &str, v: &str| k.eq_ignore_ascii_case(key) && v == *value;
        let lines = before.lines_of(Target::Profile(profile), is_it);
        unwanted.extend(lines.into_iter().map(|number| (number, *profile)));
    }
    let profile_of = |number: u32| unwanted.iter().find(|(line, _)| *line == number);
    if let Some(line) = unwanted.iter().find_map(|(number, _)| line_below(&before, *number)) {
        return Err(EditError::IndentedBelow { line });
    }
    let is_kept = |number: u32| profile_of(number).is_none();
    let new = join(before.lines.iter().filter(|line| is_kept(line.number)));
    let after = ParsedText::read_new(kind, &new)?;
    if !is_same(&before.sections_as_read(is_kept), &after.sections_as_read(|_| true)) {
        return Err(EditError::Meaning);
    }
    let removed = before.lines.iter().filter_map(|line| {
        let (number, profile) = profile_of(line.number)?;
        let text = [line.text, line.ending].concat();
        Some(RemovedLine { profile: (*profile).to_owned(), number: *number, text })
    });
    Ok((new, removed.collect()))
}

/// The text with the lines put back where they stood.
pub(crate) fn with_lines(text: &str, removed: &[(u32, &str)]) -> String {
    let mut rest = super::line::lines(text).peekable();
    let (mut new, mut number) = (String::new(), 1);
    loop {
        match removed.iter().find(|(at, _)| *at == number) {
            Some((_, line)) => new.push_str(line),
            None => match rest.next() {
                Some(line) => new.extend([line.text, line.ending]),
                None => return new,
            },
        }
        number += 1;
    }
}

/// A line that is indented below this one and says something: it would belong to another.
pub(super) fn line_below(text: &ParsedText<'_>, number: u32) -> Option<u32> {
    let (above, below) = text.lines.split_at(number as usize);
    let outer = above.last().map_or(0, |own| indent(own.text));
    let is_below = |line: &&Line<'_>| !line.text.trim().is_empty() && indent(line.text) > outer;
    // Comments in column 1 end nothing, for the SDKs.
    let next = below.iter().find(|line| is_below(line) || is_telling(line.text))?;
    is_below(&next).then_some(next.number)
}

pub(super) type Read = Vec<(String, Vec<Setting>)>;

pub(super) fn is_same(before: &Read, after: &Read) -> bool {
    fn settings(a: &[Setting], b: &[Setting]) -> bool {
        let is_same = |(a, b): (&Setting, &Setting)| {
            a.key == b.key && a.value == b.value && settings(&a.nested, &b.nested)
        };
        a.len() == b.len() && a.iter().zip(b).all(is_same)
    }
    before.len() == after.len()
        && before.iter().zip(after).all(|(a, b)| a.0 == b.0 && settings(&a.1, &b.1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::cases;
    use crate::profile::Profiles;

    const KEYS: [(&str, &str); 2] =
        [("aws_access_key_id", "AKIA"), ("aws_secret_access_key", "s+1/x")];

    fn take(text: &str, name: &str) -> Result<(String, Vec<RemovedLine>), EditError> {
        let unwanted = KEYS.map(|(key, value)| Unwanted { profile: name, key, value });
        without_settings(FileKind::Credentials, text, &unwanted)
    }

    #[test]
    fn the_lines_of_two_settings_go_and_nothing_else() {
        for (docs, text, expected) in [
            (
                "the usual",
                "[a]\naws_access_key_id = AKIA\naws_secret_access_key = s+1/x\nregion = x\n",
                "[a]\nregion = x\n",
            ),
            (
                "the header stays, and comments",
                "# mine\n[a] # of work\n# key\naws_access_key_id=AKIA\n\naws_secret_access_key\t=\ts+1/x\n",
                "# mine\n[a] # of work\n# key\n\n",
            ),
            ("CRLF", "[a]\r\naws_access_key_id = AKIA\r\nx = y\r\n", "[a]\r\nx = y\r\n"),
            ("no last line end", "[a]\nx = y\naws_secret_access_key = s+1/x", "[a]\nx = y\n"),
            (
                "twice, and in capitals",
                "[a]\nAWS_ACCESS_KEY_ID = AKIA\naws_access_key_id = AKIA\n[b]\nx = y\n[a]\naws_access_key_id = AKIA\n",
                "[a]\n[b]\nx = y\n[a]\n",
            ),
            (
                "those of others, and with another value",
                "[b]\naws_access_key_id = AKIA\n[a]\naws_access_key_id = AKIB\n",
                "[b]\naws_access_key_id = AKIA\n[a]\naws_access_key_id = AKIB\n",
            ),
            (
                "a comment behind the value, and indented lines",
                "[a]\n  aws_access_key_id = AKIA # c\n  region = x\n",
                "[a]\n  region = x\n",
            ),
            ("a blank line below", "[a]\naws_access_key_id = AKIA\n\n[b]\n", "[a]\n\n[b]\n"),
            ("é", "[é]\nx = y\n[a]\naws_access_key_id = AKIA\n# é\n", "[é]\nx = y\n[a]\n# é\n"),
        ] {
            let (new, removed) =
                take(text, "a").map_err(|error| format!("{docs}: {error}")).unwrap();
            assert_eq!(new, expected, "{docs}");
            let removed: Vec<_> = removed.iter().map(|line| (line.number, &*line.text)).collect();
            assert_eq!(with_lines(&new, &removed), text, "{docs}");
        }
        for (docs, text, line) in [
            (
                "a comment that would be another's",
                "[a]\naws_access_key_id = AKIA\n  # c\nx = y\n",
                3,
            ),
            ("behind one of column 1", "[a]\naws_access_key_id = AKIA\n# c\n\n  ; d\n", 5),
            ("a header that is none", "[a]\naws_access_key_id = AKIA\n\n [b]\nx = y\n", 4),
        ] {
            match take(text, "a") {
                Err(EditError::IndentedBelow { line: found }) => assert_eq!(found, line, "{docs}"),
                // The value is another one.
                Ok((new, _)) => assert_eq!(new, text, "{docs}"),
                Err(other) => panic!("{docs}: {other}"),
            }
        }
    }

    /// A credentials file as people have them, with the keys in some of its sections.
    fn credentials() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            4 => Just("aws_access_key_id = AKIA"),
            4 => Just("aws_secret_access_key = s+1/x"),
            1 => Just("AWS_Access_Key_ID=AKIA"),
            1 => Just("aws_secret_access_key:s+1/x"),
            1 => Just("aws_access_key_id = AKIA ; old"),
            1 => Just("  aws_secret_access_key = s+1/x"),
            1 => Just("aws_access_key_id = AKIAOTHER"),
            1 => Just("aws_session_token = tok+en=="),
            2 => Just("region = eu-west-1"),
            1 => Just("# kommentar äöü 日本"),
            1 => Just("  ; indented"),
            1 => Just("\t# tab"),
            1 => Just(""),
            1 => Just("   "),
            1 => Just("s3 ="),
            1 => Just("  max_queue_size = 10"),
            1 => Just("output = json # behind"),
        ];
        let header = prop_oneof![
            3 => Just("[a]"),
            1 => Just("[default]"),
            1 => Just("[ a ]"),
            1 => Just("[a] # c"),
            1 => Just("[b-long-term]"),
            1 => Just("[ä/b]"),
            1 => Just("[\"a\"]"),
            1 => Just(" [a]"),
        ];
        let section = (header, proptest::collection::vec(line, 0..8))
            .prop_map(|(header, lines)| [vec![header], lines].concat());
        let ending = prop_oneof![3 => Just("\n"), 1 => Just("\r\n")];
        let sections = proptest::collection::vec(section, 1..6);
        (proptest::bool::ANY, sections, ending, proptest::bool::ANY).prop_map(
            |(bom, sections, ending, ends)| {
                let text = sections.concat().join(ending);
                let (bom, end) =
                    (if bom { "\u{feff}" } else { "" }, if ends { ending } else { "" });
                format!("{bom}{text}{end}")
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, max_global_rejects: 100_000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn every_other_byte_stays_and_is_read_as_before(text in credentials()) {
            let Ok((new, removed)) = take(&text, "a") else { return Err(TestCaseError::reject("refused")) };
            let profiles = Profiles::from_texts("", &text).unwrap();
            let is_clear = |(key, _): &(&str, &str)| {
                let profile = profiles.as_written("a");
                profile.is_some_and(|profile| profile.contradiction(key).is_none())
            };
            // The SDK reads two spellings of one name in no order.
            prop_assume!(!(text.contains("[ a ]") && text.contains("[a]")));
            prop_assume!(!removed.is_empty() && KEYS.iter().all(is_clear));
            let lines: Vec<_> = removed.iter().map(|line| (line.number, &*line.text)).collect();
            prop_assert_eq!(with_lines(&new, &lines), &text[..]);
            for line in &removed {
                let line = line.text.to_lowercase();
                prop_assert!(line.contains("akia") || line.contains("s+1/x"), "{:?}", line);
            }
            let (before, after) = (cases::without(&text, "a", &KEYS), cases::read(&new));
            prop_assert_eq!(before.1, after.1);
            // What the SDK rejected it may read now.
            prop_assert!(before.0.is_none() || before.0 == after.0, "{:?} {:?}", before.0, after.0);
        }
    }
}
