//! A question that a line of text answers.

use console::measure_text_width;

use super::canvas::{Frame, Size};
use super::cells::cells;
use super::dialogue::{Dialogue, Step};
use super::key::Key;
use super::line::Line;
use crate::text::{printable, wrap};

pub(super) struct TextQuestion {
    question: String,
    typed: Line,
}

impl TextQuestion {
    pub(super) fn new(question: &str) -> Self {
        Self { question: printable(question).into_owned(), typed: Line::default() }
    }

    /// The question, broken between words.
    fn wrap(&self, size: Size) -> String {
        wrap(&self.question, size.width()).into_owned()
    }
}

impl Dialogue for TextQuestion {
    type Answer = String;
    const TAKES_SCREEN: bool = false;

    fn press(&mut self, key: Key, _: Size) -> Step<String> {
        match key {
            Key::Enter => return Step::Answer(self.typed.text().to_owned()),
            Key::Ctrl('c') => return Step::Cancel,
            Key::Ctrl('d') if self.typed.text().is_empty() => return Step::Cancel,
            key => self.typed.press(key),
        }
        Step::More
    }

    /// All of it, on as many lines as it takes; where the screen has less, those about the cursor.
    fn frame(&mut self, size: Size) -> Frame {
        let before = self.wrap(size) + &printable(self.typed.before());
        let above = lines(&before, size.width());
        let row = above.len() - 1;
        let column = measure_text_width(&above[row]);
        let all = lines(&(before + &printable(self.typed.after())), size.width());
        let top = (row + 1).saturating_sub(size.rows);
        let lines = all.into_iter().skip(top).take(size.rows.max(1)).collect();
        Frame { lines, row: row - top, column }
    }

    fn rest(&self, _: Option<&String>, size: Size) -> String {
        (self.wrap(size) + &printable(self.typed.text())).replace('\n', "\r\n")
    }
}

/// The lines that text is broken into, at its line ends and where they are full.
fn lines(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut left) = (vec![String::new()], width);
    for c in text.chars() {
        let is_full = cells(c) > left;
        if c == '\n' || is_full {
            lines.push(String::new());
            left = width;
        }
        if c != '\n' {
            lines.last_mut().expect("it begins with one").push(c);
            left = left.saturating_sub(cells(c));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::terminal::screen::Screen;

    #[test]
    fn text_is_broken_where_lines_are_full() {
        for (text, width, expected) in [
            ("", 3, &[""][..]),
            ("abcd", 3, &["abc", "d"]),
            ("abc", 3, &["abc"]),
            ("a\nb", 3, &["a", "b"]),
            ("a日本", 4, &["a日", "本"]),
            ("abe\u{301}", 3, &["abe\u{301}"]),
            ("日本", 1, &["", "日", "本"]),
        ] {
            assert_eq!(lines(text, width), expected, "{text}");
        }
    }

    #[test]
    fn an_answer_is_edited_on_the_screen() {
        let long = "abcdefghijklmnopqrstuvwxyz0123456789";
        for (docs, typed, expected) in [
            ("nothing yet", "", "Region [x]: |"),
            ("a letter between", "ac\x1b[Db", "Region [x]: ab|c"),
            ("wide letters", "日本語\x1b[D", "Region [x]: 日本|語"),
            ("what combines", "e\u{301}a\x1b[D", "Region [x]: e\u{301}|a"),
            ("no arrows", "a\x1b[A\x1b[B\x1b[5~b", "Region [x]: ab|"),
            ("what steers", "a\u{202e}b", "Region [x]: a\\u{202\ne}b|"),
            ("longer than a line", long, "Region [x]: abcdefg\nhijklmnopqrstuvwxyz\n0123456789|"),
            (
                "at its beginning",
                &format!("{long}\x01"),
                "Region [x]: |abcdefg\nhijklmnopqrstuvwxyz\n0123456789",
            ),
            ("shorter again", &format!("{long}\x17"), "Region [x]: |"),
            ("up to the last cell", "abcdefg", "Region [x]: abcdefg|"),
            ("Escape", "a\x1b\x1b", "Region [x]: a|"),
        ] {
            let mut screen = Screen::new(TextQuestion::new("Region [x]: "), 5, 20);
            assert_eq!(screen.type_text(typed), Step::More, "{docs}");
            assert_eq!(screen.text(), expected, "{docs}");
        }
    }

    #[test]
    fn a_question_is_broken_between_words() {
        let mut screen = Screen::new(TextQuestion::new("Region of the profile [x]: "), 5, 20);
        screen.type_text("eu");
        assert_eq!(screen.text(), "Region of the\n  profile [x]: eu|");
        screen.resize(5, 40);
        assert_eq!(screen.text(), "Region of the profile [x]: eu|");
    }

    #[test]
    fn an_answer_ends() {
        for (docs, typed, step, left) in [
            ("Enter", "ab\x1b[D\r", Step::Answer("ab".to_owned()), "why not\nName: ab\n|"),
            ("Enter alone", "\r", Step::Answer(String::new()), "why not\nName: \n|"),
            ("Ctrl-D alone", "a\x7f\x04", Step::Cancel, "why not\nName: \n|"),
            (
                "Ctrl-D in a line deletes",
                "ab\x01\x04\r",
                Step::Answer("b".to_owned()),
                "why not\nName: b\n|",
            ),
            ("Ctrl-C", "ab\x03", Step::Cancel, "why not\nName: ab\n|"),
        ] {
            let mut screen = Screen::new(TextQuestion::new("why not\nName: "), 5, 20);
            assert_eq!(screen.type_text(typed), step, "{docs}");
            assert_eq!(screen.text(), left, "{docs}");
        }
    }

    #[test]
    fn an_answer_follows_the_size_of_the_screen() {
        let mut screen = Screen::new(TextQuestion::new("Name: "), 5, 20);
        screen.type_text("abcdefghijklmnop");
        assert_eq!(screen.text(), "Name: abcdefghijklm\nnop|");
        screen.resize(5, 30);
        assert_eq!(screen.text(), "Name: abcdefghijklmnop|");
        screen.resize(2, 8);
        assert_eq!(screen.text(), "ijklmno\np|", "what is about the cursor");
    }
}
