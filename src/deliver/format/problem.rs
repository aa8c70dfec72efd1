//! Why a format cannot carry a value.

/// What is wrong with the value, as a clause without the value.
pub(super) type Problem = &'static str;

pub(super) const NUL: Problem = "it has a NUL character";
pub(super) const EMPTY: Problem = "it is empty, which here means unset";
