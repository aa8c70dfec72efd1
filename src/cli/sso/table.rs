//! Tables as plain text.

use std::io::{self, IsTerminal};

use console::{Term, measure_text_width, truncate_str};

/// How wide the terminal is that stdout is; `None` where it is none.
pub(super) fn terminal_width() -> Option<usize> {
    io::stdout().is_terminal().then(|| usize::from(Term::stdout().size().1))
}

/// Lines of columns, each as wide as its widest cell; the last one is not padded. A line end in a cell is
/// a blank. For a person at a terminal of this `width` with a header, and without lines that wrap.
pub(super) fn table(header: &[&str], rows: &[Vec<String>], width: Option<usize>) -> String {
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    let shown = width.filter(|_| !rows.is_empty()).map(|_| &header);
    let rows = || shown.into_iter().chain(rows);
    let columns = rows().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        rows().filter_map(|row| row.get(column)).map(|cell| measure_text_width(cell)).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            // By what it takes on the screen: many characters take two columns.
            cell.clone() + &" ".repeat(width - measure_text_width(cell))
        });
        let line = cells.collect::<Vec<_>>().join("  ").trim_end().replace('\n', " ");
        match width {
            Some(width) => text.push_str(&truncate_str(&line, width, "…")),
            None => text.push_str(&line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_fit_a_terminal() {
        let rows =
            ["ä b", "データ c", "d long"].map(|row| row.split(' ').map(str::to_owned).collect());
        let header = ["NAME", "ROLES"];
        assert_eq!(table(&header, &rows, None), "ä       b\nデータ  c\nd       long\n");
        let shown = "NAME    ROL…\nä       b\nデータ  c\nd       long\n";
        assert_eq!(table(&header, &rows, Some(12)), shown);
        assert_eq!(table(&header, &[], Some(80)), "");
    }
}
