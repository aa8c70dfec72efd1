//! Who gets through when two hundred processes need credentials in the same moment: awsx, and whatever else is installed.
//!
//! ```text
//! cargo run --example race                                       awsx, and aws and boto3 where they are
//! cargo run --example race -- --processes 50 --only boto3
//! cargo run --example race -- --awsx FILE                        another awsx than this program, as one that is released
//! cargo run --example race -- --also 'aws-vault export --format=json {profile}'
//! ```
//!
//! AWS is the stand-in of the tests, on this machine, which answers after 50 ms, and takes of each service 20 requests per
//! second: what is left of an account's quota where others use it too. Each tool has a home of its own for each of three races:
//! a role; a role that wants an MFA code; a login at IAM Identity Center whose token has just ended, and whose refresh
//! token AWS rotates. A person types one code, the same for every process that asks.
//!
//! Two hundred Pythons take some 10 GB of memory. The real `~/.aws`, the real keychain and the network stay untouched.

#[cfg(unix)]
mod contest;
#[cfg(unix)]
mod crowd;
#[cfg(unix)]
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/fake_aws/mod.rs"]
mod fake_aws;
#[cfg(unix)]
#[path = "../sandbox/home.rs"]
mod home;
#[cfg(unix)]
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/cli/pty.rs"]
mod pty;

#[cfg(not(unix))]
#[expect(clippy::print_stderr, reason = "this is a program")]
fn main() {
    eprintln!("race: it needs what only Unix has: a session without a terminal");
}

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    unix::main()
}

#[cfg(unix)]
mod unix {
    use std::path::{Path, PathBuf};
    use std::process::{Command, ExitCode};

    use anyhow::{Context, Result, bail};

    use super::contest::{CONTESTS, Runner, race};
    use super::{crowd, home};

    const HELP: &str = "\
Usage: cargo run --example race -- [--processes N] [--only TOOL] [--awsx FILE] [--also 'COMMAND {profile}']";

    #[expect(clippy::print_stderr, reason = "this is a program")]
    pub(super) fn main() -> ExitCode {
        let words: Vec<String> = match home::own_words("race") {
            Ok(words) => words.into_iter().filter_map(|word| word.into_string().ok()).collect(),
            Err(code) => return code,
        };
        let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["--browser", url] => return home::browse(url),
            ["--code", asked, code] => crowd::give_code(Path::new(asked), code),
            [crowd::SELF, count, code, command @ ..] => crowd::run(count, code, command),
            _ => run(&words),
        };
        done.map_or_else(
            |error| {
                eprintln!("race: {error:#}");
                ExitCode::FAILURE
            },
            |()| ExitCode::SUCCESS,
        )
    }

    /// What a person asked for.
    struct Asked {
        processes: usize,
        only: Option<String>,
        awsx: Option<PathBuf>,
        also: Vec<String>,
    }

    impl Asked {
        fn read(words: &[String]) -> Result<Self> {
            let mut asked = Self { processes: 200, only: None, awsx: None, also: Vec::new() };
            for pair in words.chunks(2) {
                match pair {
                    [flag, count] if flag == "--processes" => asked.processes = count.parse()?,
                    [flag, name] if flag == "--only" => asked.only = Some(name.clone()),
                    [flag, file] if flag == "--awsx" => {
                        asked.awsx = Some(Path::new(file).canonicalize().context(file.clone())?);
                    }
                    [flag, command] if flag == "--also" && command.contains("{profile}") => {
                        asked.also.push(command.clone());
                    }
                    _ => bail!("{HELP}"),
                }
            }
            Ok(asked)
        }

        /// awsx first, then those that are installed.
        fn runners(&self) -> Vec<Runner> {
            let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
            let mut runners = vec![Runner {
                name: "awsx".into(),
                command: words("awsx credential-process {profile}"),
            }];
            // Version 1 cannot print them; it is boto3.
            if says(&["aws", "--version"]).starts_with("aws-cli/2") {
                runners.push(Runner {
                    name: "aws".into(),
                    command: words("aws configure export-credentials --profile {profile}"),
                });
            }
            if says(&["python3", "-c", "import boto3; print('here')"]) == "here\n" {
                let mut command: Vec<String> = words("python3 -c");
                command.extend([BOTO3.to_owned(), "{profile}".to_owned()]);
                runners.push(Runner { name: "boto3".into(), command });
            }
            runners.extend(self.also.iter().map(|line| Runner {
                name: line.split_whitespace().next().unwrap_or_default().to_owned(),
                command: words(line),
            }));
            let only = self.only.as_deref();
            runners
                .retain(|runner| only.is_none_or(|only| ["awsx", only].contains(&&*runner.name)));
            runners
        }
    }

    /// As a program does that was written with it.
    const BOTO3: &str = "\
import boto3, sys
assert boto3.Session(profile_name=sys.argv[1]).get_credentials().get_frozen_credentials().token";

    /// What a program prints; nothing where it is not there.
    fn says(words: &[&str]) -> String {
        let output = Command::new(words[0]).args(&words[1..]).output();
        output
            .map_or_else(|_| String::new(), |out| String::from_utf8_lossy(&out.stdout).into_owned())
    }

    #[expect(clippy::print_stdout, reason = "this is a program")]
    fn run(words: &[String]) -> Result<()> {
        let asked = Asked::read(words)?;
        let this = std::env::current_exe().context("where is this program?")?;
        let awsx = asked.awsx.as_ref().unwrap_or(&this);
        println!(
            "| race | tool | got credentials | calls of AWS | refused | codes asked for | seconds |"
        );
        println!("| --- | --- | --: | --: | --: | --: | --: |");
        for contest in &CONTESTS {
            for runner in asked.runners() {
                let result = race(contest, &runner, asked.processes, awsx, &this)
                    .with_context(|| format!("{}, {}", contest.name, runner.name))?;
                println!(
                    "| {} | {} | {} of {} | {} | {} | {} | {:.1} |",
                    contest.name,
                    runner.name,
                    result.succeeded,
                    asked.processes,
                    result.calls,
                    result.refused,
                    result.codes,
                    result.seconds
                );
            }
        }
        Ok(())
    }
}
