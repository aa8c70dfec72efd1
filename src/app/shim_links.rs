//! Programs by other tools' names that are awsx: links on Unix, copies on Windows.

use std::io;
use std::path::{Path, PathBuf};

use super::App;
use crate::host::own_program;
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::state::files::read_regular;
use crate::text::is_awsx;

/// The files of this name in PATH, the first first.
fn files_by_name(app: &App, name: &str) -> Vec<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = app.inherited.path("PATH").map(Path::as_os_str).unwrap_or_default();
    let files = std::env::split_paths(path).map(|directory| directory.join(&name));
    files.filter(|file| file.exists()).collect()
}

/// The programs of this name in PATH that are not awsx, where awsx stands before them. None where it does not.
pub(super) fn others_by_name(app: &App, name: &str) -> Option<Vec<PathBuf>> {
    let own = std::fs::canonicalize(own_program(&app.inherited).ok()?).ok()?;
    let is_own = |file: &PathBuf| std::fs::canonicalize(file).is_ok_and(|file| file == own);
    let mut files = files_by_name(app, name);
    if !files.first().is_some_and(is_own) {
        return None;
    }
    files.retain(|file| !is_own(file));
    Some(files)
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Nothing,
    /// This very awsx
    Own,
    /// A link to an awsx that is elsewhere, or no longer there
    OtherAwsx,
    Strange,
}

/// The links of a directory.
pub(crate) struct ShimLinks<'a> {
    app: &'a App,
    pub(crate) directory: PathBuf,
    /// The file of awsx
    own: PathBuf,
}

/// Bytes of a shell's start file that are looked at.
const LONGEST_START_FILE: u64 = 1024 * 1024;
/// Bytes of a program that may be a copy of awsx.
const LONGEST_PROGRAM: u64 = 64 * 1024 * 1024;

impl<'a> ShimLinks<'a> {
    pub(crate) fn new(app: &'a App, directory: &Path) -> Result<Self, Failure> {
        let own = own_program(&app.inherited)
            .map_err(|error| Failure::io("where awsx is cannot be found out", &error))?;
        let directory = app.env.working_directory().join(directory);
        Ok(Self { app, directory, own: own.into() })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Fails where something else has one of the names: nothing is changed then.
    pub(crate) fn check(&self, names: &[&'static str]) -> Result<(), Failure> {
        let is_strange = |name: &&&str| self.standing(name) == Standing::Strange;
        let Some(name) = names.iter().find(is_strange) else { return Ok(()) };
        let path = self.path(name);
        Err(Failure::say(
            format!("{} is there, and is not awsx's", path.display()),
            Kind::Usage.with(format!(
                "name another directory, before that one in PATH; `awsx migrate --shims {} --only NAME` leaves it out",
                word(&self.directory.display().to_string())
            )),
        ))
    }

    /// Makes the link; whether anything had to be done.
    pub(crate) fn install(&self, name: &str) -> Result<bool, Failure> {
        let path = self.path(name);
        if self.standing(name) == Standing::Own {
            return Ok(false);
        }
        let done = std::fs::create_dir_all(&self.directory).and_then(|()| self.link(&path));
        match done {
            Ok(()) => Ok(true),
            // Another awsx was faster.
            Err(_) if self.standing(name) == Standing::Own => Ok(false),
            Err(error) => Err(Failure::io(&format!("{} cannot be made", path.display()), &error)),
        }
    }

    /// Takes the link away, if it is one; what stood there.
    pub(crate) fn remove(&self, name: &str) -> Result<Standing, Failure> {
        let (path, standing) = (self.path(name), self.standing(name));
        if matches!(standing, Standing::Own | Standing::OtherAwsx) {
            std::fs::remove_file(&path).map_err(|error| {
                Failure::io(&format!("{} cannot be removed", path.display()), &error)
            })?;
        }
        Ok(standing)
    }

    fn standing(&self, name: &str) -> Standing {
        let path = self.path(name);
        let Ok(found) = path.symlink_metadata() else { return Standing::Nothing };
        let target = std::fs::read_link(&path).ok().filter(|_| found.is_symlink());
        let read = |path: &Path| read_regular(path, LONGEST_PROGRAM).ok();
        match target {
            Some(target) if target == self.own => Standing::Own,
            Some(target) if is_awsx(&target) => Standing::OtherAwsx,
            // A copy is own as long as it is the same.
            None if cfg!(windows) && read(&path).is_some_and(|it| read(&self.own) == Some(it)) => {
                Standing::Own
            }
            _ => Standing::Strange,
        }
    }

    /// Through a name of its own, so that the link is there at every moment.
    #[cfg(unix)]
    fn link(&self, path: &Path) -> io::Result<()> {
        use std::os::unix::fs::symlink;
        if path.symlink_metadata().is_err() {
            return symlink(&self.own, path);
        }
        let new = path.with_extension(format!("awsx-{}", std::process::id()));
        symlink(&self.own, &new)?;
        std::fs::rename(&new, path).inspect_err(|_| drop(std::fs::remove_file(&new)))
    }

    #[cfg(not(unix))]
    fn link(&self, path: &Path) -> io::Result<()> {
        if path.symlink_metadata().is_ok() {
            // A copy would go to where a link leads.
            std::fs::remove_file(path)?;
        }
        std::fs::copy(&self.own, path).map(drop)
    }

    /// The files of this name in PATH, the first first, and whether the directory is there at all.
    pub(crate) fn in_path(&self, name: &str) -> (Vec<PathBuf>, bool) {
        let path = self.app.inherited.path("PATH").map(Path::as_os_str).unwrap_or_default();
        let is_there = std::env::split_paths(path).any(|directory| directory == self.directory);
        (files_by_name(self.app, name), is_there)
    }

    /// Where a start file of a shell makes `assume` a script of granted's.
    pub(crate) fn alias_of_assume(&self) -> Option<(PathBuf, usize)> {
        const START_FILES: [&str; 7] = [
            ".zshenv",
            ".zshrc",
            ".bashrc",
            ".bash_profile",
            ".bash_login",
            ".profile",
            ".config/fish/config.fish",
        ];
        START_FILES.iter().find_map(|name| {
            let file = self.app.env.in_home(name)?;
            let text = read_regular(&file, LONGEST_START_FILE).ok()?;
            let text = String::from_utf8_lossy(&text).into_owned();
            let is_alias = |line: &str| line.trim_start().starts_with("alias assume");
            Some((file, text.lines().position(is_alias)? + 1))
        })
    }
}
