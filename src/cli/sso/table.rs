//! Tables as plain text.

use std::borrow::Cow;
use std::io::{self, IsTerminal};

use console::{Term, truncate_str};

use crate::cli::columns::{Cells, Columns};

/// How wide the terminal is that stdout is; `None` where it is none.
pub(super) fn terminal_width() -> Option<usize> {
    io::stdout().is_terminal().then(|| usize::from(Term::stdout().size().1))
}

/// Lines of columns. A line end in a cell is a blank. For a person at a terminal of this `width` with a header, and
/// without lines that wrap.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: &[Cells<'_, N>],
    width: Option<usize>,
) -> String {
    let header = width.filter(|_| !rows.is_empty()).map(|_| header.map(Cow::from));
    let lines = || header.iter().chain(rows);
    let columns = Columns::new(lines());
    let line = |cells| {
        let (first, rest) = columns.align(cells);
        let line = (first + &rest).trim_end().replace('\n', " ");
        let shown = width.map_or(Cow::from(&*line), |width| truncate_str(&line, width, "…"));
        format!("{shown}\n")
    };
    lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_fit_a_terminal() {
        let rows = [["ä", "b"], ["データ", "c"], ["d", "long"]].map(|row| row.map(Cow::from));
        let header = ["NAME", "ROLES"];
        assert_eq!(table(header, &rows, None), "ä       b\nデータ  c\nd       long\n");
        let shown = "NAME    ROL…\nä       b\nデータ  c\nd       long\n";
        assert_eq!(table(header, &rows, Some(12)), shown);
        assert_eq!(table(header, &[], Some(80)), "");
    }
}
