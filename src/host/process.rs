//! Runs the commands of `credential_process` and `mfa_process` for their output.
//!
//! Without a shell, as the AWS CLI does it (the Rust SDK and aws-vault use `sh -c`): who needs one
//! writes `sh -c '…'`. The command gets the environment of awsx, no standard input (awsx's own may
//! belong to the command of `exec`), and awsx's standard error, so that its prompts are seen.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::{ErrorKind, IsTerminal, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::command_line;
use crate::env::Env;
use crate::ports::{CallError, RunCommand, RunInShell};

/// The commands above this one, so that a command which ends up calling itself is found:
/// `credential_process = awsx credential-process` of the same profile. Digests, as a command line
/// can hold secrets. The AWS CLI guards itself with `_AWS_CLI_PROFILE_CHAIN`.
const CHAIN: &str = "AWSX_CREDENTIAL_PROCESS_CHAIN";
const CHAIN_LIMIT: usize = 4;

const OUTPUT_LIMIT: usize = 64 * 1024;

/// Where a terminal shows its prompts, a person may be at a browser or looking for a token.
const ATTENDED_LIMIT: Duration = Duration::from_secs(600);
const UNATTENDED_LIMIT: Duration = Duration::from_secs(60);

/// Runs command lines in this environment and gives their standard output, at most 64 KiB. The variables
/// `own_secrets` are for awsx alone: no other program gets them.
///
/// A command may take one minute, ten if standard error is a terminal. [`CallError::Source`] names the
/// program, and nothing else of the command line or output, if it cannot be started, fails, takes too
/// long, writes too much, or calls itself.
pub(crate) fn runner(env: &Env, own_secrets: &'static [&'static str]) -> RunCommand {
    let commands = Commands::new(env, own_secrets);
    Box::new(move |line| commands.output(line))
}

/// The same for a line of the system's shell, which gets all of the environment.
pub(crate) fn shell_runner(env: &Env) -> RunInShell {
    let commands = Commands::new(env, &[]);
    let [shell, flag] = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
    Box::new(move |line| {
        let words = [shell, flag, line].map(str::to_owned);
        commands.run(&words, line).map_err(|error| error.to_string())
    })
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

    fn output(&self, line: &str) -> Result<Zeroizing<Vec<u8>>, CallError> {
        let failure =
            |origin: &str, cause: String| CallError::Source { origin: origin.into(), cause };
        let words = command_line::words(line)
            .map_err(|error| failure("the command line", error.to_string()))?;
        self.run(&words, line)
    }

    /// Runs the words of a command line.
    fn run(&self, words: &[String], line: &str) -> Result<Zeroizing<Vec<u8>>, CallError> {
        let failure =
            |origin: &str, cause: String| CallError::Source { origin: origin.into(), cause };
        let [program, arguments @ ..] = words else {
            return Err(failure("the command line", "is empty".into()));
        };
        let failure = |cause: String| failure(program, cause);
        // An awsx below this one may need the passphrase.
        let is_awsx = Path::new(program).file_stem().is_some_and(|name| name == "awsx");
        let kept_back = if is_awsx { &[] } else { self.own_secrets };
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(self.env.iter().filter(|(name, _)| !kept_back.iter().any(|own| name == own)))
            .env(CHAIN, self.chain(line).map_err(failure)?)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => failure(format!("is not found{}", shell_hint(words))),
                _ => failure(format!("cannot be started: {error}")),
            })?;
        let outcome = self.collect(&mut child);
        if outcome.is_err() {
            // It may have ended by itself in the meantime: nothing is lost then.
            let _ = child.kill();
            let _ = child.wait();
        }
        match outcome.map_err(failure)? {
            (status, output) if status.success() => Ok(output),
            (status, _) => Err(failure(format!("failed with {status}{}", shell_hint(words)))),
        }
    }

    fn chain(&self, line: &str) -> Result<String, String> {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        let this = format!("{:016x}", hasher.finish());
        let above = self.env.get(CHAIN).unwrap_or_default();
        let mut chain: Vec<&str> = above.split(',').filter(|digest| !digest.is_empty()).collect();
        if chain.contains(&this.as_str()) {
            return Err("calls itself: its profile leads back to the same command".into());
        }
        if chain.len() >= CHAIN_LIMIT {
            return Err(format!(
                "is more than {CHAIN_LIMIT} commands deep, each called by another"
            ));
        }
        chain.push(&this);
        Ok(chain.join(","))
    }

    /// Reads the output to its end and waits for the exit.
    fn collect(&self, child: &mut Child) -> Result<(ExitStatus, Zeroizing<Vec<u8>>), String> {
        let deadline = Instant::now() + self.limit;
        let too_long = || format!("did not end within {} s", self.limit.as_secs());
        let stdout = child.stdout.take().expect("stdout is piped");
        let (sender, receiver) = mpsc::channel();
        // A thread, because reading a pipe has no time limit.
        std::thread::spawn(move || {
            let mut output = Zeroizing::new(Vec::with_capacity(OUTPUT_LIMIT + 64));
            let read = stdout.take(OUTPUT_LIMIT as u64 + 1).read_to_end(&mut output);
            // Nobody receives it after the time limit.
            let _ = sender.send(read.map(|_| output));
        });
        let output = receiver
            .recv_timeout(self.limit)
            .map_err(|_| too_long())?
            .map_err(|error| format!("its output cannot be read: {error}"))?;
        if output.len() > OUTPUT_LIMIT {
            return Err("wrote more than 64 KiB".into());
        }
        // The output has ended, so the command is about to end too.
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok((status, output)),
                Ok(None) if Instant::now() < deadline => {
                    std::thread::park_timeout(Duration::from_millis(1));
                }
                Ok(None) => return Err(too_long()),
                Err(error) => return Err(format!("cannot be waited for: {error}")),
            }
        }
    }
}

