//! What comes and what goes in a file that is written: red and green, and no secret among it.

use std::borrow::Cow;
use std::path::Path;

use super::failure::Failure;
use super::output::Out;
use super::screen::Screen;
use crate::profile::display_value;
use crate::text::Look;
use crate::text::abbreviate;

/// More changes than this are not sought for the fewest lines: then all of it goes and comes.
const MOST_CHANGES: usize = 1000;

impl Out {
    /// Shows on stdout what changes in an AWS file: its path, then below the header of each section the lines that go
    /// and come. Values that may be secrets are `***`. Nothing where nothing changes.
    pub(crate) fn show_diff(
        &self,
        file: &Path,
        home: Option<&Path>,
        before: &str,
        after: &str,
    ) -> Result<(), Failure> {
        if before == after {
            return Ok(());
        }
        let mut screen = self.screen();
        let path = file.display().to_string();
        screen.look(Look::Strong, &abbreviate(&path, home)).line();
        self.show(screen.changes(before, after))
    }
}

impl Screen {
    /// The lines of an AWS file that go and come, below the header of their section.
    pub(crate) fn changes(&mut self, before: &str, after: &str) -> &mut Self {
        for change in changes(before, after) {
            let (look, mark) = match change.kind {
                ChangeKind::Gone => (Look::Bad, "- "),
                ChangeKind::New => (Look::Good, "+ "),
                ChangeKind::Header => (Look::Plain, "  "),
            };
            self.look(look, &format!("{mark}{}", mask(change.text))).line();
        }
        self
    }

