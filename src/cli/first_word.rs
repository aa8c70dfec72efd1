//! A first word that is no command of awsx: the name of a profile, or another tool's command.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::app::App;
use crate::report::failure::{Failure, word};

/// What to say of it; `None` where clap has the better words.
pub(super) fn explain(error: &clap::Error, args: &[OsString], app: &App) -> Option<Failure> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let ContextValue::String(first) = error.get(ContextKind::InvalidSubcommand)? else {
        return None;
    };
    if first == "console" {
        return Some(Failure::usage(
            "awsx does not open AWS's console".to_owned(),
            "`awsx exec PROFILE` opens a shell with a profile, `awsx profiles` lists them",
        ));
    }
    let files = app.profiles().ok()?;
    let name = word(first);
    if files.contains(first) {
        let words = args.iter().skip_while(|arg| *arg != first.as_str()).skip(1);
        let words: Vec<_> = words.map(|arg| arg.to_string_lossy()).collect();
        let dashes =
            if words.first().is_none_or(|next| next.starts_with('-')) { "" } else { " --" };
        let words: String = words.iter().map(|arg| format!(" {}", word(arg))).collect();
        return Some(Failure::usage(
            format!("{first} is a profile, and no command of awsx"),
            &format!("run `awsx exec {name}{dashes}{words}`"),
        ));
    }
    files.sso_session(first).map(|_| {
        Failure::usage(
            format!("{first} is an [sso-session], and no command of awsx"),
            &format!("run `awsx login {name}`"),
        )
    })
}
