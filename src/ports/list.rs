//! A list that a person picks from.

use crate::text::Colour;

/// Lines, each a name, or columns with two blanks between them, of which the name is the first.
pub struct List<'a> {
    pub question: &'a str,
    pub lines: &'a [String],
    /// How many of the first lines stand there because they are used, or are favourites
    pub ranked: usize,
    /// Which one is chosen at first
    pub chosen: usize,
    /// What else is known of the lines
    pub details: &'a dyn Details,
}

impl<'a> List<'a> {
    /// Lines of which nothing else is known.
    pub fn new(question: &'a str, lines: &'a [String]) -> Self {
        Self { question, lines, ranked: 0, chosen: 0, details: &() }
    }
}

/// What is known of the lines of a list; asked for of those that are shown, of which there are few. Must not speak to
/// anybody: the list has the screen.
pub trait Details {
    /// In which the name is shown
    fn colour(&self, _line: usize) -> Option<Colour> {
        None
    }

    /// Whether a line is one that the person has marked
    fn is_favourite(&self, _line: usize) -> bool {
        false
    }

    /// Whether any is
    fn has_favourites(&self) -> bool {
        false
    }

    /// How wide the column is that stands behind the names and shows how things are; 0 where there is none.
    fn width_of_states(&self) -> usize {
        0
    }

    /// How things are, in a word or two
    fn state(&self, _line: usize) -> State {
        State::default()
    }

    /// What is told of the chosen line, where there is room; none for none of them.
    fn preview(&self, _line: usize) -> Option<String> {
        None
    }

    /// Whether there is a preview
    fn has_preview(&self) -> bool {
        false
    }
}

/// Nothing is known.
impl Details for () {}

/// How things are with a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub words: String,
    /// Whether that is as it should be
    pub is_good: bool,
}
