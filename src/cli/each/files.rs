//! `--out DIR`: what each run prints, in files of its own.
//!
//! The directory has a list of the files that awsx made there. What is not in it is never written over.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::run::{Run, Whose};
use crate::host::crew::Stream;
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::state::files;

/// The list, a name on each line.
const LIST: &str = ".awsx-each";
const LIST_LIMIT: u64 = 4 * 1024 * 1024;

/// Characters of a name, at most: systems allow 255 bytes.
const LONGEST: usize = 180;

/// The files of all runs.
pub(super) struct Files {
    directory: PathBuf,
    /// Of each run, without `.out` and `.err`
    names: Vec<String>,
    open: HashMap<usize, [File; 2]>,
    /// While it is open no other awsx writes there
    list: File,
    /// What it has
    own: BTreeSet<String>,
}

impl Files {
    /// Sees that nothing of somebody else's would be written over.
    pub(super) fn new(directory: &Path, runs: &[Run]) -> Result<Self, Failure> {
        let names = names(runs);
        let failed = |error| failure(directory, &error);
        files::create_private(directory).map_err(failed)?;
        let path = directory.join(LIST);
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        let list = options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(&path);
        let mut list = list.map_err(|error| failure(&path, &error))?;
        if list.try_lock().is_err() {
            let message = format!("another awsx writes into {}", directory.display());
            return Err(Failure::usage(message, "name another directory"));
        }
        let mut text = String::new();
        Read::by_ref(&mut list)
            .take(LIST_LIMIT)
            .read_to_string(&mut text)
            .map_err(|error| failure(&path, &error))?;
        let own: BTreeSet<String> = text.lines().map(str::to_owned).collect();
        let (directory, open) = (directory.to_owned(), HashMap::new());
        let files = Self { directory, names, open, list, own };
        for name in files.all().filter(|name| !files.own.contains(name)) {
            let file = files.directory.join(name);
            if fs::symlink_metadata(&file).is_ok() {
                return Err(foreign_file(&file));
            }
        }
        Ok(files)
    }

    /// The names of all files.
    fn all(&self) -> impl Iterator<Item = String> {
        self.names.iter().flat_map(|name| ENDS.map(|end| format!("{name}.{end}")))
    }

    /// Takes away what awsx left there of these runs, and puts their names into the list.
    pub(super) fn make_room(&mut self) -> Result<(), Failure> {
        let mut lines = String::new();
        for name in self.all() {
            match self.own.contains(&name) {
                true => {
                    let file = self.directory.join(name);
                    files::remove(&file).map_err(|error| failure(&file, &error))?;
                }
                false => lines.push_str(&format!("{name}\n")),
            }
        }
        let written = self.list.write_all(lines.as_bytes());
        written.map_err(|error| failure(&self.directory.join(LIST), &error))
    }

    /// Where a stream of a run goes.
    pub(super) fn path(&self, run: usize, stream: Stream) -> PathBuf {
        self.directory.join(format!("{}.{}", self.names[run], ENDS[index(stream)]))
    }

    /// Makes the files of a run; of one that is tried again, anew.
    pub(super) fn begin(&mut self, run: usize) -> Result<(), Failure> {
        let make = |stream| {
            let path = self.path(run, stream);
            let make = || {
                files::remove(&path)?;
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)
            };
            make().map_err(|error| failure(&path, &error))
        };
        let both = [make(Stream::Stdout)?, make(Stream::Stderr)?];
        self.open.insert(run, both);
        Ok(())
    }

    pub(super) fn write(&self, run: usize, stream: Stream, bytes: &[u8]) -> Result<(), Failure> {
        let Some(both) = self.open.get(&run) else { return Ok(()) };
        let written = (&both[index(stream)]).write_all(bytes);
        written.map_err(|error| failure(&self.path(run, stream), &error))
    }

    pub(super) fn end(&mut self, run: usize) {
        self.open.remove(&run);
    }
}

const ENDS: [&str; 2] = ["out", "err"];

fn index(stream: Stream) -> usize {
    match stream {
        Stream::Stdout => 0,
        Stream::Stderr => 1,
    }
}

