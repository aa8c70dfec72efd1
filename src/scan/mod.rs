//! Keys of AWS in texts: what looks like one, what shows that it is one, and what is allowed all the same.
//!
//! [`Stream`] takes a file piece by piece, in bounded memory; [`read_log`] what `git log -p` prints. Both look at
//! windows of the text ([`window`]), in which anything that could be a key is a run of base 64 ([`run`]). What is
//! found leaves this room masked.

mod allowed;
mod encoding;
mod history;
mod hit;
pub(crate) mod hook;
mod join;
mod known;
mod random;
mod rules;
mod run;
mod stream;
mod window;

pub(crate) use allowed::{Allowed, BadPattern};
pub(crate) use history::{LOG_FORMAT, Log, read_log};
pub(crate) use hit::Hit;
pub(crate) use known::{Known, digest};
pub(crate) use stream::{Stream, read};

/// What every text is held against.
#[derive(Default)]
pub(crate) struct Rules {
    /// Keys that are no hits
    pub allowed: Allowed,
    /// Keys that are hits wherever they stand
    pub known: Known,
}
