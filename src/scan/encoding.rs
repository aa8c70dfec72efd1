//! Which bytes are text.

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// A byte is a letter, or part of one
    Bytes,
    Utf16 {
        big: bool,
    },
    /// No text
    Binary,
}

/// As many bytes say what a file is, as with git.
pub(super) const SAMPLE: usize = 8000;

/// What a file is that begins so. One with a NUL is binary, as with git, unless every other byte is one, or it says
/// that it is UTF-16.
pub(super) fn encoding_of(begin: &[u8]) -> Encoding {
    let begin = &begin[..begin.len().min(SAMPLE)];
    match begin {
        // UTF-32 begins so too, and nobody writes it.
        [0xff, 0xfe, ..] => return Encoding::Utf16 { big: false },
        [0xfe, 0xff, ..] => return Encoding::Utf16 { big: true },
        _ => {}
    }
    if memchr::memchr(0, begin).is_none() {
        return Encoding::Bytes;
    }
    let zeros =
        |first: usize| begin.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), begin.len() / 2);
    let is_most = |count: usize| count * 10 >= half * 7 && half > 0;
    match (is_most(even), is_most(odd)) {
        (true, false) if odd * 20 <= half => Encoding::Utf16 { big: true },
        (false, true) if even * 20 <= half => Encoding::Utf16 { big: false },
        _ => Encoding::Binary,
    }
}

/// Makes bytes of UTF-16, piece by piece. Keys are ASCII: any other letter becomes `?`.
#[derive(Default)]
pub(super) struct Narrow {
    /// The first half of a letter
    half: Option<u8>,
}

impl Narrow {
    pub(super) fn take(&mut self, piece: &[u8], big: bool) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(piece.len() / 2 + 1);
        for byte in piece {
            let Some(first) = self.half.take() else {
                self.half = Some(*byte);
                continue;
            };
            let (high, low) = if big { (first, *byte) } else { (*byte, first) };
            bytes.push(if high == 0 && low < 0x80 { low } else { b'?' });
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_what_is_none() {
        let wide = |text: &str, big: bool| -> Vec<u8> {
            let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            text.encode_utf16().flat_map(bytes).collect()
        };
        let utf16 = |big| Encoding::Utf16 { big };
        for (docs, begin, expected) in [
            ("nothing", vec![], Encoding::Bytes),
            ("text", b"text".to_vec(), Encoding::Bytes),
            ("not UTF-8", vec![0xe4, 0xf6], Encoding::Bytes),
            ("a mark", wide("\u{feff}text", false), utf16(false)),
            ("a mark, the other way", wide("\u{feff}text", true), utf16(true)),
            ("no mark", wide("text", false), utf16(false)),
            ("no mark, the other way", wide("text", true), utf16(true)),
            ("a NUL", b"te\0xt of some length".to_vec(), Encoding::Binary),
            ("NULs", vec![0; 100], Encoding::Binary),
            ("one NUL", vec![0], Encoding::Binary),
        ] {
            assert_eq!(encoding_of(&begin), expected, "{docs}");
            if let Encoding::Utf16 { big } = expected {
                let mut narrow = Narrow::default();
                let mut bytes = narrow.take(&begin[..3], big);
                bytes.extend(narrow.take(&begin[3..], big));
                assert!(bytes.ends_with(b"text"), "{docs}");
            }
        }
    }
}
