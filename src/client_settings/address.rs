//! What of an address may be shown, and which are this machine's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `https://host:port` of a URL.
pub(crate) fn origin(url: &str) -> String {
    let (scheme, _) = url.split_once("://").unwrap_or_default();
    format!("{scheme}://{}", authority(url))
}

/// Whether a URL leads to this machine, however the address is written: the system takes `127.1`,
/// `2130706433` and `0x7f.1` for 127.0.0.1.
pub(crate) fn is_loopback(url: &str) -> bool {
    let host = host(url).to_ascii_lowercase();
    let name = host.trim_end_matches('.');
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let address = match bare.parse::<Ipv6Addr>() {
        Ok(address) => Some(address.to_canonical()),
        Err(_) => ipv4(name).map(IpAddr::V4),
    };
    match address {
        Some(address) => address.is_loopback(),
        None => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// The host and port of `scheme://user@host:port/path`.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// The host of a URL, an IPv6 address in its brackets.
pub(crate) fn host(url: &str) -> &str {
    let authority = authority(url);
    match authority.find(']') {
        Some(end) => &authority[..=end],
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// One to four numbers, the last one for all the bytes that are left, as `inet_aton` reads them.
fn ipv4(host: &str) -> Option<Ipv4Addr> {
    let numbers: Vec<u32> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = numbers.split_last()?;
    if first.len() > 3 || first.iter().any(|byte| *byte > 255) {
        return None;
    }
    let room = 8 * (4 - first.len());
    if u64::from(*last) >= 1 << room {
        return None;
    }
    let high = first.iter().enumerate().map(|(at, byte)| byte << (24 - 8 * at));
    Some(Ipv4Addr::from(high.fold(*last, |address, byte| address | byte)))
}

/// Decimal, `0x…` or octal with a leading zero.
fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match (text.strip_prefix("0x"), text.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (text, 10),
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_number.then(|| u32::from_str_radix(digits, radix).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_many_names() {
        for (url, expected) in [
            ("http://127.0.0.1:4566/x", true),
            ("http://127.9.9.9", true),
            ("http://127.1", true),
            ("http://2130706433:80", true),
            ("http://0x7f.1/", true),
            ("http://0177.0.0.1", true),
            ("http://127.0.0.1.", true),
            ("http://[::1]:80/", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://LOCALHOST:1", true),
            ("http://sts.localhost", true),
            ("http://me:password@localhost?x", true),
            ("http://localhost@192.0.2.1", false),
            ("http://0.0.0.0", false),
            ("http://128.1", false),
            ("http://127.0.0.0.1", false),
            ("http://127.256.1", false),
            ("http://4294967296", false),
            ("http://localhost.example", false),
            ("http://127.example", false),
            ("http://[::2]", false),
            ("http://", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(url), expected, "{url}");
        }
    }

    #[test]
    fn an_origin_holds_no_credentials() {
        for (url, expected) in [
            ("https://sts.eu-west-1.amazonaws.com/", "https://sts.eu-west-1.amazonaws.com"),
            ("http://me:planted@localhost:4566/x?y", "http://localhost:4566"),
            ("http://[::1]:80", "http://[::1]:80"),
        ] {
            assert_eq!(origin(url), expected);
        }
    }
}
