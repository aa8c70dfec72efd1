//! Hands the process over to a command.
//!
//! On Unix awsx becomes the command (`execve`), so signals, the terminal, the exit code and the
//! process id need no care. Windows has no such call: awsx starts the command and waits.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::overlay::Overlay;
use super::variable::{self, TOO_LONG};
use crate::env::Env;

/// Why the command did not start. `program` is as typed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecError {
    #[error("\"{}\" was not found", program.display())]
    NotFound { program: OsString },
    /// `file` is the one that was found.
    #[error("\"{}\" cannot be executed", program.display())]
    CannotExecute { program: OsString, file: Option<PathBuf>, source: io::Error },
    #[error("the value of {variable} has a NUL character")]
    Nul { variable: String },
    #[error("the value of {variable} cannot be handed over: {TOO_LONG}")]
    TooLong { variable: String },
}

/// The person's shell, started without arguments: `SHELL`, or `COMSPEC` on Windows.
pub(crate) fn interactive_shell(env: &Env) -> OsString {
    let (variable, otherwise) =
        if cfg!(windows) { ("COMSPEC", "cmd.exe") } else { ("SHELL", "/bin/sh") };
    env.path(variable).unwrap_or(Path::new(otherwise)).into()
}

/// Runs `program` with `arguments`, both as typed, in the inherited environment changed by
/// `overlay`. On Unix this returns only errors; on Windows also the command's exit code.
///
/// The command starts with the default signal mask and `SIGPIPE` (`std` sees to it), with the limits that
/// awsx got, and with no open file of awsx but the standard three.
pub(crate) fn exec(
    program: &OsStr,
    arguments: &[OsString],
    overlay: &Overlay,
    env: &Env,
) -> Result<i32, ExecError> {
    for (variable, value) in overlay.assignments() {
        if value.expose().contains('\0') {
            return Err(ExecError::Nul { variable: variable.to_owned() });
        }
        if !variable::fits(variable, value.expose()) {
            return Err(ExecError::TooLong { variable: variable.to_owned() });
        }
    }
    let mut command = Command::new(executable(program, env));
    command.args(arguments);
    for (name, value) in overlay.iter() {
        match value {
            Some(value) => command.env(name, value.expose()),
            None => command.env_remove(name),
        };
    }
    run(command).map_err(|error| failure(program, env, error))
}

#[cfg(unix)]
fn run(mut command: Command) -> io::Result<i32> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

/// Ctrl-C reaches the child by itself, as it is on the same console. Because of
/// `host::leave_interrupts_to_the_child` it does not end awsx.
#[cfg(windows)]
fn run(mut command: Command) -> io::Result<i32> {
    let status = command.status()?;
    Ok(status.code().expect("on Windows every process ends with a code"))
}

/// What the system is asked to start: on Unix the name as typed, which also is `argv[0]`.
#[cfg(unix)]
fn executable(program: &OsStr, _env: &Env) -> OsString {
    program.to_owned()
}

/// What the system is asked to start. Windows itself only tries `.exe`; `npm` and many others are
/// `.cmd` files, which `std` starts with its own safe quoting.
#[cfg(windows)]
fn executable(program: &OsStr, env: &Env) -> OsString {
    file(program, env).map_or_else(|| program.to_owned(), PathBuf::into_os_string)
}

/// The system's error in the words of a shell. The system's own words would mislead: with one unreadable
/// directory in `PATH` a missing program is "permission denied", and a script whose interpreter is missing
/// is "not found".
fn failure(program: &OsStr, env: &Env, source: io::Error) -> ExecError {
    let file = file(program, env);
    let absent = matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied);
    match file {
        None if absent => ExecError::NotFound { program: program.to_owned() },
        file => ExecError::CannotExecute { program: program.to_owned(), file, source },
    }
}

/// The file that `program` names: itself if it is a path, else the first match in `PATH`.
fn file(program: &OsStr, env: &Env) -> Option<PathBuf> {
    let program = Path::new(program);
    if program.components().count() != 1 || program.is_absolute() {
        return candidates(program, env).find(|file| file.exists());
    }
    std::env::split_paths(env.path("PATH")?.as_os_str())
        .flat_map(|directory| candidates(&directory.join(program), env).collect::<Vec<_>>())
        .find(|file| file.is_file())
}

#[cfg(unix)]
fn candidates(program: &Path, _env: &Env) -> impl Iterator<Item = PathBuf> + use<> {
    std::iter::once(program.to_owned())
}

/// The program as typed if it has what may be an extension, then with each of `PATHEXT`.
#[cfg(windows)]
fn candidates(program: &Path, env: &Env) -> impl Iterator<Item = PathBuf> + use<> {
    let as_typed = program.extension().map(|_| "");
    let extensions = env.get("PATHEXT").unwrap_or(".COM;.EXE;.BAT;.CMD");
    let program = program.as_os_str().to_owned();
    as_typed
        .into_iter()
        .chain(extensions.split(';'))
        .map(|extension| {
            let mut file = program.clone();
            file.push(extension.trim());
            PathBuf::from(file)
        })
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// The error of a command that never starts.
    fn error(program: &OsStr, path: &Path) -> ExecError {
        let env = Env::from_pairs([("PATH", path)]);
        // Not in the place of the tests: whoever tries that is ended by `SIGPIPE` from then on, which `std` sees to.
        let started = Command::new(executable(program, &env)).spawn();
        failure(program, &env, started.expect_err("it does not start"))
    }

    #[test]
    fn what_is_missing_and_what_cannot_run_differ() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::write(at("plain"), "text").unwrap();
        std::fs::write(at("orphan"), "#!/nonexistent/interpreter\n").unwrap();
        std::fs::set_permissions(at("orphan"), std::fs::Permissions::from_mode(0o755)).unwrap();

        for (docs, program, is_there) in [
            ("no such path", at("absent").into_os_string(), false),
            ("no such name in PATH", OsString::from("awsx-no-such-program"), false),
            ("a file that is not executable", at("plain").into_os_string(), true),
            ("a directory", directory.path().as_os_str().to_owned(), true),
            ("a script whose interpreter is missing", at("orphan").into_os_string(), true),
            ("an empty name", OsString::new(), false),
        ] {
            match error(&program, directory.path()) {
                ExecError::NotFound { .. } => assert!(!is_there, "{docs}"),
                ExecError::CannotExecute { .. } => assert!(is_there, "{docs}"),
                other => panic!("{docs}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_no_program_is_started_with_is_refused_by_name() {
        let long = "x".repeat(200_000);
        for (value, problem) in [
            ("a\0b", "has a NUL character"),
            (&long, &*format!("cannot be handed over: {TOO_LONG}")),
        ] {
            let mut overlay = Overlay::default();
            overlay.set("AWS_REGION", value);
            let error = exec(OsStr::new("true"), &[], &overlay, &Env::default()).unwrap_err();
            assert_eq!(error.to_string(), format!("the value of AWS_REGION {problem}"));
        }
    }

    #[test]
    fn the_shell_is_the_persons_own() {
        let shell = |pairs: &[(&str, &str)]| interactive_shell(&Env::from_pairs(pairs.to_vec()));
        assert_eq!(shell(&[("SHELL", "/bin/zsh")]), "/bin/zsh");
        assert_eq!(shell(&[("SHELL", "")]), "/bin/sh");
        assert_eq!(shell(&[]), "/bin/sh");
    }
}
