//! What a person does key by key.

use super::canvas::{Frame, Size};
use super::key::Key;

/// What a key leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<A> {
    More,
    Answer(A),
    Cancel,
}

/// It keeps what was typed when awsx is stopped and goes on.
pub(super) trait Dialogue {
    type Answer;
    /// Whether it has the screen for itself, which comes back as it was. A screen that is broken anew for
    /// another size would leave pieces of a list.
    const TAKES_SCREEN: bool;

    fn press(&mut self, key: Key, size: Size) -> Step<Self::Answer>;
    /// What the screen shows meanwhile.
    fn frame(&mut self, size: Size) -> Frame;
    /// What stays on the screen, with the answer or without one.
    fn rest(&self, answer: Option<&Self::Answer>, size: Size) -> String;
}
