//! Every link of the documents leads somewhere. Nothing is asked of the network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::markdown::{Document, documents, root};

/// `docs/decisions/../sso.md` as `docs/sso.md`.
fn straight(path: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(straight.pop()),
            Component::CurDir => {}
            part => straight.push(part),
        }
    }
    straight
}

/// Where a link leads within the repository: file and anchor.
fn target(from: &str, link: &str) -> (PathBuf, Option<String>) {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(p, a)| (p, Some(a)));
    let folder = Path::new(from).parent().unwrap();
    let path = if path.is_empty() { PathBuf::from(from) } else { straight(&folder.join(path)) };
    (path, anchor.map(str::to_owned))
}

/// What is wrong with an address elsewhere, as far as can be seen from here.
fn flaw_of_address(address: &str) -> Option<&'static str> {
    let Some(rest) = address.strip_prefix("https://") else { return Some("is not https") };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_name = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if host.split('.').count() < 2 || !host.split('.').all(is_name) {
        return Some("names no host");
    }
    let may_be = |c: char| c.is_ascii_graphic() && !"<>\"{}|\\^`".contains(c);
    (!rest.chars().all(may_be)).then_some("has what no address has")
}

#[test]
fn every_link_leads_somewhere() {
    let documents = documents();
    assert!(documents.len() > 40, "{}", documents.len());
    let anchors: BTreeMap<PathBuf, BTreeSet<String>> =
        documents.iter().map(|one| (PathBuf::from(&one.name), one.anchors())).collect();
    let mut flaws = Vec::new();
    for (place, link) in documents.iter().flat_map(Document::links) {
        if link.contains("://") || link.starts_with("mailto:") {
            flaws.extend(flaw_of_address(&link).map(|flaw| format!("{place}: {link} {flaw}")));
            continue;
        }
        let (path, anchor) = target(place.split(':').next().unwrap(), &link);
        if !root().join(&path).exists() {
            flaws.push(format!("{place}: {link} is not there"));
        } else if let Some(anchor) = anchor {
            let known = anchors.get(&path).is_some_and(|anchors| anchors.contains(&anchor));
            if !known {
                flaws.push(format!("{place}: {} has no #{anchor}", path.display()));
            }
        }
    }
    assert!(flaws.is_empty(), "{flaws:#?}");
}

/// Whoever begins with README.md finds each of them.
#[test]
fn every_document_is_linked_to() {
    let documents = documents();
    let (mut found, mut left) = (BTreeSet::new(), vec![PathBuf::from("README.md")]);
    while let Some(path) = left.pop() {
        let Some(document) = documents.iter().find(|one| Path::new(&one.name) == path) else {
            // A folder is what GitHub shows of it.
            let index = path.join("README.md");
            left.extend(documents.iter().any(|one| Path::new(&one.name) == index).then_some(index));
            continue;
        };
        if found.insert(document.name.clone()) {
            let links = document.links();
            left.extend(links.iter().map(|(_, link)| target(&document.name, link).0));
        }
    }
    let all: BTreeSet<String> = documents.into_iter().map(|one| one.name).collect();
    assert_eq!(found, all, "what is found from README.md on the left");
}

/// By question.
#[test]
fn every_decision_is_in_the_index() {
    let documents = documents();
    let in_folder = |one: &&Document| one.name.starts_with("docs/decisions/0");
    let all: BTreeSet<&str> = documents.iter().filter(in_folder).map(|one| &*one.name).collect();
    let index = documents.iter().find(|one| one.name == "docs/decisions/README.md").unwrap();
    let links: Vec<PathBuf> =
        index.links().iter().map(|(_, link)| target(&index.name, link).0).collect();
    let found: BTreeSet<&str> = links.iter().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(found, all, "the index on the left, the folder on the right");
}

#[test]
fn the_check_sees_what_is_wrong() {
    let page = Document {
        name: "docs/a.md".into(),
        text: "# One `two` (three)\n# Same\n## Same\n[x](../README.md#y) ![z](https://a.b/c)\n"
            .into(),
    };
    let anchors: BTreeSet<String> = ["one-two-three", "same", "same-1"].map(str::to_owned).into();
    assert_eq!(page.anchors(), anchors);
    let links = page.links();
    assert_eq!(
        links.iter().map(|(_, to)| &**to).collect::<Vec<_>>(),
        ["../README.md#y", "https://a.b/c"]
    );
    assert_eq!(target("docs/a.md", &links[0].1), ("README.md".into(), Some("y".to_owned())));
    for address in ["http://a.b", "https://a", "https://a..b/", "https://a.b/c d", "ftp://a.b"] {
        assert!(flaw_of_address(address).is_some(), "{address}");
    }
    assert_eq!(flaw_of_address("https://docs.aws.amazon.com/cli/?x=1#y"), None);
}
