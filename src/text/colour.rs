//! Colours that have a name.

/// One of the palette of every terminal, which the person may have chosen. Black and white are none: one of them is
/// the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Blue,
    Cyan,
    Green,
    Magenta,
    Red,
    Yellow,
}

/// Each with its name and its number in ECMA-48's "select graphic rendition".
const COLOURS: [(Colour, &str, u8); 6] = [
    (Colour::Blue, "blue", 34),
    (Colour::Cyan, "cyan", 36),
    (Colour::Green, "green", 32),
    (Colour::Magenta, "magenta", 35),
    (Colour::Red, "red", 31),
    (Colour::Yellow, "yellow", 33),
];

impl Colour {
    /// By its name, in capitals or not.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let named = COLOURS.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(colour, ..)| *colour)
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().1
    }

    /// The text in it, in bold. The text must not steer the terminal itself.
    pub(crate) fn paint(self, text: &str) -> String {
        format!("{}{text}{}", self.begin(), Self::END)
    }

    /// What ends it.
    pub(crate) const END: &str = "\x1b[0m";

    /// What comes before text in it.
    pub(crate) fn begin(self) -> String {
        format!("\x1b[1;{}m", self.row().2)
    }

    fn row(self) -> &'static (Self, &'static str, u8) {
        COLOURS.iter().find(|(colour, ..)| *colour == self).expect("each has its row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again() {
        for (colour, name, _) in COLOURS {
            assert_eq!(Colour::parse(&name.to_ascii_uppercase()), Some(colour));
            assert_eq!(colour.name(), name);
        }
        assert_eq!(Colour::parse("gren"), None);
        assert_eq!(Colour::Red.paint("prod"), "\x1b[1;31mprod\x1b[0m");
    }
}
