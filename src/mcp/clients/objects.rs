//! Where the objects of a JSON text are, comments and commas at the end of a list included.

use std::ops::Range;

use super::error::{ClientFileError as Error, plain};

/// As deep may values stand in each other.
const DEEPEST: usize = 100;

/// An object of the text.
#[derive(Debug)]
pub(super) struct Object {
    /// Of its braces
    pub(super) open: usize,
    pub(super) close: usize,
    pub(super) members: Vec<Member>,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: String,
    /// Where the key begins
    pub(super) start: usize,
    pub(super) value: Range<usize>,
    /// The comma behind it
    pub(super) comma: Option<usize>,
}

impl Object {
    /// The member of this name, which must not stand there twice.
    pub(super) fn find(&self, name: &str) -> Result<Option<(usize, &Member)>, Error> {
        let mut found = self.members.iter().enumerate().filter(|(_, member)| member.key == name);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(Error::NoObject(name.to_owned())),
            (one, None) => Ok(one),
        }
    }
}

/// The object that the whole text is.
pub(super) fn root(text: &str) -> Result<Object, Error> {
    let mut reader = Reader { text: text.as_bytes(), at: 0 };
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    reader.skip()?;
    let object = reader.object(text, 0)?;
    reader.skip()?;
    match reader.at == text.len() {
        true => Ok(object),
        false => Err(Error::Json(reader.at)),
    }
}

/// The object that stands at this place.
pub(super) fn object_at(text: &str, at: usize) -> Result<Object, Error> {
    Reader { text: text.as_bytes(), at }.object(text, 0)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn fail<T>(&self) -> Result<T, Error> {
        Err(Error::Json(self.at))
    }

    /// Blanks and comments.
    fn skip(&mut self) -> Result<(), Error> {
        loop {
            let rest = &self.text[self.at..];
            if rest.first().is_some_and(|byte| b" \t\r\n".contains(byte)) {
                self.at += 1;
            } else if rest.starts_with(b"//") {
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            } else if rest.starts_with(b"/*") {
                match memchr::memmem::find(&rest[2..], b"*/") {
                    Some(end) => self.at += end + 4,
                    None => return self.fail(),
                }
            } else {
                return Ok(());
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        match self.peek() == Some(byte) {
            true => {
                self.at += 1;
                Ok(())
            }
            false => self.fail(),
        }
    }

    fn object(&mut self, text: &str, depth: usize) -> Result<Object, Error> {
        let open = self.at;
        self.expect(b'{')?;
        let mut members: Vec<Member> = Vec::new();
        loop {
            self.skip()?;
            if self.peek() == Some(b'}') {
                self.at += 1;
                return Ok(Object { open, close: self.at - 1, members });
            }
            if members.last().is_some_and(|last| last.comma.is_none()) {
                return self.fail();
            }
            let start = self.at;
            self.string()?;
            let Ok(key) = serde_json::from_str(&text[start..self.at]) else { return self.fail() };
            self.skip()?;
            self.expect(b':')?;
            self.skip()?;
            let from = self.at;
            self.value(text, depth + 1)?;
            let value = from..self.at;
            self.skip()?;
            let comma = (self.peek() == Some(b',')).then_some(self.at);
            self.at += usize::from(comma.is_some());
            members.push(Member { key, start, value, comma });
        }
    }

    fn value(&mut self, text: &str, depth: usize) -> Result<(), Error> {
        if depth > DEEPEST {
            return self.fail();
        }
        match self.peek() {
            Some(b'{') => self.object(text, depth).map(drop),
            Some(b'[') => self.list(text, depth),
            Some(b'"') => self.string(),
            _ => {
                let from = self.at;
                let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
                while self.peek().is_some_and(is_part) {
                    self.at += 1;
                }
                let is_value = plain(&text[from..self.at]).is_some();
                if is_value { Ok(()) } else { self.fail() }
            }
        }
    }

    fn list(&mut self, text: &str, depth: usize) -> Result<(), Error> {
        self.expect(b'[')?;
        let mut has_comma = true;
        loop {
            self.skip()?;
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(());
            }
            if !has_comma {
                return self.fail();
            }
            self.value(text, depth + 1)?;
            self.skip()?;
            has_comma = self.peek() == Some(b',');
            self.at += usize::from(has_comma);
        }
    }

    fn string(&mut self) -> Result<(), Error> {
        let from = self.at;
        self.expect(b'"')?;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.at += 2,
                Some(b'\n') | None => {
                    self.at = from;
                    return self.fail();
                }
                Some(_) => self.at += 1,
            }
        }
    }
}
