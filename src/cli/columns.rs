//! Cells of the same column, one below the other.

use std::borrow::Cow;

use console::measure_text_width;

/// The cells of a line, the name first
pub(super) type Cells<'a, const N: usize> = [Cow<'a, str>; N];

/// A name that is longer moves what stands behind it.
const WIDEST: usize = 48;
/// As many as a column may need.
const BLANKS: &str = "                                                  ";

pub(super) struct Columns<const N: usize> {
    widths: [usize; N],
}

impl<const N: usize> Columns<N> {
    pub(super) fn new<'c>(lines: impl Iterator<Item = &'c Cells<'c, N>>) -> Self {
        let mut widths = [0; N];
        for cells in lines {
            for (widest, cell) in widths.iter_mut().zip(cells) {
                *widest = width(cell).min(WIDEST).max(*widest);
            }
        }
        Self { widths }
    }

    /// The first cell, and the others, with two blanks or more between them.
    pub(super) fn align(&self, cells: &Cells<'_, N>) -> (String, String) {
        let (mut first, mut rest) = (String::new(), String::new());
        let mut line = &mut first;
        for (widest, cell) in self.widths.iter().zip(cells) {
            line.push_str(cell);
            line.push_str(&BLANKS[..widest.saturating_sub(width(cell)) + 2]);
            line = &mut rest;
        }
        rest.truncate(rest.trim_end().len());
        (first, rest)
    }
}

/// In columns of a terminal.
fn width(cell: &str) -> usize {
    if cell.is_ascii() { cell.len() } else { measure_text_width(cell) }
}
