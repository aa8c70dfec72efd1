//! Time-based one-time passwords as AWS's virtual devices make them: SHA-1, six digits, 30 seconds.
//! <https://www.rfc-editor.org/rfc/rfc6238>

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::credentials::{MfaCode, Secret};

/// Length of a step, seconds.
pub(crate) const STEP_SECONDS: i64 = 30;

/// The fewest characters of a seed, 80 bits: what is shorter is no seed, but a code or a part of one.
const SHORTEST: usize = 16;
/// The most characters of a seed; AWS's have 64.
const LONGEST: usize = 1024;

/// What a device's codes are made of. Base 32 as a person types it into a device, without padding.
#[derive(Clone, Debug)]
pub(crate) struct Seed(Secret);

/// Why a text is no seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SeedFlaw {
    #[error("it is empty")]
    Empty,
    #[error("it has something else than base 32: letters and the digits 2 to 7")]
    NotBase32,
    #[error("it is cut short")]
    Cut,
    #[error("it has fewer than {SHORTEST} characters")]
    TooShort,
    #[error("it has more than {LONGEST} characters")]
    TooLong,
}

impl Seed {
    /// Reads base 32 (RFC 4648): in capitals or not, with or without padding, blanks and hyphens.
    pub(crate) fn parse(text: &str) -> Result<Self, SeedFlaw> {
        let is_layout = |c: char| c.is_whitespace() || c == '-';
        let mut digits = Zeroizing::new(String::with_capacity(text.len()));
        digits.extend(
            text.trim_end_matches(|c| c == '=' || is_layout(c))
                .chars()
                .filter_map(|c| (!is_layout(c)).then_some(c.to_ascii_uppercase())),
        );
        if !digits.bytes().all(|digit| value(digit).is_some()) {
            return Err(SeedFlaw::NotBase32);
        }
        match digits.len() {
            0 => Err(SeedFlaw::Empty),
            length if length < SHORTEST => Err(SeedFlaw::TooShort),
            length if length > LONGEST => Err(SeedFlaw::TooLong),
            // No number of whole bytes ends so.
            length if matches!(length % 8, 1 | 3 | 6) => Err(SeedFlaw::Cut),
            _ => Ok(Self(Secret::new(digits.as_str()))),
        }
    }

    /// The text that [`Self::parse`] reads.
    pub(super) fn text(&self) -> &Secret {
        &self.0
    }

    /// What the device shows in this step: HOTP (RFC 4226, 5.3) over its number.
    pub(crate) fn code(&self, step: Step) -> MfaCode {
        let key = self.bytes();
        let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("HMAC takes keys of any length");
        mac.update(&step.0.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let start = usize::from(digest[19] & 0xf);
        let word = [digest[start] & 0x7f, digest[start + 1], digest[start + 2], digest[start + 3]];
        let digits = Zeroizing::new(format!("{:06}", u32::from_be_bytes(word) % 1_000_000));
        MfaCode::parse(&digits).expect("these are six digits")
    }

    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        let digits = self.0.expose().bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(digits.len() * 5 / 8));
        let (mut bits, mut count) = (0_u32, 0);
        for digit in digits.filter_map(value) {
            bits = bits << 5 | u32::from(digit);
            count += 5;
            if count >= 8 {
                count -= 8;
                bytes.push((bits >> count) as u8);
            }
        }
        bytes
    }
}

/// The five bits of a digit of base 32.
fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'2'..=b'7' => Some(digit - b'2' + 26),
        _ => None,
    }
}

/// A step of 30 seconds, in which a device shows one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step(i64);

impl Step {
    pub(crate) fn at(time: DateTime<Utc>) -> Self {
        Self(time.timestamp().div_euclid(STEP_SECONDS))
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// When it begins, which is when the one before it ends.
    pub(crate) fn begin(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0 * STEP_SECONDS, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: `12345678901234567890` with SHA-1, of whose eight digits six are the last.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let seed = Seed::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        assert_eq!(&**seed.bytes(), b"12345678901234567890");
        for (time, expected) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let step = Step::at(DateTime::from_timestamp(time, 0).unwrap());
            assert_eq!(seed.code(step).expose(), &expected[2..], "{time}");
        }
    }

    /// RFC 4648, section 10, and what is typed by hand.
    #[test]
    fn base_32_is_read_as_people_and_programs_write_it() {
        for (docs, text, expected) in [
            ("plain", "MZXW6YTBOJTG633CMFZGM33P", "foobarfoobarfoo"),
            ("cut where a byte ends", "MZXW6YTBOJTG633CMFZGM33PMI", "foobarfoobarfoob"),
            ("padding", "MZXW6YTBOJTG633CMFZGM33PMI======", "foobarfoobarfoob"),
            ("small letters", "mzxw6ytbojtg633cmfzgm33p", "foobarfoobarfoo"),
            ("in groups", "MZXW 6YTB OJTG 633C MFZG M33P", "foobarfoobarfoo"),
            ("hyphens and a line's end", "mzxw-6ytb-ojtg-633c-mfzg-m33p\r\n", "foobarfoobarfoo"),
        ] {
            assert_eq!(*Seed::parse(text).unwrap().bytes(), expected.as_bytes(), "{docs}");
        }
        for (text, flaw) in [
            ("", SeedFlaw::Empty),
            (" = ", SeedFlaw::Empty),
            ("123456", SeedFlaw::NotBase32),
            ("234567", SeedFlaw::TooShort),
            ("MZXW6YTBOJTG633C1", SeedFlaw::NotBase32),
            ("MZXW6YTB=OJTG633C", SeedFlaw::NotBase32),
            ("MZXW6YTBOJTG633Cé", SeedFlaw::NotBase32),
            ("MZXW6YTBOJTG633CA", SeedFlaw::Cut),
            (&"A".repeat(1025), SeedFlaw::TooLong),
        ] {
            assert_eq!(Seed::parse(text).err(), Some(flaw), "{text}");
        }
    }

    #[test]
    fn a_step_has_30_seconds() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let step = Step::at(at(59));
        assert_eq!((step, step.begin()), (Step::at(at(30)), at(30)));
        assert_eq!((step.next(), step.next().begin()), (Step::at(at(60)), at(60)));
    }

    #[test]
    fn debug_shows_no_seed() {
        let seed = Seed::parse("MZXW6YTBOJTG633CMFZGM33P").unwrap();
        assert_eq!(format!("{seed:?}"), "Seed(***)");
    }
}
