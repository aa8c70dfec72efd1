//! What is told of a key that was found.

use super::rules::KeyKind;

/// A key in a text, masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub kind: KeyKind,
    /// Of its beginning, from 1
    pub line: u64,
    /// Of its end, where it is split
    pub last_line: u64,
    /// `AKIA…WXYZ`; of what is no id the beginning alone
    pub masked: String,
    /// Whose it is, where that is known
    pub known: Option<usize>,
}

/// As much of a key as may be shown.
pub(super) fn mask(kind: KeyKind, word: &str) -> String {
    let begin: String = word.chars().take(4).collect();
    match kind {
        KeyKind::AccessKeyId => {
            let end = word.char_indices().rev().nth(3).map_or(word, |(at, _)| &word[at..]);
            format!("{begin}…{end}")
        }
        _ => format!("{begin}…"),
    }
}
