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
        (Shell::Zsh | Shell::Fish, words) => Line {
            words: words.iter().map(|word| word.clone().into_owned()).collect(),
            places: (0..words.len()).collect(),
            stays: Stays::default(),
        },
    };
    without_assignments(line)
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
}
