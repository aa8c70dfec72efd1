//! Patterns with `*` and `?`.

/// A pattern over a whole text: `*` is any run of characters, `?` any one; case counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    pub fn new(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The same where case does not count.
    pub fn matches_in_any_case(&self, text: &str) -> bool {
        Self(self.0.to_lowercase()).matches(&text.to_lowercase())
    }

    pub fn matches(&self, text: &str) -> bool {
        let (pattern, text): (Vec<char>, Vec<char>) =
            (self.0.chars().collect(), text.chars().collect());
        let (mut p, mut t) = (0, 0);
        // Where the last `*` is, and up to where of the text it matches so far.
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            match pattern.get(p) {
                Some('*') => {
                    star = Some((p, t));
                    p += 1;
                }
                Some(&c) if c == '?' || c == text[t] => {
                    p += 1;
                    t += 1;
                }
                _ => match star {
                    Some((at, taken)) => {
                        star = Some((at, taken + 1));
                        p = at + 1;
                        t = taken + 1;
                    }
                    None => return false,
                },
            }
        }
        pattern[p..].iter().all(|&c| c == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_texts() {
        for (pattern, text, expected) in [
            ("sandbox", "sandbox", true),
            ("sandbox", "Sandbox", false),
            ("sandbox-*", "sandbox-a", true),
            ("sandbox-*", "sandbox-", true),
            ("sandbox-*", "my sandbox-a", false),
            ("*sand*box*", "a sand in a box", true),
            ("*a*b", "aXbXb", true),
            ("*a*b", "aXbXc", false),
            ("?", "ä", true),
            ("?", "", false),
            ("", "", true),
            ("*", "", true),
            ("**", "x", true),
            ("", "x", false),
            ("11111111111?", "111111111111", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} {text}");
        }
        assert!(Glob::new("*Prod?").matches_in_any_case("PRODÄ"));
        assert!(!Glob::new("*Prod?").matches_in_any_case("pro"));
    }
}
