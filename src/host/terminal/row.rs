//! A line of a list on the screen: pieces with a look each, cut where the screen ends.

use std::collections::BTreeSet;

use super::cells::{combines, head, one_line};
use crate::text::{Look, Palette};

/// A piece of a line.
#[derive(Clone, Copy)]
pub(super) struct Piece<'t> {
    look: Look,
    text: &'t str,
    /// Whether somebody looks for these letters
    is_sought: bool,
}

impl<'t> From<(Look, &'t str)> for Piece<'t> {
    fn from((look, text): (Look, &'t str)) -> Self {
        Self { look, text, is_sought: false }
    }
}

/// A text in pieces: letters that somebody looks for stand apart. `places` of a line, in which the text begins at
/// `start`. What combines with a letter goes with it.
pub(super) fn split<'t>(
    look: Look,
    text: &'t str,
    start: usize,
    places: &BTreeSet<usize>,
) -> Vec<Piece<'t>> {
    let mut pieces: Vec<Piece<'t>> = Vec::new();
    let (mut begin, mut was_sought) = (0, false);
    for (place, (at, letter)) in (start..).zip(text.char_indices()) {
        let is_sought = if combines(letter) { was_sought } else { places.contains(&place) };
        if is_sought != was_sought {
            pieces.push(Piece { look, text: &text[begin..at], is_sought: was_sought });
            (begin, was_sought) = (at, is_sought);
        }
    }
    pieces.push(Piece { look, text: &text[begin..], is_sought: was_sought });
    pieces
}

/// The pieces, side by side in so many cells; an ellipsis stands for what does not fit. Without a palette all of them
/// are plain.
pub(super) fn row(pieces: &[Piece<'_>], width: usize, palette: Option<Palette>) -> String {
    let shown = pieces.iter().map(|piece| ((piece.look, piece.is_sought), one_line(piece.text)));
    let mut pieces: Vec<((Look, bool), String)> = Vec::new();
    for (ink, text) in shown {
        match pieces.last_mut() {
            Some((last, line)) if *last == ink => line.push_str(&text),
            _ => pieces.push((ink, text)),
        }
    }
    let whole: String = pieces.iter().map(|(_, text)| &**text).collect();
    let cut = head(&whole, width);
    let Some(palette) = palette else { return cut };
    let (mut left, mut line) = (&*cut, String::new());
    for ((look, is_sought), text) in &pieces {
        let (piece, rest) = match left.strip_prefix(&**text) {
            Some(rest) => (&**text, rest),
            // It is the one that is cut.
            None => (left, ""),
        };
        if !piece.is_empty() {
            line.push_str(&match is_sought {
                true => palette.mark(*look, piece),
                false => palette.show(*look, piece),
            });
        }
        left = rest;
    }
    line + left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_cut_together() {
        let pieces = [
            (Look::Strong, "> "),
            (Look::Own(crate::text::Colour::Red), "日本語"),
            (Look::Plain, "  12"),
        ]
        .map(Piece::from);
        for (width, plain, shown) in [
            (20, "> 日本語  12", "\x1b[1m> \x1b[0m\x1b[1;31m日本語\x1b[0m  12"),
            (12, "> 日本語  12", "\x1b[1m> \x1b[0m\x1b[1;31m日本語\x1b[0m  12"),
            (11, "> 日本語  …", "\x1b[1m> \x1b[0m\x1b[1;31m日本語\x1b[0m  …"),
            (9, "> 日本語…", "\x1b[1m> \x1b[0m\x1b[1;31m日本語\x1b[0m…"),
            (8, "> 日本…", "\x1b[1m> \x1b[0m\x1b[1;31m日本…\x1b[0m"),
            (2, ">…", "\x1b[1m>…\x1b[0m"),
            (0, "", ""),
        ] {
            assert_eq!(row(&pieces, width, None), plain, "{width}");
            assert_eq!(row(&pieces, width, Some(Palette::Named)), shown, "{width}");
        }
        let steers = [(Look::Bad, "a\n\x1b[2J").into()];
        assert_eq!(row(&steers, 20, Some(Palette::Named)), "\x1b[31ma\\n\\u{1b}[2J\x1b[0m");
    }

    #[test]
    fn what_is_looked_for_is_underlined() {
        for (text, places, look, width, expected) in [
            (
                "prod-eu",
                &[3, 4, 8, 9][..],
                Look::Plain,
                20,
                "\x1b[1;4mpr\x1b[0mod-\x1b[1;4meu\x1b[0m",
            ),
            (
                "prod",
                &[4],
                Look::Strong,
                20,
                "\x1b[1mp\x1b[0m\x1b[4m\x1b[1mr\x1b[0m\x1b[1mod\x1b[0m",
            ),
            ("日本語", &[4], Look::Plain, 4, "日\x1b[1;4m…\x1b[0m"),
            ("e\u{301}x", &[3], Look::Plain, 9, "\x1b[1;4me\u{301}\x1b[0mx"),
            ("e\u{301}x", &[4], Look::Plain, 9, "e\u{301}x"),
            ("a", &[0, 1, 2], Look::Plain, 9, "a"),
        ] {
            let pieces = split(look, text, 3, &places.iter().copied().collect());
            assert_eq!(row(&pieces, width, Some(Palette::Named)), expected, "{text}");
            assert_eq!(row(&pieces, 20, None), text);
        }
    }
}
