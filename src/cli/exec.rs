//! `awsx exec`

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::exec_command::{Command, name_of_program};
use super::exec_server::{begin, serve};
use super::flags::{AssertionFlag, SessionFlags};
use super::guard_flags::GuardFlags;
use super::overlay::{Handover, overlay};
use super::page::page;
use crate::app::App;
use crate::app::guard::Handover as Gate;
use crate::app::running::RunningCommand;
use crate::deliver;
use crate::report::failure::{Failure, word};

/// Run a command with a profile's credentials
#[derive(Debug, Args)]
#[command(
    override_usage = "awsx exec [OPTIONS] [PROFILE] [--] [COMMAND]...",
    help_template = page!(
        "
The command gets them in its environment, and takes awsx's place.
";
        "awsx exec prod -- terraform plan"
        "awsx exec prod                     a shell; `exit` leaves it"
        "awsx exec -- aws s3 ls             with what AWS's chain finds"
        "awsx exec --server prod -- ./deploy         for longer than a session lasts"
        "awsx exec --sso corp --account sandbox --role Developer -- aws s3 ls"
    )
)]
pub(super) struct Exec {
    #[command(flatten)]
    pub(super) target: Target,
    /// Let the command ask for them while it runs: they never end
    #[arg(long)]
    pub(super) server: bool,
    #[command(flatten)]
    pub(super) session: SessionFlags,
    #[command(flatten)]
    pub(super) guard: GuardFlags,
    /// The profile, then the command and its arguments
    #[arg(value_name = "PROFILE|COMMAND", trailing_var_arg = true)]
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
        let exec = match (self.session.words_of_role(), &self.target.profile) {
            (Some(role), _) => format!("awsx exec {role}"),
            (None, Some(profile)) => format!("awsx exec {}", word(profile)),
            (None, None) => match self.session.assertion() {
                Some(AssertionFlag::Given(file)) => {
                    format!("awsx exec --saml-assertion {}", word(file))
                }
                Some(AssertionFlag::Command(_)) => "awsx exec --saml-command …".to_owned(),
                None => "awsx exec".to_owned(),
            },
        };
        let to_do = match self.words.first() {
            Some(program) => format!("run {}", name_of_program(program)),
            None => "open a shell".to_owned(),
        };
        let mut gate = Gate::new("exec", &to_do, self.guard.consent());
        gate.by.program = self.words.first().map(|program| name_of_program(program));
        let profile = self.target.profile.as_deref();
        let command = Command { app, exec, words: &self.words };
        if self.server {
            return serve(&command, || begin(app, &self.session, profile, &gate));
        }
        let mut handover = overlay(app, &self.session, profile, &gate)?;
        handover.overlay.unset_all(&deliver::SECRETS_OF_AWSX);
        note_running(app, &handover, gate.by.program);
        command.tell(&handover);
        command.start(&handover.overlay)
    }
}

/// That a command runs with credentials that end.
fn note_running(app: &App, handover: &Handover, program: Option<String>) {
    let Some(until) = handover.expiration.at() else { return };
    let Handover { profile, role, account, .. } = handover;
    let (profile, account) = (profile.clone().or(role.clone()), account.clone());
    RunningCommand { profile, account, program, ..RunningCommand::this(app, until) }.note(app);
}
