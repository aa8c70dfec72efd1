//! Lines that are wider than the terminal, broken between words.

use std::borrow::Cow;

use console::measure_text_width;

/// Each line in pieces of at most `width` columns, where it can be broken: not within a word, nor within
/// what stands in backticks, which a person copies. The pieces below begin two columns further to the
/// right than the line.
pub(crate) fn wrap(text: &str, width: usize) -> Cow<'_, str> {
    if text.lines().all(|line| measure_text_width(line) <= width) {
        return text.into();
    }
    let pieces = text.split_inclusive('\n').map(|line| wrap_line(line, width));
    pieces.collect::<String>().into()
}

fn wrap_line(line: &str, width: usize) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len() + 2;
    let (mut text, mut column) = (String::new(), 0);
    for word in words(line) {
        let wide = measure_text_width(word.trim_end_matches('\n'));
        let short = word.trim_start_matches(' ');
        // What fits no line of its own is left to the terminal.
        let fits_below = indent + measure_text_width(short.trim_end_matches('\n')) <= width;
        if column > indent && column + wide > width && fits_below {
            let word = short;
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            text.push_str(word);
            column = indent + measure_text_width(word);
        } else {
            text.push_str(word);
            column += wide;
        }
    }
    text
}

/// The words with the blanks before them; what stands in backticks is one.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let (mut is_command, mut has_begun) = (false, false);
        let end = rest.find(|c| {
            is_command ^= c == '`';
            has_begun |= c != ' ';
            c == ' ' && has_begun && !is_command
        });
        let (word, left) = rest.split_at(end.unwrap_or(rest.len()));
        rest = left;
        Some(word).filter(|word| !word.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        for (docs, text, expected) in [
            ("short", "error: no\n", "error: no\n"),
            ("long", "error: one two three four\n", "error: one two\n  three four\n"),
            ("indented", "  1. one two three\n", "  1. one two\n    three\n"),
            (
                "a word that is too long",
                "hint: /a/very/long/path x",
                "hint: /a/very/long/path\n  x",
            ),
            ("a command", "hint: run `a b c d e f g` now", "hint: run `a b c d e f g`\n  now"),
            ("columns", "a    b    c    d    e", "a    b    c    d\n  e"),
            (
                "colours have no width",
                "\u{1b}[1;31merror\u{1b}[0m: one two",
                "\u{1b}[1;31merror\u{1b}[0m: one two",
            ),
            ("wide characters", "データ基盤 データ基盤 x", "データ基盤\n  データ基盤 x"),
            ("lines", "a b\n\none two three four\n", "a b\n\none two three\n  four\n"),
        ] {
            assert_eq!(wrap(text, 16), expected, "{docs}");
        }
    }
}
