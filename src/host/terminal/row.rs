//! A line of a list on the screen: pieces with a look each, cut where the screen ends.

use super::cells::{head, one_line};
use crate::text::{Look, Palette};

/// The pieces, side by side in so many cells; an ellipsis stands for what does not fit. Without a palette all of them
/// are plain.
pub(super) fn row(pieces: &[(Look, &str)], width: usize, palette: Option<Palette>) -> String {
    let shown = pieces.iter().map(|(ink, text)| (*ink, one_line(text)));
    let mut pieces: Vec<(Look, String)> = Vec::new();
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
    for (ink, text) in &pieces {
        let (piece, rest) = match left.strip_prefix(&**text) {
            Some(rest) => (&**text, rest),
            // It is the one that is cut.
            None => (left, ""),
        };
        if !piece.is_empty() {
            line.push_str(&palette.show(*ink, piece));
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
        ];
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
        let steers = [(Look::Bad, "a\n\x1b[2J")];
        assert_eq!(row(&steers, 20, Some(Palette::Named)), "\x1b[31ma\\n\\u{1b}[2J\x1b[0m");
    }
}
