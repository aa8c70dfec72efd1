//! The files below a directory.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::git::{Git, GitError, os_string};

/// What is below a directory.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Regular files, each once
    pub files: BTreeSet<PathBuf>,
    /// Directories that could not be read, and why
    pub unread: Vec<(PathBuf, io::Error)>,
    /// Repositories that git does not read, so that what they ignore is among the files
    pub foreign: Vec<(PathBuf, GitError)>,
}

impl Tree {
    /// Adds the files below a directory. In a repository these are the tracked ones, and those that it does not
    /// ignore; `ignored`: all of them. Links are not followed.
    pub(crate) fn add(&mut self, git: &Git, directory: &Path, ignored: bool) {
        let git = git.at(directory);
        let is_inside = git
            .output(&["rev-parse", "--is-inside-work-tree"])
            .is_ok_and(|said| said.starts_with(b"true"));
        let is_ignored = || {
            let question = ["check-ignore", "--quiet", "--"].map(OsStr::new);
            let above = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
            git.says_yes(&[&question[..], &[above.as_os_str()]].concat())
        };
        // What is named counts, also where the repository around it ignores it.
        match is_inside && (has_git(directory) || !is_ignored()) {
            true => self.add_repository(&git, directory, ignored),
            false => self.walk(&git, directory.to_path_buf(), ignored, true),
        }
    }

    /// Every file; `asks`: repositories are asked which they have.
    fn walk(&mut self, git: &Git, start: PathBuf, ignored: bool, asks: bool) {
        let mut left = vec![start];
        while let Some(directory) = left.pop() {
            if asks && has_git(&directory) {
                self.add_repository(git, &directory, ignored);
                continue;
            }
            let entries = match fs::read_dir(&directory) {
                Ok(entries) => entries,
                Err(error) => {
                    self.unread.push((directory, error));
                    continue;
                }
            };
            for entry in entries.flatten().filter(|entry| entry.file_name() != GIT) {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => left.push(entry.path()),
                    Ok(kind) if kind.is_file() => drop(self.files.insert(entry.path())),
                    _ => {}
                }
            }
        }
    }

    fn add_repository(&mut self, git: &Git, directory: &Path, ignored: bool) {
        let all = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let words = if ignored { &all[..4] } else { &all[..] };
        let listed = match git.at(directory).output(words) {
            Ok(listed) => listed,
            Err(error) => {
                self.foreign.push((directory.to_path_buf(), error));
                return self.walk(git, directory.to_path_buf(), ignored, false);
            }
        };
        for name in listed.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            let path = directory.join(os_string(name.to_vec()));
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            if found.is_file() {
                self.files.insert(path);
            } else if found.is_dir() {
                // Another repository
                self.walk(git, path, ignored, true);
            }
        }
    }
}

/// What git keeps its own files in.
const GIT: &str = ".git";

/// Whether it is the top of a repository.
fn has_git(directory: &Path) -> bool {
    directory.join(GIT).exists()
}
