//! One file as it was before a command changed it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::credentials::{Secret, SessionKey};
use crate::text::hex;
use crate::vault::{Fields, Header, Record};

/// Which file, and when, in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VersionHeader {
    /// From the root, no link
    pub path: String,
    /// When the command began; all files that it changed have the same
    pub step: DateTime<Utc>,
}

/// What a file said before and not after.
#[derive(Clone)]
pub(crate) struct Version {
    pub header: VersionHeader,
    /// SHA-256 of both texts, hexadecimal
    before: String,
    after: String,
    /// What stands between the bytes that both begin and end with, in the text before
    middle: Secret,
    /// How many bytes those are
    head: usize,
    tail: usize,
}

/// How a file is now, beside a version of it.
pub(crate) enum Standing {
    /// As the command left it; with the text before
    After(String),
    /// As before: the command was ended, or somebody took its change back
    Before,
    /// Somebody changed it since
    Other,
}

impl VersionHeader {
    pub(super) fn key(&self) -> SessionKey {
        let step = self.step.timestamp_micros().to_string();
        SessionKey::builder("file before").field("path", &self.path).field("step", &step).build()
    }
}

impl Version {
    pub(crate) fn new(header: VersionHeader, before: &str, after: &str) -> Self {
        let is_same = |(a, b): &(u8, u8)| a == b;
        let pairs = before.bytes().zip(after.bytes());
        let mut head = pairs.take_while(is_same).count();
        while !before.is_char_boundary(head) {
            head -= 1;
        }
        let rest = before[head..].bytes().rev().zip(after.bytes().skip(head).rev());
        let most = before.len().min(after.len()) - head;
        let mut tail = rest.take(most).take_while(is_same).count();
        while !before.is_char_boundary(before.len() - tail) {
            tail -= 1;
        }
        let middle = Secret::new(&before[head..before.len() - tail]);
        Self { header, before: digest(before), after: digest(after), middle, head, tail }
    }

    /// How a file with this text stands.
    pub(crate) fn compare(&self, now: &str) -> Standing {
        let digest_now = digest(now);
        if digest_now == self.before {
            return Standing::Before;
        }
        let of_before = || {
            let tail = now.len().checked_sub(self.tail)?;
            let text = [now.get(..self.head)?, self.middle.expose(), now.get(tail..)?].concat();
            (digest_now == self.after && digest(&text) == self.before).then_some(text)
        };
        of_before().map_or(Standing::Other, Standing::After)
    }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

impl Header for VersionHeader {
    const FOLDER: &'static str = "history";
    const IS_CACHE: bool = false;
}

impl Record for Version {
    type Header = VersionHeader;

    fn to_parts(&self) -> (VersionHeader, Fields) {
        let lengths = [self.head.to_string(), self.tail.to_string()];
        let texts = [&self.before, &self.after].into_iter().chain(&lengths);
        let texts = texts.map(|text| Some(Secret::new(&**text)));
        (self.header.clone(), Fields::in_order(texts.chain([Some(self.middle.clone())])))
    }

    fn from_parts(header: VersionHeader, fields: Fields) -> Option<Self> {
        let [before, after, head, tail, middle] = fields.into_array()?;
        let text = |field: Option<Secret>| Some(field?.expose().to_owned());
        Some(Self {
            header,
            before: text(before)?,
            after: text(after)?,
            head: text(head)?.parse().ok()?,
            tail: text(tail)?.parse().ok()?,
            middle: middle?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(before: &str, after: &str) -> Version {
        let step = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        Version::new(VersionHeader { path: "/c".to_owned(), step }, before, after)
    }

    #[test]
    fn no_more_is_kept_than_what_is_gone() {
        let before = "[a]\nregion = x\naws_secret_access_key = planted\n";
        let after = "[a]\nregion = yy\naws_secret_access_key = planted\n";
        let kept = version(before, after);
        assert_eq!(kept.middle.expose(), "x");
        let (header, fields) = kept.to_parts();
        let read = Version::from_parts(header, fields).unwrap();
        assert!(matches!(read.compare(after), Standing::After(text) if text == before));
        assert!(matches!(read.compare(before), Standing::Before));
        assert!(matches!(read.compare("[a]\n"), Standing::Other));
        assert!(matches!(read.compare(""), Standing::Other));
        let half = Fields::in_order([Some(Secret::new("d"))]);
        assert!(Version::from_parts(read.header, half).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

        #[test]
        fn the_text_before_comes_back(before in "[aé\n]{0,12}", after in "[aé\n]{0,12}") {
            let found = version(&before, &after).compare(&after);
            let is_found = match found {
                Standing::After(text) => text == before,
                Standing::Before => before == after,
                Standing::Other => false,
            };
            prop_assert!(is_found);
        }
    }
}
