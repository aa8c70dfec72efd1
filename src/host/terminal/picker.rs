//! A list that typed words narrow, to pick one line of it.

use console::measure_text_width;

use super::canvas::{Frame, Size};
use super::cells::{head, one_line, tail};
use super::dialogue::{Dialogue, Step};
use super::key::Key;
use super::line::Line;
use crate::text::{Palette, Words, name};

/// `console` does not tell the keys for pages on Windows.
const KEYS: &str = match cfg!(windows) {
    true => "Enter picks, Esc cancels; Home, End; Ctrl-U clears",
    false => "Enter picks, Esc cancels; PgUp, PgDn, Home, End; Ctrl-U clears",
};

pub(super) struct Picker<'a> {
    question: String,
    items: &'a [String],
    palette: Option<Palette>,
    typed: Line,
    /// The items that have the words, by their index
    found: Vec<usize>,
    /// Which of the found ones Enter picks
    at: usize,
    /// Which of the found ones is the first one shown
    top: usize,
}

impl<'a> Picker<'a> {
    /// `palette`: none where text is neither bold nor faint.
    pub(super) fn new(question: &str, items: &'a [String], palette: Option<Palette>) -> Self {
        Self {
            question: format!("{}: ", one_line(question)),
            items,
            palette,
            typed: Line::default(),
            found: (0..items.len()).collect(),
            at: 0,
            top: 0,
        }
    }

    /// How many lines of the list there is room for, between the question and the count.
    fn room(size: Size) -> usize {
        size.rows.saturating_sub(2).max(1)
    }

    /// The line that Enter picks.
    #[cfg(unix)]
    pub(super) fn current(&self) -> Option<usize> {
        self.found.get(self.at).copied()
    }

    /// The lines that have the words.
    #[cfg(unix)]
    pub(super) fn matches(&self) -> &[usize] {
        &self.found
    }

    /// Those that were shown last.
    #[cfg(unix)]
    pub(super) fn visible(&self, size: Size) -> &[usize] {
        &self.found[self.top..self.found.len().min(self.top + Self::room(size))]
    }

    #[cfg(unix)]
    pub(super) fn question(&self) -> &str {
        &self.question
    }

    fn edit(&mut self, key: Key) {
        let before = self.typed.text().to_owned();
        self.typed.press(key);
        if self.typed.text() != before {
            self.found = Words::new(self.typed.text()).find(self.items, 0);
            self.at = 0;
        }
    }

    /// The question and what is typed, and the column of the cursor.
    fn first_line(&self, width: usize) -> (String, usize) {
        let mut line = head(&self.question, width);
        let left = width.saturating_sub(measure_text_width(&line));
        line.push_str(&tail(&one_line(self.typed.before()), left));
        let column = measure_text_width(&line);
        line.push_str(&head(&one_line(self.typed.after()), width.saturating_sub(column)));
        (line, column)
    }

    fn item(&self, place: usize, width: usize) -> String {
        let item = one_line(&self.items[self.found[place]]);
        match place == self.at {
            true => self.look(|_| "1".to_owned(), &head(&format!("> {item}"), width)),
            false => head(&format!("  {item}"), width),
        }
    }

    fn look(&self, code: fn(Palette) -> String, text: &str) -> String {
        match self.palette {
            Some(palette) => format!("\x1b[{}m{text}{}", code(palette), Palette::END),
            None => text.to_owned(),
        }
    }
}

impl Dialogue for Picker<'_> {
    type Answer = usize;
    const TAKES_SCREEN: bool = true;

    fn press(&mut self, key: Key, size: Size) -> Step<usize> {
        let last = self.found.len().saturating_sub(1);
        match key {
            Key::Enter => {
                return self.found.get(self.at).map_or(Step::More, |item| Step::Answer(*item));
            }
            Key::Escape | Key::Ctrl('c' | 'd') => return Step::Cancel,
            Key::Up | Key::Ctrl('p') => self.at = self.at.checked_sub(1).unwrap_or(last),
            Key::Down | Key::Ctrl('n') => self.at = if self.at < last { self.at + 1 } else { 0 },
            Key::PageUp => self.at = self.at.saturating_sub(Self::room(size)),
            Key::PageDown => self.at = (self.at + Self::room(size)).min(last),
            Key::Home => self.at = 0,
            Key::End => self.at = last,
            key => self.edit(key),
        }
        Step::More
    }

    fn frame(&mut self, size: Size) -> Frame {
        let (width, room) = (size.width(), Self::room(size));
        // The picked line is shown, and no more is left empty than there must be.
        let lowest_top = (self.at + 1).saturating_sub(room);
        let highest_top = self.at.min(self.found.len().saturating_sub(room));
        self.top = self.top.clamp(lowest_top.min(highest_top), highest_top);
        let (question, column) = self.first_line(width);
        let mut lines = vec![question];
        let shown = self.top..self.found.len().min(self.top + room);
        lines.extend(shown.map(|place| self.item(place, width)));
        if self.found.is_empty() {
            lines.push(head("  no match", width));
        }
        let count =
            format!("{} of {}", by_thousands(self.found.len()), by_thousands(self.items.len()));
        lines.push(self.look(Palette::faint, &head(&format!("{count}   {KEYS}"), width)));
        lines.truncate(size.rows.max(1));
        Frame { lines, row: 0, column }
    }

    fn rest(&self, answer: Option<&usize>, _: Size) -> String {
        let text = answer.map_or(self.typed.text(), |item| name(&self.items[*item]));
        format!("{}{}", self.question, one_line(text))
    }
}