/// Names that every system takes, each once, also where capitals are the same: `dev`, `dev@eu-west-1`, `a%2Fb`.
fn names(runs: &[Run]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for run in runs {
        let whose = match &run.whose {
            Whose::Profile(name) => name,
            Whose::Role { account, .. } => account,
        };
        let region = run.region.as_ref().map(|region| format!("@{region}")).unwrap_or_default();
        let mut name: String = portable(whose);
        name.truncate(LONGEST - region.len().min(LONGEST));
        name.push_str(&region);
        let alone = name.clone();
        let mut number = 1;
        while !seen.insert(name.to_ascii_lowercase()) {
            number += 1;
            name = format!("{alone}~{number}");
        }
        names.push(name);
    }
    names
}

/// Every other byte than these becomes `%` and two digits; so does a dot that begins it.
fn portable(name: &str) -> String {
    let plain = |at: usize, byte: u8| {
        byte.is_ascii_alphanumeric() || b"_-+=,".contains(&byte) || byte == b'.' && at > 0
    };
    let byte = |(at, byte): (usize, u8)| match plain(at, byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    name.bytes().enumerate().map(byte).collect()
}

fn foreign_file(file: &Path) -> Failure {
    let message = format!("{} is there, and awsx did not make it", file.display());
    let file = file.to_string_lossy();
    Failure::usage(
        message,
        &format!("name another directory, or move it: `mv {0} {0}.old`", word(&file)),
    )
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be written: {error}", path.display());
    let hint = "name a directory of yours with room in it; `--only-failed` goes on with the rest";
    Failure::say(message, Kind::Unexpected.with(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, region: Option<&str>) -> Run {
        Run::new(Whose::Profile(name.to_owned()), region.map(str::to_owned))
    }

    #[test]
    fn names_are_safe_and_come_once() {
        let long = "x".repeat(300);
        let of = |names: &[&str]| {
            let runs: Vec<Run> = names.iter().map(|name| run(name, None)).collect();
            super::names(&runs)
        };
        assert_eq!(
            of(&["dev", "a/b", "../x", ".", "Dev", "a b", "ä", "a%2Fb", "~"]),
            ["dev", "a%2Fb", "%2E.%2Fx", "%2E", "Dev~2", "a%20b", "%C3%A4", "a%252Fb", "%7E"]
        );
        assert_eq!(super::names(&[run("dev", Some("eu-west-1"))]), ["dev@eu-west-1"]);
        let all = super::names(&[run(&long, Some("r-1")), run(&format!("{long}y"), Some("r-1"))]);
        assert!(all[0] != all[1] && all.iter().all(|name| name.len() < 200), "{all:?}");
    }

    #[test]
    fn only_what_awsx_made_is_written_over() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("new/out");
        let runs = [run("dev", None), run("a/b", None)];
        let open = |runs: &[Run]| {
            let mut files = Files::new(&directory, runs)?;
            files.make_room().map(|()| files)
        };
        let mut files = open(&runs).unwrap();
        assert!(Files::new(&directory, &runs).is_err(), "another one writes there");
        files.begin(0).unwrap();
        files.write(0, Stream::Stdout, b"one").unwrap();
        files.begin(0).unwrap();
        files.write(0, Stream::Stdout, b"two").unwrap();
        files.write(0, Stream::Stderr, b"err").unwrap();
        files.end(0);
        let path = files.path(0, Stream::Stdout);
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(files);
        // Those of other runs stay.
        drop(open(&runs[1..]).unwrap());
        assert!(path.exists());
        drop(open(&runs).unwrap());
        assert!(!path.exists());
        fs::write(directory.join("x.err"), "mine").unwrap();
        let refused = Files::new(&directory, &[run("x", None)]).err().unwrap();
        assert_eq!(refused.kind(), Kind::Usage);
        assert_eq!(fs::read(directory.join("x.err")).unwrap(), b"mine");
        // A link would lead elsewhere.
        std::os::unix::fs::symlink(home.path().join("far"), directory.join("a%2Fb.out")).unwrap();
        let mut files = open(&runs).unwrap();
        files.begin(1).unwrap();
        files.write(1, Stream::Stdout, b"x").unwrap();
        assert!(!home.path().join("far").exists());
    }
}
