//! The line up to the cursor.

/// The line up to the cursor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// What awsx would be given, `awsx` first; what stands before the cursor of the last one
    pub(super) words: Vec<String>,
    /// Which of the shell's own words each is
    pub(super) places: Vec<usize>,
    /// What the shell leaves of the last one, whatever it takes for the rest
    pub(super) stays: Stays,
}

/// The beginning of a word that is not replaced.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stays {
    pub(super) text: String,
    /// The quotes that are open behind it
    pub(super) quote: Option<char>,
}
