//! What a shell's prompt says of the credentials that the shell has: a template, and how each shell wants its prompt
//! written. Pure.

mod dialect;
mod segment;
mod template;

pub(crate) use dialect::{Dialect, Ink};
pub(crate) use segment::Segment;
pub(crate) use template::Template;
