//! A few lines of the screen that are drawn over and over.

use console::measure_text_width;

/// Of the screen, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Size {
    /// How wide a line may be: at the last cell terminals disagree.
    pub(super) fn width(self) -> usize {
        self.columns.saturating_sub(1)
    }
}

/// Lines that fit on the screen, and where among them the cursor stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) lines: Vec<String>,
    pub(super) row: usize,
    pub(super) column: usize,
}

/// Draws frames, each in the place of the one before.
#[derive(Default)]
pub(super) struct Canvas {
    /// The widths of the lines above the cursor
    above: Vec<usize>,
    column: usize,
}

impl Canvas {
    /// What draws the frame on a screen of this size. All of it is written at once.
    pub(super) fn draw(&mut self, frame: &Frame, size: Size) -> String {
        let mut text = self.first_cell(size);
        text.push_str(&frame.lines.join("\x1b[K\r\n"));
        text.push_str("\x1b[J\r");
        let below = frame.lines.len() - 1 - frame.row;
        text.push_str(&go(below, 'A'));
        text.push_str(&go(frame.column, 'C'));
        self.above = frame.lines[..frame.row].iter().map(|line| measure_text_width(line)).collect();
        self.column = frame.column;
        text
    }

    /// What erases the frame.
    pub(super) fn erase(&mut self, size: Size) -> String {
        let start = self.first_cell(size);
        *self = Self::default();
        start + "\x1b[J"
    }

    /// Goes to where the frame begins. Most terminals break lines that a narrower screen has no room for.
    fn first_cell(&self, size: Size) -> String {
        let columns = size.columns.max(1);
        let above: usize = self.above.iter().map(|width| width.div_ceil(columns).max(1)).sum();
        format!("\r{}", go(above + self.column / columns, 'A'))
    }
}

fn go(count: usize, direction: char) -> String {
    if count == 0 { String::new() } else { format!("\x1b[{count}{direction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As terminals break lines anew that are too long for a narrower screen.
    #[test]
    fn a_frame_begins_where_a_narrower_screen_has_it() {
        let lines = ["a".repeat(19), String::new(), "b".repeat(15)].to_vec();
        let frame = Frame { lines, row: 2, column: 12 };
        let mut canvas = Canvas::default();
        let first = |text: String| text.split_once('a').map(|(go, _)| go.to_owned()).unwrap();
        for (docs, columns, expected) in [
            ("the first one", 20, "\r"),
            ("the same size", 20, "\r\x1b[2A"),
            ("wider", 30, "\r\x1b[2A"),
            ("the first line takes two, the cursor's too", 10, "\r\x1b[4A"),
        ] {
            let size = Size { rows: 9, columns };
            assert_eq!(first(canvas.draw(&frame, size)), expected, "{docs}");
        }
        let size = Size { rows: 9, columns: 20 };
        assert_eq!(canvas.erase(size), "\r\x1b[2A\x1b[J");
        assert_eq!(canvas.erase(size), "\r\x1b[J");
    }
}
