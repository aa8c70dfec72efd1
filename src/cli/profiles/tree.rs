//! The profiles below what they draw on.

use std::collections::{HashMap, HashSet};

use super::row::{Base, Row};

/// A line of the tree.
#[derive(Clone, Copy)]
pub(super) enum Item<'r> {
    /// `[sso-session NAME]`
    Session(&'r str),
    Profile(&'r Row),
}

/// What profiles draw on.
#[derive(PartialEq, Eq, Hash)]
enum Node<'r> {
    Session(&'r str),
    Profile(&'r str),
}

impl<'r> Item<'r> {
    fn node(self) -> Node<'r> {
        match self {
            Self::Session(name) => Node::Session(name),
            Self::Profile(row) => Node::Profile(&row.name),
        }
    }
}

/// What a profile stands below; none where that is not shown.
fn parent<'r>(row: &'r Row, names: &HashSet<&str>) -> Option<Node<'r>> {
    match &row.base {
        Base::Profile(name) if *name != row.name && names.contains(&**name) => {
            Some(Node::Profile(name))
        }
        Base::Session(name) => Some(Node::Session(name)),
        Base::Profile(_) | Base::Words(_) => None,
    }
}

/// Every profile once, below what it draws on, with its depth. What a circle keeps from any root comes
/// last.
pub(super) fn tree(rows: &[Row]) -> Vec<(usize, Item<'_>)> {
    let names: HashSet<&str> = rows.iter().map(|row| &*row.name).collect();
    let (mut below, mut stack) = (HashMap::<Node<'_>, Vec<&Row>>::new(), Vec::new());
    for row in rows {
        match parent(row, &names) {
            Some(node) => {
                if let Node::Session(name) = node
                    && !below.contains_key(&node)
                {
                    stack.push((0, Item::Session(name)));
                }
                below.entry(node).or_default().push(row);
            }
            None => stack.push((0, Item::Profile(row))),
        }
    }
    // A stack, not recursion: the chain may be as long as the file.
    stack.reverse();
    let mut items = Vec::new();
    while let Some((depth, item)) = stack.pop() {
        items.push((depth, item));
        let children = below.remove(&item.node()).into_iter().flatten();
        stack.extend(children.rev().map(|row| (depth + 1, Item::Profile(row))));
    }
    let is_left = |row: &&Row| parent(row, &names).is_some_and(|node| below.contains_key(&node));
    items.extend(rows.iter().filter(is_left).map(|row| (0, Item::Profile(row))));
    items
}
