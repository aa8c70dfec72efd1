//! Virtual MFA devices: time-based one-time passwords, RFC 6238 (SHA-1, 6 digits, 30 seconds).

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha1::Sha1;

/// Length of a step in seconds.
pub(super) const STEP: i64 = 30;

/// A user's MFA device.
#[derive(Clone, Debug)]
pub(crate) struct MfaDevice {
    /// `arn:aws:iam::ACCOUNT:mfa/NAME`
    pub(crate) serial: String,
    seed: Vec<u8>,
    used: HashSet<i64>,
}

impl MfaDevice {
    /// A device that no code was used of.
    pub(crate) fn new(serial: &str, seed: &[u8]) -> Self {
        Self { serial: serial.to_owned(), seed: seed.to_owned(), used: HashSet::new() }
    }

    /// What the device shows at `time`.
    pub(crate) fn code(&self, time: DateTime<Utc>) -> String {
        code(&self.seed, step(time))
    }

    /// Takes a code of this step or a neighbour, once: as AWS, whose codes are single-use.
    pub(crate) fn accept(&mut self, code: &str, now: DateTime<Utc>) -> bool {
        let step = self.open_steps(now).find(|step| self::code(&self.seed, *step) == code);
        step.is_some_and(|step| self.used.insert(step))
    }

    /// Takes two codes of steps that follow each other, none of them to come: as `EnableMFADevice`.
    pub(crate) fn accept_both(&mut self, codes: [&str; 2], now: DateTime<Utc>) -> bool {
        let current = step(now);
        let first = (current - 2..=current).find(|first| {
            let is =
                |at: usize| code(&self.seed, first + i64::try_from(at).unwrap_or(0)) == codes[at];
            is(0) && is(1) && !self.used.contains(first) && !self.used.contains(&(first + 1))
        });
        first.is_some_and(|first| self.used.insert(first) && self.used.insert(first + 1))
    }

    /// A code that [`Self::accept`] would take, for half a minute at least: the last step's may be over in a moment.
    pub(crate) fn unused_code(&self, now: DateTime<Utc>) -> Option<String> {
        let last = step(now) - 1;
        self.open_steps(now).find(|step| *step != last).map(|step| code(&self.seed, step))
    }

    /// The seed in base 32, as it is typed into a device.
    pub(crate) fn seed_text(&self) -> String {
        let bits: String = self.seed.iter().map(|byte| format!("{byte:08b}")).collect();
        bits.as_bytes()
            .chunks(5)
            .map(|chunk| {
                let index = chunk.iter().fold(0, |index, bit| index * 2 + usize::from(bit - b'0'));
                char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[index << (5 - chunk.len())])
            })
            .collect()
    }

    fn open_steps(&self, now: DateTime<Utc>) -> impl Iterator<Item = i64> {
        let current = step(now);
        [current, current + 1, current - 1].into_iter().filter(|step| !self.used.contains(step))
    }
}

fn step(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(STEP)
}

/// RFC 4226's HOTP over the number of the step.
pub(crate) fn code(seed: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let start = usize::from(digest[19] & 0xf);
    let word = [digest[start] & 0x7f, digest[start + 1], digest[start + 2], digest[start + 3]];
    format!("{:06}", u32::from_be_bytes(word) % 1_000_000)
}
