//! What `awsx sso sync` of a large organization takes, beside the least that the portal's limit
//! leaves it.
//!
//! ```text
//! cargo bench --bench organization                   every case: some four minutes of waiting
//! cargo bench --bench organization -- --awsx FILE    another awsx than the one that cargo built
//! ```
//!
//! The floor of a run is the time in which the stand-in's bucket gives out as many requests as are
//! needed, the ones of its burst for nothing: (pages of `ListAccounts` + one `ListAccountRoles` for
//! each account - burst) / rate. awsx's start, the way of an answer and every throttled request come
//! on top. The table that it prints is that of `docs/performance.md`.

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/fake_aws/mod.rs"]
mod fake_aws;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use fake_aws::{FakeAws, sample};

/// Of every answer.
const LATENCY: Duration = Duration::from_millis(50);
const ROLES_EACH: usize = 5;
/// Accounts on a page of `ListAccounts`.
const PAGE: usize = 100;

/// An organization, and how fast its portal may be asked.
struct Case {
    name: &'static str,
    /// The stand-in's own account included
    accounts: usize,
    /// Requests per second
    rate: f64,
    burst: f64,
    slow: Option<Slow>,
}

/// A time in which the portal takes less: seconds from the start on, their number, and the rate.
struct Slow {
    from: f64,
    seconds: f64,
    rate: f64,
}

impl Case {
    fn calls_needed(&self) -> usize {
        self.accounts.div_ceil(PAGE) + self.accounts
    }

    /// Seconds.
    #[expect(clippy::cast_precision_loss, reason = "some thousands at most")]
    fn floor(&self) -> f64 {
        let lost = self.slow.as_ref();
        let lost = lost.map_or(0.0, |slow| slow.seconds * (1.0 - slow.rate / self.rate));
        (self.calls_needed() as f64 - self.burst) / self.rate + lost
    }
}

const CASES: [Case; 5] = [
    Case { name: "1,000 accounts", accounts: 1000, rate: 20.0, burst: 20.0, slow: None },
    Case { name: "1,000, no burst", accounts: 1000, rate: 20.0, burst: 1.0, slow: None },
    Case { name: "300, a quarter of the rate", accounts: 300, rate: 5.0, burst: 5.0, slow: None },
    Case { name: "1,000, five times it", accounts: 1000, rate: 100.0, burst: 100.0, slow: None },
    Case {
        name: "665, 2/s for 10 s from 10 s on",
        accounts: 665,
        rate: 20.0,
        burst: 20.0,
        slow: Some(Slow { from: 10.0, seconds: 10.0, rate: 2.0 }),
    },
];

#[expect(clippy::print_stderr, reason = "this is a program")]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let awsx = match words.as_slice() {
        [] => PathBuf::from(env!("CARGO_BIN_EXE_awsx")),
        [flag, file] if flag == "--awsx" => file.into(),
        _ => {
            eprintln!("organization: nothing but --awsx FILE is an option");
            return ExitCode::FAILURE;
        }
    };
    print(&awsx).map_or_else(
        |error| {
            eprintln!("organization: {error:#}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

#[expect(clippy::print_stdout, reason = "this is a program")]
fn print(awsx: &Path) -> Result<()> {
    let awsx = awsx.canonicalize().with_context(|| format!("{}", awsx.display()))?;
    println!(
        "| | per second | burst | needed | floor, s | took, s | over | 429 | second run, calls |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: | --: | --- |");
    CASES.iter().try_for_each(|case| print_case(&awsx, case))
}

/// Runs it twice; fails where a run does, or leaves out an account.
#[expect(clippy::print_stdout, reason = "this is a program")]
fn print_case(awsx: &Path, case: &Case) -> Result<()> {
    let aws = FakeAws::start();
    let home = tempfile::Builder::new().prefix("awsx-bench-").tempdir()?;
    furnish(home.path(), &aws, case)?;
    let start = Instant::now();
    let first = std::thread::scope(|scope| {
        scope.spawn(|| slow_down(&aws, case));
        let first = sync(awsx, home.path(), &aws);
        (first, start.elapsed().as_secs_f64())
    });
    let (first, took) = (first.0?, first.1);
    let said = String::from_utf8_lossy(&first.stderr).into_owned();
    ensure!(first.status.success(), "{}: {said}", case.name);
    let counts = aws.counts();
    let sent: usize = counts.values().sum();
    let config = std::fs::read_to_string(home.path().join(".aws/config"))?;
    let profiles = config.matches("\nsso_account_id = ").count();
    // The stand-in's own account has one role.
    let expected = (case.accounts - 1) * ROLES_EACH + 1;
    ensure!(profiles == expected, "{}: {profiles} profiles of {expected}: {said}", case.name);

    aws.forget_calls();
    let second = sync(awsx, home.path(), &aws)?;
    ensure!(second.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&second.stderr));
    let again: Vec<String> =
        aws.counts().into_iter().map(|(name, count)| format!("{count} {name}")).collect();

    let (floor, needed) = (case.floor(), case.calls_needed());
    let over = 100.0 * (took / floor - 1.0);
    println!(
        "| {} | {} | {} | {needed} | {floor:.1} | {took:.1} | {over:.1} % | {} | {} |",
        case.name,
        case.rate,
        case.burst,
        sent - needed,
        again.join(", ")
    );
    let mut lock = command(awsx, home.path(), &aws);
    ensure!(lock.arg("lock").output()?.status.success(), "the vault cannot be locked");
    Ok(())
}

/// A person who is logged in with the AWS CLI.
fn furnish(home: &Path, aws: &FakeAws, case: &Case) -> Result<()> {
    let (url, digest) = (sample::SSO_START_URL.0, sample::SSO_SESSION.1);
    let cache = home.join(".aws/sso/cache");
    std::fs::create_dir_all(&cache)?;
    let session = sample::SSO_SESSION.0;
    let config =
        format!("[sso-session {session}]\nsso_start_url = {url}\nsso_region = eu-west-1\n");
    std::fs::write(home.join(".aws/config"), config)?;
    let token = aws.control(|state| {
        state.latency = LATENCY;
        state.portal.grow(case.accounts - 1, ROLES_EACH);
        state.portal.limit.rate = Some(case.rate);
        state.portal.limit.burst = Some(case.burst);
        state.portal.tokens[0].cache_file(url)
    });
    std::fs::write(cache.join(format!("{digest}.json")), token)?;
    Ok(())
}

/// For a time the portal takes less than before.
#[expect(clippy::disallowed_methods, reason = "this is a program that measures")]
fn slow_down(aws: &FakeAws, case: &Case) {
    let Some(slow) = &case.slow else { return };
    std::thread::sleep(Duration::from_secs_f64(slow.from));
    aws.control(|state| state.portal.limit.rate = Some(slow.rate));
    std::thread::sleep(Duration::from_secs_f64(slow.seconds));
    aws.control(|state| state.portal.limit.rate = Some(case.rate));
}

fn command(awsx: &Path, home: &Path, aws: &FakeAws) -> Command {
    let mut command = Command::new(awsx);
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .env("AWS_ENDPOINT_URL", aws.url())
        .env("AWSX_VAULT", "passphrase")
        .env("AWSX_PASSPHRASE", "for a benchmark");
    command
}

/// Every role a profile, with names that tell the stand-in's accounts apart.
fn sync(awsx: &Path, home: &Path, aws: &FakeAws) -> Result<Output> {
    let name = "--profile-name={account_name:kebab}-{account_id}/{role_name}";
    let session = sample::SSO_SESSION.0;
    Ok(command(awsx, home, aws).args(["sso", "sync", session, name, "--yes"]).output()?)
}
