//! Words that a person types to find lines.

/// A line has them if each of them is somewhere in it, in any order, in capitals or not.
pub(crate) struct Words<'t> {
    typed: &'t str,
    /// In lower case
    words: Vec<String>,
}

impl<'t> Words<'t> {
    /// Those of a line that is typed.
    pub(crate) fn new(typed: &'t str) -> Self {
        let typed = typed.trim();
        Self { typed, words: typed.split_whitespace().map(str::to_lowercase).collect() }
    }

    pub(crate) fn are_in(&self, line: &str) -> bool {
        let line = line.to_lowercase();
        self.words.iter().all(|word| line.contains(word))
    }

    /// Whether they are a line's name as it is written.
    pub(crate) fn are_name_of(&self, line: &str) -> bool {
        name(line) == self.typed
    }

    /// The lines that have them, by their index: first those of that name, then those that have them in
    /// their name, each in the order of the lines.
    pub(crate) fn find(&self, lines: &[String]) -> Vec<usize> {
        let mut found: Vec<usize> =
            (0..lines.len()).filter(|at| self.are_in(&lines[*at])).collect();
        let whole = self.typed.to_lowercase();
        found.sort_by_cached_key(|at| match name(&lines[*at]) {
            name if name == self.typed => 0,
            name if name.to_lowercase() == whole => 1,
            name if self.are_in(name) => 2,
            _ => 3,
        });
        found
    }
}

/// What stands in the first column of a line; two blanks stand between columns.
pub(crate) fn name(line: &str) -> &str {
    line.split_once("  ").map_or(line, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_find_lines() {
        let lines = [
            "Billing-PROD-42", // 0
            "prod-eu",
            "prod",
            "日本 Größe",
            "two words",
            "words two", // 5
            "in-prod   1234  Admin",
            "audit     5678  Admin  prod",
            "Prod      5678  Audit",
        ];
        let lines = lines.map(str::to_owned);
        for (docs, typed, expected) in [
            ("nothing: all of them", " ", &[0, 1, 2, 3, 4, 5, 6, 7, 8][..]),
            ("in any order, anywhere", "42 bill", &[0]),
            ("capitals", "PROD eU", &[1]),
            ("that name first, in the other columns last", "prod", &[2, 8, 0, 1, 6, 7]),
            ("that name as it is written before that", " Prod ", &[8, 2, 0, 1, 6, 7]),
            ("the name of two words", "words two", &[5, 4]),
            ("across columns", "admin prod", &[6, 7]),
            ("its own name before another's column", "audit", &[7, 8]),
            ("other letters", "GRÖSSE", &[]),
            ("other scripts", "本 GRÖß", &[3]),
            ("one word of two is nowhere", "prod us", &[]),
        ] {
            assert_eq!(Words::new(typed).find(&lines), expected, "{docs}");
        }
    }
}
