//! What awsx costs: process start to process end, beside `/bin/true` and in one run.
//!
//! ```text
//! cargo bench --bench startup                   every case, 200 rounds
//! cargo bench --bench startup -- --quick        20 rounds, for CI
//! cargo bench --bench startup -- --awsx FILE    another awsx than the one that cargo built
//! ```
//!
//! Every round runs each case once, so that what else the machine does falls on all of them alike.
//! The tables that it prints are those of `docs/performance.md`. A budget that is missed is said, not
//! a failure: times are not facts. What makes the difference is asserted in `tests/cli/start.rs`.

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/fake_aws/mod.rs"]
mod fake_aws;
mod keychain;
mod measure;
mod usage;
mod world;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use fake_aws::FakeAws;
use keychain::Keychain;
use measure::{Budget, Case, Row, measure};
use world::World;

const TRUE: &str = "/bin/true";

#[expect(clippy::print_stderr, reason = "this is a program")]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("--peak-memory", command)) = words.split_first().map(|(a, b)| (a.as_str(), b)) {
        return usage::print_peak_memory_of(command);
    }
    run(&words).map_or_else(
        |error| {
            eprintln!("startup: {error:#}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn run(words: &[String]) -> Result<()> {
    let mut rounds = 200;
    let mut awsx = PathBuf::from(env!("CARGO_BIN_EXE_awsx"));
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            // From `cargo bench` itself.
            "--bench" => {}
            "--quick" => rounds = 20,
            "--awsx" => awsx = words.next().context("--awsx needs a file")?.into(),
            other => anyhow::bail!("{other} is not an option"),
        }
    }
    let awsx = awsx.canonicalize().with_context(|| format!("{}", awsx.display()))?;
    let aws = FakeAws::start();
    let keychain = Keychain::start()?;
    print_times(&awsx, &aws, &keychain, rounds)?;
    print_memory(&awsx, &aws)?;
    print_crowd(&awsx, &aws)
}

/// Every path that has a budget.
#[expect(clippy::print_stdout, reason = "this is a program")]
fn print_times(awsx: &Path, aws: &FakeAws, keychain: &Keychain, rounds: usize) -> Result<()> {
    let kernel = World::new(awsx, aws, "kernel", 10)?;
    let auto = World::new(awsx, aws, "auto", 10)?;
    let passphrase = World::new(awsx, aws, "passphrase", 10)?;
    let service = World::new(awsx, aws, "keychain", 10)?.with(keychain.variables());
    let large = World::new(awsx, aws, "kernel", 10_000)?;
    for world in [&kernel, &auto, &passphrase, &service, &large] {
        world.mint()?;
    }
    let full = World::new(awsx, aws, "kernel", 10)?;
    full.mint_more(100)?;

    let used = World::new(awsx, aws, "kernel", 10)?.with(world::in_use());

    let exec = ["exec", world::PROFILE, "--", TRUE];
    let token = ["token", "eks", "--cluster", "demo", "-p", world::PROFILE];
    let complete = ["__complete", "fish"];
    let beside_true = |ms| Budget::Beside(TRUE_NAME, ms);
    let cached = "exec, cached: key in the kernel";
    let cases = vec![
        Case::new(TRUE_NAME, Budget::None, kernel.command(TRUE, &[])),
        Case::new("env true: exec in C", Budget::None, kernel.command("/usr/bin/env", &[TRUE])),
        Case::new("--version", beside_true(2.0), kernel.awsx(&["--version"])),
        Case::new("profiles, 10", beside_true(2.0), kernel.awsx(&["profiles"])),
        Case::new("explain, 10", Budget::None, kernel.awsx(&["explain", world::PROFILE])),
        Case::new(cached, beside_true(2.5), kernel.awsx(&exec)),
        Case::new("the same, found by `auto`", beside_true(2.5), auto.awsx(&exec)),
        Case::new("the same, passphrase given before", beside_true(2.5), passphrase.awsx(&exec)),
        Case::new("the same, Secret Service", beside_true(8.0), service.awsx(&exec)),
        Case::new("the same, 10,000 profiles", Budget::Beside(cached, 15.0), large.awsx(&exec)),
        Case::new("sessions list, 100", beside_true(5.0), full.awsx(&["sessions", "list"])),
        Case::new("env, cached", Budget::None, kernel.awsx(&["env", world::PROFILE])),
        Case::new("token eks, cached", beside_true(3.0), kernel.awsx(&token)),
        Case::new("prompt", beside_true(3.0), used.awsx(&["prompt"])),
        Case::new("profiles, 10,000", Budget::Whole(30.0), large.awsx(&["profiles"])),
        Case::new("TAB, 10,000 profiles", beside_true(50.0), large.awsx(&complete))
            .with_input(large.write("all", "awsx\0exec\0\0")?),
        Case::new("TAB, one of 10,000 profiles", beside_true(50.0), large.awsx(&complete))
            .with_input(large.write("one", "awsx\0exec\0reado\0")?),
        Case::new("profiles --json, 10,000", Budget::None, large.awsx(&["profiles", "--json"])),
        Case::new("explain, 10,000", Budget::Whole(30.0), large.awsx(&["explain", world::PROFILE])),
    ];
    println!("{rounds} rounds; ms; config file of 10,000 profiles: {} kB\n", large.size() / 1000);
    println!("{}", Row::HEAD);
    measure(cases, rounds)?.iter().for_each(|row| println!("{row}"));
    Ok(())
}

const TRUE_NAME: &str = TRUE;

/// The memory of a cached `exec` when it becomes the command.
#[expect(clippy::print_stdout, reason = "this is a program")]
fn print_memory(awsx: &Path, aws: &FakeAws) -> Result<()> {
    println!("\n| peak resident memory | MiB | budget |\n| --- | --: | --: |");
    let this = std::env::current_exe()?;
    let this = this.to_str().context("a path that is text")?;
    let file = awsx.to_str().context("a path that is text")?;
    for (profiles, budget) in [(10, "15"), (10_000, "")] {
        let world = World::new(awsx, aws, "kernel", profiles)?;
        world.mint()?;
        let exec = ["--peak-memory", file, "exec", world::PROFILE, "--", TRUE];
        let output = world.command(this, &exec).output()?;
        ensure!(output.status.success(), "{output:?}");
        let kib: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
        println!("| cached exec, {profiles} profiles | {:.1} | {budget} |", kib / 1024.0);
    }
    Ok(())
}

/// A hundred that need the same session at once.
#[expect(clippy::print_stdout, reason = "this is a program")]
fn print_crowd(awsx: &Path, aws: &FakeAws) -> Result<()> {
    let world = World::new(awsx, aws, "kernel", 10)?;
    let before = aws.counts().values().sum::<usize>();
    let start = Instant::now();
    let mut children = Vec::new();
    for _ in 0..100 {
        let mut command = world.awsx(&["credential-process", world::PROFILE]);
        children.push(command.stdout(Stdio::piped()).spawn()?);
    }
    let mut failures = 0;
    for child in children {
        failures += usize::from(!child.wait_with_output()?.status.success());
    }
    let calls = aws.counts().values().sum::<usize>() - before;
    println!("\n| 100 parallel cold credential-process | | budget |\n| --- | --: | --: |");
    println!("| STS calls | {calls} | 1 |\n| failures | {failures} | 0 |");
    println!("| ms until the last one ends | {:.0} | |", start.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

/// Nothing is read from or shown on the terminal.
fn silent(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}
