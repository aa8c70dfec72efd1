//! Words that a person types to find lines.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// A line has them if each of them is somewhere in it, in any order, in capitals or not. Scripts rely on that; who
/// picks from a list may leave out letters of a name too.
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

    /// Whether nothing is typed but blanks.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(crate) fn are_in(&self, line: &str) -> bool {
        let line = line.to_lowercase();
        self.words.iter().all(|word| line.contains(word))
    }

    /// Whether they are a line's name as it is written.
    pub(crate) fn are_name_of(&self, line: &str) -> bool {
        name(line) == self.typed
    }

    /// The lines that have them, by their index: first those of that name, then those that have them in their name,
    /// those that have them anywhere, and those whose name has their letters in that order, with others between
    /// them. Of those alike the first `ranked` lines come first and stay in their order, the others come the closest
    /// first.
    pub(crate) fn find(&self, lines: &[String], ranked: usize) -> Vec<usize> {
        if self.words.is_empty() {
            return (0..lines.len()).collect();
        }
        let mut search = Search::new(self);
        let mut found: Vec<_> = lines
            .iter()
            .enumerate()
            .filter_map(|(at, line)| {
                let (likeness, score) = search.look_at(line)?;
                // By letters alone a line that is used often is no better than one that is meant.
                let rank = if likeness == Likeness::Letters { ranked } else { ranked.min(at) };
                Some((likeness, rank, Reverse(score), at))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(.., at)| at).collect()
    }

    /// Which letters of each line are why it is found, by their places.
    pub(crate) fn places<'l>(&self, lines: impl Iterator<Item = &'l str>) -> Vec<BTreeSet<usize>> {
        if self.words.is_empty() {
            return lines.map(|_| BTreeSet::new()).collect();
        }
        let mut search = Search::new(self);
        lines.map(|line| search.places_in(line)).collect()
    }
}

/// How a line has the words, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// They are its name as it is written
    Name,
    /// But for capitals
    SameLetters,
    InName,
    InLine,
    /// The letters of some are in its name, in that order
    Letters,
}

/// Words with which many lines are looked at.
struct Search<'w, 't> {
    words: &'w Words<'t>,
    lower: String,
    /// Of each word, as it stands, and with letters between its own where that may be
    atoms: Vec<(Atom, Option<Atom>)>,
    matcher: Matcher,
    letters: Vec<char>,
}

impl<'w, 't> Search<'w, 't> {
    /// Fewer letters are in nearly every name.
    const FEWEST: usize = 3;
    /// For each letter of a word. nucleo gives 16, more for beginnings of words and for letters side by side, and
    /// takes for those between them: what has less has the letters, but is hardly what is meant.
    const LEAST_SCORE: u16 = 18;

    fn new(words: &'w Words<'t>) -> Self {
        let atom = |word: &String, kind| {
            Atom::new(word, CaseMatching::Ignore, Normalization::Smart, kind, false)
        };
        // Digits are a part of an account's id, and each id has most of them.
        let has_gaps =
            |word: &String| word.chars().filter(|c| c.is_alphabetic()).count() >= Self::FEWEST;
        let atoms = |word: &String| {
            let loose = has_gaps(word).then(|| atom(word, AtomKind::Fuzzy));
            (atom(word, AtomKind::Substring), loose)
        };
        Self {
            words,
            lower: words.typed.to_lowercase(),
            atoms: words.words.iter().map(atoms).collect(),
            matcher: Matcher::new(Config::DEFAULT),
            letters: Vec::new(),
        }
    }

    /// How the line has the words, and how close they are; none if it has them not.
    fn look_at(&mut self, line: &str) -> Option<(Likeness, u32)> {
        let name = name(line);
        if name == self.words.typed {
            return Some((Likeness::Name, 0));
        }
        if !self.words.are_in(line) {
            return Some((Likeness::Letters, self.letters_in(name, line)?));
        }
        let likeness = match () {
            () if name.to_lowercase() == self.lower => Likeness::SameLetters,
            () if self.words.are_in(name) => Likeness::InName,
            () => Likeness::InLine,
        };
        let part = if likeness == Likeness::InLine { line } else { name };
        let text = Utf32Str::new(part, &mut self.letters);
        let scores = self.atoms.iter().filter_map(|(atom, _)| atom.score(text, &mut self.matcher));
        Some((likeness, scores.map(u32::from).sum()))
    }

    /// Where the letters of each word are: together in the name, or elsewhere, or else apart in the name.
    fn places_in(&mut self, line: &str) -> BTreeSet<usize> {
        let name = name(line);
        let (mut places, mut apart) = (BTreeSet::new(), Vec::new());
        for ((_, loose), word) in self.atoms.iter().zip(&self.words.words) {
            match together(word, name).or_else(|| together(word, line)) {
                Some(found) => places.extend(found),
                None => {
                    let text = Utf32Str::new(name, &mut self.letters);
                    if let Some(loose) = loose {
                        loose.indices(text, &mut self.matcher, &mut apart);
                    }
                }
            }
        }
        places.extend(apart.into_iter().filter_map(|place| usize::try_from(place).ok()));
        places
    }