    /// The lines of another file that go and come, as they are. A comma at a line's end, which comes and goes with a
    /// neighbour, is no difference.
    pub(crate) fn lines_that_differ(&mut self, before: &str, after: &str) -> &mut Self {
        fn lines(text: &str) -> Vec<&str> {
            text.lines().map(|line| line.trim_end_matches(',')).collect()
        }
        let (old, new) = (lines(before), lines(after));
        let (mut at, mut other) = (0, 0);
        let ends = [(old.len(), new.len())];
        for (same_old, same_new) in common_lines(&old, &new).into_iter().chain(ends) {
            for line in &old[at..same_old] {
                self.look(Look::Bad, &format!("- {line}")).line();
            }
            for line in &new[other..same_new] {
                self.look(Look::Good, &format!("+ {line}")).line();
            }
            (at, other) = (same_old + 1, same_new + 1);
        }
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChangeKind {
    Gone,
    New,
    /// The section that the next ones are in
    Header,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change<'a> {
    kind: ChangeKind,
    text: &'a str,
}

/// The lines that differ, in order; before those of a section its header, where that stays.
fn changes<'a>(before: &'a str, after: &'a str) -> Vec<Change<'a>> {
    let lines = |text: &'a str| -> Vec<&'a str> { text.split_inclusive('\n').collect() };
    let (old, new) = (lines(before), lines(after));
    let mut found = Vec::new();
    let mut told = None;
    let mut add = |kind, line: &'a str, section: Option<&'a str>| {
        let text = line.trim_end_matches(['\r', '\n']);
        // Blank lines keep sections apart, and are of none.
        if text.trim().is_empty() {
            found.push(Change { kind, text });
            return;
        }
        if let Some(section) = section.filter(|_| told != section) {
            found.push(Change { kind: ChangeKind::Header, text: section });
        }
        told = section;
        found.push(Change { kind, text });
    };
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let mut section: Option<&str> = None;
    let (mut at, mut other) = (0, 0);
    for (same_old, same_new) in common_lines(&old, &new).into_iter().chain([(old.len(), new.len())])
    {
        let mut inner = section;
        for line in &old[at..same_old] {
            inner = if is_header(line) { None } else { inner };
            add(ChangeKind::Gone, line, inner);
        }
        let mut inner = section;
        for line in &new[other..same_new] {
            inner = if is_header(line) { None } else { inner };
            add(ChangeKind::New, line, inner);
        }
        if new[other..same_new].iter().any(|line| is_header(line)) {
            section = None;
        }
        if let Some(line) = old.get(same_old).filter(|line| is_header(line)) {
            section = Some(line.trim_end());
        }
        (at, other) = (same_old + 1, same_new + 1);
    }
    found
}

/// The pairs of lines that stay. E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
fn common_lines(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = rest.take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut pairs: Vec<_> = (0..head).map(|at| (at, at)).collect();
    pairs.extend(common_of_middle(a, b).into_iter().map(|(i, j)| (head + i, head + j)));
    pairs.extend((0..tail).rev().map(|at| (old.len() - 1 - at, new.len() - 1 - at)));
    pairs
}

fn common_of_middle(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let (n, m) = (a.len(), b.len());
    let most = (n + m).min(MOST_CHANGES);
    // By diagonal `i - j`, moved so that it is no negative number: how far in `a` one gets.
    let mut furthest = vec![0_usize; 2 * most + 3];
    let middle = most + 1;
    let mut trail = Vec::new();
    for changed in 0..=most {
        trail.push(furthest.clone());
        for k in (middle - changed..=middle + changed).step_by(2) {
            let comes = k == middle - changed
                || (k != middle + changed && furthest[k - 1] < furthest[k + 1]);
            let mut i = if comes { furthest[k + 1] } else { furthest[k - 1] + 1 };
            let Some(mut j) = (i + middle).checked_sub(k) else { continue };
            while i < n && j < m && a[i] == b[j] {
                (i, j) = (i + 1, j + 1);
            }
            furthest[k] = i;
            if i >= n && j >= m {
                return walk_back(&trail, middle, n, m);
            }
        }
    }
    Vec::new()
}

/// The pairs on the way that [`common_of_middle`] went.
fn walk_back(trail: &[Vec<usize>], middle: usize, n: usize, m: usize) -> Vec<(usize, usize)> {
    let (mut i, mut j) = (n, m);
    let mut pairs = Vec::new();
    for (changed, furthest) in trail.iter().enumerate().rev() {
        let k = i + middle - j;
        let comes =
            k == middle - changed || (k != middle + changed && furthest[k - 1] < furthest[k + 1]);
        let before = if comes { k + 1 } else { k - 1 };
        let (to_i, to_j) = match changed {
            0 => (0, 0),
            _ => (furthest[before], (furthest[before] + middle).saturating_sub(before)),
        };
        while i > to_i && j > to_j {
            (i, j) = (i - 1, j - 1);
            pairs.push((i, j));
        }
        (i, j) = (to_i, to_j);
    }
    pairs.reverse();
    pairs
}

/// The line as far as it may be shown.
fn mask(line: &str) -> Cow<'_, str> {
    let trimmed = line.trim();
    let said = trimmed.trim_start_matches(['#', ';', ' ', '\t']);
    if trimmed.starts_with('[') || said.is_empty() {
        return line.into();
    }
    let is_comment = said.len() < trimmed.len();
    let Some(at) = said.find(['=', ':']) else {
        // Words are no key, and a part of one has no blanks.
        let is_prose = is_comment && said.split_whitespace().all(|word| word.len() < 20);
        return if is_prose { line.into() } else { "***".into() };
    };
    let (key, value) = (said[..at].trim().to_ascii_lowercase(), said[at + 1..].trim());
    match display_value(&key, value) {
        shown if shown == value || value.is_empty() => line.into(),
        shown => {
            let begins = line.len() - line.trim_start().len() + trimmed.len() - said.len();
            let (head, _) = line.split_at(begins + at + 1);
            format!("{head} {shown}").into()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn diff(before: &str, after: &str) -> String {
        Screen::new(None).changes(before, after).text().to_owned()
    }

    #[test]
    fn lines_that_differ_are_shown_below_their_section() {
        for (docs, before, after, expected) in [
            ("nothing", "[a]\nregion = x\n", "[a]\nregion = x\n", ""),
            ("a new file", "", "[a]\nregion = x\n", "+ [a]\n+ region = x\n"),
            (
                "another value",
                "[a]\nregion = x\noutput = json\n",
                "[a]\nregion = y\noutput = json\n",
                "  [a]\n- region = x\n+ region = y\n",
            ),
            (
                "in two sections",
                "[a]\nregion = x\n[b]\nregion = x\n[c]\noutput = json\n",
                "[a]\n[b]\nregion = x\n[c]\noutput = text\n",
                "  [a]\n- region = x\n  [c]\n- output = json\n+ output = text\n",
            ),
            (
                "a section goes",
                "[a]\nregion = x\n\n[b]\nregion = y\n",
                "[a]\nregion = x\n",
                "- \n- [b]\n- region = y\n",
            ),
            (
                "secrets are not shown",
                "[a]\naws_secret_access_key = planted\n# aws_session_token=planted\n  planted\n",
                "[a]\nunknown: planted\n# a remark\n",
                "  [a]\n- aws_secret_access_key = ***\n- # aws_session_token= ***\n- ***\n\
                 + unknown: ***\n+ # a remark\n",
            ),
            (
                "an end of line",
                "[a]\nregion = x",
                "[a]\nregion = x\n",
                "  [a]\n- region = x\n+ region = x\n",
            ),
        ] {
            assert_eq!(diff(before, after), expected, "{docs}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_stays_is_the_longest_that_both_have(
            a in proptest::collection::vec(0..4_u8, 0..12),
            b in proptest::collection::vec(0..4_u8, 0..12),
        ) {
            let names = ["a\n", "b\n", "c\n", "d\n"];
            let lines = |of: &[u8]| -> Vec<&str> { of.iter().map(|at| names[usize::from(*at)]).collect() };
            let (old, new) = (lines(&a), lines(&b));
            let pairs = common_lines(&old, &new);
            for (i, j) in &pairs {
                prop_assert_eq!(old[*i], new[*j]);
            }
            prop_assert!(pairs.is_sorted_by(|x, y| x.0 < y.0 && x.1 < y.1));
            let mut longest = vec![vec![0; new.len() + 1]; old.len() + 1];
            for i in 0..old.len() {
                for j in 0..new.len() {
                    longest[i + 1][j + 1] = match old[i] == new[j] {
                        true => longest[i][j] + 1,
                        false => longest[i][j + 1].max(longest[i + 1][j]),
                    };
                }
            }
            prop_assert_eq!(pairs.len(), longest[old.len()][new.len()]);
        }
    }
}
