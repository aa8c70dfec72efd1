//! A connection of `ssh` that other runs of it go through, and a shell at its other end.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::env::Env;
use crate::ssh::{Place, Way};
use crate::text::one_line;

const PROGRAM: &str = "ssh";

/// As much as start files over there may print before the shell speaks.
const LIMIT: u64 = 64 * 1024;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error("ssh is not found")]
    Missing,
    #[error("ssh cannot be run")]
    Start(#[source] io::Error),
    /// ssh itself has said why
    #[error("ssh did not connect to {0}")]
    NotConnected(String),
    #[error("{0} does not run `sh` over ssh, or lets it write nothing to /tmp")]
    NoShell(String),
    #[error("{host} forwards no port: {said}")]
    NotForwarded { host: String, said: String },
}

/// A connection, which ends when it is dropped.
pub(crate) struct Connection {
    env: Env,
    host: String,
    /// What ends it
    end: Vec<String>,
    shell: Child,
    /// Closed, the shell over there ends.
    tell: Option<ChildStdin>,
    said: BufReader<io::Take<ChildStdout>>,
}

impl Connection {
    /// Connects, where it `asks` with whatever ssh has to ask the person; `command` is the shell over there.
    pub(crate) fn open(
        env: &Env,
        way: &Way<'_>,
        command: &str,
        asks: bool,
    ) -> Result<Self, ConnectionError> {
        let mut shell = ssh(env, &way.connect(command, asks))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(not_run)?;
        let (Some(tell), Some(said)) = (shell.stdin.take(), shell.stdout.take()) else {
            return Err(ConnectionError::Start(ErrorKind::BrokenPipe.into()));
        };
        let said = BufReader::new(said.take(LIMIT));
        let (host, end) = (way.host.to_owned(), way.end());
        Ok(Self { env: env.clone(), host, end, shell, tell: Some(tell), said })
    }

    /// Has the shell over there run these lines, of which the last says the mark of the place; what else it says there.
    pub(crate) fn run(&mut self, place: &Place, lines: &str) -> Result<String, ConnectionError> {
        // Where it is gone there is no answer.
        let _ = self.tell.as_mut().map_or(Ok(()), |tell| tell.write_all(lines.as_bytes()));
        let mut line = Vec::new();
        while self.said.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            if let Some(said) = place.answer(&String::from_utf8_lossy(&line)) {
                return Ok(said.to_owned());
            }
            line.clear();
        }
        self.tell = None;
        // 255 is ssh's own.
        Err(match self.shell.wait().ok().and_then(|status| status.code()) {
            Some(255) | None => ConnectionError::NotConnected(self.host.clone()),
            Some(_) => ConnectionError::NoShell(self.host.clone()),
        })
    }

    /// Has a port forwarded; its number, where the other side chooses one.
    pub(crate) fn forward(&self, words: &[String]) -> Result<Option<u16>, ConnectionError> {
        let ran = ssh(&self.env, words).stdin(Stdio::null()).output().map_err(not_run)?;
        if !ran.status.success() {
            let said = one_line(&String::from_utf8_lossy(&ran.stderr));
            return Err(ConnectionError::NotForwarded { host: self.host.clone(), said });
        }
        Ok(String::from_utf8_lossy(&ran.stdout).trim().parse().ok())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.tell = None;
        let quiet = || Stdio::null();
        let mut end = ssh(&self.env, &self.end);
        let _ = end.stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
        let _ = self.shell.wait();
    }
}

/// What the person gives to a shell, run as they would.
fn ssh(env: &Env, words: &[String]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(words).env_clear().envs(env.iter());
    let directory = env.working_directory();
    if directory.is_dir() {
        command.current_dir(directory);
    }
    command
}

fn not_run(error: io::Error) -> ConnectionError {
    match error.kind() {
        ErrorKind::NotFound => ConnectionError::Missing,
        _ => ConnectionError::Start(error),
    }
}
