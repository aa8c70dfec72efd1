//! Cells of the same column, one below the other.

use std::borrow::Cow;

use console::measure_text_width;

use crate::app::App;
use crate::report::{Failure, Look};

/// The cells of a line, the name first
pub(super) type Cells<'a, const N: usize> = [Cow<'a, str>; N];

/// A name that is longer moves what stands behind it.
const WIDEST: usize = 48;
/// As many as a column may need.
const BLANKS: &str = "                                                  ";

/// A line of a list.
pub(super) struct Row<'a, const N: usize> {
    pub(super) cells: Cells<'a, N>,
    /// Of all but the name
    pub(super) look: Look,
    pub(super) problem: Option<String>,
}

/// What is wrong with a record that the vault cannot open any more.
pub(super) const LOST: &str = "the vault's key that sealed it is gone";

/// Shows one line for each; with the titles where a person looks at it.
pub(super) fn show_list<const N: usize>(
    app: &App,
    titles: [&str; N],
    rows: &[Row<'_, N>],
) -> Result<(), Failure> {
    let titles = (app.out().is_seen() && !rows.is_empty()).then_some(titles.map(Cow::from));
    let columns = Columns::new(titles.iter().chain(rows.iter().map(|row| &row.cells)));
    let mut screen = app.out().screen();
    if let Some(titles) = &titles {
        let (first, rest) = columns.align(titles);
        screen.look(Look::Faint, &(first + &rest)).line();
    }
    for Row { cells, look, problem } in rows {
        let (first, rest) = columns.align(cells);
        screen.look(Look::Strong, &first).look(*look, &rest);
        if let Some(problem) = problem {
            screen.look(Look::Bad, &format!("  ! {problem}"));
        }
        screen.line();
    }
    app.out().show(&screen)
}

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
        let (mut first, mut rest) = Default::default();
        self.align_into(cells, &mut first, &mut rest);
        (first, rest)
    }

    /// The same in texts that other lines had before: thousands of new ones are most of what a table costs.
    pub(super) fn align_into(&self, cells: &Cells<'_, N>, first: &mut String, rest: &mut String) {
        first.clear();
        rest.clear();
        let mut line = &mut *first;
        for (widest, cell) in self.widths.iter().zip(cells) {
            line.push_str(cell);
            line.push_str(&BLANKS[..widest.saturating_sub(width(cell)) + 2]);
            line = &mut *rest;
        }
        rest.truncate(rest.trim_end().len());
    }
}

/// In columns of a terminal.
fn width(cell: &str) -> usize {
    if cell.is_ascii() { cell.len() } else { measure_text_width(cell) }
}
