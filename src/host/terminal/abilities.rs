//! What a terminal can do, as far as its name and the person say.

/// Nothing, if nobody says more.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Abilities {
    /// It moves the cursor: `TERM` is not `dumb`
    pub(crate) moves_cursor: bool,
    /// Text may be bold or faint
    pub(crate) has_looks: bool,
}
