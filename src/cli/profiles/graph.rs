//! Who becomes whom, and through what: profiles and sessions, and an arrow from what a profile draws on.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::row::{Base, Row};

pub(super) struct Graph<'r> {
    pub nodes: Vec<Node<'r>>,
    pub arrows: Vec<Arrow>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Profile,
    /// `[sso-session NAME]`
    Session,
    /// A profile that is named and does not exist
    Missing,
}

pub(super) struct Node<'r> {
    pub kind: Kind,
    pub name: &'r str,
    pub account: Option<&'r str>,
    /// What stands below the name
    pub words: Cow<'r, str>,
    pub problem: Option<&'r str>,
}

/// From one node to another, by their places.
pub(super) struct Arrow {
    pub from: usize,
    pub to: usize,
    /// The role, and whether it takes an MFA code
    pub through: String,
}

/// The profiles that these draw on, however far above, are added to them.
pub(super) fn add_sources(rows: &mut Vec<Row>, find: impl Fn(&str) -> Option<Row>) {
    let mut known: HashSet<String> = rows.iter().map(|row| row.name.clone()).collect();
    let mut at = 0;
    while let Some(row) = rows.get(at) {
        at += 1;
        if let Base::Profile(name) = &row.base
            && known.insert(name.clone())
        {
            let source = find(name);
            rows.extend(source);
        }
    }
}

impl<'r> Graph<'r> {
    pub(super) fn of(rows: &'r [Row]) -> Self {
        let mut nodes: Vec<Node<'r>> = rows.iter().map(Node::of).collect();
        let mut places: HashMap<(bool, &str), usize> =
            rows.iter().enumerate().map(|(at, row)| ((false, &*row.name), at)).collect();
        let mut arrows = Vec::new();
        for (to, row) in rows.iter().enumerate() {
            let (kind, name) = match &row.base {
                Base::Profile(name) => (Kind::Missing, &**name),
                Base::Session(name) => (Kind::Session, &**name),
                Base::Words(_) => continue,
            };
            let from = *places.entry((kind == Kind::Session, name)).or_insert_with(|| {
                nodes.push(Node { kind, name, ..Node::bare() });
                nodes.len() - 1
            });
            arrows.push(Arrow { from, to, through: join([row.role.as_deref(), mfa(row)]) });
        }
        Self { nodes, arrows }
    }

    /// The nodes by account, in the order in which accounts are first met; those of none come first.
    pub(super) fn by_account(&self) -> Vec<(Option<&'r str>, Vec<usize>)> {
        let mut groups: Vec<(Option<&str>, Vec<usize>)> = vec![(None, Vec::new())];
        let mut places = HashMap::from([(None, 0)]);
        for (at, node) in self.nodes.iter().enumerate() {
            let place = *places.entry(node.account).or_insert_with(|| {
                groups.push((node.account, Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(at);
        }
        groups
    }
}

impl<'r> Node<'r> {
    fn of(row: &'r Row) -> Self {
        let words = match &row.base {
            // The role stands beside the arrow.
            Base::Profile(_) | Base::Session(_) => "".into(),
            Base::Words(words) => join([Some(&**words), row.role.as_deref(), mfa(row)]).into(),
        };
        Self {
            kind: Kind::Profile,
            name: &row.name,
            account: row.account.as_deref(),
            words,
            problem: row.problem.as_deref(),
        }
    }

    fn bare() -> Self {
        Self { kind: Kind::Missing, name: "", account: None, words: "".into(), problem: None }
    }

    /// What stands in it, line by line.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        let below = match self.kind {
            Kind::Profile => &*self.words,
            Kind::Session => "sso-session",
            Kind::Missing => "does not exist",
        };
        [self.name, below].into_iter().filter(|line| !line.is_empty())
    }

    pub(super) fn is_bad(&self) -> bool {
        self.kind == Kind::Missing || self.problem.is_some()
    }
}

fn mfa(row: &Row) -> Option<&'static str> {
    row.has_mfa.then_some("MFA")
}

fn join<const N: usize>(parts: [Option<&str>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
