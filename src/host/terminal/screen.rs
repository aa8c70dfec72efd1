//! A screen with a dialogue on it, for the tests of what one shows.

use vt100::Parser;

use super::canvas::{Canvas, Size};
use super::dialogue::{Dialogue, Step};
use super::key::{Sent, read};

pub(super) struct Screen<D> {
    dialogue: D,
    canvas: Canvas,
    size: Size,
    parser: Parser,
}

impl<D: Dialogue> Screen<D> {
    pub(super) fn new(dialogue: D, rows: u16, columns: u16) -> Self {
        let size = Size { rows: rows.into(), columns: columns.into() };
        let parser = Parser::new(rows, columns, 0);
        let mut screen = Self { dialogue, canvas: Canvas::default(), size, parser };
        screen.draw();
        screen
    }

    /// Types keys, as a terminal sends them, and draws after each one.
    pub(super) fn type_text(&mut self, text: &str) -> Step<D::Answer> {
        let mut bytes = Vec::new();
        for byte in text.bytes() {
            bytes.push(byte);
            let Sent::Whole(key) = read(&bytes) else { continue };
            bytes.clear();
            let Some(key) = key else { continue };
            let step = self.dialogue.press(key, self.size);
            let rest = match &step {
                Step::More => {
                    self.draw();
                    continue;
                }
                Step::Answer(answer) => self.dialogue.rest(Some(answer), self.size),
                Step::Cancel => self.dialogue.rest(None, self.size),
            };
            self.parser.process(self.canvas.close(&rest, self.size).as_bytes());
            return step;
        }
        Step::More
    }

    /// The screen gets another size, as one that does not break lines anew.
    pub(super) fn resize(&mut self, rows: u16, columns: u16) {
        self.size = Size { rows: rows.into(), columns: columns.into() };
        self.parser.screen_mut().set_size(rows, columns);
        self.draw();
    }

    /// What the screen shows, with `|` for the cursor.
    pub(super) fn text(&self) -> String {
        let screen = self.parser.screen();
        let (row, column) = screen.cursor_position();
        let (_, columns) = screen.size();
        let mut rows: Vec<String> = screen.rows(0, columns).collect();
        let before = screen.rows(0, column).nth(row.into()).unwrap();
        let blanks = usize::from(column).saturating_sub(console::measure_text_width(&before));
        let after = screen.rows(column, columns - column).nth(row.into()).unwrap();
        rows[usize::from(row)] = format!("{before}{}|{after}", " ".repeat(blanks));
        rows.join("\n").trim_end_matches('\n').to_owned()
    }

    fn draw(&mut self) {
        let frame = self.dialogue.frame(self.size);
        self.parser.process(self.canvas.draw(&frame, self.size).as_bytes());
    }
}
