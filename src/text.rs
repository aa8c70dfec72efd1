//! Small tools for text that more than one room needs.

mod colour;
#[cfg(test)]
pub(crate) mod contrast;
mod glob;
pub(crate) mod moment;
mod random;
mod words;
mod wrap;

use std::borrow::Cow;
use std::error::Error;
use std::path::Path;

use chrono::{DateTime, Utc};

pub(crate) use colour::{Colour, Look, Palette};
pub(crate) use glob::Glob;
pub(crate) use random::{random, random_word};
pub(crate) use words::{Words, name};
pub(crate) use wrap::wrap;

/// The target of events that `-v` leaves out and `-vv` shows. Their level is `info`: a release has no events below it,
/// since those of the libraries are never shown and would be a part of its size.
pub(crate) const DETAIL: &str = "awsx::detail";

/// Whether a program is awsx, by its name: where it is does not matter.
pub(crate) fn is_awsx(program: &Path) -> bool {
    program.file_stem().is_some_and(|name| name == env!("CARGO_PKG_NAME"))
}

/// Lower-case hexadecimal digits. Allocates once, so that no copy of a secret stays behind.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for nibble in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        digits.push(char::from_digit(nibble.into(), 16).expect("a nibble is one digit"));
    }
    digits
}

/// A round number of bytes for a person: `64 KiB`.
pub(crate) fn size_in_words(bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    match bytes {
        whole if whole >= MIB && whole % MIB == 0 => format!("{} MiB", whole / MIB),
        whole if whole >= KIB && whole % KIB == 0 => format!("{} KiB", whole / KIB),
        bytes => format!("{bytes} bytes"),
    }
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
pub fn word(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "_-./@:+%,=".contains(c);
    match name.chars().all(plain) {
        true => name.into(),
        false => format!("'{}'", name.replace('\'', r"'\''")).into(),
    }
}

/// How a variable is taken away, in a hint: the shells of Windows have no word for it in common.
pub(crate) fn unset(variable: &str) -> String {
    match cfg!(windows) {
        true => format!("unset {variable}"),
        false => format!("`unset {variable}`"),
    }
}

/// `2026-01-02T03:04:05Z`, as the AWS CLI writes times. A fraction of a second is dropped.
pub(crate) fn utc(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A sentence with `~` for the home directory at the start of paths; not within quotes, where no shell expands
/// it, and not of Windows' paths, because `cmd` expands none.
pub(crate) fn abbreviate<'t>(text: &'t str, home: Option<&Path>) -> Cow<'t, str> {
    let Some(home) = home.and_then(Path::to_str).filter(|home| !home.is_empty() && *home != "/")
    else {
        return text.into();
    };
    let (mut short, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(home) {
        let (before, path) = rest.split_at(at);
        let behind = &path[home.len()..];
        let begins = before.ends_with([' ', '(', '`']) || (before.is_empty() && short.is_empty());
        short.push_str(before);
        short.push_str(if begins && behind.starts_with('/') { "~" } else { home });
        rest = behind;
    }
    if short.is_empty() { text.into() } else { (short + rest).into() }
}

/// Text from a file or a server with its control characters escaped, so that it cannot steer the
/// terminal. Line ends stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_odd = |c: char| steers(c) && c != '\n';
    if is_plain(text) || !text.contains(is_odd) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_odd(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown.into()
}

/// A JSON document with every character that could steer the terminal escaped as JSON has it.
pub(crate) fn printable_json(document: &str) -> Cow<'_, str> {
    let is_odd = |c: char| steers(c) && !c.is_ascii_whitespace();
    if is_plain(document) || !document.contains(is_odd) {
        return document.into();
    }
    let mut shown = String::with_capacity(document.len());
    for c in document.chars() {
        match is_odd(c) {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                shown.push_str(&format!("\\u{unit:04x}"));
            }),
            false => shown.push(c),
        }
    }
    shown.into()
}

/// Whether there is a control character, of C0 or C1.
pub(crate) fn has_control(text: &str) -> bool {
    !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text.contains(char::is_control)
}

/// Nearly all text is, and can be seen to be at many times the speed.
fn is_plain(text: &str) -> bool {
    // Without an end within a stretch, so that its bytes are looked at together.
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
    text.as_bytes().chunks(64).all(|bytes| bytes.iter().fold(true, |all, b| all & is_plain(b)))
}

/// Whether a character moves the cursor, or changes how others are shown: controls, and Unicode's format
/// characters (Cf), line and paragraph separators (Zl, Zp).
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// The characters of somebody else's words that a sentence has room for.
const WORDS: usize = 500;

