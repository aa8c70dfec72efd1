//! `awsx exec`

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::flags::SessionFlags;
use super::overlay::{Handover, overlay};
use crate::app::App;
use crate::deliver;
use crate::report::Failure;

/// Run a command with a profile's credentials
///
/// The command replaces awsx and gets the credentials in its environment. Without a command: an
/// interactive shell. `awsx exec -- CMD` names no profile: the whole chain decides.
#[derive(Debug, Args)]
#[command(override_usage = "awsx exec [OPTIONS] [PROFILE] [OPTIONS] [--] [CMD [ARG]...]")]
pub(super) struct Exec {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) session: SessionFlags,
    /// The profile, then the command and its arguments
    #[arg(value_name = "PROFILE|CMD", trailing_var_arg = true)]
    pub(super) words: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct Target {
    /// The profile, instead of the first argument
    #[arg(short, long, value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) profile: Option<String>,
}

impl Exec {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let mut handover = overlay(app, &self.session, self.target.profile.as_deref())?;
        handover.overlay.unset_all(&deliver::SECRETS_OF_AWSX);
        let mut words = self.words.into_iter();
        let program = words.next().unwrap_or_else(|| {
            tell_of_shell(app, &handover);
            deliver::interactive_shell(&app.env)
        });
        let arguments: Vec<OsString> = words.collect();
        let code = app.become_command(&program, &arguments, &handover.overlay)?;
        #[expect(clippy::disallowed_methods, reason = "a code of Windows does not fit an ExitCode")]
        std::process::exit(code)
    }
}

/// A shell with credentials looks like any other.
fn tell_of_shell(app: &App, handover: &Handover) {
    if !io::stderr().is_terminal() {
        return;
    }
    let Handover { profile, account, region, expiration, .. } = handover;
    let account = account.as_ref().map(|account| format!("account {account}"));
    let until = expiration.at().map(|end| format!("until {}", app.out().instant(end, app.now())));
    let facts = [profile.clone(), account, region.clone(), until];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    app.out().notice(&format!("a shell with {}; `exit` leaves it", facts.join(", ")));
}
