//! An overlay on its way from the process that made it to the one that becomes the command.

use zeroize::Zeroizing;

use super::overlay::Overlay;
use crate::credentials::Secret;

/// What becomes of a variable
const SET: u8 = b'=';
const UNSET: u8 = b'-';

impl Overlay {
    /// `NAME=VALUE` and `NAME-`, each after how many bytes it has.
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Room for all of it at once: a buffer that grows leaves copies behind.
        let sizes = self.iter().map(|(name, value)| {
            8 + 1 + name.len() + value.map_or(0, |value| value.expose().len())
        });
        let mut bytes = Zeroizing::new(Vec::with_capacity(sizes.sum()));
        for (name, value) in self.iter() {
            let text = value.map(Secret::expose).unwrap_or_default();
            for length in [name.len(), text.len()] {
                bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
            }
            bytes.push(if value.is_some() { SET } else { UNSET });
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }

    /// What [`Self::to_bytes`] gave.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (mut overlay, mut rest) = (Self::default(), bytes);
        while !rest.is_empty() {
            let (name_length, value_length) = (take_length(&mut rest)?, take_length(&mut rest)?);
            let (kind, more) = rest.split_first()?;
            let (name, more) = more.split_at_checked(name_length)?;
            let (value, more) = more.split_at_checked(value_length)?;
            let (name, value) = (std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?);
            match *kind {
                SET => overlay.set_secret(name, Secret::new(value)),
                UNSET => overlay.unset(name),
                _ => return None,
            }
            rest = more;
        }
        Some(overlay)
    }
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    let (length, more) = rest.split_first_chunk()?;
    *rest = more;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut overlay = Overlay::default();
        overlay.set("A", "");
        overlay.set("B", "a=b\n\u{1f600}");
        overlay.unset("C");
        let bytes = overlay.to_bytes();
        assert_eq!(bytes.capacity(), bytes.len(), "it never moved");
        let read = Overlay::from_bytes(&bytes).unwrap();
        let pairs = |overlay: &Overlay| -> Vec<(String, Option<String>)> {
            let text = |value: &Secret| value.expose().to_owned();
            overlay.iter().map(|(name, value)| (name.to_owned(), value.map(text))).collect()
        };
        assert_eq!(pairs(&read), pairs(&overlay));
        for length in 1..bytes.len() {
            let part = Overlay::from_bytes(&bytes[..length]);
            assert!(part.is_none_or(|part| pairs(&part).len() < 3), "{length}");
        }
        assert!(Overlay::from_bytes(&[0, 0, 0, 0, 0, 0, 0, 0, b'x']).is_none());
    }
}
