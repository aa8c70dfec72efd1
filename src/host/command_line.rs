//! Splits a command line into words as the AWS CLI does, without a shell: nothing in it is expanded
//! and nothing can be injected. Everywhere but on Windows by Python's `shlex` rules, on Windows by
//! those of the C runtime.

use crate::text::shell_words;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quote is not closed, or the last character is a backslash")]
pub(super) struct Unbalanced;

pub(super) fn words(line: &str) -> Result<Vec<String>, Unbalanced> {
    let words = if cfg!(windows) { windows_words(line) } else { shell_words(line) };
    words.ok_or(Unbalanced)
}

/// `CommandLineToArgvW`: double quotes only, and backslashes are special before one only,
/// <https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments>
fn windows_words(line: &str) -> Option<Vec<String>> {
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
    (!quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_command_lines_are_split_like_the_c_runtime() {
        for (line, expected) in [
            (r"C:\tools\get.exe --x", r"C:\tools\get.exe|--x"),
            (r#""C:\Program Files\x.exe" a"#, r"C:\Program Files\x.exe|a"),
            (r#"a\"b"#, r#"a"b"#),
            (r#""a\\" b"#, r"a\|b"),
            (r#""a\\\" b""#, r#"a\" b"#),
            ("'a b'", "'a|b'"),
            (r#""a"#, "unbalanced"),
        ] {
            let words = windows_words(line).map_or("unbalanced".into(), |words| words.join("|"));
            assert_eq!(words, expected, "{line}");
        }
    }
}
