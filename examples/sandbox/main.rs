//! A place to try awsx without an AWS account.
//!
//! ```text
//! cargo run --example sandbox                                 a shell, and what to try in it
//! cargo run --example sandbox -- awsx exec dev -- env        one command
//! ```
//!
//! It starts the stand-in for AWS that the tests use, makes a home directory with sample profiles,
//! runs the command inside and removes everything again. The exit code is the command's. The real
//! `~/.aws`, the real keychain and the network beyond this machine stay untouched.
//!
//! This program is also the `awsx` in there, so that nothing has to be built a second time.

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/fake_aws/mod.rs"]
mod fake_aws;
mod home;
mod world;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use awsx::Env;
use fake_aws::FakeAws;
use home::{browse, enclose, own_words};
use world::{furnish, mfa_code};

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a program")]
fn main() -> ExitCode {
    let mut command = match own_words("sandbox") {
        Ok(words) => words,
        Err(code) => return code,
    };
    if command.first().is_some_and(|first| first == AS_AWSX) {
        let args = command.into_iter().skip_while(|word| word == AS_AWSX);
        return awsx::run(std::iter::once("awsx".into()).chain(args), Env::capture());
    }
    if command == ["--mfa-code"] {
        println!("{}", mfa_code());
        return ExitCode::SUCCESS;
    }
    if let [flag, url] = command.as_slice()
        && flag == "--browser"
    {
        return browse(&url.to_string_lossy());
    }
    if command.first().is_some_and(|first| first == "--") {
        command.remove(0);
    }
    run(&command).unwrap_or_else(|error| {
        eprintln!("sandbox: {error:#}");
        ExitCode::FAILURE
    })
}

/// What makes this program awsx where its name does not.
const AS_AWSX: &str = "--awsx";

/// The exit code of `command`, or of a shell.
#[expect(clippy::print_stderr, reason = "the person at the terminal should know what to try")]
fn run(command: &[OsString]) -> Result<ExitCode> {
    let this = std::env::current_exe().context("where is this program?")?;
    let aws = FakeAws::start();
    let home = tempfile::Builder::new().prefix("awsx-sandbox-").tempdir()?;
    furnish(home.path(), &aws, &this).context("the sandbox's home cannot be written")?;

    let mut child = match command {
        [] => Command::new(shell()),
        [program, arguments @ ..] => {
            let mut child = Command::new(program);
            child.args(arguments);
            child
        }
    };
    enclose(&mut child, home.path(), &aws)?;
    if command.is_empty() {
        eprintln!("{}", BANNER.replace("{AWS}", aws.url()));
    } else if std::io::stderr().is_terminal() {
        eprintln!("sandbox: the MFA device shows {} just now", mfa_code());
    }
    outlive_interrupts();
    let status = child.status().with_context(|| format!("{}", child.get_program().display()))?;
    // The kernel keeps an opened vault's key for hours, and has room for few.
    let mut lock = Command::new(&this);
    enclose(&mut lock, home.path(), &aws)?;
    lock.args([AS_AWSX, "--quiet", "lock"])
        .status()
        .context("the sandbox's vault cannot be locked")?;
    Ok(ExitCode::from(exit_code(status)))
}

const BANNER: &str = "\
This is a sandbox: AWS is played by {AWS}. `exit` leaves it, and this home directory goes away. Try:

  awsx profiles --tree          the sample profiles
  awsx whoami                   a role, without a question
  awsx exec prod -- env         a role that wants an MFA code: `mfa-code` prints it
  awsx explain audit            a chain of two roles, before it is walked
  awsx exec audit -- awsx whoami
  awsx whoami ci                a web identity token; also: tool, machine, auto
  awsx login sso                IAM Identity Center; the browser allows everything
  awsx whoami sso
  cat ~/.aws/config
";

#[expect(clippy::disallowed_methods, reason = "the person's shell is in the environment")]
fn shell() -> OsString {
    let (variable, fallback) =
        if cfg!(windows) { ("COMSPEC", "cmd.exe") } else { ("SHELL", "/bin/sh") };
    std::env::var_os(variable).unwrap_or_else(|| fallback.into())
}

/// Ctrl-C is for the command; this process has to live on and tidy up after it.
fn outlive_interrupts() {
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let interrupts = async { while tokio::signal::ctrl_c().await.is_ok() {} };
        runtime.map(|runtime| runtime.block_on(interrupts))
    });
}

/// As shells have it: 128 and the signal's number for a command that a signal ended.
fn exit_code(status: std::process::ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None::<i32>;
    let code = status.code().or(signal.map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
