//! Durations as people type them: `15m`, `1h30m`, `3600`.

use std::time::Duration;

/// Text that is no duration. The text itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a duration such as 15m, 1h30m or 3600 (seconds)")]
pub(crate) struct InvalidDuration;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads a duration: whole seconds (`3600`), or numbers with the units d, h, m, s, the largest
/// first and each at most once (`1h30m`).
///
/// # Errors
/// Anything else, also fractions, signs and blanks between.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let mut rest = text.trim();
    if let Ok(seconds) = digits(rest) {
        return Ok(Duration::from_secs(seconds));
    }
    let mut seconds: u64 = 0;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let at = rest.find(|c: char| !c.is_ascii_digit()).ok_or(InvalidDuration)?;
        let (number, unit) = rest.split_at(at);
        let symbol = unit.chars().next().ok_or(InvalidDuration)?;
        let (_, size) = units.find(|(known, _)| *known == symbol).ok_or(InvalidDuration)?;
        seconds = digits(number)?
            .checked_mul(*size)
            .and_then(|part| seconds.checked_add(part))
            .ok_or(InvalidDuration)?;
        rest = &unit[symbol.len_utf8()..];
    }
    if text.trim().is_empty() { Err(InvalidDuration) } else { Ok(Duration::from_secs(seconds)) }
}

fn digits(text: &str) -> Result<u64, InvalidDuration> {
    // `parse` alone would also take `+5`.
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(InvalidDuration);
    }
    text.parse().map_err(|_| InvalidDuration)
}

/// As [`parse_duration`] reads it: `1h30m`, `15m`, `45s`. Parts of a second are left out.
pub(crate) fn display_duration(duration: Duration) -> String {
    let mut rest = duration.as_secs();
    let mut text = String::new();
    for (symbol, size) in &UNITS[1..] {
        if rest >= *size {
            text.push_str(&(rest / size).to_string());
            text.push(*symbol);
            rest %= size;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("15m", Some(900)),
            ("1h30m", Some(5_400)),
            ("3600", Some(3_600)),
            (" 45s ", Some(45)),
            ("1d", Some(86_400)),
            ("1h5s", Some(3_605)),
            ("0", Some(0)),
            ("0090m", Some(5_400)),
            ("", None),
            (" ", None),
            ("m", None),
            ("1h30", None),
            ("30m1h", None),
            ("1h1h", None),
            ("1.5h", None),
            ("-5m", None),
            ("+5", None),
            ("1 h", None),
            ("1H", None),
            ("5µ", None),
            ("99999999999999999999", None),
            ("9999999999999999d", None),
        ] {
            assert_eq!(parse_duration(text).ok(), seconds.map(Duration::from_secs), "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for (seconds, shown) in [
            (0, "0s"),
            (45, "45s"),
            (900, "15m"),
            (3_600, "1h"),
            (5_400, "1h30m"),
            (3_661, "1h1m1s"),
            (129_600, "36h"),
        ] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(display_duration(duration), shown);
            assert_eq!(parse_duration(shown), Ok(duration));
        }
    }
}
