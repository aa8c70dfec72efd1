//! What each commit of a history added. Several gits compare at once, each a part of the commits.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::thread;

use super::files::{progress_of, threads_for};
use super::outcome::{Scanned, read_text};
use crate::app::App;
use crate::host::Progress;
use crate::host::git::{Git, GitError};
use crate::scan::{LOG_FORMAT, Log, Rules, read_log};

/// So few commits are not worth another git.
const FEW: usize = 100;

/// What git is asked of commits, whatever its settings say.
const LOG: [&str; 21] = [
    "log",
    "--stdin",
    "--no-walk=unsorted",
    "-p",
    "--cc",
    LOG_FORMAT,
    "--full-index",
    "--no-renames",
    "--no-relative",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-notes",
    "--no-mailmap",
    "--no-show-signature",
    "--ignore-submodules=all",
    "--diff-algorithm=myers",
    "--unified=3",
    "--inter-hunk-context=0",
    "--src-prefix=a/",
    "--dst-prefix=b/",
];

pub(super) fn scan(
    app: &App,
    git: &Git,
    revision: Option<&str>,
    rules: &Rules,
    scanned: &mut Scanned,
) -> Result<(), GitError> {
    let listed = match revision {
        Some(revision) => git.output(&["rev-list", "--end-of-options", revision, "--"]),
        None => git.output(&["rev-list", "--all"]),
    }?;
    let commits: Vec<&[u8]> = listed.split_inclusive(|byte| *byte == b'\n').collect();
    let part = commits.len().div_ceil(threads_for(commits.len() / FEW)).max(1);
    let progress = progress_of(app, commits.len(), "commits");
    let step = || progress.iter().for_each(Progress::step);
    let logs: Vec<Result<Log, GitError>> = thread::scope(|scope| {
        let running: Vec<_> = commits
            .chunks(part)
            .map(|commits| scope.spawn(|| log(git, commits.concat(), rules, &step)))
            .collect();
        let end = |log: thread::ScopedJoinHandle<'_, _>| match log.join() {
            Ok(log) => log,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        running.into_iter().map(end).collect()
    });
    drop(progress);
    let mut binary: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut count = 0;
    for log in logs {
        let log = log?;
        count += log.commits;
        for found in log.hits {
            scanned.add(Some(&found.commit), &found.path, vec![found.hit]);
        }
        for found in log.blobs {
            // The oldest commit that has it
            binary.insert(found.blob, (found.commit, found.path));
        }
    }
    scanned.commits = Some(count);
    let ids: Vec<String> = binary.keys().cloned().collect();
    git.blobs(&ids, |(id, content)| {
        let hits = read_text(content, rules)?;
        if let Some((commit, path)) = binary.get(id) {
            scanned.add(Some(commit), path, hits);
        }
        Ok(())
    })
}

fn log(
    git: &Git,
    commits: Vec<u8>,
    rules: &Rules,
    step: &(dyn Fn() + Sync),
) -> Result<Log, GitError> {
    git.run(&LOG.map(OsStr::new), commits, |printed| read_log(printed, rules, Some(step)))
}
