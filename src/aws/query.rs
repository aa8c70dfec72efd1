//! The query of an address that a browser opens.

use std::fmt::Write;

/// A value of a query: all but the unreserved characters of RFC 3986 encoded.
pub(super) fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(byte.into());
            }
            _ => write!(text, "%{byte:02X}").expect("a string takes any text"),
        }
    }
    text
}
