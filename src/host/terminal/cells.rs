//! Text in the cells of a terminal, of which a letter takes none, one or two.

use console::measure_text_width;

use crate::text::{printable, steers};

/// Text as one line shows it, whatever is in it.
pub(super) fn one_line(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

/// The beginning that fits in so many cells; an ellipsis stands for the rest.
pub(super) fn head(text: &str, width: usize) -> String {
    match measure_text_width(text) <= width {
        true => text.to_owned(),
        false => fit(text.chars(), width.saturating_sub(1)).chain(ellipsis(width)).collect(),
    }
}

/// The end that fits in so many cells; an ellipsis stands for the rest.
pub(super) fn tail(text: &str, width: usize) -> String {
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let end: Vec<char> = fit(text.chars().rev(), width.saturating_sub(1)).collect();
    let end = end.into_iter().rev().skip_while(|c| combines(*c));
    ellipsis(width).chain(end).collect()
}

fn ellipsis(width: usize) -> impl Iterator<Item = char> {
    (width > 0).then_some('…').into_iter()
}

fn fit(text: impl Iterator<Item = char>, width: usize) -> impl Iterator<Item = char> {
    text.scan(width, |left, c| {
        *left = left.checked_sub(cells(c))?;
        Some(c)
    })
}

/// Whether a letter stands in the cell of the one before. What could steer the terminal is shown
/// escaped.
pub(super) fn combines(c: char) -> bool {
    cells(c) == 0 && !steers(c)
}

pub(super) fn cells(c: char) -> usize {
    if c.is_ascii() { 1 } else { measure_text_width(c.encode_utf8(&mut [0; 4])) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_cells() {
        for (text, width, begins, ends) in [
            ("abc", 3, "abc", "abc"),
            ("abc", 2, "a…", "…c"),
            ("abc", 1, "…", "…"),
            ("abc", 0, "", ""),
            ("日本語", 6, "日本語", "日本語"),
            ("日本語", 5, "日本…", "…本語"),
            ("日本語", 4, "日…", "…語"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…", "…e\u{301}"),
        ] {
            assert_eq!((&*head(text, width), &*tail(text, width)), (begins, ends), "{width}");
        }
        assert_eq!(one_line("a\nb\x1b[2J\u{202e}"), "a\\nb\\u{1b}[2J\\u{202e}");
    }
}
