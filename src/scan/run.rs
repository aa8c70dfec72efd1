//! Runs of base 64 in a text, also where JSON, URLs or HTML spell `/` and `+` otherwise.

/// Whether a byte is one of base 64, padding left out.
pub(super) fn is_core(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// What may begin, or end, another spelling of `/` and `+`.
fn is_of_spelling(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'&' | b'#' | b';')
}

/// How `/` and `+` are written where they mean something else.
const SPELLINGS: [(&[u8], u8); 10] = [
    (b"\\/", b'/'),
    (b"%2F", b'/'),
    (b"%2B", b'+'),
    (b"%252F", b'/'),
    (b"%252B", b'+'),
    (b"\\u002F", b'/'),
    (b"\\u002B", b'+'),
    (b"&#x2F;", b'/'),
    (b"&#x2B;", b'+'),
    (b"&#43;", b'+'),
];

/// The byte of base 64 that the text begins with there, and how many bytes it takes.
fn core_at(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let first = *text.get(at)?;
    if is_core(first) {
        return Some((first, 1));
    }
    let rest = text.get(at..).filter(|_| is_of_spelling(first))?;
    SPELLINGS
        .iter()
        .find(|(spelling, _)| {
            rest.get(..spelling.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(spelling))
        })
        .map(|(spelling, byte)| (*byte, spelling.len()))
}

/// The longest run that anything is made of: a session token is shorter.
const LONGEST: usize = 8192;

/// Base 64 that stands together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Where it begins in the text
    pub start: usize,
    /// The byte behind it
    pub end: usize,
    /// As it is meant
    pub word: Vec<u8>,
}

/// The run that begins there.
pub(super) fn read_run(text: &[u8], start: usize) -> Run {
    let (mut end, mut word) = (start, Vec::new());
    while let Some((byte, length)) = core_at(text, end) {
        if word.len() == LONGEST {
            break;
        }
        word.push(byte);
        end += length;
    }
    Run { start, end, word }
}

/// The beginning of the run that a byte of base 64 is in.
fn start_of_run(text: &[u8], at: usize) -> usize {
    let mut start = at;
    loop {
        let before = text.iter().take(start).rev().take(LONGEST);
        start -= before.take_while(|byte| is_core(**byte)).count();
        // A sign that spells, with what was passed already: `\` before `/abc`, `&#43;` before `abc`.
        let is_spelling = |at: &usize| {
            core_at(text, *at).is_some_and(|(_, length)| length > 1 && *at + length >= start)
        };
        match (1..=6).rev().filter_map(|length| start.checked_sub(length)).find(is_spelling) {
            Some(spelling) => start = spelling,
            None => return without_escape(text, start),
        }
    }
}

/// Leaves out letters at the beginning that belong to a sign before them: `\nAKIA`, `%3DAKIA`, `\u0022AKIA`,
/// `[32mAKIA`.
fn without_escape(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let before = start.checked_sub(1).and_then(|before| text.get(before));
    let hex = |from: usize, count: usize| {
        rest.get(from..from + count).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let skip = match (before, rest.first()) {
        (Some(b'\\'), Some(b'n' | b't' | b'r' | b'b' | b'f')) => 1,
        (Some(b'\\'), Some(b'u')) if hex(1, 4) => 5,
        (Some(b'\\'), Some(b'x')) if hex(1, 2) => 3,
        (Some(b'%'), Some(_)) if hex(0, 2) => 2,
        (Some(b'[' | b';'), Some(b'0'..=b'9')) => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if rest.get(digits) == Some(&b'm') { digits + 1 } else { 0 }
        }
        _ => 0,
    };
    start + skip
}

/// Runs of at least this many bytes are found: only one byte of so many is looked at.
pub(super) const SHORTEST: usize = 16;

/// The runs of a text, from the first to the last, that are not too short.
pub(super) fn runs(text: &[u8]) -> impl Iterator<Item = Run> + '_ {
    let mut next = 0;
    std::iter::from_fn(move || {
        while let Some(byte) = text.get(next) {
            let inside = match is_core(*byte) {
                true => Some(next),
                // The middle of a run may be such a sign.
                false if is_of_spelling(*byte) => (1..=2)
                    .filter_map(|length| next.checked_sub(length))
                    .find(|at| is_core(text[*at])),
                false => None,
            };
            let Some(at) = inside else {
                next += SHORTEST;
                continue;
            };
            let run = read_run(text, start_of_run(text, at));
            let mut end = run.end;
            while let Some((_, length)) = core_at(text, end) {
                end += length;
            }
            // A run that begins behind the end, and is long enough, has this byte.
            next = end.max(at) + SHORTEST;
            if run.word.len() >= SHORTEST {
                return Some(run);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        runs(text.as_bytes()).map(|run| String::from_utf8(run.word).unwrap()).collect()
    }

    #[test]
    fn runs_are_found_wherever_they_stand() {
        let words = ["aB3/".repeat(4), "xY+9".repeat(5), "Q".repeat(100)];
        for gap in 1..40 {
            let blank = " ".repeat(gap);
            let text = format!("{blank}{}{blank}{}{blank}{}", words[0], words[1], words[2]);
            assert_eq!(found(&text), words, "{gap}");
        }
    }

    #[test]
    fn signs_are_read_as_they_are_meant() {
        let plain = format!("{0}/{0}+{0}", "aB3dE".repeat(2));
        for (docs, slash, plus) in [
            ("as they are", "/", "+"),
            ("JSON of PHP", "\\/", "+"),
            ("JSON of Go", "\\u002f", "\\u002b"),
            ("a URL", "%2F", "%2B"),
            ("a URL in a URL", "%252f", "%252B"),
            ("HTML", "&#x2F;", "&#43;"),
        ] {
            let text = plain.replace('/', slash).replace('+', plus);
            for blanks in 0..20 {
                let text = format!("{}={text}\"", " ".repeat(blanks));
                assert_eq!(found(&text), [&*plain], "{docs} {blanks}");
            }
        }
    }

    #[test]
    fn letters_of_an_escape_are_no_part_of_a_run() {
        let word = "aB3dE".repeat(4);
        for before in ["\\n", "\\t", "\\u0022", "\\x1b", "%3D", "%22", "[32m", "[0;32m", "\"", "="]
        {
            assert_eq!(found(&format!("{before}{word}\\n")), [&*word], "{before}");
        }
        // Letters that no sign stands before are its own.
        assert_eq!(found(&format!("m{word}")), [format!("m{word}")]);
    }

    #[test]
    fn what_is_longer_than_any_key_is_cut_and_passed_over() {
        let found = found(&format!("{} {}", "aB3/".repeat(100_000), "xY+9".repeat(5)));
        assert_eq!(found.iter().map(String::len).collect::<Vec<_>>(), [LONGEST, 20]);
    }
}
