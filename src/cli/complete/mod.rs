//! What TAB offers behind `awsx`. The functions of `awsx init` ask with a first word of their own, so that no command has a
//! longer way for it; the line comes on stdin, since it may hold secrets that arguments would show to everybody.

mod answer;
mod bash_line;
mod candidates;
mod command_word;
mod line;
mod shell_line;
mod values;
mod values_in_files;

use std::ffi::OsString;
use std::io::Write;

use crate::app::App;
use crate::host;
use crate::report::Globals;
use crate::shell::Shell;
use answer::Answer;
use candidates::candidates;
use command_word::command_word;
use line::Line;
use shell_line::read_line;

/// Bytes of a line, at most.
const LONGEST: u64 = 256 * 1024;

/// The shell that asks, where the first word is that of who asks.
pub(super) fn asking_shell(args: &[OsString]) -> Option<Shell> {
    match args {
        [_, first, shell] if first == "__complete" => Shell::parse(shell.to_str()?),
        _ => None,
    }
}

/// As somebody who is asked nothing.
pub(super) fn globals() -> Globals {
    Globals { no_input: true, quiet: true, ..Globals::default() }
}

/// Writes what could stand at the cursor. What cannot be known is not offered, and nothing is said of it: somebody is
/// in the middle of a line.
pub(super) fn offer(shell: Shell, app: &App) {
    let Some(line) = read(shell) else { return };
    let answer = match command_word(&line.words) {
        Some(at) => Answer::Command(line.places[at]),
        None => candidates(app, &line),
    };
    let _ = app.out().stdout().write_all(answer.text(shell, &line.stays).as_bytes());
}

fn read(shell: Shell) -> Option<Line> {
    let given = host::read_stdin(LONGEST).ok()??;
    // PowerShell ends what it hands to a program with a new line.
    let given = match shell {
        Shell::Powershell => given.trim_ascii_end(),
        _ => &*given,
    };
    let given = given.strip_suffix(b"\0")?;
    let fields: Vec<_> = given.split(|b| *b == 0).map(String::from_utf8_lossy).collect();
    read_line(shell, &fields)
}
