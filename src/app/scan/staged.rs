//! What the next commit will have: each file that it changes, as a whole.

use std::collections::BTreeMap;

use super::outcome::{Scanned, read_text};
use crate::host::git::{Git, GitError};
use crate::scan::Rules;

pub(super) fn scan(git: &Git, rules: &Rules, scanned: &mut Scanned) -> Result<(), GitError> {
    // Elsewhere `git diff` compares files.
    git.line(&["rev-parse", "--git-dir"])?;
    let listed = git.output(&[
        "diff",
        "--cached",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-relative",
        "--no-ext-diff",
        "--no-textconv",
        "--ignore-submodules=all",
        "--diff-filter=AMT",
    ])?;
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut words = listed.split(|byte| *byte == 0);
    // `:MODE MODE ID ID STATUS`, and the path
    while let (Some(change), Some(path)) = (words.next(), words.next()) {
        let change = String::from_utf8_lossy(change);
        if let Some(id) = change.split(' ').nth(3) {
            let path = String::from_utf8_lossy(path).into_owned();
            paths.entry(id.to_owned()).or_default().push(path);
        }
    }
    let ids: Vec<String> = paths.keys().cloned().collect();
    git.blobs(&ids, |(id, content)| {
        let hits = read_text(content, rules)?;
        for path in paths.get(id).into_iter().flatten() {
            scanned.files += 1;
            scanned.add(None, path, hits.clone());
        }
        Ok(())
    })?;
    scanned.found.sort_by(|a, b| (&a.path, a.hit.line).cmp(&(&b.path, b.hit.line)));
    Ok(())
}
