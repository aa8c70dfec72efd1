//! Files on the disk, by several threads.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::outcome::{FoundKey, Scanned, display_path, read_text};
use crate::app::App;
use crate::host::Progress;
use crate::host::git::Git;
use crate::host::tree::Tree;
use crate::report::Failure;
use crate::scan::{Hit, Rules};
use crate::state::files::is_missing;
use crate::text::with_causes;

/// So few files are not worth a thread.
const FEW: usize = 32;

pub(super) fn scan(
    app: &App,
    git: &Git,
    paths: &[PathBuf],
    ignored: bool,
    rules: &Rules,
    scanned: &mut Scanned,
) -> Result<(), Failure> {
    let here = [PathBuf::from(".")];
    let mut tree = Tree::default();
    for path in if paths.is_empty() { &here } else { paths } {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => tree.add(git, path, ignored),
            Ok(_) => drop(tree.files.insert(path.clone())),
            Err(error) => {
                let path = path.display();
                let message = match is_missing(&error) {
                    true => format!("there is no file {path}"),
                    false => format!("{path} cannot be read: {error}"),
                };
                return Err(Failure::usage(message, "`awsx scan` looks at the working directory"));
            }
        }
    }
    for (directory, error) in &tree.foreign {
        app.out().warning(&format!(
            "{}: {}; what it ignores is looked at too",
            display_path(directory),
            with_causes(error)
        ));
    }
    let unread = tree.unread.into_iter().map(|(path, error)| (path, error.to_string()));
    scanned.unread.extend(unread);
    let files: Vec<PathBuf> = tree.files.into_iter().collect();
    let progress = progress_of(app, files.len(), "files");
    let all = look_at_all(&files, rules, &|| progress.iter().for_each(Progress::step));
    drop(progress);
    for (path, looked) in files.iter().zip(all) {
        match looked {
            Ok(hits) => {
                scanned.files += 1;
                let found = |hit| FoundKey { commit: None, path: display_path(path), hit };
                scanned.found.extend(hits.into_iter().map(found));
            }
            // It went in the meantime.
            Err(error) if is_missing(&error) => {}
            Err(error) => scanned.unread.push((path.clone(), error.to_string())),
        }
    }
    Ok(())
}

/// How far it is, where somebody sees that.
pub(super) fn progress_of(app: &App, total: usize, what: &'static str) -> Option<Progress> {
    app.out().shows_progress().then(|| Progress::of_work(total, what))
}

fn look_at_all(
    files: &[PathBuf],
    rules: &Rules,
    step: &(dyn Fn() + Sync),
) -> Vec<io::Result<Vec<Hit>>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = files.get(at) else { return done };
            done.push((at, File::open(path).and_then(|file| read_text(file, rules))));
            step();
        }
    };
    let mut all = thread::scope(|scope| {
        let others: Vec<_> =
            (1..threads_for(files.len() / FEW)).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, looked)| looked).collect()
}

/// How many threads so many parts of the work are worth.
pub(super) fn threads_for(parts: usize) -> usize {
    let most = thread::available_parallelism().map_or(1, usize::from).min(8);
    parts.clamp(1, most)
}