/// Somebody else's words for a place within a sentence of awsx: not too many, without blanks around them,
/// and with blanks instead of control characters. A line of its own could pass for awsx's words.
pub(crate) fn one_line(text: &str) -> String {
    let mut rest = text.trim().chars();
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = rest.by_ref().take(WORDS).map(blank).collect();
    if rest.next().is_some() {
        line.push('…');
    }
    line
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

/// What in a command line only a shell can mean, if there is something: an operator or a redirection that
/// stands alone, a variable or a home directory that begins a word, a variable that is set before the
/// program. Not what is quoted, and not what may be meant literally, such as the `&` of a URL.
pub(crate) fn needs_shell(line: &str) -> Option<&'static str> {
    let words = raw_words(line);
    let name_end = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let is_name = |text: &str| {
        !text.is_empty()
            && !text.starts_with(|c: char| c.is_ascii_digit())
            && !text.contains(name_end)
    };
    let sets =
        words.first().and_then(|first| first.split_once('=')).is_some_and(|(n, _)| is_name(n));
    if sets {
        return Some("NAME=…");
    }
    words.iter().find_map(|word| {
        let bare = word.strip_prefix('"').unwrap_or(word);
        let variable = bare.strip_prefix('$').and_then(|rest| rest.chars().next());
        match *word {
            "|" | "||" => Some("|"),
            "&" | "&&" => Some("&&"),
            ";" => Some(";"),
            "~" => Some("~"),
            word if word.starts_with("~/") => Some("~"),
            word if word.starts_with('`') => Some("`"),
            word if word.trim_start_matches(['1', '2']).starts_with(['>', '<']) => Some(">"),
            word if word.len() > 1 && word.ends_with(';') && !word.ends_with("\\;") => Some(";"),
            _ if variable.is_some_and(|c| c.is_ascii_alphabetic() || "_({".contains(c)) => {
                Some("$")
            }
            _ => None,
        }
    })
}

/// The words of a command line as they are written, quotes and all.
fn raw_words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut quote, mut is_escaped) = (None, None, false);
    for (at, c) in line.char_indices() {
        match (quote, c) {
            _ if is_escaped => is_escaped = false,
            (None | Some('"'), '\\') => is_escaped = true,
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ' | '\t' | '\r' | '\n') => {
                words.extend(start.take().map(|start| &line[start..at]));
                continue;
            }
            _ => {}
        }
        start = start.or(Some(at));
    }
    words.extend(start.map(|start| &line[start..]));
    words
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
    fn lines_that_only_a_shell_can_mean() {
        for (line, expected) in [
            ("/opt/bin/get --json", None),
            ("get --url https://x/?a=1&b=2", None),
            ("get --password pa$word", None),
            ("get a|b", None),
            ("get 'a | b' \"c && d\"", None),
            ("get --filter='x > 1'", None),
            ("get a\\ |", None),
            ("get '$HOME' '~'", None),
            ("get $5", None),
            ("sh -c 'a | b'", None),
            ("get --set A=b", None),
            ("get | jq .", Some("|")),
            ("get || other", Some("|")),
            ("cd /x && get", Some("&&")),
            ("cd /x; get", Some(";")),
            ("get 2>/dev/null", Some(">")),
            ("get > file", Some(">")),
            ("get <file", Some(">")),
            ("~/bin/get", Some("~")),
            ("get ~", Some("~")),
            ("$HOME/bin/get", Some("$")),
            ("\"$HOME/bin/get\" x", Some("$")),
            ("${X} y", Some("$")),
            ("get $(cat file)", Some("$")),
            ("get `cat file`", Some("`")),
            ("AWS_PROFILE=x get", Some("NAME=…")),
        ] {
            assert_eq!(needs_shell(line), expected, "{line}");
        }
    }

    #[test]
    fn paths_begin_at_home() {
        for (text, expected) in [
            ("/h/.aws/config:3: no", "~/.aws/config:3: no"),
            ("in neither /h/a nor /h/b (/h/c)", "in neither ~/a nor ~/b (~/c)"),
            ("run `chmod u+w /h/a`", "run `chmod u+w ~/a`"),
            ("`/h/bin/x` failed", "`~/bin/x` failed"),
            ("rm '/h/a b'", "rm '/h/a b'"),
            ("/hh/a /x/h/a /h", "/hh/a /x/h/a /h"),
            ("no path", "no path"),
        ] {
            assert_eq!(abbreviate(text, Some(Path::new("/h"))), expected);
        }
        assert_eq!(abbreviate("/a", Some(Path::new("/"))), "/a");
        assert_eq!(abbreviate("/a", None), "/a");
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
            // Whoever shows a line escapes what is left.
            ("a\u{202e}b", "a\\u{202e}b", "a\u{202e}b"),
            ("a\u{2028}b\u{2066}", "a\\u{2028}b\\u{2066}", "a\u{2028}b\u{2066}"),
            ("\u{feff}a\u{e0041}", "\\u{feff}a\\u{e0041}", "\u{feff}a\u{e0041}"),
        ] {
            assert_eq!(printable(text), escaped);
            assert_eq!(one_line(text), blanks);
        }
    }

    #[test]
    fn json_stays_the_same_document() {
        for text in ["dev", "ü \n \t", "\u{1b}[2J", "a\u{9b}\u{7f}b", "\u{202e}", "\u{e0041}🔑"]
        {
            let document = serde_json::to_string_pretty(&[text]).unwrap();
            let shown = printable_json(&document);
            assert!(!shown.contains(|c: char| steers(c) && c != '\n'), "{shown}");
            assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [text]);
        }
    }

    #[test]
    fn words_end() {
        let long = "ü".repeat(501);
        assert_eq!(one_line(&long), format!("{}…", "ü".repeat(500)));
        assert_eq!(one_line(&long[2..]), long[2..]);
    }
}
