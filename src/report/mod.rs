//! What a person is told: the two streams, and any failure as a kind, a sentence, a hint and an exit
//! code. Names no command.

pub mod failure;
pub mod globals;
pub(crate) mod output;

pub use failure::Failure;
pub use globals::Globals;
pub(crate) use output::Out;
