//! Words that a person types to find lines.

/// A line has them if each of them is somewhere in it, in any order, in capitals or not.
pub(crate) struct Words {
    /// In lower case
    words: Vec<String>,
}

impl Words {
    /// Those of a line that is typed.
    pub(crate) fn new(typed: &str) -> Self {
        Self { words: typed.split_whitespace().map(str::to_lowercase).collect() }
    }

    pub(crate) fn are_in(&self, line: &str) -> bool {
        let line = line.to_lowercase();
        self.words.iter().all(|word| line.contains(word))
    }

    /// The lines that have them, by their index. One that is nothing but these words comes first, however
    /// many it is a part of: `prod` before `prod-eu`.
    pub(crate) fn find(&self, lines: &[String]) -> Vec<usize> {
        let mut found: Vec<usize> =
            (0..lines.len()).filter(|at| self.are_in(&lines[*at])).collect();
        let whole = self.words.join(" ");
        if let Some(place) = found.iter().position(|at| lines[*at].to_lowercase() == whole) {
            found[..=place].rotate_right(1);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_find_lines() {
        let lines = ["Billing-PROD-42", "prod-eu", "prod", "日本 Größe", "two words", "words two"];
        let lines = lines.map(str::to_owned);
        for (docs, typed, expected) in [
            ("nothing: all of them", " ", &[0, 1, 2, 3, 4, 5][..]),
            ("in any order, anywhere", "42 bill", &[0]),
            ("capitals", "PROD eU", &[1]),
            ("the whole line first", "prod", &[2, 0, 1]),
            ("the whole line in capitals", "PROD", &[2, 0, 1]),
            ("the whole line of two words", "words two", &[5, 4]),
            ("other letters", "GRÖSSE", &[]),
            ("other scripts", "本 GRÖß", &[3]),
            ("one word of two is nowhere", "prod us", &[]),
        ] {
            assert_eq!(Words::new(typed).find(&lines), expected, "{docs}");
        }
    }
}
