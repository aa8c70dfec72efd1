//! Runs the commands of `credential_process` and `mfa_process` for their output.
//!
//! Without a shell, as the AWS CLI does it, unless only a shell can mean the line ([`needs_shell`]): then
//! with `sh -c`, as other SDKs and aws-vault do. The command gets the environment of awsx, no standard input
//! (awsx's own may belong to the command of `exec`), and awsx's standard error, so that its prompts are
//! seen.

use std::io::{ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use zeroize::Zeroizing;

use super::command_line;
use super::output::{collect, end};
use super::process_chain::{self, CHAIN};
use crate::credentials::SessionKey;
use crate::env::Env;
use crate::ports::{CallError, RunCommand, RunInShell, SourceOf};
use crate::text::needs_shell;

/// Where a terminal shows its prompts, a person may be at a browser or looking for a token.
const ATTENDED_LIMIT: Duration = Duration::from_secs(600);
const UNATTENDED_LIMIT: Duration = Duration::from_secs(60);
/// The exit code of an awsx that cannot read its command line
const USAGE: i32 = 2;

/// Runs command lines in this environment and gives their standard output, at most 64 KiB. The variables
/// `own_secrets` are for awsx alone: no other program gets them.
///
/// A command may take one minute, ten if standard error is a terminal. [`CallError::Source`] names the
/// program, and nothing else of the command line or output, if it cannot be started, fails, takes too
/// long, writes too much, or calls itself.
pub(crate) fn runner(env: &Env, own_secrets: &'static [&'static str]) -> RunCommand {
    let commands = Commands::new(env, own_secrets);
    Box::new(move |line, held| commands.output(line, held))
}

/// The sessions that the processes above this one are getting: whoever needs one of them here waits for
/// itself.
pub(crate) fn sessions_above(env: &Env) -> Vec<SessionKey> {
    process_chain::sessions(env)
}

/// The same for a line of the system's shell, which gets all of the environment.
pub(crate) fn shell_runner(env: &Env) -> RunInShell {
    let commands = Commands::new(env, &[]);
    Box::new(move |line| {
        let run = commands.run(in_shell(line), SHELL, &[], line, &[]);
        run.map_err(|error| error.to_string())
    })
}

#[cfg(unix)]
const SHELL: &str = "sh";
#[cfg(windows)]
const SHELL: &str = "cmd";

/// A line as the system's shell runs it.
#[cfg(unix)]
pub(super) fn in_shell(line: &str) -> Command {
    let mut command = Command::new(SHELL);
    command.args(["-c", line]);
    command
}

/// cmd has rules of its own for quotes: with `/s` it takes the outer ones away, and nothing else.
#[cfg(windows)]
pub(super) fn in_shell(line: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut command = Command::new(SHELL);
    command.raw_arg(format!("/d /s /c \"{line}\""));
    command
}

struct Commands {
    env: Env,
    own_secrets: &'static [&'static str],
    limit: Duration,
}

