//! What the parts of credentials may be made of. A header that cannot be built makes the SDK panic, and
//! whoever gets a line break in a value has two lines.

/// What a text has that its kind never has, as the end of a sentence that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("has a line break")]
    LineBreak,
    #[error("has a control character")]
    ControlCharacter,
    #[error("has a blank")]
    Blank,
    #[error("has a character that is not ASCII")]
    NotAscii,
}

/// Checks a secret or a name: one line, without control characters.
pub(crate) fn check_line(text: &str) -> Result<(), Flaw> {
    match text.chars().find(|c| c.is_control()) {
        Some('\n' | '\r') => Err(Flaw::LineBreak),
        Some(_) => Err(Flaw::ControlCharacter),
        None => Ok(()),
    }
}

/// Checks a key id, a token, an account or an ARN: printable ASCII without blanks.
pub(crate) fn check_word(text: &str) -> Result<(), Flaw> {
    // Bytes are looked at in a fraction of the time.
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    check_line(text)?;
    match text.chars().find(|c| !c.is_ascii_graphic()) {
        Some(' ') => Err(Flaw::Blank),
        Some(_) => Err(Flaw::NotAscii),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaws_are_told_apart() {
        for (text, line, word) in [
            ("AKIAEXAMPLE", "", ""),
            ("a/b+c=", "", ""),
            ("", "", ""),
            ("a b", "", "has a blank"),
            ("ü", "", "has a character that is not ASCII"),
            ("a\nb", "has a line break", "has a line break"),
            ("a\r", "has a line break", "has a line break"),
            ("\u{1b}[2J", "has a control character", "has a control character"),
            ("a\u{9b}2J", "has a control character", "has a control character"),
        ] {
            let shown = |checked: Result<(), Flaw>| match checked {
                Ok(()) => String::new(),
                Err(flaw) => flaw.to_string(),
            };
            assert_eq!(shown(check_line(text)), line, "{text:?}");
            assert_eq!(shown(check_word(text)), word, "{text:?}");
        }
    }
}