    /// Each word is in the line, or its letters are in the name.
    fn letters_in(&mut self, name: &str, line: &str) -> Option<u32> {
        let line = line.to_lowercase();
        let text = Utf32Str::new(name, &mut self.letters);
        let mut sum = 0;
        for ((_, loose), word) in self.atoms.iter().zip(&self.words.words) {
            if line.contains(word) {
                continue;
            }
            let score = loose.as_ref()?.score(text, &mut self.matcher)?;
            let letters = u16::try_from(word.chars().count()).unwrap_or(u16::MAX);
            if score < letters.saturating_mul(Self::LEAST_SCORE) {
                return None;
            }
            sum += u32::from(score);
        }
        Some(sum)
    }
}

/// Where a word in lower case is in a text, by the places of its letters.
fn together(word: &str, text: &str) -> Option<RangeInclusive<usize>> {
    let word: Vec<char> = word.chars().collect();
    let lower = |(place, letter): (usize, char)| letter.to_lowercase().map(move |c| (place, c));
    let letters: Vec<(usize, char)> = text.chars().enumerate().flat_map(lower).collect();
    let is_it = |letters: &&[(usize, char)]| letters.iter().map(|(_, c)| c).eq(&word);
    let found = letters.windows(word.len().max(1)).find(is_it)?;
    Some(found.first()?.0..=found.last()?.0)
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
            ("that name first, in the other columns last", "prod", &[2, 8, 1, 0, 6, 7]),
            ("that name as it is written before that", " Prod ", &[8, 2, 1, 0, 6, 7]),
            ("the name of two words", "words two", &[5, 4]),
            ("across columns", "admin prod", &[7, 6]),
            ("its own name before another's column", "audit", &[7, 8]),
            ("other letters", "GRÖSSE", &[]),
            ("other scripts", "本 GRÖß", &[3]),
            ("one word of two is nowhere", "prod us", &[]),
            ("letters left out", "prdeu", &[1]),
            ("beginnings of words", "bilprd 42", &[0]),
            ("two letters are in every name", "pd", &[]),
            ("digits stand together", "15", &[]),
            ("letters of a name only", "admn", &[]),
            ("letters in another order", "dorp", &[]),
            ("an accent is left out", "日本 gro", &[3]),
        ] {
            assert_eq!(Words::new(typed).find(&lines, 0), expected, "{docs}");
        }
    }

    #[test]
    fn the_closest_come_first_but_for_those_that_are_ranked() {
        let lines = ["reprod", "prod-eu", "p-r-o-d-uction", "us-prod", "rod-p"].map(str::to_owned);
        for (docs, typed, ranked, expected) in [
            ("beginnings of names and words first", "prod", 0, &[1, 3, 0, 2][..]),
            ("one that is used before", "prod", 1, &[0, 1, 3, 2]),
            ("two in their order", "prod", 2, &[0, 1, 3, 2]),
            ("not where the letters alone are there", "prodction", 3, &[2]),
            ("nothing is typed", "", 2, &[0, 1, 2, 3, 4]),
        ] {
            assert_eq!(Words::new(typed).find(&lines, ranked), expected, "{docs}");
        }
    }

    #[test]
    fn the_letters_that_are_found_are_known() {
        for (typed, line, expected) in [
            ("", "prod", ""),
            ("od", "prod", "..##"),
            ("PROD eu", "us-prod-eu", "...####.##"),
            ("42 bill", "billing-42", "####....##"),
            ("prdeu", "prod-eu", "##.#.##"),
            // The name comes before what stands elsewhere.
            ("admin", "x  Admin", "...#####"),
            ("dev", "prod  dev-1", "......###.."),
            ("eu", "prod-eu  eu", ".....##...."),
            ("環境", "日本の環境", "...##"),
            ("grö", "Größe", "###.."),
            ("nope", "prod", "...."),
        ] {
            let places = &Words::new(typed).places([line].into_iter())[0];
            let shown = (0..line.chars().count()).map(|at| match places.contains(&at) {
                true => '#',
                false if typed.is_empty() => ' ',
                false => '.',
            });
            assert_eq!(shown.collect::<String>().trim(), expected, "{typed} in {line}");
        }
    }

    /// Letters that are far from each other only happen to be there.
    #[test]
    fn scattered_letters_find_nothing() {
        let lines = ["platformreadonlyold".to_owned(), "developer".to_owned()];
        assert_eq!(Words::new("pmny").find(&lines, 0), [0_usize; 0]);
        assert_eq!(Words::new("dvlp").find(&lines, 0), [1]);
    }
}