impl Commands {
    fn new(env: &Env, own_secrets: &'static [&'static str]) -> Self {
        let attended = std::io::stderr().is_terminal();
        let limit = if attended { ATTENDED_LIMIT } else { UNATTENDED_LIMIT };
        Self { env: env.clone(), own_secrets, limit }
    }

    fn output(&self, line: &str, held: &[SessionKey]) -> Result<Zeroizing<Vec<u8>>, CallError> {
        if cfg!(unix) && needs_shell(line).is_some() {
            return self.run(in_shell(line), SHELL, &[], line, held);
        }
        let words = command_line::words(line)
            .map_err(|error| failure("the command line", error.to_string()))?;
        let [program, arguments @ ..] = &words[..] else {
            return Err(failure("the command line", "is empty".into()));
        };
        let mut command = Command::new(program);
        command.args(arguments);
        self.run(command, program, &words, line, held)
    }

    /// Runs a command that a line stands for; its words, where no shell reads them.
    fn run(
        &self,
        mut command: Command,
        program: &str,
        words: &[String],
        line: &str,
        held: &[SessionKey],
    ) -> Result<Zeroizing<Vec<u8>>, CallError> {
        let failure = |cause: String| failure(program, cause);
        // An awsx below this one may need the passphrase.
        let kept_back = if self.is_awsx(program) { &[] } else { self.own_secrets };
        // A side process is elsewhere than where awsx was started.
        let directory = self.env.working_directory();
        if directory.is_dir() {
            command.current_dir(directory);
        }
        let mut child = command
            .env_clear()
            .envs(self.env.iter().filter(|(name, _)| !kept_back.iter().any(|own| name == own)))
            .env(CHAIN, process_chain::extend(&self.env, line, held).map_err(failure)?)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => failure(format!("is not found{}", not_found_hint(words))),
                _ => failure(format!("cannot be started: {error}")),
            })?;
        let outcome = collect(&mut child, self.limit);
        if outcome.is_err() {
            end(&mut child);
        }
        match outcome.map_err(failure)? {
            (status, output) if status.success() => Ok(output),
            // An awsx below this one has said why on the same standard error. What is wrong with its
            // command line is another matter: it does not know where that stands.
            (status, _)
                if status.code().is_some_and(|code| code != USAGE)
                    && self.is_credential_process(words) =>
            {
                let (origin, cause) = (program.to_owned(), format!("failed with {status}"));
                Err(CallError::Source { of: SourceOf::Awsx, origin, cause })
            }
            (status, _) => Err(failure(format!("failed with {status}{}", shell_hint(line)))),
        }
    }

    /// Whether the words run `awsx credential-process`, which says why it fails: a command of
    /// `awsx exec` may not.
    fn is_credential_process(&self, words: &[String]) -> bool {
        matches!(words, [program, command, ..] if command == "credential-process" && self.is_awsx(program))
    }

    /// Whether a program is this very executable, and not only named like it.
    fn is_awsx(&self, program: &str) -> bool {
        let is_path = program.contains('/') || (cfg!(windows) && program.contains('\\'));
        let path = match is_path {
            true => Some(PathBuf::from(program)),
            false => {
                let directories = self.env.path("PATH").unwrap_or(Path::new(""));
                std::env::split_paths(directories)
                    .map(|directory| directory.join(program))
                    .find(|path| path.is_file())
            }
        };
        let own = std::env::current_exe();
        path.zip(own.ok()).is_some_and(|(path, own)| is_same_file(&path, &own))
    }
}

/// The file of this very executable.
pub(crate) fn own_program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| path.metadata().ok().map(|found| (found.dev(), found.ino()));
    identity(one).is_some() && identity(one) == identity(other)
}

#[cfg(not(unix))]
fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.with_extension("exe").canonicalize().ok();
    real(one).is_some() && real(one) == real(other)
}

fn failure(origin: &str, cause: String) -> CallError {
    CallError::Source { of: SourceOf::Command, origin: origin.into(), cause }
}

/// A hint for a person who left quotes out.
fn not_found_hint(words: &[String]) -> &'static str {
    let is_path_with_blanks =
        |count: usize| words.get(..count).is_some_and(|part| Path::new(&part.join(" ")).is_file());
    match (2..=words.len()).any(is_path_with_blanks) {
        true => "; put quotes around a path that has blanks",
        false => "",
    }
}

