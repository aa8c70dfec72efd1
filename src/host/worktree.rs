//! Which repository of git a directory is of. Nothing of git is run.

use std::path::{Component, Path, PathBuf};

/// A directory as its repository knows it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// What all worktrees of the repository have in common; else the directory itself
    pub common: PathBuf,
    /// From the top of the worktree
    pub below: PathBuf,
}

/// Where a directory is, links resolved.
pub(crate) fn place_of(directory: &Path) -> Place {
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let repository = directory.ancestors().find_map(|top| Some((top, common_of(top)?)));
    match repository {
        Some((top, common)) => {
            let below = directory.strip_prefix(top).unwrap_or(Path::new("")).to_owned();
            Place { common, below }
        }
        None => Place { common: directory, below: PathBuf::new() },
    }
}

/// The directory of the repository whose worktree begins here.
/// <https://git-scm.com/docs/gitrepository-layout>
fn common_of(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    if git.is_dir() {
        return git.canonicalize().ok();
    }
    let own = join(top, line_of(&git)?.strip_prefix("gitdir: ")?);
    let own = own.canonicalize().ok()?;
    // What is no worktree of that repository can say so all the same: the repository knows its own.
    let known = PathBuf::from(line_of(&own.join("gitdir"))?);
    if known.canonicalize().ok()? != git.canonicalize().ok()? {
        return None;
    }
    join(&own, &line_of(&own.join("commondir"))?).canonicalize().ok()
}

/// A path as git writes it, from a directory without links. Windows reads no `..` behind such a one.
fn join(directory: &Path, path: &str) -> PathBuf {
    let mut joined = directory.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => drop(joined.pop()),
            Component::CurDir => {}
            other => joined.push(other),
        }
    }
    joined
}

/// The one line of a file.
fn line_of(file: &Path) -> Option<String> {
    const LIMIT: u64 = 8 * 1024;
    let bytes = crate::state::files::read_regular(file, LIMIT).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn worktrees_of_one_repository_are_one_place() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().canonicalize().unwrap().join(path);
        for path in ["main/.git/worktrees/w", "main/a/b", "w/a/b", "liar/a/b", "bare/a"] {
            fs::create_dir_all(at(path)).unwrap();
        }
        let write = |path: &str, text: &str| fs::write(at(path), text).unwrap();
        let own = at("main/.git/worktrees/w");
        write("w/.git", &format!("gitdir: {}\n", own.display()));
        write("main/.git/worktrees/w/gitdir", &format!("{}\n", at("w/.git").display()));
        write("main/.git/worktrees/w/commondir", "../..\n");
        write("liar/.git", &format!("gitdir: {}\n", own.display()));
        let shared = Place { common: at("main/.git"), below: Path::new("a").join("b") };
        assert_eq!(place_of(&at("main/a/b")), shared);
        assert_eq!(place_of(&at("w/a/b")), shared);
        for path in ["liar/a/b", "bare/a"] {
            assert_eq!(place_of(&at(path)), Place { common: at(path), below: PathBuf::new() });
        }
    }
}
