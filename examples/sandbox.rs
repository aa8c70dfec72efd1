//! A place to try awsx without an AWS account.
//!
//! ```text
//! cargo run --example sandbox                                 a shell, and what to try in it
//! cargo run --example sandbox -- awsx exec read -- env        one command
//! ```
//!
//! It starts the stand-in for AWS that the tests use, makes a home directory with sample profiles,
//! runs the command inside and removes everything again. The exit code is the command's. The real
//! `~/.aws`, the real keychain and the network beyond this machine stay untouched.
//!
//! This program is also the `awsx` in there, so that nothing has to be built a second time.

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/fake_aws/mod.rs"]
mod fake_aws;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use awsx::Env;
use chrono::TimeDelta;

use fake_aws::totp::MfaDevice;
use fake_aws::{FakeAws, sample};

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a program")]
fn main() -> ExitCode {
    let mut args: Vec<_> = std::env::args_os().collect();
    let name = args.first().map(|called| Path::new(called).file_stem().unwrap_or_default());
    let is_awsx = name.is_some_and(|name| name == "awsx");
    let mut command = args.split_off(1);
    if is_awsx || command.first().is_some_and(|first| first == AS_AWSX) {
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

/// The person at the browser, who allows everything.
#[expect(clippy::disallowed_methods, reason = "a person takes a moment")]
fn browse(url: &str) -> ExitCode {
    std::thread::sleep(std::time::Duration::from_secs(1));
    match fake_aws::browser::approve(url).status {
        200..400 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// What the sample user's MFA device shows now.
#[expect(clippy::disallowed_methods, reason = "an MFA device has its own clock")]
fn mfa_code() -> String {
    MfaDevice::new(sample::MFA_SERIAL, sample::MFA_SEED).code(chrono::Utc::now())
}

#[expect(clippy::disallowed_methods, reason = "the person's shell is in the environment")]
fn shell() -> OsString {
    let (variable, fallback) =
        if cfg!(windows) { ("COMSPEC", "cmd.exe") } else { ("SHELL", "/bin/sh") };
    std::env::var_os(variable).unwrap_or_else(|| fallback.into())
}

/// Writes the AWS files, the tokens and the little programs that the profiles use.
fn furnish(home: &Path, aws: &FakeAws, this: &Path) -> Result<()> {
    let (dot_aws, bin) = (home.join(".aws"), home.join("bin"));
    std::fs::create_dir(&dot_aws)?;
    std::fs::create_dir(&bin)?;
    let (token, tool) = aws.control(|state| {
        let end = state.now() + TimeDelta::hours(12);
        let token = state.iam.identity_providers[0].token(sample::SUBJECT, end);
        state.portal.grow(12, 3);
        (token, state.issue_role(sample::READ_ONLY, "tool", 3600))
    });
    let tool = serde_json::json!({
        "Version": 1,
        "AccessKeyId": tool.access_key_id,
        "SecretAccessKey": tool.secret_access_key,
        "SessionToken": tool.session_token,
        "Expiration": tool.expiration_text(),
    });
    let (token_file, tool_file) = (home.join("ci-token.jwt"), home.join("tool.json"));
    write_private(&token_file, &token)?;
    write_private(&tool_file, &tool.to_string())?;
    write_private(&home.join("passphrase"), "sandbox")?;

    let print = if cfg!(windows) { "type" } else { "cat" };
    #[cfg(unix)]
    std::os::unix::fs::symlink(this, bin.join("awsx"))?;
    #[cfg(not(unix))]
    std::fs::hard_link(this, bin.join("awsx.exe"))
        .or_else(|_| std::fs::copy(this, bin.join("awsx.exe")).map(drop))?;
    // Each shell's own place for its prompt: a system's start files would overrule a variable.
    let fish = home.join(".config/fish");
    std::fs::create_dir_all(&fish)?;
    for (file, text) in [
        (home.join(".bashrc"), "PS1='(awsx sandbox) \\$ '\n"),
        (home.join(".zshrc"), "PROMPT='(awsx sandbox) %# '\n"),
        (fish.join("config.fish"), "function fish_prompt; echo '(awsx sandbox) > '; end\n"),
    ] {
        std::fs::write(file, text)?;
    }
    let tool = program(&bin, "tool-credentials", &[print, &tool_file.to_string_lossy()])?;
    let code = program(&bin, "mfa-code", &[&this.to_string_lossy(), "--mfa-code"])?;
    program(&bin, "browser", &[&this.to_string_lossy(), "--browser"])?;
    let config = config(&token_file, &tool, &code);
    std::fs::write(dot_aws.join("config"), config)?;
    let credentials = format!(
        "# The long-term keys of an IAM user.\n\
         [dev]\n\
         aws_access_key_id = {}\n\
         aws_secret_access_key = {}\n",
        sample::KEY_ID,
        sample::SECRET_KEY
    );
    write_private(&dot_aws.join("credentials"), &credentials)
}

/// The sample profiles.
fn config(token_file: &Path, tool: &Path, mfa_code: &Path) -> String {
    let (token_file, tool, mfa_code) = (token_file.display(), tool.display(), mfa_code.display());
    let sample_roles =
        (sample::READ_ONLY, sample::ADMIN, sample::AUDIT, sample::CI, sample::SHARED);
    let (read_only, admin, audit, ci, shared) = sample_roles;
    let (session, start_url) = (sample::SSO_SESSION.0, sample::SSO_START_URL.0);
    let sso_role = sample::SSO_ROLE_NAME;
    let (serial, external_id, region) = (sample::MFA_SERIAL, sample::EXTERNAL_ID, sample::REGION);
    format!(
        "\
# What is used when no profile is named: a role, with dev's keys, without MFA.
[default]
region = {region}
role_arn = {read_only}
source_profile = dev

# An IAM user; the keys are in ./credentials.
[profile dev]
region = {region}

# A role in another account, which wants an MFA code.
[profile prod]
region = {region}
role_arn = {admin}
source_profile = dev
mfa_serial = {serial}

# The same, with a program that gives the code.
[profile auto]
region = {region}
role_arn = {admin}
source_profile = dev
mfa_serial = {serial}
mfa_process = {mfa_code}

# A chain: dev's keys, prod's role, then this one.
[profile audit]
region = {region}
role_arn = {audit}
source_profile = prod
external_id = {external_id}

# What a CI job has: a token instead of keys.
[profile ci]
region = {region}
role_arn = {ci}
web_identity_token_file = {token_file}

# IAM Identity Center: `awsx login sso` logs in.
[sso-session {session}]
sso_start_url = {start_url}
sso_region = {region}

[profile sso]
region = {region}
sso_session = {session}
sso_account_id = 222222222222
sso_role_name = {sso_role}

# Credentials that another program prints.
[profile tool]
region = {region}
credential_process = {tool}

# What a machine in EC2 has.
[profile machine]
region = {region}
role_arn = {shared}
credential_source = Ec2InstanceMetadata
"
    )
}

/// A file that only its owner reads.
fn write_private(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// A program in `bin` that runs `command`.
fn program(bin: &Path, name: &str, command: &[&str]) -> Result<PathBuf> {
    let (path, text) = if cfg!(windows) {
        // What is built in is not found in quotes.
        let quoted = |word: &&str| match word.contains([' ', '&', '(', ')']) {
            true => format!("\"{word}\""),
            false => (*word).to_owned(),
        };
        let words: Vec<_> = command.iter().map(quoted).collect();
        (bin.join(format!("{name}.cmd")), format!("@{} %*\r\n", words.join(" ")))
    } else {
        let quoted: Vec<_> =
            command.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
        (bin.join(name), format!("#!/bin/sh\nexec {} \"$@\"\n", quoted.join(" ")))
    };
    std::fs::write(&path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(path)
}

/// Gives `child` the sandbox's world, and nothing of the real one's that has to do with AWS.
#[expect(
    clippy::disallowed_methods,
    reason = "the child inherits what is neither AWS's nor awsx's"
)]
fn enclose(child: &mut Command, home: &Path, aws: &FakeAws) -> Result<()> {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let homes = ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"];
        if text.starts_with("AWS_") || text.starts_with("AWSX_") || homes.contains(&&*text) {
            child.env_remove(name);
        }
    }
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(home.join("bin")).chain(std::env::split_paths(&inherited));
    let path = std::env::join_paths(paths)?;
    child
        .env("PATH", path)
        .env("PS1", "(awsx sandbox) $ ")
        .env("HOME", home)
        .env("USERPROFILE", home)
        .env("AWS_CONFIG_FILE", home.join(".aws/config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", home.join(".aws/credentials"))
        .env("AWS_ENDPOINT_URL", aws.url())
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.url())
        // A passphrase, not the kernel or the desktop's keychain: nothing stays behind once the vault
        // is locked.
        .env("AWSX_VAULT", "passphrase")
        .env("AWSX_PASSPHRASE_FILE", home.join("passphrase"))
        .env("AWSX_STATE_DIR", home.join("state"))
        // Plays the person who allows what the page asks.
        .env(
            "AWSX_BROWSER",
            home.join("bin").join(if cfg!(windows) { "browser.cmd" } else { "browser" }),
        )
        // A proxy could not reach this machine's loopback.
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1");
    Ok(())
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
