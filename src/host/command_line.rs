//! Splits a command line into words as the AWS CLI does, without a shell: nothing in it is expanded
//! and nothing can be injected. Everywhere but on Windows by Python's `shlex` rules, on Windows by
//! those of the C runtime.

/// A quote is not closed, or a backslash ends the line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quote is not closed, or the last character is a backslash")]
pub(super) struct Unbalanced;

/// The words of a command line by the rules of this operating system.
pub(super) fn words(line: &str) -> Result<Vec<String>, Unbalanced> {
    if cfg!(windows) { windows_words(line) } else { posix_words(line) }
}

/// `shlex.split`: single quotes keep everything, double quotes keep all but `\"` and `\\`, a
/// backslash outside quotes keeps the next character.
fn posix_words(line: &str) -> Result<Vec<String>, Unbalanced> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c.is_ascii_whitespace() {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_default();
        match c {
            '\\' => word.push(rest.next().ok_or(Unbalanced)?),
            '\'' | '"' => loop {
                match rest.next().ok_or(Unbalanced)? {
                    end if end == c => break,
                    '\\' if c == '"' => match rest.next().ok_or(Unbalanced)? {
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
    Ok(words)
}

/// `CommandLineToArgvW`: double quotes only, and backslashes are special before one only,
/// <https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments>
fn windows_words(line: &str) -> Result<Vec<String>, Unbalanced> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if matches!(c, ' ' | '\t') && !quoted {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_default();
        match c {
            '"' => quoted = !quoted,
            '\\' => {
                let mut backslashes = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    backslashes += 1;
                }
                if rest.peek() == Some(&'"') {
                    word.extend(std::iter::repeat_n('\\', backslashes / 2));
                    if backslashes % 2 == 1 {
                        word.extend(rest.next());
                    }
                } else {
                    word.extend(std::iter::repeat_n('\\', backslashes));
                }
            }
            other => word.push(other),
        }
    }
    words.extend(word);
    if quoted { Err(Unbalanced) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(words: Result<Vec<String>, Unbalanced>) -> String {
        words.map_or("unbalanced".into(), |words| words.join("|"))
    }

    #[test]
    fn posix() {
        for (line, expected) in [
            ("", ""),
            ("  ", ""),
            ("a  b\tc\n", "a|b|c"),
            (r#"a 'b c' "d e""#, "a|b c|d e"),
            (r"a\ b", "a b"),
            (r"'a\b'", r"a\b"),
            (r#""a\b""#, r"a\b"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (r#"a""b'c'"#, "abc"),
            ("'' x", "|x"),
            ("$HOME `x` ~ # * a|b", "$HOME|`x`|~|#|*|a|b"),
            (r"a\", "unbalanced"),
            ("'a", "unbalanced"),
            (r#""a\""#, "unbalanced"),
        ] {
            assert_eq!(shown(posix_words(line)), expected, "{line}");
        }
    }

    #[test]
    fn windows() {
        for (line, expected) in [
            (r"C:\tools\get.exe --x", r"C:\tools\get.exe|--x"),
            (r#""C:\Program Files\x.exe" a"#, r"C:\Program Files\x.exe|a"),
            (r#"a\"b"#, r#"a"b"#),
            (r#""a\\" b"#, r"a\|b"),
            (r#""a\\\" b""#, r#"a\" b"#),
            ("'a b'", "'a|b'"),
            (r#""a"#, "unbalanced"),
        ] {
            assert_eq!(shown(windows_words(line)), expected, "{line}");
        }
    }
}
