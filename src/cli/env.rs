//! `awsx env`

use std::io::{self, IsTerminal};

use clap::Args;

use super::flags::{ProfileArgument, SessionFlags};
use super::overlay::overlay;
use crate::app::App;
use crate::deliver;
use crate::deliver::format::Format;
use crate::env::Env;
use crate::report::Failure;
use crate::report::failure::word;

/// Print a profile's credentials for a shell to evaluate
///
/// `eval "$(awsx env dev)"` in sh, bash and zsh; `awsx env dev --format fish | source` in fish;
/// `awsx env dev --format powershell | Out-String | Invoke-Expression` in PowerShell;
/// `awsx env dev --format nushell | from json | load-env` in nushell.
#[derive(Debug, Args)]
#[command(name = "env")]
pub(super) struct EnvCommand {
    #[command(flatten)]
    profile: ProfileArgument,
    /// sh (the default), fish, powershell, cmd, nushell, dotenv, json or ini
    #[arg(long, short, value_name = "F")]
    format: Option<Format>,
    /// Print what removes the credentials again
    #[arg(long)]
    unset: bool,
    #[command(flatten)]
    session: SessionFlags,
}

impl EnvCommand {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let format = self.format.unwrap_or(Format::Sh);
        let overlay = match self.unset {
            true => deliver::without_credentials(&app.inherited),
            false => {
                if self.format.is_none() && io::stdout().is_terminal() {
                    return Err(not_evaluated(self.profile.name(), &app.env));
                }
                overlay(app, &self.session, self.profile.name())?
            }
        };
        format.write(&overlay, &mut app.out().stdout())?;
        Ok(())
    }
}

/// Shown instead of the secrets: printed on a terminal, they change nothing.
fn not_evaluated(profile: Option<&str>, env: &Env) -> Failure {
    let profile = profile.map(|name| format!(" {}", word(name))).unwrap_or_default();
    let shell = env.path("SHELL").and_then(|shell| shell.file_stem()?.to_str());
    let line = match shell {
        Some("fish") => format!("awsx env{profile} --format fish | source"),
        Some("nu") => format!("awsx env{profile} --format nushell | from json | load-env"),
        Some("pwsh") => {
            format!("awsx env{profile} --format powershell | Out-String | Invoke-Expression")
        }
        _ => format!("eval \"$(awsx env{profile})\""),
    };
    let hint = format!("`{line}` puts them into this shell; --format sh shows them");
    Failure::usage("this would print secrets on the terminal, and change nothing".to_owned(), &hint)
}
