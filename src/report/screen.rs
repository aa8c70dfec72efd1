//! Text for stdout, some of it coloured.

use crate::text::{Look, Palette, printable};

/// Text for stdout. What could steer the terminal is escaped in it.
pub(crate) struct Screen {
    text: String,
    /// None without colours
    palette: Option<Palette>,
}

impl Screen {
    pub(super) fn new(palette: Option<Palette>) -> Self {
        Self { text: String::new(), palette }
    }

    pub(crate) fn plain(&mut self, text: &str) -> &mut Self {
        self.text.push_str(&printable(text));
        self
    }

    pub(crate) fn look(&mut self, look: Look, text: &str) -> &mut Self {
        let text = printable(text);
        match self.palette.filter(|_| !text.is_empty()) {
            Some(palette) => self.text.push_str(&palette.show(look, &text)),
            None => self.text.push_str(&text),
        }
        self
    }

    pub(crate) fn line(&mut self) -> &mut Self {
        self.plain("\n")
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Colour;

    #[test]
    fn only_colours_steer_the_terminal() {
        let text = |palette| {
            let mut screen = Screen::new(palette);
            screen.plain("\u{1b}[2Ja ").look(Look::Bad, "b\u{7}").look(Look::Good, "");
            screen.look(Look::Own(Colour::Blue), "c\u{9b}").line();
            screen.text().to_owned()
        };
        assert_eq!(text(None), "\\u{1b}[2Ja b\\u{7}c\\u{9b}\n");
        assert_eq!(
            text(Some(Palette::Named)),
            "\\u{1b}[2Ja \u{1b}[31mb\\u{7}\u{1b}[0m\u{1b}[1;34mc\\u{9b}\u{1b}[0m\n"
        );
        assert_eq!(
            text(Some(Palette::Fixed)),
            "\\u{1b}[2Ja \u{1b}[38;5;196mb\\u{7}\u{1b}[0m\u{1b}[1;38;5;33mc\\u{9b}\u{1b}[0m\n"
        );
    }
}
