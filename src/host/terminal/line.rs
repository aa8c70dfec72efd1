//! A line of text while it is typed.

use super::cells::combines;
use super::key::Key;

/// The text, and where in it the next character goes.
#[derive(Default)]
pub(super) struct Line {
    text: String,
    at: usize,
}

impl Line {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    pub(super) fn before(&self) -> &str {
        &self.text[..self.at]
    }

    pub(super) fn after(&self) -> &str {
        &self.text[self.at..]
    }

    /// What a shell's line does at this key.
    pub(super) fn press(&mut self, key: Key) {
        match key {
            Key::Char(c) => {
                self.text.insert(self.at, c);
                self.at += c.len_utf8();
            }
            Key::Left | Key::Ctrl('b') => self.at = self.left(),
            Key::Right | Key::Ctrl('f') => self.at = self.right(),
            Key::Home | Key::Ctrl('a') => self.at = 0,
            Key::End | Key::Ctrl('e') => self.at = self.text.len(),
            Key::Backspace => self.remove_back_to(self.left()),
            Key::Delete | Key::Ctrl('d') => {
                let end = self.right();
                self.text.drain(self.at..end);
            }
            Key::Ctrl('u') => self.remove_back_to(0),
            Key::Ctrl('k') => self.text.truncate(self.at),
            Key::Ctrl('w') => {
                let word = self.before().trim_end();
                let blank = word.char_indices().rfind(|(_, c)| c.is_whitespace());
                self.remove_back_to(blank.map_or(0, |(at, blank)| at + blank.len_utf8()));
            }
            _ => {}
        }
    }

    fn remove_back_to(&mut self, start: usize) {
        self.text.drain(start..self.at);
        self.at = start;
    }

    /// Where the letter before the cursor begins, with what combines with it.
    fn left(&self) -> usize {
        let letter = self.before().char_indices().rfind(|(_, c)| !combines(*c));
        letter.map_or(0, |(at, _)| at)
    }

    /// Where the letter at the cursor ends, with what combines with it.
    fn right(&self) -> usize {
        let next = self.after().char_indices().skip(1).find(|(_, c)| !combines(*c));
        next.map_or(self.text.len(), |(at, _)| self.at + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited() {
        use Key::*;
        for (docs, text, keys, expected) in [
            ("in the middle", "ac", &[Left, Char('b')][..], "ab|c"),
            ("no further than it goes", "a", &[Left, Left, Right, Right, Right], "a|"),
            ("Home, End", "bc", &[Home, Char('a'), End, Char('d')], "abcd|"),
            ("Ctrl-A, Ctrl-E", "b", &[Ctrl('a'), Char('a'), Ctrl('e')], "ab|"),
            ("Ctrl-B, Ctrl-F", "ab", &[Ctrl('b'), Ctrl('b'), Ctrl('f')], "a|b"),
            ("Backspace", "abc", &[Left, Backspace], "a|c"),
            ("Backspace at the beginning", "ab", &[Home, Backspace], "|ab"),
            ("Delete", "abc", &[Home, Delete, Ctrl('d')], "|c"),
            ("Delete at the end", "a", &[Delete], "a|"),
            ("Ctrl-U", "abc", &[Left, Ctrl('u')], "|c"),
            ("Ctrl-K", "abc", &[Home, Right, Ctrl('k')], "a|"),
            ("Ctrl-W", "one two", &[Ctrl('w')], "one |"),
            ("Ctrl-W over blanks", "one two  ", &[Ctrl('w')], "one |"),
            ("Ctrl-W within a word", "one two", &[Left, Ctrl('w')], "one |o"),
            ("Ctrl-W of all", "one", &[Ctrl('w'), Ctrl('w')], "|"),
            ("wide letters", "日本語", &[Left, Left, Backspace], "|本語"),
            ("what combines", "ae\u{301}o", &[Left, Left, Char('x')], "ax|e\u{301}o"),
            ("what combines is deleted", "ae\u{301}o", &[Left, Backspace], "a|o"),
            ("at the cursor too", "ae\u{301}o", &[Home, Right, Delete], "a|o"),
            ("what is shown escaped", "a\u{200b}", &[Backspace], "a|"),
            ("a key of no line", "a", &[Up, PageDown, Ctrl('x')], "a|"),
        ] {
            let mut line = Line::default();
            text.chars().map(Char).chain(keys.iter().copied()).for_each(|key| line.press(key));
            assert_eq!(format!("{}|{}", line.before(), line.after()), expected, "{docs}");
        }
    }
}
