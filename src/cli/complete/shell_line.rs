//! The line up to the cursor, as each shell gives it.

use std::borrow::Cow;

use super::bash_line;
use super::line::{Line, Stays};
use crate::shell::Shell;

/// From the words up to the cursor; for bash, which takes words apart at other places than it does for a command, the
/// text that it will replace, the line, and what it takes for words.
pub(super) fn read_line(shell: Shell, given: &[Cow<'_, str>]) -> Option<Line> {
    let line = match (shell, given) {
        (Shell::Bash, [text, line, words @ ..]) => bash_line::read(text, line, words),
        (Shell::Bash, _) => return None,
        (_, words) => Line {
            words: words
                .iter()
                .map(|word| match shell {
                    Shell::Nushell => unquote(word),
                    _ => word.clone().into_owned(),
                })
                .collect(),
            places: (0..words.len()).collect(),
            stays: Stays::default(),
        },
    };
    without_assignments(line)
}

/// A word as it is typed in Nushell, whose quotes may still be open.
/// <https://www.nushell.sh/book/working_with_strings.html>
fn unquote(word: &str) -> String {
    let Some(quote @ ('"' | '\'' | '`')) = word.chars().next() else { return word.to_owned() };
    let inner = &word[1..];
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    match quote {
        '"' => inner.replace("\\\"", "\"").replace(r"\\", r"\"),
        _ => inner.to_owned(),
    }
}

/// `NAME=value awsx …` is about awsx.
fn without_assignments(mut line: Line) -> Option<Line> {
    let start = line.words.iter().position(|word| !word.contains('='))?;
    line.words.drain(..start);
    line.places.drain(..start);
    (line.words.len() > 1).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_behind_assignments() {
        let given = ["A=1", "awsx", "exec", ""].map(Cow::from);
        let line = read_line(Shell::Fish, &given).unwrap();
        assert_eq!(line.words, ["awsx", "exec", ""]);
        assert_eq!(line.places, [1, 2, 3]);
        for given in [&["awsx"][..], &["A=1"], &[]] {
            let given: Vec<_> = given.iter().copied().map(Cow::from).collect();
            assert_eq!(read_line(Shell::Zsh, &given), None);
        }
        assert_eq!(read_line(Shell::Bash, &["x".into()]), None);
    }

    #[test]
    fn quotes_of_nushell_are_taken_off() {
        for (typed, expected) in [
            ("plain", "plain"),
            ("\"it's odd\"", "it's odd"),
            ("\"it's", "it's"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            ("'my p", "my p"),
            ("`a b`", "a b"),
            ("\"", ""),
            ("", ""),
        ] {
            let given = ["awsx", "use", typed].map(Cow::from);
            let line = read_line(Shell::Nushell, &given).unwrap();
            assert_eq!(line.words[2], expected, "{typed}");
        }
    }
}
