//! The secrets of a record as bytes. The only code that serialises secrets.

use zeroize::Zeroizing;

use crate::credentials::Secret;

/// The secrets of a record: texts in a fixed order, or names and texts in turn.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<Option<Secret>>);

/// The length of an absent field.
const ABSENT: u32 = u32::MAX;

impl Fields {
    /// Fields that are told apart by their place; [`Self::into_array`] reads them.
    pub fn in_order(fields: impl IntoIterator<Item = Option<Secret>>) -> Self {
        Self(fields.into_iter().collect())
    }

    /// Fields that are told apart by a name, absent ones left out; [`Self::get`] reads them.
    pub fn by_name(fields: impl IntoIterator<Item = (&'static str, Option<Secret>)>) -> Self {
        let pair = |(name, secret): (&str, Option<Secret>)| {
            secret.map(|secret| [Some(Secret::new(name)), Some(secret)])
        };
        Self(fields.into_iter().filter_map(pair).flatten().collect())
    }

    pub fn into_array<const N: usize>(self) -> Option<[Option<Secret>; N]> {
        self.0.try_into().ok()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter().flatten()
    }

    pub fn get(&self, name: &str) -> Option<&Secret> {
        let (pairs, _) = self.0.as_chunks::<2>();
        pairs.iter().find_map(|pair| match pair {
            [Some(own), secret] if own.expose() == name => secret.as_ref(),
            _ => None,
        })
    }

    /// Each field with its length before it: 4 bytes, big-endian.
    pub(super) fn to_body(&self) -> Zeroizing<Vec<u8>> {
        let text = |field: &Option<Secret>| field.as_ref().map_or(0, |text| text.expose().len());
        // Room for all of it at once: a buffer that grows leaves copies behind.
        let mut body =
            Zeroizing::new(Vec::with_capacity(self.0.iter().map(|field| 4 + text(field)).sum()));
        for field in &self.0 {
            let length = field.as_ref().map_or(ABSENT, |text| {
                u32::try_from(text.expose().len()).expect("secrets are far below 4 GiB")
            });
            body.extend_from_slice(&length.to_be_bytes());
            body.extend_from_slice(field.as_ref().map_or(b"", |text| text.expose().as_bytes()));
        }
        body
    }

    /// Reads an opened body; `None` unless it is what `to_body` writes.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut rest = body;
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = u32::from_be_bytes(*length);
            rest = after;
            if length == ABSENT {
                fields.push(None);
                continue;
            }
            let (text, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            rest = after;
            // A `Secret` at once, so that it is wiped if a later field is malformed.
            fields.push(Some(Secret::new(std::str::from_utf8(text).ok()?)));
        }
        Some(Self(fields))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(fields: &Fields) -> Vec<Option<&str>> {
        fields.0.iter().map(|field| field.as_ref().map(Secret::expose)).collect()
    }

    #[test]
    fn fields_in_order_are_read_back_and_no_part_of_them() {
        let fields = Fields::in_order([Some(Secret::new("a")), None, Some(Secret::new(""))]);
        let body = fields.to_body();
        assert_eq!(&**body, b"\0\0\0\x01a\xff\xff\xff\xff\0\0\0\0");
        assert_eq!(texts(&Fields::parse(&body).unwrap()), [Some("a"), None, Some("")]);
        for length in 0..body.len() {
            let whole = [0, 5, 9].contains(&length);
            assert_eq!(Fields::parse(&body[..length]).is_some(), whole, "{length}");
        }
        assert!(Fields::parse(b"\0\0\0\x01\xff").is_none(), "not Unicode");
        assert!(Fields::parse(&body).unwrap().into_array::<2>().is_none());
        let [a, absent, empty] = Fields::parse(&body).unwrap().into_array().unwrap();
        assert_eq!((a.unwrap().expose(), empty.unwrap().expose()), ("a", ""));
        assert!(absent.is_none());
    }

    #[test]
    fn named_fields_are_found_by_name() {
        let fields =
            Fields::by_name([("a", Some(Secret::new("b"))), ("absent", None), ("b", None)]);
        let body = fields.to_body();
        assert_eq!(&**body, b"\0\0\0\x01a\0\0\0\x01b");
        let read = Fields::parse(&body).unwrap();
        assert_eq!(read.get("a").map(Secret::expose), Some("b"));
        assert!(read.get("b").is_none() && read.get("absent").is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes: Vec<u8>) {
            let _ = Fields::parse(&bytes);
        }
    }
}
