//! A line as bash gives it: as it was typed, quotes and all. For completion bash takes words apart at `:` and `=` too, and
//! replaces no more than the last part.

use std::borrow::Cow;

use super::line::{Line, Stays};

/// A word as a command gets it.
#[derive(Debug, Default)]
struct Word {
    value: String,
    /// Where it begins in the line, in bytes
    start: usize,
    /// The quotes that are still open at its end
    quote: Option<char>,
}

/// `text`: what bash replaces; `line`: up to the cursor; `own`: what bash takes for words.
pub(super) fn read(text: &str, line: &str, own: &[Cow<'_, str>]) -> Line {
    let words = split(line);
    let last = words.last().map_or(line, |word| &line[word.start..]);
    let stays = split(last.strip_suffix(text).unwrap_or_default()).pop().unwrap_or_default();
    let starts = starts(line, own);
    let place = |word: &Word| starts.iter().take_while(|start| **start < word.start).count();
    Line {
        places: words.iter().map(place).collect(),
        words: words.into_iter().map(|word| word.value).collect(),
        stays: Stays { text: stays.value, quote: stays.quote },
    }
}

/// The words; the last one ends at the line's end, empty or not.
fn split(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word::default();
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        match (word.quote, letter) {
            (None, ' ' | '\t' | '\n') => {
                if word.start < at {
                    words.push(std::mem::take(&mut word));
                }
                word.start = at + letter.len_utf8();
            }
            (None, '"' | '\'') => word.quote = Some(letter),
            (Some(quote), letter) if letter == quote => word.quote = None,
            (Some('"'), '\\') if !next.is_some_and(|next| "\"\\$`".contains(next)) => {
                word.value.push(letter);
            }
            (None | Some('"'), '\\') => word.value.extend(letters.next().map(|(_, next)| next)),
            (_, letter) => word.value.push(letter),
        }
    }
    words.push(word);
    words
}

/// Where bash's own words begin in the line, as far as it has them.
fn starts(line: &str, own: &[Cow<'_, str>]) -> Vec<usize> {
    let mut end = 0;
    let start = |word: &Cow<'_, str>| {
        let rest = &line[end..];
        let blanks = rest.len() - rest.trim_start().len();
        let start = end + blanks + rest[blanks..].find(&**word)?;
        end = start + word.len();
        Some(start)
    };
    own.iter().map_while(start).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_bash_is_taken_apart_as_for_a_command() {
        let stays = |text: &str, quote| Stays { text: text.to_owned(), quote };
        for (text, line, own, words, places, expected) in [
            (
                "pr",
                "awsx exec pr",
                &["awsx", "exec", "pr"][..],
                &["awsx", "exec", "pr"][..],
                &[0, 1, 2][..],
                stays("", None),
            ),
            (
                "",
                "awsx  exec ",
                &["awsx", "exec", ""],
                &["awsx", "exec", ""],
                &[0, 1, 2],
                stays("", None),
            ),
            (
                "pr",
                "awsx exec --profile=pr",
                &["awsx", "exec", "--profile", "=", "pr"],
                &["awsx", "exec", "--profile=pr"],
                &[0, 1, 2],
                stays("--profile=", None),
            ),
            (
                "",
                "awsx exec -p a:b -- ls ",
                &["awsx", "exec", "-p", "a", ":", "b", "--", "ls", ""],
                &["awsx", "exec", "-p", "a:b", "--", "ls", ""],
                &[0, 1, 2, 3, 6, 7, 8],
                stays("", None),
            ),
            (
                r"my\ p",
                r"awsx use my\ p",
                &["awsx", "use", r"my\ p"],
                &["awsx", "use", "my p"],
                &[0, 1, 2],
                stays("", None),
            ),
            (
                "my p",
                "awsx use \"my p",
                &["awsx", "use", "\"my p"],
                &["awsx", "use", "my p"],
                &[0, 1, 2],
                stays("", Some('"')),
            ),
            (
                "it",
                "awsx use 'it",
                &["awsx", "use", "'it"],
                &["awsx", "use", "it"],
                &[0, 1, 2],
                stays("", Some('\'')),
            ),
            (
                r#"a\"b\c"#,
                r#"awsx use "a\"b\c"#,
                &[],
                &["awsx", "use", r#"a"b\c"#],
                &[0, 0, 0],
                stays("", Some('"')),
            ),
            (
                "",
                "awsx use ''",
                &["awsx", "use", "''"],
                &["awsx", "use", ""],
                &[0, 1, 2],
                stays("", None),
            ),
            // The cursor is in the middle of a word.
            (
                "ku",
                "awsx exec a ku",
                &["awsx", "exec", "a", "kubectl"],
                &["awsx", "exec", "a", "ku"],
                &[0, 1, 2, 3],
                stays("", None),
            ),
        ] {
            let own: Vec<_> = own.iter().copied().map(Cow::from).collect();
            let read = read(text, line, &own);
            assert_eq!(read.words, words, "{line}");
            assert_eq!(read.places, places, "{line}");
            assert_eq!(read.stays, expected, "{line}");
        }
    }
}
