//! A first word that is no command of awsx: the name of a profile, or another tool's command.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::broken_line::command_of;
use super::command::Cli;
use crate::app::App;
use crate::profile::nearest;
use crate::report::Out;
use crate::report::failure::{Failure, word};

/// What to say of it; `None` where clap has the better words.
pub(super) fn explain(error: &clap::Error, args: &[OsString], app: &App) -> Option<Failure> {
    if error.kind() != ErrorKind::InvalidSubcommand || command_of(args) != "awsx" {
        return None;
    }
    let ContextValue::String(first) = error.get(ContextKind::InvalidSubcommand)? else {
        return None;
    };
    let files = app.profiles().ok()?;
    if files.knows(first) {
        return Some(Failure::usage(
            format!("{first} is a profile, and no command of awsx"),
            &format!("run `{}`", exec(first, first, args, app.out())),
        ));
    }
    if files.sso_session(first).is_some() {
        return Some(Failure::usage(
            format!("{first} is an [sso-session], and no command of awsx"),
            &format!("run `awsx login {}`", word(first)),
        ));
    }
    let tree = Cli::command();
    let mut commands = tree.get_subcommands().map(clap::Command::get_name);
    let similar = files.similar(first)?;
    let is_command = nearest(first, &mut commands).is_some();
    (!is_command).then(|| {
        Failure::usage(
            format!("awsx has no command {first}"),
            &format!(
                "did you mean the profile {similar}? `{}`",
                exec(similar, first, args, app.out())
            ),
        )
    })
}

/// The line with `exec`, and the profile in the place of its first word.
fn exec(profile: &str, first: &str, args: &[OsString], out: &Out) -> String {
    let at = args.iter().position(|arg| arg == first).unwrap_or_default();
    let profile = word(profile);
    let words = match args.get(at + 1..) {
        Some([dashes, words @ ..]) if dashes == "--" => words,
        Some(words) => words,
        None => &[],
    };
    match words {
        [command, arguments @ ..] if !command.to_string_lossy().starts_with('-') => {
            let command = command.to_string_lossy();
            format!("awsx exec {profile} -- {}{}", word(&command), out.repeat(arguments))
        }
        flags => format!("awsx exec {profile}{}", out.repeat(flags)),
    }
}