/// A hint for a person who counted on a shell.
fn shell_hint(words: &[String]) -> &'static str {
    let counted_on_it = words.iter().any(|word| {
        matches!(word.as_str(), "|" | "||" | "&&" | ";" | ">" | "<" | "2>/dev/null")
            || word.starts_with(['~', '$', '`'])
    });
    match counted_on_it {
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
    fn commands_run_without_a_shell() {
        for (docs, line, expected) in [
            ("output", "printf 'a b\\n'", Ok("a b\n")),
            ("the environment of awsx", "sh -c 'echo $GIVEN'", Ok("given\n")),
            ("without awsx's secrets", "sh -c 'echo $OWN'", Ok("\n")),
            ("nothing is expanded", "echo $GIVEN ~ *", Ok("$GIVEN ~ *\n")),
            ("no input", "cat", Ok("")),
            ("empty", " ", Err("the command line: is empty")),
            ("a quote", "echo 'planted", Err("the command line: a quote is not closed")),
            ("not there", "/no/such/program planted", Err("/no/such/program: is not found")),
            ("counts on a shell", "~/bin/get x", Err("is not found; it runs without a shell")),
            ("a pipe", "false | planted", Err("failed with exit status: 1; it runs without")),
            ("fails", "sh -c 'echo planted; exit 3'", Err("sh: failed with exit status: 3")),
            ("killed", "sh -c 'kill -9 $$'", Err("sh: failed with signal: 9")),
            ("not executable", "/etc/passwd", Err("/etc/passwd: cannot be started: Permission")),
            ("endless", "yes planted", Err("yes: wrote more than 64 KiB")),
        ] {
            match (commands(&[("GIVEN", "given"), ("OWN", "planted")]).output(line), expected) {
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

    #[test]
    fn a_command_that_never_ends_is_ended() {
        for line in ["sleep 1000", "sh -c 'exec >&-; exec sleep 1000'"] {
            let commands = Commands { limit: Duration::from_millis(50), ..commands(&[]) };
            let error = commands.output(line).unwrap_err().to_string();
            assert!(error.contains("did not end within 0 s"), "{error}");
        }
    }

    #[test]
    fn a_command_that_calls_itself_is_found() {
        let show = "sh -c 'printf %s $AWSX_CREDENTIAL_PROCESS_CHAIN'";
        let chain = String::from_utf8(commands(&[]).output(show).unwrap().to_vec()).unwrap();
        let error = commands(&[(CHAIN, &chain)]).output(show).unwrap_err().to_string();
        assert!(error.contains("calls itself"), "{error}");
        assert!(commands(&[(CHAIN, &chain)]).output("true").is_ok());

        let error = commands(&[(CHAIN, "a,b,c,d")]).output("true").unwrap_err().to_string();
        assert!(error.contains("more than 4 commands deep"), "{error}");
    }
}