/// `2,500`
fn by_thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::terminal::screen::Screen;

    const ITEMS: [&str; 5] = ["dev", "billing-prod-42", "prod-eu", "日本語の環境", "prod"];

    fn items(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn keys_change_what_is_shown() {
        let all =
            "> dev\n  billing-prod-42\n  prod-eu\n  日本語の環境\n  prod\n5 of 5   Enter picks, E…";
        let second = all.replace("> dev", "  dev").replace("  bill", "> bill");
        let last = all.replace("> dev", "  dev").replace("  prod\n", "> prod\n");
        let (all, second, last) =
            (&format!("|\n{all}"), &format!("|\n{second}"), &format!("|\n{last}"));
        for (docs, typed, expected) in [
            ("nothing yet", "", &**all),
            ("Down", "\x1b[B", second),
            ("Ctrl-N", "\x0e", second),
            ("Up, round the end", "\x1b[A", last),
            ("Ctrl-P", "\x0e\x0e\x10", second),
            ("Down, round the end", "\x1b[A\x1b[B", all),
            ("End", "\x1b[F", last),
            ("Home", "\x1b[F\x1b[H", all),
            ("PgDn", "\x1b[6~", last),
            ("PgUp", "\x1b[6~\x1b[5~", all),
            ("a key that means nothing", "\x1b[24~\t\x1bx", all),
            ("words", "42 bill", "42 bill|\n> billing-prod-42\n1 of 5   Enter picks, E…"),
            (
                "the whole name first",
                "prod",
                "prod|\n> prod\n  prod-eu\n  billing-prod-42\n3 of 5   Enter picks, E…",
            ),
            ("capitals", "EU", "EU|\n> prod-eu\n1 of 5   Enter picks, E…"),
            ("wide letters", "環", "環|\n> 日本語の環境\n1 of 5   Enter picks, E…"),
            ("no match", "nope", "nope|\n  no match\n0 of 5   Enter picks, E…"),
            ("Enter does nothing then", "nope\r", "nope|\n  no match\n0 of 5   Enter picks, E…"),
            (
                "nor do arrows",
                "nope\x1b[A\x1b[B\x1b[5~\x1b[6~\x1b[F",
                "nope|\n  no match\n0 of 5   Enter picks, E…",
            ),
            ("Backspace", "eux\x7f", "eu|\n> prod-eu\n1 of 5   Enter picks, E…"),
            ("Ctrl-U", "nope\x15", all),
            ("Ctrl-W", "dev nope\x17", "dev |\n> dev\n1 of 5   Enter picks, E…"),
            ("Left, within the words", "dx\x1b[De", "de|x\n  no match\n0 of 5   Enter picks, E…"),
            ("Ctrl-A", "ev\x01d", "d|ev\n> dev\n1 of 5   Enter picks, E…"),
            (
                "the first again after a word",
                "\x1b[B\x1b[Bp",
                "p|\n> prod-eu\n  prod\n  billing-prod-42\n3 of 5   Enter picks, E…",
            ),
            (
                "Left keeps the choice",
                "p\x1b[B\x1b[D",
                "|p\n  prod-eu\n> prod\n  billing-prod-42\n3 of 5   Enter picks, E…",
            ),
            (
                "words that are too long",
                "nope nope nopes x",
                "…e nope nopes x|\n  no match\n0 of 5   Enter picks, E…",
            ),
        ] {
            let items = items(&ITEMS);
            let mut screen =
                Screen::new(Picker::new("Profile", &items, Some(Palette::Named)), 10, 25);
            assert_eq!(screen.type_text(typed), Step::More, "{docs}");
            assert_eq!(screen.text(), format!("Profile: {expected}"), "{docs}");
        }
    }

    #[test]
    fn a_choice_leaves_one_line() {
        for (docs, typed, step, left) in [
            ("Enter", "\r", Step::Answer(0), "dev"),
            ("a word", "42\r", Step::Answer(1), "billing-prod-42"),
            ("the whole name", "prod\r", Step::Answer(4), "prod"),
            ("the next one", "prod\x1b[B\r", Step::Answer(2), "prod-eu"),
            ("Escape", "42\x1b\x1b", Step::Cancel, "42"),
            ("Ctrl-C", "\x03", Step::Cancel, ""),
            ("Ctrl-D", "42\x04", Step::Cancel, "42"),
        ] {
            let items = items(&ITEMS);
            let mut screen = Screen::new(Picker::new("Profile", &items, None), 10, 25);
            assert_eq!(screen.type_text(typed), step, "{docs}");
            assert_eq!(screen.text(), format!("Profile: {left}\n|"), "{docs}");
        }
    }

    /// What a name or a screen is like, and what is shown.
    #[test]
    fn every_line_fits() {
        let long = "a-name-that-is-longer-than-the-screen";
        for (docs, item, rows, columns, expected) in [
            ("a long name", long, 5, 20, "Profile: |\n> a-name-that-is-l…\n1 of 1   Enter pic…"),
            (
                "wide letters",
                "日本語の環境の名前です",
                5,
                20,
                "Profile: |\n> 日本語の環境の名…\n1 of 1   Enter pic…",
            ),
            (
                "what combines",
                &"e\u{301}".repeat(30),
                5,
                20,
                &format!("Profile: |\n> {}…\n1 of 1   Enter pic…", "e\u{301}".repeat(16)),
            ),
            (
                "what steers",
                "a\x1b[2J\nb",
                5,
                20,
                "Profile: |\n> a\\u{1b}[2J\\nb\n1 of 1   Enter pic…",
            ),
            ("three rows", "dev", 3, 20, "Profile: |\n> dev\n1 of 1   Enter pic…"),
            ("two rows", "dev", 2, 20, "Profile: |\n> dev"),
            ("one row", "dev", 1, 20, "Profile: |"),
            ("few columns", "prod", 5, 6, "Prof…|\n> pr…\n1 of…"),
            ("one column", "prod", 5, 1, "|"),
        ] {
            let items = items(&[item]);
            let screen = Screen::new(Picker::new("Profile", &items, None), rows, columns);
            assert_eq!(screen.text(), expected, "{docs}");
        }
    }

    #[test]
    fn a_long_list_moves_with_the_choice() {
        let items: Vec<String> = (0..2500).map(|number| format!("p{number}")).collect();
        let mut screen = Screen::new(Picker::new("P", &items, None), 6, 12);
        for (docs, typed, expected) in [
            ("the beginning", "", "> p0\n  p1\n  p2\n  p3\n"),
            ("within what is shown", "\x1b[B\x1b[B\x1b[B", "  p0\n  p1\n  p2\n> p3\n"),
            ("below it", "\x1b[B", "  p1\n  p2\n  p3\n> p4\n"),
            ("up within it", "\x1b[A\x1b[A\x1b[A", "> p1\n  p2\n  p3\n  p4\n"),
            ("above it", "\x1b[A", "> p0\n  p1\n  p2\n  p3\n"),
            ("a page", "\x1b[6~", "  p1\n  p2\n  p3\n> p4\n"),
            ("the end", "\x1b[F", "  p2496\n  p2497\n  p2498\n> p2499\n"),
            ("a page back", "\x1b[5~", "> p2495\n  p2496\n  p2497\n  p2498\n"),
        ] {
            screen.type_text(typed);
            assert_eq!(screen.text(), format!("P: |\n{expected}2,500 of 2…"), "{docs}");
        }
    }

    #[test]
    fn a_list_follows_the_size_of_the_screen() {
        let items = items(&ITEMS);
        let mut screen = Screen::new(Picker::new("Profile", &items, None), 10, 25);
        screen.type_text("\x1b[F");
        for (rows, columns, expected) in [
            (4, 25, "Profile: |\n  日本語の環境\n> prod\n5 of 5   Enter picks, E…"),
            (4, 12, "Profile: |\n  日本語の…\n> prod\n5 of 5   E…"),
            (
                10,
                20,
                "Profile: |\n  dev\n  billing-prod-42\n  prod-eu\n  日本語の環境\n> prod\n5 of 5   Enter pic…",
            ),
        ] {
            screen.resize(rows, columns);
            assert_eq!(screen.text(), expected, "{rows} x {columns}");
        }
    }

    #[test]
    fn looks_are_bold_and_faint() {
        let items = items(&ITEMS[..2]);
        let mut picker = Picker::new("Profile", &items, Some(Palette::Named));
        let lines = picker.frame(Size { rows: 5, columns: 10 }).lines;
        assert_eq!(
            lines,
            ["Profile: ", "\x1b[1m> dev\x1b[0m", "  billin…", "\x1b[2m2 of 2  …\x1b[0m"]
        );
    }

    #[test]
    fn counts_are_read_by_thousands() {
        for (count, expected) in [(0, "0"), (999, "999"), (2500, "2,500"), (1_234_567, "1,234,567")]
        {
            assert_eq!(by_thousands(count), expected);
        }
    }
}
