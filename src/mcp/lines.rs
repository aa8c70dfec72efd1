//! Lines that somebody else writes, each in bounded memory.

use std::io::{self, BufRead, ErrorKind, Read};

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Whole(Vec<u8>),
    /// It is passed over
    TooLong,
    End,
}

/// The next line without its end, if it has `longest` bytes at most. One that ends with the input is one, too.
pub(super) fn next_line(from: &mut impl BufRead, longest: usize) -> io::Result<Line> {
    let mut line = Vec::new();
    let limit = longest as u64 + 1;
    let read = (&mut *from).take(limit).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Line::Whole(line));
    }
    match read {
        0 => Ok(Line::End),
        read if read <= longest => Ok(Line::Whole(line)),
        _ => pass_over(from).map(|()| Line::TooLong),
    }
}

/// The rest of a line.
fn pass_over(from: &mut impl BufRead) -> io::Result<()> {
    loop {
        let piece = match from.fill_buf() {
            Ok(piece) => piece,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = memchr::memchr(b'\n', piece);
        let length = end.map_or(piece.len(), |at| at + 1);
        from.consume(length);
        if end.is_some() || length == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_or_passed_over() {
        let mut from: &[u8] = b"a\n\n1234\n12345\nrest12345678\nb";
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        for expected in [
            whole("a"),
            whole(""),
            whole("1234"),
            Line::TooLong,
            Line::TooLong,
            whole("b"),
            Line::End,
            Line::End,
        ] {
            assert_eq!(next_line(&mut from, 4).unwrap(), expected);
        }
        let mut long: &[u8] = b"123456";
        assert_eq!(next_line(&mut long, 4).unwrap(), Line::TooLong);
        assert_eq!(next_line(&mut long, 4).unwrap(), Line::End);
    }
}
