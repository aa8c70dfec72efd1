//! Keys, and the bytes that terminals send for them.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    /// Ctrl and a letter
    Ctrl(char),
    Enter,
    Tab,
    Escape,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

impl Key {
    /// What a character is that is no letter, but what Ctrl makes of one, or a key that sends the same.
    pub(super) fn of_char(c: char) -> Option<Self> {
        match c {
            '\r' | '\n' => Some(Self::Enter),
            '\x08' | '\x7f' => Some(Self::Backspace),
            '\x1b' => Some(Self::Escape),
            '\t' => Some(Self::Tab),
            '\x01'..='\x1a' => char::from_u32(u32::from(c) + 0x60).map(Self::Ctrl),
            c if c.is_control() => None,
            c => Some(Self::Char(c)),
        }
    }
}

/// What the bytes are that came so far.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// The beginning of a key
    Part,
    /// A key; none if it means nothing here
    Whole(Option<Key>),
}

/// More than any key sends.
#[cfg(unix)]
const LONGEST: usize = 32;

/// Reads what a terminal like xterm sends for one key.
#[cfg(unix)]
pub(super) fn read(bytes: &[u8]) -> Sent {
    const ESC: u8 = 0x1b;
    let key = match bytes {
        _ if bytes.len() > LONGEST => None,
        // The Linux console sends two brackets for F1 to F5.
        [] | [ESC] | [ESC, b'[' | b'O'] | [ESC, b'[', b'['] => return Sent::Part,
        [ESC, ESC] => Some(Key::Escape),
        [ESC, b'[', b'[', _] => None,
        [ESC, b'[' | b'O', rest @ .., last] => match (last, rest) {
            // What is held at the same time (`1;5C`) makes no difference.
            (b'A', _) => Some(Key::Up),
            (b'B', _) => Some(Key::Down),
            (b'C', _) => Some(Key::Right),
            (b'D', _) => Some(Key::Left),
            (b'H', _) | (b'~', [b'1' | b'7', ..]) => Some(Key::Home),
            (b'F', _) | (b'~', [b'4' | b'8', ..]) => Some(Key::End),
            (b'~', [b'3', ..]) => Some(Key::Delete),
            (b'~', [b'5', ..]) => Some(Key::PageUp),
            (b'~', [b'6', ..]) => Some(Key::PageDown),
            (0x40..=0x7e, _) => None,
            _ => return Sent::Part,
        },
        [ESC, _] => None,
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.chars().next().and_then(Key::of_char),
            Err(error) if error.error_len().is_none() => return Sent::Part,
            Err(_) => None,
        },
    };
    Sent::Whole(key)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read() {
        for (docs, bytes, expected) in [
            ("a letter", "a", Some(Key::Char('a'))),
            ("two bytes", "ö", Some(Key::Char('ö'))),
            ("three bytes", "本", Some(Key::Char('本'))),
            ("four bytes", "🙂", Some(Key::Char('🙂'))),
            ("Enter", "\r", Some(Key::Enter)),
            ("Enter, made a line end", "\n", Some(Key::Enter)),
            ("Backspace", "\x7f", Some(Key::Backspace)),
            ("Backspace, Ctrl-H", "\x08", Some(Key::Backspace)),
            ("Ctrl-U", "\x15", Some(Key::Ctrl('u'))),
            ("Tab", "\t", Some(Key::Tab)),
            ("Ctrl-]", "\x1d", None),
            ("Up", "\x1b[A", Some(Key::Up)),
            ("Down in application mode", "\x1bOB", Some(Key::Down)),
            ("Ctrl-Right", "\x1b[1;5C", Some(Key::Right)),
            ("Left", "\x1b[D", Some(Key::Left)),
            ("Home", "\x1b[H", Some(Key::Home)),
            ("Home in tmux", "\x1b[1~", Some(Key::Home)),
            ("End", "\x1bOF", Some(Key::End)),
            ("End in rxvt", "\x1b[8~", Some(Key::End)),
            ("Delete", "\x1b[3~", Some(Key::Delete)),
            ("PgUp", "\x1b[5~", Some(Key::PageUp)),
            ("Shift-PgDn", "\x1b[6;2~", Some(Key::PageDown)),
            ("Insert", "\x1b[2~", None),
            ("F1", "\x1bOP", None),
            ("F1 of the Linux console", "\x1b[[A", None),
            ("F12", "\x1b[24~", None),
            ("Alt-x", "\x1bx", None),
            ("Escape twice", "\x1b\x1b", Some(Key::Escape)),
        ] {
            let bytes = bytes.as_bytes();
            for part in 1..bytes.len() {
                assert_eq!(read(&bytes[..part]), Sent::Part, "{docs}");
            }
            assert_eq!(read(bytes), Sent::Whole(expected), "{docs}");
        }
        assert_eq!(read(b"\xff"), Sent::Whole(None), "no UTF-8");
        assert_eq!(read(&[b"\x1b[".as_slice(), &[b'1'; LONGEST]].concat()), Sent::Whole(None));
    }
}
