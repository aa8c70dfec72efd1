//! A list that typed words narrow, to tick lines of it.

use std::collections::BTreeSet;

use super::canvas::{Frame, Size};
use super::cells::head;
use super::dialogue::{Dialogue, Step};
use super::key::Key;
use super::picker::Picker;

const KEYS: &str = "Tab ticks, Ctrl-T all that are shown; Enter takes them, Esc cancels";

/// Columns of a mark.
const MARK: usize = 4;

pub(super) struct Ticks<'a> {
    picker: Picker<'a>,
    /// By their index
    ticked: BTreeSet<usize>,
}

impl<'a> Ticks<'a> {
    pub(super) fn new(picker: Picker<'a>) -> Self {
        Self { picker, ticked: BTreeSet::new() }
    }

    /// The list is narrower by the marks.
    fn inner(size: Size) -> Size {
        Size { columns: size.columns.saturating_sub(MARK), ..size }
    }

    fn toggle(&mut self, items: &[usize]) {
        let has_all = items.iter().all(|item| self.ticked.contains(item));
        for item in items {
            match has_all {
                true => self.ticked.remove(item),
                false => self.ticked.insert(*item),
            };
        }
    }
}

impl Dialogue for Ticks<'_> {
    type Answer = Vec<usize>;
    const TAKES_SCREEN: bool = true;

    fn press(&mut self, key: Key, size: Size) -> Step<Vec<usize>> {
        match key {
            Key::Tab => {
                let item: Vec<usize> = self.picker.current().into_iter().collect();
                self.toggle(&item);
                self.picker.press(Key::Down, Self::inner(size));
                Step::More
            }
            Key::Ctrl('t') => {
                let all = self.picker.matches().to_vec();
                self.toggle(&all);
                Step::More
            }
            Key::Enter if !self.ticked.is_empty() => {
                Step::Answer(self.ticked.iter().copied().collect())
            }
            key => match self.picker.press(key, Self::inner(size)) {
                Step::More => Step::More,
                Step::Answer(item) => Step::Answer(vec![item]),
                Step::Cancel => Step::Cancel,
            },
        }
    }

    fn frame(&mut self, size: Size) -> Frame {
        let mut frame = self.picker.frame(Self::inner(size));
        let shown = self.picker.visible(Self::inner(size));
        for (line, item) in frame.lines.iter_mut().skip(1).zip(shown) {
            let mark = if self.ticked.contains(item) { "[x] " } else { "[ ] " };
            line.insert_str(0, &head(mark, size.width()));
        }
        // Behind the list, or what says that nothing is there.
        if let Some(line) = frame.lines.get_mut(1 + shown.len().max(1)) {
            *line = head(&format!("{} ticked   {KEYS}", self.ticked.len()), size.width());
        }
        frame
    }

    fn rest(&self, answer: Option<&Vec<usize>>, size: Size) -> String {
        match answer.map(Vec::as_slice) {
            None => self.picker.rest(None, size),
            Some([item]) => self.picker.rest(Some(item), size),
            Some(items) => format!("{}{} of them", self.picker.question(), items.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::terminal::screen::Screen;
    use crate::ports::List;

    #[test]
    fn lines_are_ticked() {
        let items = ["dev", "prod-eu", "prod-us"].map(str::to_owned);
        let list = List::new("Profiles", &items);
        let screen = || Screen::new(Ticks::new(Picker::new(&list, None)), 10, 24);
        for (docs, typed, expected) in [
            (
                "nothing yet",
                "",
                "|\n[ ] > dev\n[ ]   prod-eu\n[ ]   prod-us\n0 ticked   Tab ticks, …",
            ),
            (
                "one, and the next one is chosen",
                "\t",
                "|\n[x] > dev\n[ ] > prod-eu\n[ ]   prod-us\n1 ticked   Tab ticks, …",
            ),
            ("all that have the words", "us\x14", "us|\n[x] > prod-us\n1 ticked   Tab ticks, …"),
            ("none has them", "nope\t", "nope|\n  no match\n0 ticked   Tab ticks, …"),
        ] {
            let mut screen = screen();
            assert_eq!(screen.type_text(typed), Step::More, "{docs}");
            let expected = expected.replace("[x] > dev\n[ ] > ", "[x]   dev\n[ ] > ");
            assert_eq!(screen.text(), format!("Profiles: {expected}"), "{docs}");
        }
        for (docs, typed, answer, left) in [
            ("what is chosen, without a tick", "us\r", vec![2], "prod-us"),
            ("in the order of the list", "\x1b[B\x1b[B\t\t\r", vec![0, 2], "2 of them"),
            ("a tick stays when the words change", "us\t\x15dev\t\r", vec![0, 2], "2 of them"),
            ("all, and one of them not", "\x14\t\r", vec![1, 2], "2 of them"),
            ("none again", "\x14\x14\r", vec![0], "dev"),
        ] {
            let mut screen = screen();
            assert_eq!(screen.type_text(typed), Step::Answer(answer), "{docs}");
            assert_eq!(screen.text(), format!("Profiles: {left}\n|"), "{docs}");
        }
        assert_eq!(screen().type_text("\t\x1b\x1b"), Step::Cancel);
    }

    #[test]
    fn every_line_fits_with_its_mark() {
        let items: Vec<String> = (0..50).map(|number| format!("日本語の環境 {number}")).collect();
        for rows in 1..12 {
            for columns in 1..40 {
                let list = List::new("P", &items);
                let mut ticks = Ticks::new(Picker::new(&list, None));
                ticks.press(Key::Tab, Size { rows, columns });
                let frame = ticks.frame(Size { rows, columns });
                assert!(frame.lines.len() <= rows.max(1));
                for line in frame.lines {
                    let width = console::measure_text_width(&line);
                    assert!(width <= columns, "{rows} {columns}: {line}");
                }
            }
        }
    }
}
