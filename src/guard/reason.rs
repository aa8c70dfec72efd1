//! Why somebody uses a profile, in words that CloudTrail can have.

/// Holds a text to be what a session tag and the description of a scope may both be.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html>
pub(crate) fn check_reason(text: &str) -> Result<(), &'static str> {
    let is_legal = |c: char| c <= '\u{ff}' && c.is_alphanumeric() || " _.:/=+-@".contains(c);
    match text.chars().count() {
        2..=256 if text.chars().all(is_legal) && text.trim() == text => Ok(()),
        2..=256 => Err("AWS takes letters, digits, blanks and _.:/=+-@ alone"),
        _ => Err("it is not 2 to 256 characters long"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_what_aws_takes() {
        for (text, expected) in [
            ("ticket 12: müde", true),
            ("a", false),
            ("", false),
            ("a#b", false),
            ("a\nb", false),
            (" ab", false),
            ("日本", false),
        ] {
            assert_eq!(check_reason(text).is_ok(), expected, "{text:?}");
        }
        assert!(check_reason(&"x".repeat(257)).is_err());
    }
}
