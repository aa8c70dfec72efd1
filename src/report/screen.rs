//! Text for stdout, some of it coloured.

use crate::text::{Colour, Palette, printable};

/// What a stretch of text is to the eye.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    Plain,
    /// What the person asked for
    Strong,
    /// What matters less
    Faint,
    /// What is there, or comes
    Good,
    /// What is wrong, or goes
    Bad,
    /// What somebody gave a colour of its own
    Own(Colour),
}

impl Look {
    /// Of the name of a profile that was asked for.
    pub(crate) fn of_name(colour: Option<Colour>) -> Self {
        colour.map_or(Self::Strong, Self::Own)
    }
}

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
        let Some(palette) = self.palette.filter(|_| !text.is_empty()) else {
            return self.plain(text);
        };
        let code = match look {
            Look::Plain => return self.plain(text),
            Look::Strong => "1".to_owned(),
            Look::Faint => palette.faint(),
            Look::Good => palette.code(Colour::Green),
            Look::Bad => palette.code(Colour::Red),
            Look::Own(colour) => {
                self.text.push_str(&palette.paint(colour, &printable(text)));
                return self;
            }
        };
        self.text.push_str(&format!("\x1b[{code}m{}\x1b[0m", printable(text)));
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
