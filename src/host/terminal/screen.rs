//! A screen with a dialogue on it, for the tests of what one shows.

use console::measure_text_width;
use proptest::prelude::*;
use vt100::Parser;

use super::canvas::{Canvas, Frame, Size};
use super::dialogue::{Dialogue, Step};
use super::key::{Sent, read};
use super::picker::Picker;
use super::question::TextQuestion;
use crate::ports::List;

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
            let text = format!("{}{rest}\r\n", self.canvas.erase(self.size));
            self.parser.process(text.as_bytes());
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
        let blanks = usize::from(column).saturating_sub(measure_text_width(&before));
        let after = screen.rows(column, columns - column).nth(row.into()).unwrap();
        rows[usize::from(row)] = format!("{before}{}|{after}", " ".repeat(blanks));
        rows.join("\n").trim_end_matches('\n').to_owned()
    }

    fn draw(&mut self) {
        let frame = self.dialogue.frame(self.size);
        self.parser.process(self.canvas.draw(&frame, self.size).as_bytes());
    }
}

/// Presses the keys at each size; no line may be too long, and the cursor stands in one of them.
fn check_fit<D: Dialogue>(mut dialogue: D, typed: &str, sizes: &[Size]) {
    for size in sizes {
        let mut bytes = Vec::new();
        for byte in typed.bytes() {
            bytes.push(byte);
            let Sent::Whole(key) = read(&bytes) else { continue };
            bytes.clear();
            key.map(|key| dialogue.press(key, *size));
            let Frame { lines, row, column } = dialogue.frame(*size);
            // A letter may be wider than all of the screen.
            let width = size.width().max(2);
            let fits = |line: &String| measure_text_width(line) <= width;
            assert!(lines.iter().all(fits) && column <= width, "{lines:?} in {size:?}");
            assert!(lines.len() <= size.rows && row < lines.len(), "{lines:?} in {size:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn garbage_fits_on_any_screen(
        typed in "([ -~]|[日é🙂\u{301}\u{200b}\u{202e}]|[\x00-\x1f]|\x1b\\[[A-H0-9;~]{1,4}){1,40}",
        sizes in proptest::collection::vec((1..12_usize, 1..40_usize), 1..4),
    ) {
        let items = ["dev  1", "prod\n", "日本語の環境の名前  2", "e\u{301}"].map(str::to_owned);
        let size = |(rows, columns)| Size { rows, columns };
        let sizes: Vec<Size> = sizes.into_iter().map(size).collect();
        let list = List::new("Profile", &items);
        check_fit(Picker::new(&list, Some(crate::text::Palette::Named)), &typed, &sizes);
        check_fit(TextQuestion::new("Region of it [x]: "), &typed, &sizes);
    }
}
