//! What a person is told: the two streams, and any failure as a kind, a sentence, a hint and an exit
//! code. Names no command.

mod common_lines;
mod diff;
pub(crate) mod failure;
pub(crate) mod globals;
pub(crate) mod output;
mod screen;
mod usage;

pub(crate) use crate::text::Look;
pub(crate) use failure::Failure;
pub(crate) use globals::Globals;
pub(crate) use output::Out;
pub(crate) use screen::Screen;
