//! A program of the person's that picks a line, such as fzf.

use std::io::{self, Read, Write};
use std::process::{ExitStatus, Stdio};

use super::process::in_shell;
use super::terminal::hold_interrupts;
use crate::env::Env;
use crate::text::printable;

/// Bytes of what it may print
const LONGEST: u64 = 1024 * 1024;

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Picked {
    Line(String),
    /// It ended otherwise than with 0, or printed nothing
    Nothing,
    /// The shell finds no such program
    NotFound,
}

/// A line as the program is given it: one line, without what could steer a terminal.
pub(crate) fn as_line(line: &str) -> String {
    printable(line).replace('\n', "\\n")
}

/// Runs the command by the system's shell, with the lines on its stdin. It has the terminal until it ends, and Ctrl-C is
/// its own meanwhile.
pub(crate) fn pick_with(command: &str, lines: &[String], env: &Env) -> io::Result<Picked> {
    let mut shell = in_shell(command);
    shell.env_clear().envs(env.iter()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let _held = hold_interrupts()?;
    let mut child = shell.spawn()?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let mut answer = Vec::new();
    let read = std::thread::scope(|scope| {
        // It may end, or print its answer, before it has read all.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
        stdout.map_or(Ok(0), |stdout| stdout.take(LONGEST).read_to_end(&mut answer))
    });
    let status = child.wait()?;
    read?;
    Ok(outcome(status, &answer))
}

fn outcome(status: ExitStatus, answer: &[u8]) -> Picked {
    let answer = String::from_utf8_lossy(answer);
    match (status.code(), answer.trim_end_matches(['\n', '\r'])) {
        // <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02>
        (Some(126 | 127), _) if cfg!(unix) => Picked::NotFound,
        (Some(9009), _) if cfg!(windows) => Picked::NotFound,
        (Some(0), answer) if !answer.is_empty() => Picked::Line(answer.to_owned()),
        _ => Picked::Nothing,
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_gets_lines_and_gives_one() {
        let env = Env::from_pairs([("PATH", "/usr/bin:/bin")]);
        let lines: Vec<String> = (0..20_000).map(|number| format!("p{number}  x")).collect();
        for (docs, command, expected) in [
            ("a line", "sed -n 5p", Picked::Line("p4  x".to_owned())),
            ("it reads all of them", "tail -n 1", Picked::Line("p19999  x".to_owned())),
            ("it reads none of them", "echo p1", Picked::Line("p1".to_owned())),
            ("nothing is printed", "cat >&-", Picked::Nothing),
            ("it is left", "echo p1; exit 130", Picked::Nothing),
            ("it is no program", "exec no-such-picker", Picked::NotFound),
        ] {
            assert_eq!(pick_with(command, &lines, &env).unwrap(), expected, "{docs}");
        }
        assert_eq!(as_line("a\nb\x1b[2J"), "a\\nb\\u{1b}[2J");
    }
}
