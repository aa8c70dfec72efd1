//! What a way around awsx is.

use super::folders::Folder;
use crate::app::App;
use crate::migrate::Place;

/// A way to credentials that awsx did not hand over.
pub(crate) struct Way {
    /// The stable name
    pub name: &'static str,
    pub(super) look: Look,
    /// What it gives to whom, as the end of a sentence about its places
    pub why: &'static str,
    pub close: &'static str,
    /// What is said where it is closed
    pub closed: &'static str,
}

/// How it is looked at.
pub(super) enum Look {
    /// Variables that are set
    Variables(&'static [&'static str]),
    /// The same, but for those that an awsx around this one set
    NotOfAwsx(fn(&App) -> bool, &'static [&'static str]),
    /// Files that can be read and are not empty
    Files(&'static [Place]),
    /// Directories with such a file in them
    Folders(&'static [Folder]),
    /// Texts with a key of AWS in them
    Texts(&'static [Place]),
    /// Sockets where somebody listens; what a variable says may be an address of D-Bus or docker
    #[cfg(unix)]
    Sockets(&'static [Place]),
    /// Where it is open
    Special(fn(&App) -> Vec<String>),
    /// The same with a call, which is made with `--online` alone
    Online(fn(&App) -> Vec<String>),
}
