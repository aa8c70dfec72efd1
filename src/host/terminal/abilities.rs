//! What a terminal can do, as far as its name and the person say.

use crate::text::Palette;

/// Nothing, if nobody says more.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Abilities {
    /// It moves the cursor: `TERM` is not `dumb`
    pub(crate) moves_cursor: bool,
    /// How text is coloured; without one it is neither bold nor faint
    pub(crate) palette: Option<Palette>,
}