/// A hint for a person who counted on a shell.
fn shell_hint(line: &str) -> &'static str {
    let has_signs = line.contains(['|', '&', ';', '<', '>', '$', '`', '~', '*']);
    match needs_shell(line).is_none() && has_signs {
        true if cfg!(windows) => "; it runs without a shell: use cmd /c \"…\"",
        true => "; it runs without a shell, so `~`, `$NAME` and `|` mean nothing: use sh -c '…'",
        false => "",
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn commands(vars: &[(&str, &str)]) -> Commands {
        let path = [("PATH", "/usr/bin:/bin")];
        let env = Env::from_pairs(path.into_iter().chain(vars.iter().copied()));
        Commands { env, own_secrets: &["OWN"], limit: Duration::from_secs(20) }
    }

    #[test]
    fn commands_run_without_a_shell_unless_they_need_one() {
        let directory = tempfile::tempdir().unwrap();
        let blank = directory.path().join("a b");
        std::fs::write(&blank, "").unwrap();
        for (docs, line, expected) in [
            ("output", "printf 'a b\\n'", Ok("a b\n")),
            ("the environment of awsx", "sh -c 'echo $GIVEN'", Ok("given\n")),
            ("without awsx's secrets", "sh -c 'echo $OWN'", Ok("\n")),
            ("nothing is expanded", "echo a$GIVEN a~ *", Ok("a$GIVEN a~ *\n")),
            ("a variable needs a shell", "echo $GIVEN", Ok("given\n")),
            ("a pipe needs one", "echo one | tr o 0", Ok("0ne\n")),
            ("so do two commands", "true && echo two", Ok("two\n")),
            ("without awsx's secrets there too", "echo $OWN", Ok("\n")),
            ("no input", "cat", Ok("")),
            ("empty", " ", Err("the command line: is empty")),
            ("a quote", "echo 'planted", Err("the command line: a quote is not closed")),
            ("not there", "/no/such/program planted", Err("/no/such/program: is not found")),
            (
                "a blank in a path",
                blank.to_str().unwrap(),
                Err("is not found; put quotes around a path that has blanks"),
            ),
            (
                "counts on a shell",
                "false --dir=$HOME",
                Err("failed with exit status: 1; it runs w"),
            ),
            ("a pipe that fails", "echo planted | false", Err("sh: failed with exit status: 1")),
            ("fails", "sh -c 'echo planted; exit 3'", Err("sh: failed with exit status: 3")),
            ("killed", "sh -c 'kill -9 $$'", Err("sh: failed with signal: 9")),
            ("not executable", "/etc/passwd", Err("/etc/passwd: cannot be started: Permission")),
            ("endless", "yes planted", Err("yes: wrote more than 128 KiB")),
        ] {
            let commands = commands(&[("GIVEN", "given"), ("OWN", "planted")]);
            match (commands.output(line, &[]), expected) {
                (Ok(output), Ok(expected)) => assert_eq!(*output, expected.as_bytes(), "{docs}"),
                (Err(error), Err(expected)) => {
                    let error = error.to_string();
                    assert!(error.contains(expected), "{docs}: {error}");
                    assert!(!error.contains("planted"), "{docs}: {error}");
                }
                (result, _) => panic!("{docs}: {result:?}"),
            }
        }
    }

    fn output(commands: &Commands, line: &str) -> Result<String, String> {
        match commands.output(line, &[]) {
            Ok(output) => Ok(String::from_utf8(output.to_vec()).expect("text")),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_command_that_never_ends_is_ended() {
        for line in ["sleep 1000", "sh -c 'exec >&-; exec sleep 1000'"] {
            let commands = Commands { limit: Duration::from_millis(50), ..commands(&[]) };
            let error = output(&commands, line).unwrap_err();
            assert!(error.contains("did not end within 0 s"), "{error}");
        }
    }

    /// Whether there is such a process, and it has not ended.
    #[cfg(target_os = "linux")]
    fn is_alive(pid: &str) -> bool {
        let line = std::fs::read(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        !line.is_empty()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_it_has_started_is_ended_too() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let line = format!("sh -c 'sleep 1000 & echo $! >{}; wait'", file.path().display());
        let commands = Commands { limit: Duration::from_secs(1), ..commands(&[]) };
        output(&commands, &line).unwrap_err();
        let pid = std::fs::read_to_string(file.path()).unwrap();
        assert!(!pid.trim().is_empty());
        while is_alive(&pid) {
            std::thread::yield_now();
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_goes_on_in_the_background_is_not_waited_for() {
        let pid = output(&commands(&[]), "sh -c 'sleep 1000 & echo $!'").unwrap();
        assert!(is_alive(&pid));
        let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    #[test]
    fn a_command_that_calls_itself_is_found() {
        let show = "sh -c 'printf %s $AWSX_CREDENTIAL_PROCESS_CHAIN'";
        let chain = output(&commands(&[]), show).unwrap();
        let error = output(&commands(&[(CHAIN, &chain)]), show).unwrap_err();
        assert!(error.contains("calls itself"), "{error}");
        assert!(output(&commands(&[(CHAIN, &chain)]), "true").is_ok());

        let error = output(&commands(&[(CHAIN, "a,b,c,d")]), "true").unwrap_err();
        assert!(error.contains("more than 4 commands deep"), "{error}");
    }

    #[test]
    fn only_this_executable_is_awsx() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        let own = std::env::current_exe().unwrap();
        std::os::unix::fs::symlink(&own, path("link")).unwrap();
        std::fs::write(path("awsx"), "").unwrap();
        let commands = commands(&[("PATH", directory.path().to_str().unwrap())]);
        for (docs, program, expected) in [
            ("itself", own.to_str().unwrap().to_owned(), true),
            ("a link to it", path("link"), true),
            ("a link in the PATH", "link".to_owned(), true),
            ("its name", path("awsx"), false),
            ("its name in the PATH", "awsx".to_owned(), false),
            ("not there", path("nowhere"), false),
            ("another program", "/bin/sh".to_owned(), false),
        ] {
            assert_eq!(commands.is_awsx(&program), expected, "{docs}");
        }
    }
}
