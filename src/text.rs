//! Small tools for text that more than one room needs.

/// Lower-case hexadecimal digits. Allocates once, so that no copy of a secret stays behind.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for nibble in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        digits.push(char::from_digit(nibble.into(), 16).expect("a nibble is one digit"));
    }
    digits
}

/// Reads what [`hex`] wrote.
pub(crate) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| Some(char::from(digit).to_digit(16)? as u8);
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let pairs = digits.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    for pair in pairs {
        bytes.push(nibble(pair[0])? << 4 | nibble(pair[1])?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_back() {
        assert_eq!(hex(&[0, 0x0f, 0xa5, 0xff]), "000fa5ff");
        assert_eq!(unhex("000fa5ff"), Some(vec![0, 0x0f, 0xa5, 0xff]));
        assert_eq!((unhex("0"), unhex("zz")), (None, None));
    }
}
