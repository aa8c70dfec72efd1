//! A command of a sandbox that runs without a terminal.

use std::io::{BufRead, BufReader, Read, Write};
#[cfg(unix)]
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

use crate::ran::Ran;
use crate::sandbox::Sandbox;

/// A command that runs, without a terminal.
pub(crate) struct Running<'a> {
    sandbox: &'a Sandbox,
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: Vec<u8>,
    searched: bool,
    name: String,
}

impl<'a> Running<'a> {
    pub(crate) fn start(
        sandbox: &'a Sandbox,
        command: &mut Command,
        stdin: &[u8],
        searched: bool,
    ) -> Self {
        detach(command);
        Self::spawn(sandbox, command, stdin, searched)
    }

    /// The same, at the terminal that the command has by itself.
    pub(crate) fn spawn(
        sandbox: &'a Sandbox,
        command: &mut Command,
        stdin: &[u8],
        searched: bool,
    ) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut input = child.stdin.take().unwrap();
        // A command that does not read its input may be gone already.
        let _ = input.write_all(stdin);
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let name = format!("{command:?}");
        Self { sandbox, child, stderr, said: Vec::new(), searched, name }
    }

    /// Waits until stderr has a line with `text`; the line.
    pub(crate) fn says(&mut self, text: &str) -> String {
        loop {
            let start = self.said.len();
            let count = self.stderr.read_until(b'\n', &mut self.said).unwrap();
            let line = String::from_utf8_lossy(&self.said[start..]);
            if line.contains(text) {
                return line.into_owned();
            }
            let all = String::from_utf8_lossy(&self.said);
            assert_ne!(count, 0, "{} ended without {text:?}: {all}", self.name);
        }
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// A signal by its name, such as `TERM`.
    #[cfg(unix)]
    pub(crate) fn signal(&mut self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ran {
        let mut stdout = self.child.stdout.take().unwrap();
        let stdout = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stdout.read_to_end(&mut bytes).map(|_| bytes)
        });
        self.stderr.read_to_end(&mut self.said).unwrap();
        let stdout = stdout.join().unwrap().unwrap();
        let status = self.child.wait().unwrap();
        self.sandbox.remember(&format!("{}: stderr", self.name), &self.said);
        if self.searched {
            self.sandbox.remember(&format!("{}: stdout", self.name), &stdout);
        }
        Ran {
            code: code(status),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&self.said).into_owned(),
        }
    }
}

/// Signals mean to the command what they mean by themselves: what a shell starts in the background,
/// say `.ci/run &`, ignores Ctrl-C and hands that on.
#[cfg(unix)]
pub(crate) fn heed_signals(command: &mut Command) {
    #[expect(unsafe_code, reason = "the only way to run code between fork and exec")]
    // SAFETY: signal is async-signal-safe and touches no memory.
    unsafe {
        command.pre_exec(|| {
            for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGTSTP]
            {
                libc::signal(signal, libc::SIG_DFL);
            }
            Ok(())
        });
    }
}

#[cfg(not(unix))]
pub(crate) fn heed_signals(_command: &mut Command) {}

/// In a session of its own, so that the test's terminal, if there is one, is not awsx's.
#[cfg(unix)]
fn detach(command: &mut Command) {
    #[expect(unsafe_code, reason = "the only way to run code between fork and exec")]
    // SAFETY: setsid is async-signal-safe and touches no memory.
    unsafe {
        command.pre_exec(|| {
            let _ = rustix::process::setsid();
            Ok(())
        });
    }
}

/// Without a console.
#[cfg(windows)]
fn detach(command: &mut Command) {
    const DETACHED_PROCESS: u32 = 8;
    std::os::windows::process::CommandExt::creation_flags(command, DETACHED_PROCESS);
}

/// The exit code, or 128 and the signal's number.
pub(crate) fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    return status.code().unwrap_or_else(|| 128 + status.signal().unwrap());
    #[cfg(not(unix))]
    return status.code().unwrap();
}
