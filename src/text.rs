//! Small tools for text that more than one room needs.

use std::borrow::Cow;
use std::error::Error;

use chrono::{DateTime, Utc};

/// Lower-case hexadecimal digits. Allocates once, so that no copy of a secret stays behind.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for nibble in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        digits.push(char::from_digit(nibble.into(), 16).expect("a nibble is one digit"));
    }
    digits
}

/// Reads what [`hex`] wrote.
pub(crate) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| Some(char::from(digit).to_digit(16)? as u8);
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let pairs = digits.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    for pair in pairs {
        bytes.push(nibble(pair[0])? << 4 | nibble(pair[1])?);
    }
    Some(bytes)
}

/// The error and its causes. An error says what it wraps, or has it as its source, never both.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", with_causes(cause)),
        None => error.to_string(),
    }
}

/// A name or a path as one word of a command that a person may copy into a POSIX shell: it can hold
/// anything.
pub(crate) fn word(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "_-./@:+%,=".contains(c);
    match name.chars().all(plain) {
        true => name.into(),
        false => format!("'{}'", name.replace('\'', r"'\''")).into(),
    }
}

/// `2026-01-02T03:04:05Z`, as the AWS CLI writes times. A fraction of a second is dropped.
pub(crate) fn utc(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Text from a file or a server with its control characters escaped, so that it cannot steer the
/// terminal. Line ends stay.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n';
    if !text.contains(steers) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match steers(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown.into()
}

/// Text for a place within a sentence of awsx: without blanks around it, and with blanks instead of
/// control characters. A line of its own could pass for awsx's words.
pub(crate) fn one_line(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The words of a command line, as Python's `shlex.split` finds them, which the AWS CLI uses; none if
/// a quote is left open or the last character is a backslash.
///
/// Single quotes keep everything, double quotes all but `\"` and `\\`; a backslash outside of quotes
/// keeps the next character. Nothing is expanded.
pub(crate) fn shell_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if matches!(c, ' ' | '\t' | '\r' | '\n') {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_default();
        match c {
            '\\' => word.push(rest.next()?),
            '\'' | '"' => loop {
                match rest.next()? {
                    end if end == c => break,
                    '\\' if c == '"' => match rest.next()? {
                        escaped @ ('"' | '\\') => word.push(escaped),
                        other => word.extend(['\\', other]),
                    },
                    other => word.push(other),
                }
            },
            other => word.push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_back() {
        assert_eq!(hex(&[0, 0x0f, 0xa5, 0xff]), "000fa5ff");
        assert_eq!(unhex("000fa5ff"), Some(vec![0, 0x0f, 0xa5, 0xff]));
        assert_eq!((unhex("0"), unhex("zz")), (None, None));
    }

    #[test]
    fn command_lines_are_split_like_shlex() {
        for (line, expected) in [
            ("", ""),
            ("  ", ""),
            ("a  b\tc\n", "a|b|c"),
            (r#"a 'b c' "d e""#, "a|b c|d e"),
            (r"a\ b", "a b"),
            (r"'a\b'", r"a\b"),
            ("'a \"b'", "a \"b"),
            (r#""a\b""#, r"a\b"),
            (r#""a\"b\\c\d""#, r#"a"b\c\d"#),
            (r#"a""b'c'"#, "abc"),
            ("'' x", "|x"),
            ("x ''", "x|"),
            ("$HOME `x` ~ # * a|b", "$HOME|`x`|~|#|*|a|b"),
            (r"a\", "unbalanced"),
            ("'a", "unbalanced"),
            (r#""a\""#, "unbalanced"),
        ] {
            let words = shell_words(line).map_or("unbalanced".into(), |words| words.join("|"));
            assert_eq!(words, expected, "{line}");
        }
    }

    #[test]
    fn nothing_steers_the_terminal() {
        for (text, escaped, blanks) in [
            ("dev", "dev", "dev"),
            ("ünï 🔑", "ünï 🔑", "ünï 🔑"),
            (" two\nlines\n", " two\nlines\n", "two lines"),
            ("\u{1b}[2Jclear", "\\u{1b}[2Jclear", " [2Jclear"),
            ("back\rover", "back\\rover", "back over"),
            ("a\u{9b}2J\nd\r", "a\\u{9b}2J\nd\\r", "a 2J d"),
            ("a\u{1b}]0;x\u{7}b\n", "a\\u{1b}]0;x\\u{7}b\n", "a ]0;x b"),
        ] {
            assert_eq!(printable(text), escaped);
            assert_eq!(one_line(text), blanks);
        }
    }
}
