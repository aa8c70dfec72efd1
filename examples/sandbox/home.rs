//! A home directory that has nothing to do with the real one: its files, the programs in it, the world that a command sees there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Result;
use awsx::Env;

use super::fake_aws::{FakeAws, browser};

/// The words behind this program's name. By any other name, that of another tool too (`awsx migrate --shims`), it is awsx,
/// which has run then and gives its exit code.
pub(super) fn own_words(own_name: &str) -> Result<Vec<OsString>, ExitCode> {
    let mut args: Vec<_> = std::env::args_os().collect();
    let name = args.first().map(|called| Path::new(called).file_stem().unwrap_or_default());
    if name.is_some_and(|name| !name.to_string_lossy().starts_with(own_name)) {
        return Err(awsx::run(args, Env::capture()));
    }
    Ok(args.split_off(1))
}

/// The person at the browser, who allows everything.
#[expect(clippy::disallowed_methods, reason = "a person takes a moment")]
pub(super) fn browse(url: &str) -> ExitCode {
    std::thread::sleep(std::time::Duration::from_secs(1));
    match browser::approve(url).status {
        200..400 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// A file that only its owner reads.
pub(super) fn write_private(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// A program in `bin` that runs `command`.
pub(super) fn program(bin: &Path, name: &str, command: &[&str]) -> Result<PathBuf> {
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
pub(super) fn enclose(child: &mut Command, home: &Path, aws: &FakeAws) -> Result<()> {
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
