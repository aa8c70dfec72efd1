//! What is raced for, and what came of it.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::crowd::{self, Outcome};
use super::fake_aws::{FakeAws, sample};
use super::home::{enclose, program, write_private};
use super::pty::Pty;

/// Of every answer.
const LATENCY: Duration = Duration::from_millis(50);
/// Requests per second that STS takes, and the access portal.
const RATE: f64 = 20.0;

/// A tool, and the words that print a profile's credentials.
pub(super) struct Runner {
    pub(super) name: String,
    /// `{profile}` stands for the profile
    pub(super) command: Vec<String>,
}

/// What is raced for.
pub(super) struct Contest {
    pub(super) name: &'static str,
    profile: &'static str,
    /// Whether somebody has to be logged in with a token that has ended
    logged_in: bool,
}

pub(super) const CONTESTS: [Contest; 3] = [
    Contest { name: "a role", profile: "role", logged_in: false },
    Contest { name: "a role with MFA", profile: "mfa", logged_in: false },
    Contest { name: "one rotating token", profile: "sso", logged_in: true },
];

/// What came of it.
pub(super) struct Standing {
    pub(super) succeeded: usize,
    /// Requests that AWS got
    pub(super) calls: usize,
    /// Those of them that it refused
    pub(super) refused: usize,
    /// How often a person was asked for a code
    pub(super) codes: usize,
    pub(super) seconds: f64,
}

/// Runs one tool, in a new home and against a new stand-in for AWS. `this` is the program that runs.
pub(super) fn race(
    contest: &Contest,
    runner: &Runner,
    processes: usize,
    awsx: &Path,
    this: &Path,
) -> Result<Standing> {
    let aws = FakeAws::start();
    let home = tempfile::Builder::new().prefix("awsx-race-").tempdir()?;
    let asked = home.path().join("asked");
    let code = aws.mfa_code(sample::MFA_SERIAL);
    furnish(home.path(), awsx, this, &code)?;
    aws.control(|state| {
        state.latency = LATENCY;
        // As AWS does in fact: the old one is good until the new one is used.
        state.oidc.strict_rotation = false;
    });
    if contest.logged_in {
        log_in(home.path(), &aws)?;
    }
    aws.control(|state| {
        state.sts_limit.rate = Some(RATE);
        state.portal.limit.rate = Some(RATE);
    });
    aws.forget_calls();

    let words = runner.command.iter().map(|word| word.replace("{profile}", contest.profile));
    let mut crowd = Command::new(this);
    crowd.args([crowd::SELF, &processes.to_string(), &code]).args(words);
    enclose(&mut crowd, home.path(), &aws)?;
    let start = Instant::now();
    let output = crowd.stderr(Stdio::inherit()).output()?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(output.status.success(), "the crowd did not get together");
    let outcome = Outcome::read(&String::from_utf8_lossy(&output.stdout))?;

    let mut lock = Command::new("awsx");
    enclose(&mut lock, home.path(), &aws)?;
    lock.args(["--quiet", "lock"]).status().context("the vault cannot be locked")?;
    let calls = aws.calls();
    Ok(Standing {
        succeeded: outcome.succeeded,
        calls: calls.len(),
        refused: calls.iter().filter(|call| call.outcome != "OK").count(),
        codes: outcome.asked + std::fs::read_to_string(asked).unwrap_or_default().lines().count(),
        seconds,
    })
}

/// A login whose access token ends at once, where the AWS CLI and boto3 find it too.
#[expect(clippy::disallowed_methods, reason = "a token takes its time to end")]
fn log_in(home: &Path, aws: &FakeAws) -> Result<()> {
    let seconds = aws.control(|state| std::mem::replace(&mut state.oidc.token_seconds, 1));
    let mut login = Command::new("awsx");
    enclose(&mut login, home, aws)?;
    login.args(["login", "sso", sample::SSO_SESSION.0, "--share"]);
    let (mut side, mut child) = Pty::open()?.spawn(login)?;
    let mut said = Vec::new();
    // The end is an error there: nobody has the other side open.
    let _ = side.read_to_end(&mut said);
    ensure!(child.wait()?.success(), "{}", String::from_utf8_lossy(&said));
    std::thread::sleep(Duration::from_secs(2));
    aws.control(|state| state.oidc.token_seconds = seconds);
    Ok(())
}

/// The AWS files of the races, and awsx.
fn furnish(home: &Path, awsx: &Path, this: &Path, code: &str) -> Result<()> {
    let (dot_aws, bin) = (home.join(".aws"), home.join("bin"));
    std::fs::create_dir(&dot_aws)?;
    std::fs::create_dir(&bin)?;
    std::os::unix::fs::symlink(awsx, bin.join("awsx"))?;
    let (this, asked) = (this.to_string_lossy(), home.join("asked"));
    program(&bin, "browser", &[&this, "--browser"])?;
    let code = program(&bin, "mfa-code", &[&this, "--code", &asked.to_string_lossy(), code])?;
    write_private(&home.join("passphrase"), "race")?;
    let (key, secret) = (sample::KEY_ID, sample::SECRET_KEY);
    write_private(
        &dot_aws.join("credentials"),
        &format!("[dev]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"),
    )?;
    let (role, admin, serial) = (sample::READ_ONLY, sample::ADMIN, sample::MFA_SERIAL);
    let (session, url, region) = (sample::SSO_SESSION.0, sample::SSO_START_URL.0, sample::REGION);
    let (name, code) = (sample::SSO_ROLE_NAME, code.display());
    let config = format!(
        "\
[profile dev]
region = {region}

[profile role]
region = {region}
role_arn = {role}
source_profile = dev

[profile mfa]
region = {region}
role_arn = {admin}
source_profile = dev
mfa_serial = {serial}
mfa_process = {code}

[sso-session {session}]
sso_start_url = {url}
sso_region = {region}
sso_registration_scopes = sso:account:access

[profile sso]
region = {region}
sso_session = {session}
sso_account_id = 222222222222
sso_role_name = {name}
"
    );
    std::fs::write(dot_aws.join("config"), config)?;
    Ok(())
}
