//! What `awsx scan --history` takes, beside the one `git log -p --all` that it cannot do without, and beside
//! git-secrets where that is installed.
//!
//! ```text
//! cargo bench --bench scan                   10,000 commits, three rounds: some minutes
//! cargo bench --bench scan -- --commits N    another history
//! cargo bench --bench scan -- --awsx FILE    another awsx than the one that cargo built
//! ```
//!
//! Every round runs each program once, so that what else the machine does falls on all of them alike; what is printed
//! are ratios of one round. The table is that of `docs/performance.md`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

const ROUNDS: usize = 3;
/// In the history, which grow to so many lines.
const FILES: usize = 300;
const LINES: usize = 900;

#[expect(clippy::print_stderr, reason = "this is a program")]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    run(&words).map_or_else(
        |error| {
            eprintln!("scan: {error:#}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

#[expect(clippy::print_stdout, reason = "this is a program")]
fn run(words: &[String]) -> Result<()> {
    let mut commits = 10_000;
    let mut awsx = PathBuf::from(env!("CARGO_BIN_EXE_awsx"));
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            // From `cargo bench` itself.
            "--bench" => {}
            "--commits" => commits = words.next().context("--commits needs a number")?.parse()?,
            "--awsx" => awsx = words.next().context("--awsx needs a file")?.into(),
            other => anyhow::bail!("{other} is not an option"),
        }
    }
    let awsx = awsx.canonicalize().with_context(|| format!("{}", awsx.display()))?;
    let directory = tempfile::tempdir()?;
    let repository = directory.path();
    make_history(repository, commits)?;
    let patterns = git(repository, &["secrets", "--register-aws"]).output()?;
    let has_git_secrets = patterns.status.success();
    println!(
        "{commits} commits, {ROUNDS} rounds\n\n| round | | s | of `git log -p --all` |\n| --: | --- | --: | --: |"
    );
    for round in 1..=ROUNDS {
        let log = time(git(repository, &["log", "-p", "--all"]))?;
        let mut scan = Command::new(&awsx);
        scan.args(["scan", "--history"]).current_dir(repository);
        let mut rows = vec![("git log -p --all", log), ("awsx scan --history", time(scan)?)];
        if has_git_secrets {
            rows.push((
                "git secrets --scan-history",
                time(git(repository, &["secrets", "--scan-history"]))?,
            ));
        }
        for (name, took) in rows {
            println!("| {round} | `{name}` | {took:.1} | {:.2} |", took / log);
        }
    }
    if !has_git_secrets {
        println!("\ngit-secrets is not installed");
    }
    Ok(())
}

/// Seconds until it has ended, well. What it prints goes nowhere, through a pipe: git asks no pager then.
fn time(mut command: Command) -> Result<f64> {
    let start = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut printed = child.stdout.take().context("stdout is piped")?;
    std::io::copy(&mut printed, &mut std::io::sink())?;
    ensure!(child.wait()?.success(), "{command:?} failed");
    Ok(start.elapsed().as_secs_f64())
}

/// Git without the settings of whoever runs this.
fn git(repository: &Path, arguments: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(repository);
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    git
}

/// A history without keys, each time the same: every commit puts lines into two files, or changes some of one that is
/// full.
fn make_history(repository: &Path, commits: usize) -> Result<()> {
    ensure!(git(repository, &["init", "--quiet"]).status()?.success(), "git init failed");
    let mut import = git(repository, &["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn()?;
    let mut stream = std::io::BufWriter::new(import.stdin.take().context("stdin is piped")?);
    let mut random = Random(1);
    let mut files: Vec<Vec<String>> = vec![Vec::new(); FILES];
    for commit in 1..=commits {
        let message = random.line();
        write!(
            stream,
            "commit refs/heads/main\ncommitter Ann <ann@example.com> {commit} +0000\ndata {}\n{message}\n",
            message.len()
        )?;
        for _ in 0..2 {
            let at = random.below(FILES);
            change(&mut files[at], &mut random);
            let content = files[at].concat();
            write!(stream, "M 100644 inline src/file{at}.rs\ndata {}\n{content}\n", content.len())?;
        }
    }
    stream.flush()?;
    drop(stream);
    ensure!(import.wait()?.success(), "git fast-import failed");
    Ok(())
}

fn change(file: &mut Vec<String>, random: &mut Random) {
    let count = 10 + random.below(30);
    if file.len() < LINES {
        let at = random.below(file.len() + 1);
        file.splice(at..at, (0..count).map(|_| random.line() + "\n").collect::<Vec<_>>());
    } else {
        let at = random.below(file.len() - count);
        file[at..at + count].fill_with(|| random.line() + "\n");
    }
}

/// Numbers that look like none, each time the same: an LCG of Knuth's.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % bound
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        for _ in 0..3 + self.below(8) {
            let word = self.below(100_000);
            let _ = write!(
                line,
                "{}{word:x} ",
                if word.is_multiple_of(3) { "let name_" } else { "value" }
            );
        }
        line
    }
}
