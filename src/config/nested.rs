//! Settings below another one: `max_queue_size = 10` on an indented line below `s3 =`.
//! <https://docs.aws.amazon.com/cli/latest/topic/s3-config.html>

use super::edit::{EditError, ParsedText, Target, join, refuse};
use crate::profile::{FileKind, is_portable_name};

/// What the AWS CLI indents such lines by.
const INDENT: &str = "    ";

/// The text with `nested = value` below `key =` in the section: replaces the value that it has, adds a line below the
/// last of that key, the key behind the section's last setting, or the section at the end of the file.
pub fn with_nested_setting(
    kind: FileKind,
    text: &str,
    target: Target<'_>,
    (key, nested): (&str, &str),
    value: &str,
) -> Result<String, EditError> {
    refuse(target, key, value)?;
    if !is_portable_name(nested) {
        return Err(EditError::Key);
    }
    let file = ParsedText::read(kind, text)?;
    let line = format!("{INDENT}{nested} = {value}");
    let both = || format!("{key} ={}{line}", file.ending());
    let new = match (file.entry_of(target, key), file.sections(target).last()) {
        (Some(entry), _) if !file.can_have_children(entry) => {
            return Err(EditError::HasValue { line: entry.line });
        }
        (Some(entry), _) => {
            let is_meant = |(_, key, _): &(u32, &str, _)| key.eq_ignore_ascii_case(nested);
            let all: Vec<_> = file.children(entry).collect();
            match all.iter().rfind(|child| is_meant(child)) {
                Some((number, _, old)) => {
                    let (above, below) = file.lines.split_at(*number as usize);
                    // The remark is a part of the value here, to every tool.
                    let bare = without_remark(&text[old.clone()]);
                    let old = old.start..old.start + bare.len();
                    file.with_value_at(above, old, value) + &join(below)
                }
                None => {
                    let last = all.last().map_or(entry.line, |(number, ..)| *number);
                    add_below(&file, entry.value.range(), entry.line, last, (nested, value))
                }
            }
        }
        (None, Some(section)) => file.with_line(section, &both())?,
        (None, None) => file.with_section(target, &both()),
    };
    let edited = ParsedText::read_new(kind, &new)?;
    let entry = edited.entry_of(target, key).ok_or(EditError::Name)?;
    let children = edited.children(entry).filter(|(_, key, _)| key.eq_ignore_ascii_case(nested));
    match children.last() {
        Some((.., found)) if &new[found.clone()] == value => Ok(new),
        _ => Err(EditError::Value),
    }
}

/// The text with a line below the one with this number, which is as far indented.
fn add_below(
    file: &ParsedText<'_>,
    of_key: std::ops::Range<usize>,
    key_line: u32,
    last: u32,
    (nested, value): (&str, &str),
) -> String {
    let (above, below) = file.lines.split_at(last as usize);
    // A remark behind `s3 =` would be its value to the AWS CLI.
    let (head, rest) = above.split_at(key_line as usize);
    let mut new = file.with_value_at(head, of_key, "") + &join(rest);
    let indent = match above.last() {
        Some(line) if last > key_line => {
            &line.text[..line.text.len() - line.text.trim_start().len()]
        }
        Some(line) => {
            let own = line.text.len() - line.text.trim_start().len();
            &format!("{}{INDENT}", &line.text[..own])
        }
        None => INDENT,
    };
    let ending = file.ending();
    let is_open = !new.ends_with(['\n', '\r']);
    let line = [indent, nested, " = ", value];
    match is_open {
        true => new.extend([ending].into_iter().chain(line)),
        false => new.extend(line.into_iter().chain([ending])),
    }
    new + &join(below)
}

/// The value up to ` #` or ` ;`.
fn without_remark(value: &str) -> &str {
    let remark = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| value.find(mark)).min();
    value[..remark.unwrap_or(value.len())].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profiles;

    #[test]
    fn settings_below_others_are_replaced_and_added() {
        for (docs, text, expected) in [
            ("an empty file", "", "[profile a]\ns3 =\n    max = 10\n"),
            ("a new key", "[profile a]\nk = 1\n", "[profile a]\nk = 1\ns3 =\n    max = 10\n"),
            ("CRLF", "[profile a]\r\nk = 1", "[profile a]\r\nk = 1\r\ns3 =\r\n    max = 10"),
            (
                "the value alone",
                "[profile a]\ns3=\n\tother = 1\n\tMAX=5  \n\tmore = 2\n",
                "[profile a]\ns3=\n\tother = 1\n\tMAX=10  \n\tmore = 2\n",
            ),
            (
                "below the last, as far indented",
                "[profile a]\ns3 =\n  other = 1\nk = 2\n",
                "[profile a]\ns3 =\n  other = 1\n  max = 10\nk = 2\n",
            ),
            (
                "the first one",
                "[profile a]\n s3 =\n k = 2\n",
                "[profile a]\n s3 =\n     max = 10\n k = 2\n",
            ),
            (
                "remarks move above",
                "[profile a]\ns3 = # of s3\n",
                "[profile a]\n# of s3\ns3 =\n    max = 10\n",
            ),
            (
                "those of nested settings too",
                "[profile a]\ns3 =\n  max = 5 # queue\n",
                "[profile a]\ns3 =\n# queue\n  max = 10\n",
            ),
            (
                "comments among them stay",
                "[profile a]\ns3 =\n  # c\n  other = 1\n\n# d\n",
                "[profile a]\ns3 =\n  # c\n  other = 1\n  max = 10\n\n# d\n",
            ),
            (
                "no last line end",
                "[profile a]\ns3 =\n  other = 1",
                "[profile a]\ns3 =\n  other = 1\n  max = 10",
            ),
        ] {
            let set = |text: &str| {
                let target = Target::Profile("a");
                with_nested_setting(FileKind::Config, text, target, ("s3", "max"), "10")
            };
            let new = set(text).map_err(|error| format!("{docs}: {error}")).unwrap();
            assert_eq!(new, expected, "{docs}");
            assert_eq!(set(&new).unwrap(), expected, "{docs}");
            let profiles = Profiles::from_texts(&new, "").unwrap();
            let nested = &profiles.as_written("a").unwrap().get("s3").unwrap().nested.clone();
            let found = nested.iter().rfind(|found| found.key.eq_ignore_ascii_case("max"));
            assert_eq!(found.map(|found| &*found.value), Some("10"), "{docs}");
        }
    }

    #[test]
    fn services_have_nested_settings_of_their_own() {
        let set = |text: &str| {
            let key = ("sts", "endpoint_url");
            with_nested_setting(FileKind::Config, text, Target::Services("x"), key, "http://h:1")
        };
        let new = set("[services x]\ns3 =\n  endpoint_url = http://s\n").unwrap();
        let expected =
            "[services x]\ns3 =\n  endpoint_url = http://s\nsts =\n    endpoint_url = http://h:1\n";
        assert_eq!(new, expected);
        assert!(matches!(set("[services x]\nsts = v\n"), Err(EditError::HasValue { line: 2 })));
        for (key, value) in [("a b", "v"), ("a", ""), ("a", "x\ny"), ("a", " x")] {
            let target = Target::Profile("a");
            assert!(
                with_nested_setting(FileKind::Config, "", target, ("s3", key), value).is_err(),
                "{key}, {value}"
            );
        }
    }
}
