//! Many processes at once that have no terminal: as those of a build, of an editor, of `make -j`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// The argument by which this program is a crowd: their number, the MFA code that each can read, the command.
pub(super) const SELF: &str = "--crowd";

/// How many succeeded, and how many asked for a code.
pub(super) struct Outcome {
    pub(super) succeeded: usize,
    pub(super) asked: usize,
}

impl Outcome {
    /// What [`run`] printed.
    pub(super) fn read(text: &str) -> Result<Self> {
        let (succeeded, asked) = text.trim().split_once(' ').context("two numbers")?;
        Ok(Self { succeeded: succeeded.parse()?, asked: asked.parse()? })
    }
}

/// Runs so many of the command. In a session of its own: who asks at a terminal asks on stdin then.
#[expect(clippy::print_stdout, reason = "whoever started it reads the numbers")]
pub(super) fn run(count: &str, code: &str, command: &[&str]) -> Result<()> {
    rustix::process::setsid()?;
    let (program, arguments) = command.split_first().context("a command")?;
    let mut children = Vec::new();
    for _ in 0..count.parse()? {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| (*program).to_owned())?;
        // Who needs no code may have ended before.
        let _ = child.stdin.take().context("a pipe")?.write_all(format!("{code}\n").as_bytes());
        children.push(child);
    }
    let (mut succeeded, mut asked) = (0, 0);
    for child in children {
        let output = child.wait_with_output()?;
        succeeded += usize::from(output.status.success());
        asked += usize::from(String::from_utf8_lossy(&output.stderr).contains("Enter MFA code"));
    }
    println!("{succeeded} {asked}");
    Ok(())
}

/// `mfa_process`: the code, and a note that somebody asked for it.
#[expect(clippy::print_stdout, reason = "whoever asks reads the code")]
pub(super) fn give_code(asked: &Path, code: &str) -> Result<()> {
    std::fs::File::options().create(true).append(true).open(asked)?.write_all(b"asked\n")?;
    println!("{code}");
    Ok(())
}
