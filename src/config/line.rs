//! Lines of a file, without losing a byte: the texts and endings of all lines are the file.

use memchr::{memchr_iter, memchr2};

/// What the AWS SDKs take as blank.
pub(super) const BLANK: [char; 2] = [' ', '\t'];

const COMMENT: [char; 2] = ['#', ';'];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Counted from 1
    pub(super) number: u32,
    pub(super) text: &'a str,
    /// `\n`, `\r\n`, a lone `\r`, or nothing at the end of the file
    pub(super) ending: &'a str,
}

/// The lines of a text. Text after the last line end is a line, nothing after it is none.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    lines_from(text, 1)
}

/// The same, of a text whose first line has this number in its file.
pub(super) fn lines_from(text: &str, first: u32) -> impl Iterator<Item = Line<'_>> {
    let mut rest = text;
    (first..).map_while(move |number| {
        if rest.is_empty() {
            return None;
        }
        let end = memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let ending = match &rest.as_bytes()[end..] {
            [] => 0,
            [b'\r', b'\n', ..] => 2,
            _ => 1,
        };
        let (line, next) = rest.split_at(end + ending);
        rest = next;
        let (text, ending) = line.split_at(end);
        Some(Line { number, text, ending })
    })
}

/// How many line ends a text has.
pub(super) fn count_lines(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let is_lone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    let ends =
        memchr_iter(b'\n', bytes).count() + memchr_iter(b'\r', bytes).filter(is_lone).count();
    u32::try_from(ends).expect("a file of 64 MiB has fewer lines than 2^32")
}

/// The text without blanks around it. Each line of files with thousands of profiles is trimmed several times, and
/// bytes take a fraction of what characters do.
pub(super) fn trim(text: &str) -> &str {
    trim_start(trim_end(text))
}

pub(super) fn trim_start(text: &str) -> &str {
    let start = text.bytes().position(|byte| !is_blank(byte)).unwrap_or(text.len());
    &text[start..]
}

pub(super) fn trim_end(text: &str) -> &str {
    let end = text.bytes().rposition(|byte| !is_blank(byte)).map_or(0, |last| last + 1);
    &text[..end]
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Whether the text, without [`BLANK`] around it, begins or ends with what only others take as blank.
pub(super) fn has_other_blanks(trimmed: &str) -> bool {
    let bytes = trimmed.as_bytes();
    let is_plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
    !(is_plain(bytes.first()) && is_plain(bytes.last())) && trimmed.trim() != trimmed
}

/// Whether the text, without blanks before it, is a comment.
pub(super) fn is_comment(trimmed: &str) -> bool {
    trimmed.starts_with(COMMENT)
}

/// The line up to a comment, without blanks around it. A comment behind a value needs a blank
/// before it.
pub(super) fn without_comment(line: &str) -> &str {
    // Nearly every line is without one.
    if memchr2(b'#', b';', line.as_bytes()).is_none() {
        return trim(line);
    }
    let mut after_blank = false;
    let comment = line.char_indices().find(|&(_, c)| {
        let found = after_blank && COMMENT.contains(&c);
        after_blank = c.is_whitespace();
        found
    });
    trim(comment.map_or(line, |(at, _)| &line[..at]))
}

/// The line up to a comment, without blanks around it; a comment behind a section's bracket needs
/// no blank before it.
pub(super) fn header_without_comment(line: &str) -> &str {
    trim(memchr2(b'#', b';', line.as_bytes()).map_or(line, |at| &line[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_is_kept() {
        let text = "a\nb\r\n\rc\r\r\n\nd";
        let read: Vec<_> = lines(text).map(|l| (l.number, l.text, l.ending)).collect();
        let expected = [
            (1, "a", "\n"),
            (2, "b", "\r\n"),
            (3, "", "\r"),
            (4, "c", "\r"),
            (5, "", "\r\n"),
            (6, "", "\n"),
            (7, "d", ""),
        ];
        assert_eq!(read, expected);
        assert_eq!(lines("").count(), 0);
    }

    #[test]
    fn blanks_are_those_of_the_sdks() {
        for text in ["", " ", " \t", "a", "\t a b ", "a\u{a0}", "\u{3000}é ", " é", "\u{b}", " \r"]
        {
            assert_eq!(trim(text), text.trim_matches(BLANK), "{text:?}");
            assert_eq!(trim_start(text), text.trim_start_matches(BLANK), "{text:?}");
            assert_eq!(trim_end(text), text.trim_end_matches(BLANK), "{text:?}");
            let trimmed = trim(text);
            assert_eq!(has_other_blanks(trimmed), trimmed.trim() != trimmed, "{text:?}");
        }
    }

    #[test]
    fn a_comment_after_a_value_needs_a_blank() {
        for (line, value, header) in [
            ("k = v # c", "k = v", "k = v"),
            ("k = v#c", "k = v#c", "k = v"),
            ("k = v\t;c", "k = v", "k = v"),
            ("k = #c", "k =", "k ="),
            ("#c", "#c", ""),
            ("[x];c", "[x];c", "[x]"),
            (" k = v ", "k = v", "k = v"),
        ] {
            assert_eq!(without_comment(line), value, "{line}");
            assert_eq!(header_without_comment(line), header, "{line}");
        }
    }
}
