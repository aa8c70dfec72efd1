//! A text that comes piece by piece, in bounded memory.

use std::io::{self, Read};

use super::Rules;
use super::encoding::{Encoding, Narrow, SAMPLE, encoding_of};
use super::hit::Hit;
use super::window::{BEFORE, BEHIND, find};

/// As much is looked at together.
const WINDOW: usize = 256 * 1024;

/// A text, as far as it has come.
pub(crate) struct Stream<'r> {
    rules: &'r Rules,
    text: Vec<u8>,
    /// Up to where of `text` hits were told
    told: usize,
    /// The lines before `text`
    lines: u64,
    hits: Vec<Hit>,
}

impl<'r> Stream<'r> {
    pub(crate) fn new(rules: &'r Rules) -> Self {
        Self { rules, text: Vec::new(), told: 0, lines: 0, hits: Vec::new() }
    }

    /// More of the text.
    pub(crate) fn feed(&mut self, mut piece: &[u8]) {
        while self.text.len() + piece.len() >= WINDOW {
            let (now, later) = piece.split_at(WINDOW - self.text.len());
            self.text.extend_from_slice(now);
            piece = later;
            let end = self.text.len() - BEHIND;
            self.look(end);
            let gone = end - BEFORE;
            self.lines += memchr::memchr_iter(b'\n', &self.text[..gone]).count() as u64;
            self.text.drain(..gone);
            self.told = BEFORE;
        }
        self.text.extend_from_slice(piece);
    }

    fn look(&mut self, end: usize) {
        let lines = self.lines;
        let hits = find(&self.text, self.told..end, self.rules);
        self.hits.extend(hits.into_iter().map(|hit| Hit {
            line: hit.line + lines,
            last_line: hit.last_line + lines,
            ..hit
        }));
    }

    /// What was found, once the text has ended; another one may begin.
    pub(crate) fn end(&mut self) -> Vec<Hit> {
        self.look(self.text.len());
        self.text.clear();
        (self.told, self.lines) = (0, 0);
        std::mem::take(&mut self.hits)
    }
}

/// The keys in what is read; `None` where it is no text.
pub(crate) fn read(mut from: impl Read, rules: &Rules) -> io::Result<Option<Vec<Hit>>> {
    let mut piece = vec![0; WINDOW / 4];
    let mut stream = Stream::new(rules);
    let mut narrow = Narrow::default();
    let mut length = fill(&mut from, &mut piece[..SAMPLE])?;
    let encoding = encoding_of(&piece[..length]);
    while length > 0 {
        match encoding {
            Encoding::Binary => return Ok(None),
            Encoding::Bytes => stream.feed(&piece[..length]),
            Encoding::Utf16 { big } => stream.feed(&narrow.take(&piece[..length], big)),
        }
        length = fill(&mut from, &mut piece)?;
    }
    Ok(Some(stream.end()))
}

/// Reads until it is full, or nothing more comes.
fn fill(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < into.len() {
        match from.read(&mut into[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
