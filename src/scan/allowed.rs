//! Keys that are allowed, as git-secrets has it: `secrets.allowed` of git's settings, and `.gitallowed`.
//!
//! A pattern is held against the key alone. git-secrets holds it against path and line, where one word that is allowed
//! hides every key beside it.

use std::str::Lines;

use regex_lite::Regex;

/// Extended regular expressions.
#[derive(Debug, Default)]
pub(crate) struct Allowed(Vec<Regex>);

/// A pattern that is none.
#[derive(Debug, thiserror::Error)]
#[error("\"{pattern}\" is no regular expression: {cause}")]
pub(crate) struct BadPattern {
    pattern: String,
    cause: String,
    /// Which line of those that were given, from 1
    pub line: usize,
}

impl Allowed {
    /// Adds the pattern of each line; a blank line is none, nor is one that begins with `#`.
    pub(crate) fn add(&mut self, lines: Lines<'_>) -> Result<(), BadPattern> {
        for (line, pattern) in (1..).zip(lines) {
            if pattern.trim().is_empty() || pattern.starts_with('#') {
                continue;
            }
            let regex = Regex::new(pattern).map_err(|error| BadPattern {
                pattern: pattern.to_owned(),
                cause: error.to_string(),
                line,
            })?;
            self.0.push(regex);
        }
        Ok(())
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_held_against_the_key() {
        let mut allowed = Allowed::default();
        let text = "# remark\n\nAKIA[A-Z]{4}ONLY\n^ASIA.*7$\n[[:digit:]]{5}\n";
        allowed.add(text.lines()).unwrap();
        for (key, expected) in [
            ("AKIAQWERONLYAAAAAAA", true),
            ("ASIAXXXXXXXXXXXXXXX7", true),
            ("ASIAXXXXXXXXXXXXXX7X", false),
            ("AKIAXXXXX23456XXXXXX", true),
            ("# remark", false),
        ] {
            assert_eq!(allowed.has(key), expected, "{key}");
        }
    }

    #[test]
    fn a_pattern_that_is_none_is_named() {
        let error = Allowed::default().add("a\n(b\n".lines()).unwrap_err();
        assert_eq!(error.line, 2);
        assert!(error.to_string().starts_with("\"(b\" is no regular expression: "), "{error}");
    }
}
