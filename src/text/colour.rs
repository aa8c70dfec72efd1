//! Colours that have a name.

/// Its name says it. Black and white are none: one of them is the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Blue,
    Cyan,
    Green,
    Magenta,
    Red,
    Yellow,
}

/// What a stretch of text is to the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// How a terminal shows a colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Palette {
    /// One of the sixteen of every terminal, which a theme gives any look
    #[default]
    Named,
    /// One of xterm's 256 that themes leave as they are, and that can be read on light and on dark
    Fixed,
}

/// Each with its name, its number in ECMA-48's "select graphic rendition", and the one in xterm's 256, as
/// [`Palette::Fixed`] takes it.
const COLOURS: [(Colour, &str, u8, u8); 6] = [
    (Colour::Blue, "blue", 34, 33),
    (Colour::Cyan, "cyan", 36, 30),
    (Colour::Green, "green", 32, 64),
    (Colour::Magenta, "magenta", 35, 164),
    (Colour::Red, "red", 31, 196),
    (Colour::Yellow, "yellow", 33, 136),
];

/// A grey among xterm's 256 that is as far from white as from black.
const GREY: u8 = 244;

/// What `TERM` has in it where all of xterm's 256 are shown.
const KNOWS_256: [&str; 8] =
    ["256color", "direct", "kitty", "alacritty", "foot", "ghostty", "wezterm", "contour"];

impl Colour {
    /// By its name, in capitals or not.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let named = COLOURS.iter().find(|(_, known, ..)| known.eq_ignore_ascii_case(name));
        named.map(|(colour, ..)| *colour)
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().1
    }

    /// Its number in xterm's 256, in which it can be read on any background.
    pub(crate) fn number(self) -> u8 {
        self.row().3
    }

    fn row(self) -> &'static (Self, &'static str, u8, u8) {
        COLOURS.iter().find(|(colour, ..)| *colour == self).expect("each has its row")
    }
}

impl Palette {
    /// That of the terminal which `TERM` and `COLORTERM` name. The console of Windows has all.
    pub(crate) fn of(term: Option<&str>, colorterm: Option<&str>) -> Self {
        let knows = |term: &str| KNOWS_256.iter().any(|part| term.contains(part));
        let has_all = cfg!(windows) || term.is_some_and(knows) || colorterm.is_some();
        if has_all { Self::Fixed } else { Self::Named }
    }

    /// The text in the colour, in bold. The text must not steer the terminal itself.
    pub(crate) fn paint(self, colour: Colour, text: &str) -> String {
        format!("{}{text}{}", self.begin(colour), Self::END)
    }

    /// What ends it.
    pub(crate) const END: &str = "\x1b[0m";

    /// What comes before text in it.
    pub(crate) fn begin(self, colour: Colour) -> String {
        format!("\x1b[1;{}m", self.code(colour))
    }

    /// The text in its look. It must not steer the terminal itself.
    pub(crate) fn show(self, look: Look, text: &str) -> String {
        let code = match look {
            Look::Plain => return text.to_owned(),
            Look::Strong => "1".to_owned(),
            Look::Faint => self.faint(),
            Look::Good => self.code(Colour::Green),
            Look::Bad => self.code(Colour::Red),
            Look::Own(colour) => return self.paint(colour, text),
        };
        format!("\x1b[{code}m{text}{}", Self::END)
    }

    /// The same, underlined: letters that somebody looks for.
    pub(crate) fn mark(self, look: Look, text: &str) -> String {
        match look {
            Look::Plain => format!("\x1b[1;4m{text}{}", Self::END),
            look => format!("\x1b[4m{}", self.show(look, text)),
        }
    }

    /// The numbers for it in "select graphic rendition".
    pub(crate) fn code(self, colour: Colour) -> String {
        let (_, _, named, fixed) = colour.row();
        match self {
            Self::Named => named.to_string(),
            Self::Fixed => format!("38;5;{fixed}"),
        }
    }

    /// Those for what matters less. How faint a terminal makes text is its own affair, so a grey is surer.
    pub(crate) fn faint(self) -> String {
        match self {
            Self::Named => "2".to_owned(),
            Self::Fixed => format!("38;5;{GREY}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::contrast::contrast;

    #[test]
    fn names_are_found_again() {
        for (colour, name, ..) in COLOURS {
            assert_eq!(Colour::parse(&name.to_ascii_uppercase()), Some(colour));
            assert_eq!(colour.name(), name);
        }
        assert_eq!(Colour::parse("gren"), None);
        assert_eq!(Palette::Named.paint(Colour::Red, "prod"), "\x1b[1;31mprod\x1b[0m");
        assert_eq!(Palette::Fixed.paint(Colour::Red, "prod"), "\x1b[1;38;5;196mprod\x1b[0m");
    }

    #[test]
    fn a_terminal_says_how_many_colours_it_has() {
        for (term, colorterm, expected) in [
            (Some("xterm-256color"), None, Palette::Fixed),
            (Some("tmux-256color"), None, Palette::Fixed),
            (Some("xterm-kitty"), None, Palette::Fixed),
            (Some("alacritty"), None, Palette::Fixed),
            (Some("xterm"), Some("truecolor"), Palette::Fixed),
            (Some("xterm"), None, Palette::Named),
            (Some("linux"), None, Palette::Named),
            (Some("screen"), None, Palette::Named),
            (None, None, Palette::Named),
        ] {
            let expected = if cfg!(windows) { Palette::Fixed } else { expected };
            assert_eq!(Palette::of(term, colorterm), expected, "{term:?} {colorterm:?}");
        }
    }

    /// The cube and the greys of xterm's 256.
    fn shade(number: u8) -> [u8; 3] {
        const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
        match number {
            232.. => [8 + 10 * (number - 232); 3],
            _ => [36, 6, 1].map(|weight| STEPS[usize::from((number - 16) / weight % 6)]),
        }
    }

    #[test]
    fn each_can_be_read_on_light_dark_and_solarized() {
        const BACKGROUNDS: [(&str, [u8; 3]); 11] = [
            ("white", [255, 255, 255]),
            ("One, light", [250, 250, 250]),
            ("Solarized, light", [253, 246, 227]),
            ("Solarized, dark", [0, 43, 54]),
            ("black", [0, 0, 0]),
            ("Windows Terminal", [12, 12, 12]),
            ("Visual Studio Code", [30, 30, 30]),
            ("Ubuntu", [48, 10, 36]),
            ("Dracula", [40, 42, 54]),
            ("Gruvbox", [40, 40, 40]),
            ("One", [40, 44, 52]),
        ];
        let numbers = COLOURS.map(|(.., number)| number).into_iter().chain([GREY]);
        for number in numbers {
            for (background, red_green_blue) in BACKGROUNDS {
                let contrast = contrast(shade(number), red_green_blue);
                // What bold text needs. <https://www.w3.org/TR/WCAG22/#contrast-minimum>
                assert!(contrast >= 3.0, "{number} on {background}: {contrast}");
            }
        }
    }
}
