//! The lines that two texts have in common.

use std::collections::HashMap;

/// More changes than this are not sought for the fewest lines: then those count that both have once.
const MOST_CHANGES: usize = 1000;

/// The pairs of lines that stay. E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
pub(super) fn common_lines(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
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
    common_by_landmarks(a, b)
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

/// The same where much differs: lines that both have once part them, and each stretch between is looked at by itself.
fn common_by_landmarks(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let marks = landmarks(a, b);
    if marks.is_empty() {
        return Vec::new();
    }
    let (mut pairs, mut i, mut j) = (Vec::new(), 0, 0);
    for (to_i, to_j) in marks.into_iter().chain([(a.len(), b.len())]) {
        let between = common_lines(&a[i..to_i], &b[j..to_j]);
        pairs.extend(between.into_iter().map(|(x, y)| (i + x, j + y)));
        if to_i < a.len() {
            pairs.push((to_i, to_j));
        }
        (i, j) = (to_i + 1, to_j + 1);
    }
    pairs
}

/// The lines that both have once: as many as are in the same order in both.
fn landmarks(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let (in_a, in_b) = (once(a), once(b));
    let in_both = |(line, i): (&&str, &Option<usize>)| Some(((*i)?, (*in_b.get(line)?)?));
    let mut both: Vec<(usize, usize)> = in_a.iter().filter_map(in_both).collect();
    both.sort_unstable();
    // By its length, the last of the sequence that ends first; and for each the one before it.
    let (mut ends, mut before): (Vec<usize>, Vec<Option<usize>>) = Default::default();
    for (at, (_, j)) in both.iter().enumerate() {
        let length = ends.partition_point(|end| both[*end].1 < *j);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut marks: Vec<_> =
        std::iter::successors(ends.last().copied(), |at| before[*at]).map(|at| both[at]).collect();
    marks.reverse();
    marks
}

/// Where each line is, unless it is there again.
fn once<'t>(lines: &[&'t str]) -> HashMap<&'t str, Option<usize>> {
    let mut places = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let place = places.entry(*line).or_insert(Some(at));
        *place = place.filter(|first| *first == at);
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_many_changes_what_both_have_once_stays() {
        let section = |at: usize, old: &str| {
            format!("[profile {at}]\n{old}region = eu-west-1\nname = {at}\n")
        };
        let before: String = (0..900).map(|at| section(at, "a = 1\nb = 2\n")).collect();
        let after: String = (0..900).map(|at| section(at, "c = 3\n")).collect();
        let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
        let pairs = common_lines(&old, &new);
        assert_eq!(pairs.len(), 3 * 900);
        assert!(pairs.iter().all(|(i, j)| old[*i] == new[*j]));
        assert!(common_lines(&["a"; 1200], &["b"; 1200]).is_empty());
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
            let pairs = common_by_landmarks(&old, &new);
            prop_assert!(pairs.iter().all(|(i, j)| old[*i] == new[*j]));
            prop_assert!(pairs.is_sorted_by(|x, y| x.0 < y.0 && x.1 < y.1));
        }
    }
}
