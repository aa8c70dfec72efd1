//! Runs git to read a repository, and nothing that the repository's own settings name: no other program for
//! differences, no filter, no file monitor, no pager, no fetch.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

use crate::env::Env;
use crate::text::one_line;

const SAFE: [&str; 13] = [
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=false",
    "-c",
    "diff.suppressBlankEmpty=false",
    "-c",
    "log.showSignature=false",
    "-c",
    "log.showRoot=true",
    "-c",
    "format.pretty=medium",
];

/// Nothing is written, nothing is fetched, nobody is asked.
const VARIABLES: [(&str, &str); 5] = [
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
];

/// What git has no use for.
const KEPT_BACK: [&str; 4] =
    ["AWSX_PASSPHRASE", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];

/// As much of what git says is repeated.
const LONGEST_WORDS: u64 = 2048;

#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    #[error("git is not found")]
    Missing,
    #[error("git cannot be run")]
    Start(#[source] io::Error),
    #[error("what `git {command}` prints cannot be read")]
    Read { command: String, source: io::Error },
    #[error("git {command}: {said}")]
    Failed { command: String, code: Option<i32>, said: String },
}

/// git in a directory.
#[derive(Clone)]
pub(crate) struct Git {
    env: Env,
    directory: PathBuf,
}

impl Git {
    pub(crate) fn new(env: &Env, directory: &Path) -> Self {
        Self { env: env.without(KEPT_BACK), directory: directory.to_path_buf() }
    }

    /// The same in another directory.
    pub(crate) fn at(&self, directory: &Path) -> Self {
        Self { env: self.env.clone(), directory: directory.to_path_buf() }
    }

    /// What a command prints, which is not much.
    pub(crate) fn output(&self, words: &[&str]) -> Result<Vec<u8>, GitError> {
        let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        self.run(&words, Vec::new(), |mut printed| {
            let mut bytes = Vec::new();
            printed.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// Whether a command says yes; a question that cannot be answered is a no.
    pub(crate) fn says_yes(&self, words: &[&OsStr]) -> bool {
        self.run(words, Vec::new(), |mut printed| io::copy(&mut printed, &mut io::sink())).is_ok()
    }

    /// The value of one line that a command prints.
    pub(crate) fn line(&self, words: &[&str]) -> Result<PathBuf, GitError> {
        let mut bytes = self.output(words)?;
        while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            bytes.pop();
        }
        Ok(PathBuf::from(os_string(bytes)))
    }

    /// Has what a command prints read while it runs; the first word is the command. `given` is its input.
    pub(crate) fn run<T>(
        &self,
        words: &[&OsStr],
        given: Vec<u8>,
        read: impl FnOnce(ChildStdout) -> io::Result<T>,
    ) -> Result<T, GitError> {
        let command = words.first().map(|word| word.to_string_lossy().into_owned());
        let command = command.unwrap_or_default();
        let mut said = tempfile::tempfile().map_err(GitError::Start)?;
        let mut child = Command::new("git")
            .args(SAFE)
            .args(words)
            .env_clear()
            .envs(self.env.iter())
            .envs(VARIABLES)
            .current_dir(&self.directory)
            .stdin(if given.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(said.try_clone().map_err(GitError::Start)?)
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound if self.directory.is_dir() => GitError::Missing,
                _ => GitError::Start(error),
            })?;
        let printed = child.stdout.take().expect("stdout is piped");
        let input = child.stdin.take();
        let read = std::thread::scope(|scope| {
            // git may end before it has read all: then its exit code says why.
            let write = move || input.map(|mut input| input.write_all(&given));
            scope.spawn(write);
            read(printed)
        });
        let ended = child.wait().map_err(GitError::Start)?;
        if !ended.success() {
            let mut words = String::new();
            let _ = said.seek(SeekFrom::Start(0));
            let _ = said.take(LONGEST_WORDS).read_to_string(&mut words);
            let line = words.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
            let said = one_line(line.trim_start_matches("fatal: "));
            let said = if said.is_empty() { format!("failed with {ended}") } else { said };
            return Err(GitError::Failed { command, code: ended.code(), said });
        }
        read.map_err(|source| GitError::Read { command, source })
    }
}

/// The id of an object, and what it holds.
type Content<'c> = (&'c str, &'c mut dyn Read);

impl Git {
    /// Shows what files of the repository hold, by their ids; what is left of one unread is passed over.
    pub(crate) fn blobs(
        &self,
        ids: &[String],
        mut show: impl FnMut(Content<'_>) -> io::Result<()>,
    ) -> Result<(), GitError> {
        if ids.is_empty() {
            return Ok(());
        }
        let asked: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let words = ["cat-file", "--batch"].map(OsStr::new);
        self.run(&words, asked.into_bytes(), |printed| {
            let mut printed = BufReader::new(printed);
            let mut line = String::new();
            while printed.read_line(&mut line)? > 0 {
                // `ID blob SIZE`, or `ID missing`
                let mut words = line.split_whitespace();
                let (id, _) = (words.next().unwrap_or_default(), words.next());
                if let Some(size) = words.next().and_then(|size| size.parse().ok()) {
                    let mut content = printed.by_ref().take(size);
                    show((id, &mut content))?;
                    // And the end of its last line.
                    let left = content.limit() + 1;
                    io::copy(&mut printed.by_ref().take(left), &mut io::sink())?;
                }
                line.clear();
            }
            Ok(())
        })
    }
}

/// A path as git prints it.
#[cfg(unix)]
pub(crate) fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
pub(crate) fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
