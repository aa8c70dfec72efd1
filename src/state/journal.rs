//! Lines that are only added, by many processes at once; of full files the oldest goes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::state_dir::{StateDir, StateDirError};
use super::{files, owner};

/// How many files are kept: the one that is written, and full ones.
const KEPT: usize = 3;

/// Files of the state directory, for the user alone: `NAME.jsonl`, then older ones, `NAME.1.jsonl` and so on.
pub(crate) struct Journal<'a> {
    pub state: &'a StateDir,
    pub name: &'static str,
    /// Bytes of a file, at most, but for a line
    pub limit: u64,
    /// Which lines of a file that goes are written once more
    pub stays: Option<fn(&str) -> bool>,
}

impl Journal<'_> {
    fn path(&self, age: usize) -> PathBuf {
        self.state.file(&match age {
            0 => format!("{}.jsonl", self.name),
            age => format!("{}.{age}.jsonl", self.name),
        })
    }

    /// Adds a line in one piece: whoever else adds one at this moment, both are whole.
    pub(crate) fn add(&self, line: &str) -> Result<(), StateDirError> {
        let folder = self.state.ready("")?;
        let path = self.path(0);
        let failed = |error| self.state.error("written", &path)(error);
        // Windows says that it adds at the end in one step, and Wine does not.
        let _turn = cfg!(windows).then(|| self.state.lock("adds", || ())).transpose()?;
        let mut file = open(&path, &folder).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length >= self.limit {
            self.turn_over()?;
            file = open(&path, &folder).map_err(failed)?;
        }
        write(&mut file, line).map_err(failed)
    }

    /// Begins a new file, unless another process has. Who writes the old one meanwhile does so on.
    fn turn_over(&self) -> Result<(), StateDirError> {
        let _lock = self.state.lock(self.name, || ())?;
        let newest = self.path(0);
        let failed = |error| self.state.error("written", &newest)(error);
        if fs::metadata(&newest).map_err(failed)?.len() < self.limit {
            return Ok(());
        }
        let gone = match self.stays {
            Some(_) => self.lines_of(KEPT - 1)?,
            None => Vec::new(),
        };
        for age in (1..KEPT).rev() {
            let moved = fs::rename(self.path(age - 1), self.path(age));
            moved.or_else(|error| match files::is_missing(&error) {
                true => Ok(()),
                false => Err(failed(error)),
            })?;
        }
        let Some(stays) = self.stays else { return Ok(()) };
        let mut file = open(&newest, &self.state.ready("")?).map_err(failed)?;
        gone.iter()
            .filter(|line| stays(line))
            .try_for_each(|line| write(&mut file, line))
            .map_err(failed)
    }

    /// All lines, the oldest first.
    pub(crate) fn lines(&self) -> Result<Vec<String>, StateDirError> {
        let mut lines = Vec::new();
        if self.state.folder("")?.is_none() {
            return Ok(lines);
        }
        for age in (0..KEPT).rev() {
            lines.extend(self.lines_of(age)?);
        }
        Ok(lines)
    }

    fn lines_of(&self, age: usize) -> Result<Vec<String>, StateDirError> {
        let path = self.path(age);
        // A line more than the limit, what stayed, and what came while a new file was begun.
        let bytes = match files::read_prefix(&path, 4 * self.limit) {
            Err(error) if files::is_missing(&error) => return Ok(Vec::new()),
            bytes => bytes.map_err(self.state.error("read", &path))?,
        };
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }
}

/// Opens what is written at its end alone.
fn open(path: &std::path::Path, folder: &std::path::Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A pipe in its place is not waited for.
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    let file = options.open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is no file"));
    }
    if found.len() == 0 {
        owner::give(&file, folder)?;
    }
    Ok(file)
}

/// One call writes it. What a killed process or a full disk left of a line before ends there.
fn write(file: &mut File, line: &str) -> io::Result<()> {
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let before = if last == [b'\n'] { "" } else { "\n" };
    let text = format!("{before}{line}\n");
    match file.write(text.as_bytes())? {
        written if written == text.len() => Ok(()),
        _ => Err(ErrorKind::StorageFull.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_written_once_more() {
        let home = tempfile::tempdir().unwrap();
        let state = StateDir::at(&home.path().join("awsx"));
        let stays: fn(&str) -> bool = |line| line.starts_with("kept");
        let journal = Journal { state: &state, name: "t", limit: 20, stays: Some(stays) };
        journal.add("kept 1").unwrap();
        for number in 0..20 {
            journal.add(&format!("line {number}")).unwrap();
        }
        let lines = journal.lines().unwrap();
        assert_eq!(lines.iter().filter(|line| *line == "kept 1").count(), 1, "{lines:?}");
        assert_eq!(lines.last().unwrap(), "line 19");
        assert!(lines.len() < 12, "{lines:?}");
    }

    #[test]
    fn lines_are_kept_in_three_files() {
        let home = tempfile::tempdir().unwrap();
        let state = StateDir::at(&home.path().join("awsx"));
        let journal = Journal { state: &state, name: "t", limit: 20, stays: None };
        assert!(journal.lines().unwrap().is_empty());
        for number in 0..10 {
            journal.add(&format!("line {number}")).unwrap();
        }
        let kept: Vec<_> = (3..10).map(|number| format!("line {number}")).collect();
        assert_eq!(journal.lines().unwrap(), kept);
        let mut names: Vec<_> = fs::read_dir(state.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".jsonl"))
            .collect();
        names.sort();
        assert_eq!(names, ["t.1.jsonl", "t.2.jsonl", "t.jsonl"]);
    }

    #[test]
    fn what_was_torn_costs_no_other_line() {
        let home = tempfile::tempdir().unwrap();
        let state = StateDir::at(&home.path().join("awsx"));
        let journal = Journal { state: &state, name: "t", limit: 1000, stays: None };
        journal.add("one").unwrap();
        let path = state.file("t.jsonl");
        let mut text = fs::read(&path).unwrap();
        text.extend(b"tor\xff");
        fs::write(&path, text).unwrap();
        journal.add("two").unwrap();
        assert_eq!(journal.lines().unwrap(), ["one", "tor\u{fffd}", "two"]);
    }

    #[test]
    fn many_writers_lose_nothing() {
        let home = tempfile::tempdir().unwrap();
        let state = StateDir::at(&home.path().join("awsx"));
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let state = &state;
                scope.spawn(move || {
                    let journal = Journal { state, name: "t", limit: 1 << 20, stays: None };
                    for number in 0..50 {
                        journal.add(&format!("{writer} {number} {}", "x".repeat(500))).unwrap();
                    }
                });
            }
        });
        let journal = Journal { state: &state, name: "t", limit: 1 << 20, stays: None };
        let lines = journal.lines().unwrap();
        assert_eq!(lines.len(), 400);
        assert!(lines.iter().all(|line| line.ends_with("x") && line.len() > 503));
    }
}
