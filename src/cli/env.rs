//! `awsx env`

use std::io::{self, IsTerminal, Write};

use clap::Args;

use super::flags::{ProfileArgument, SessionFlags};
use super::guard_flags::GuardFlags;
use super::overlay::{overlay, tell_of_region};
use super::page::page;
use super::request::in_directory;
use crate::app::App;
use crate::app::github_env::{file_of_step, hand_on};
use crate::app::guard::Handover as Gate;
use crate::app::shell::{line_for_shell, usual_format};
use crate::deliver::format::Format;
use crate::deliver::{self, Overlay};
use crate::env::Env;
use crate::report::Failure;

/// Print a profile's credentials for a shell to evaluate
#[derive(Debug, Args)]
#[command(
    name = "env",
    help_template = page!(
        "";
        "eval \"$(awsx env dev)\"                sh, bash, zsh"
        "awsx env dev --format fish | source"
        "awsx env dev --format powershell | Out-String | Invoke-Expression"
        "for /f \"delims=\" %i in ('awsx env dev --format cmd') do @%i"
        "awsx env dev --format nushell | from json | load-env"
        "awsx env dev --format github            for the steps after this one"
        "eval \"$(awsx env --unset)\"            takes them out again"
    )
)]
pub(super) struct EnvCommand {
    #[command(flatten)]
    profile: ProfileArgument,
    /// sh (the default; on Windows that of the calling shell), fish, powershell, cmd, nushell, dotenv, json, ini, github or gitlab
    #[arg(long, short, value_name = "F")]
    format: Option<Format>,
    /// Print what removes the credentials again
    #[arg(long)]
    unset: bool,
    #[command(flatten)]
    session: SessionFlags,
    #[command(flatten)]
    guard: GuardFlags,
}

impl EnvCommand {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let format = self.format.unwrap_or_else(usual_format);
        self.hand_over(app, format).inspect_err(|failure| fail_in_shell(format, failure.code()))
    }

    fn hand_over(self, app: &App, format: Format) -> Result<(), Failure> {
        if format == Format::Github {
            file_of_step(app)?;
        }
        let profile = self.profile.name();
        let overlay = match self.unset {
            true => take_back(app),
            false if self.format.is_none() && io::stdout().is_terminal() => {
                return Err(not_evaluated(profile, &app.env));
            }
            false => {
                let chosen = in_directory(app, &self.session, profile)?;
                let app = chosen.as_ref().unwrap_or(app);
                let gate = Gate::new("env", "hand out its credentials", self.guard.consent());
                let handover = overlay(app, &self.session, profile, &gate)?;
                tell_of_region(app, &handover);
                handover.overlay
            }
        };
        print(app, format, &overlay)
    }
}

/// Writes what a shell, a program or a job takes over.
pub(super) fn print(app: &App, format: Format, overlay: &Overlay) -> Result<(), Failure> {
    match format {
        Format::Github => hand_on(app, overlay),
        _ => Ok(format.write(overlay, &mut app.out().stdout())?),
    }
}

pub(super) fn take_back(app: &App) -> Overlay {
    if app.env.get("AWS_ACCESS_KEY_ID").is_some() && !app.env.has_keys_of_awsx() {
        app.out().notice("the credentials in this shell are not awsx's, and stay");
    }
    deliver::take_credentials_back(&app.inherited)
}

/// Makes the evaluation of what `awsx env` printed fail as awsx did. Nobody evaluates a terminal.
pub(super) fn fail_in_shell(format: Format, exit_code: u8) {
    if let Some(text) = format.failure(exit_code)
        && !io::stdout().is_terminal()
    {
        // The failure itself is told in any case.
        let _ = io::stdout().lock().write_all(text.as_bytes());
    }
}

/// Shown instead of the secrets: printed on a terminal, they change nothing.
fn not_evaluated(profile: Option<&str>, env: &Env) -> Failure {
    let line = line_for_shell(profile, env);
    let hint = format!("`{line}` puts them into this shell; --format sh shows them");
    Failure::usage("this would print secrets on the terminal, and change nothing".to_owned(), &hint)
}
