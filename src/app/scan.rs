//! Keys in files, in what is staged, in a history.

mod files;
mod history;
mod known;
pub(crate) mod outcome;
mod staged;

use std::io;
use std::path::{Path, PathBuf};

use super::App;
use crate::host::git::{Git, GitError};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::scan::{Allowed, BadPattern, Rules};

use crate::state::files::{is_missing, read_regular};
use crate::text::with_causes;
use outcome::{Scanned, read_text};

/// Where keys are looked for.
pub(crate) enum Source {
    /// Files and directories; `ignored`: what git ignores too
    Paths { paths: Vec<PathBuf>, ignored: bool },
    /// What the next commit will have
    Staged,
    /// What each commit of a revision added, or of all branches and tags
    History { revision: Option<String> },
    /// What somebody pipes
    Stdin,
}

/// Looks for keys.
pub(crate) fn scan(app: &App, source: &Source) -> Result<Scanned, Failure> {
    let git = Git::new(&app.inherited, Path::new("."));
    let (known, owners) = known::gather(app);
    let allowed = gather_allowed(&git.at(&directory_of(source)))?;
    let rules = Rules { allowed, known };
    let mut scanned = Scanned { owners, ..Scanned::default() };
    match source {
        Source::Paths { paths, ignored } => {
            files::scan(app, &git, paths, *ignored, &rules, &mut scanned)?;
        }
        Source::Staged => staged::scan(&git, &rules, &mut scanned).map_err(|e| of_git(&e))?,
        Source::History { revision } => {
            history::scan(app, &git, revision.as_deref(), &rules, &mut scanned)
                .map_err(|error| of_git(&error))?;
        }
        Source::Stdin => {
            let hits = read_text(io::stdin().lock(), &rules)
                .map_err(|error| Failure::io("stdin cannot be read", &error))?;
            scanned.files = 1;
            scanned.add(None, "stdin", hits);
        }
    }
    Ok(scanned)
}

/// Whose allow-list counts: of the first directory that is named, else of the one where awsx runs.
fn directory_of(source: &Source) -> PathBuf {
    let named = match source {
        Source::Paths { paths, .. } => paths.first(),
        _ => None,
    };
    let directory = named.and_then(|path| match path.is_dir() {
        true => Some(path.clone()),
        false => path.parent().map(Path::to_path_buf),
    });
    directory.filter(|path| path.is_dir()).unwrap_or_else(|| PathBuf::from("."))
}

/// As much may an allow-list hold.
const LONGEST_LIST: u64 = 1024 * 1024;

/// What git's settings and `.gitallowed` allow.
fn gather_allowed(git: &Git) -> Result<Allowed, Failure> {
    let mut allowed = Allowed::default();
    match git.output(&["config", "--get-all", "secrets.allowed"]) {
        Ok(patterns) => {
            let bad = |bad: BadPattern| {
                let hint = "correct it: `git config --edit`, or `git config --global --edit`";
                Failure::say(
                    format!("secrets.allowed of git's settings: {bad}"),
                    Kind::Config.with(hint),
                )
            };
            allowed.add(String::from_utf8_lossy(&patterns).lines()).map_err(bad)?;
        }
        // 1: nothing is set
        Err(GitError::Missing | GitError::Failed { code: Some(1), .. }) => {}
        Err(error) => return Err(of_git(&error)),
    }
    let top = git.line(&["rev-parse", "--show-toplevel"]).ok();
    let path =
        top.filter(|top| !top.as_os_str().is_empty()).unwrap_or_default().join(".gitallowed");
    let text = match read_regular(&path, LONGEST_LIST) {
        Ok(text) => text,
        Err(error) if is_missing(&error) => return Ok(allowed),
        Err(error) => {
            return Err(Failure::io(&format!("{} cannot be read", path.display()), &error));
        }
    };
    allowed.add(String::from_utf8_lossy(&text).lines()).map_err(|bad| {
        let hint = "correct that line, or make it a comment with # in column 1";
        Failure::say(format!("{}:{}: {bad}", path.display(), bad.line), Kind::Config.with(hint))
    })?;
    Ok(allowed)
}

/// Where a hook of this repository stands, and whether `core.hooksPath` says so.
pub(crate) fn place_of_hook(app: &App) -> Result<(PathBuf, bool), Failure> {
    let git = Git::new(&app.inherited, Path::new("."));
    let hooks = git.line(&["rev-parse", "--git-path", "hooks"]).map_err(|error| of_git(&error))?;
    let is_set = git.output(&["config", "--get", "core.hooksPath"]).is_ok();
    Ok((hooks, is_set))
}

/// Where this awsx is, as a shell is told.
pub(crate) fn own_path() -> Result<String, Failure> {
    let path = std::env::current_exe()
        .map_err(|error| Failure::io("where awsx is cannot be found out", &error))?;
    // Of Git's shell, also on Windows
    Ok(path.display().to_string().replace('\\', if cfg!(windows) { "/" } else { "\\" }))
}

/// What a hook holds, where there is one.
pub(crate) fn read_hook(path: &Path) -> Result<Option<String>, Failure> {
    match read_regular(path, LONGEST_LIST) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(Failure::io(&format!("{} cannot be read", path.display()), &error)),
    }
}

/// What git's failures come to.
fn of_git(error: &GitError) -> Failure {
    let advice = match error {
        GitError::Missing => Kind::Config.with("install git, or name the files: `awsx scan PATH`"),
        GitError::Failed { said, .. } if said.contains("not a git repository") => {
            Kind::Config.with("run it in a repository, or name files: `awsx scan PATH`")
        }
        GitError::Failed { said, .. } if said.contains("bad revision") => {
            Kind::Usage.with("`git log --oneline --all` shows which commits there are")
        }
        GitError::Failed { .. } | GitError::Start(_) | GitError::Read { .. } => {
            Kind::Unexpected.with("`git status` says whether git works here")
        }
    };
    Failure::say(with_causes(error), advice)
}
