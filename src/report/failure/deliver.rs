//! What keeps credentials from being handed over.

use std::io::ErrorKind;

use super::{Advice, Advise, Kind};
use crate::deliver::ExecError;
use crate::deliver::format::{Format, FormatError};
use crate::text::needs_shell;

impl Advise for ExecError {
    fn advice(&self) -> Advice {
        match self {
            Self::NotFound { .. } => Kind::NotFound.with("check its spelling and PATH"),
            Self::CannotExecute { source, .. } if source.kind() == ErrorKind::ArgumentListTooLong => {
                Kind::CannotExecute.with(
                    "its arguments and its environment are more than the system takes together: give it \
                     less of them",
                )
            }
            Self::CannotExecute { .. } => {
                Kind::CannotExecute.with("check the file's permissions and its first line")
            }
            Self::Nul { .. } => Kind::CannotExecute.with("correct the value"),
            Self::TooLong { .. } => Kind::Usage.with(
                "a profile with `credential_process = awsx credential-process PROFILE` hands over \
                 credentials of any length",
            ),
        }
    }
}

impl Advise for FormatError {
    fn advice(&self) -> Advice {
        match self {
            Self::CannotCarry { format: Format::Cmd, .. } => Kind::Usage.with(
                "`awsx exec` hands over what a line of cmd cannot; or use another --format, such as json",
            ),
            Self::CannotCarry { .. } => Kind::Usage.with("use another --format, such as json"),
            Self::TooLarge { .. } => Kind::Usage.with(
                "have each job run `awsx exec --oidc gitlab --role-arn ARN -- CMD` itself",
            ),
            Self::CannotUnset { .. } => {
                Kind::Usage.with("use the format of a shell: sh, fish, powershell, cmd, nushell")
            }
            Self::Write(_) => Kind::Unexpected.without_hint(),
        }
    }
}

/// The shell of Windows, whatever it is called from.
pub(crate) const CMD: &str = "cmd";

/// What no program does for a shell.
const BUILTINS: &[&str] = &[
    ".", "alias", "bg", "builtin", "case", "cd", "command", "declare", "dirs", "eval", "exit",
    "export", "fg", "for", "function", "history", "if", "jobs", "let", "local", "popd", "pushd",
    "read", "readonly", "return", "set", "shift", "shopt", "source", "trap", "type", "typeset",
    "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
];

/// The same for cmd.
const BUILTINS_OF_CMD: &[&str] = &[
    "assoc", "call", "cd", "chdir", "cls", "copy", "date", "del", "dir", "echo", "erase", "for",
    "ftype", "if", "md", "mkdir", "mklink", "move", "path", "pause", "popd", "pushd", "rd", "rem",
    "ren", "rename", "rmdir", "set", "start", "time", "title", "type", "ver", "vol",
];

/// What helps where there is no such program. `exec`: the line before the command, such as
/// `awsx exec prod`; `more`: what is shown of its arguments; `shell`: the person's.
pub(crate) fn hint_of_command(exec: &str, program: &str, more: &str, shell: &str) -> String {
    let for_shell = |shell: &str, flag: &str| {
        let line = format!("{program}{more}").replace('\'', r"'\''");
        format!("`{exec} -- {shell} {flag} '{line}'`")
    };
    match program {
        _ if shell == CMD && needs_shell(program).is_some() => {
            format!("that is a line for a shell: `{exec} -- cmd /c \"{program}{more}\"`")
        }
        _ if needs_shell(program).is_some() => {
            format!("that is a line for a shell: {}", for_shell("sh", "-c"))
        }
        _ if program.contains(' ') => format!("without the quotes: `{exec} -- {program}{more}`"),
        _ if shell == CMD && BUILTINS_OF_CMD.contains(&&*program.to_ascii_lowercase()) => {
            format!("{program} is no program but a word of cmd: `{exec} -- cmd /c {program}{more}`")
        }
        _ if shell != CMD && BUILTINS.contains(&program) => {
            format!("{program} is no program but a word of the shell: `{exec}` opens one")
        }
        _ if ["bash", "zsh", "fish"].contains(&shell) => {
            let line = for_shell(shell, "-ic");
            format!("check its spelling and PATH; for an alias of yours: {line}")
        }
        _ => "check its spelling and PATH".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_is_told_apart() {
        for (kind, expected) in [
            (ErrorKind::ArgumentListTooLong, "its arguments and its environment are more than"),
            (ErrorKind::PermissionDenied, "check the file's permissions and its first line"),
        ] {
            let (program, source) = ("x".into(), kind.into());
            let Advice { hint, .. } =
                ExecError::CannotExecute { program, file: None, source }.advice();
            assert!(hint.as_ref().is_some_and(|hint| hint.starts_with(expected)), "{hint:?}");
        }
    }

    #[test]
    fn what_is_no_program_is_seen() {
        for (line, rest, shell, expected) in [
            ("terrafrom", " plan", "/bin/sh", "check its spelling and PATH"),
            (
                "ll",
                "",
                "bash",
                "check its spelling and PATH; for an alias of yours: `awsx exec dev -- bash -ic 'll'`",
            ),
            (
                "ll",
                " 'a b'",
                "fish",
                r"check its spelling and PATH; for an alias of yours: `awsx exec dev -- fish -ic 'll '\''a b'\'''`",
            ),
            (
                "DIR",
                " /b",
                "cmd",
                "DIR is no program but a word of cmd: `awsx exec dev -- cmd /c DIR /b`",
            ),
            (
                "type x | more",
                "",
                "cmd",
                "that is a line for a shell: `awsx exec dev -- cmd /c \"type x | more\"`",
            ),
            ("export", "", "cmd", "check its spelling and PATH"),
            ("echo hi", "", "bash", "without the quotes: `awsx exec dev -- echo hi`"),
            (
                "echo 'hi' | wc",
                "",
                "bash",
                r"that is a line for a shell: `awsx exec dev -- sh -c 'echo '\''hi'\'' | wc'`",
            ),
            (
                "cd",
                " /tmp",
                "zsh",
                "cd is no program but a word of the shell: `awsx exec dev` opens one",
            ),
        ] {
            assert_eq!(hint_of_command("awsx exec dev", line, rest, shell), expected);
        }
    }
}
