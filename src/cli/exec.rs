//! `awsx exec`

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;

use super::exec_command::{Command, name_of_program};
use super::exec_flags::{ExecFlags, flags_of_line};
use super::exec_server::{begin, serve, teller};
use super::flags::AssertionFlag;
use super::overlay::{Handover, overlay};
use super::page::page;
use super::request::{in_directory, request};
use crate::app::guard::Handover as Gate;
use crate::app::plan::{exceeds_session, server_of_profile};
use crate::app::running::RunningCommand;
use crate::app::serving::Audience;
use crate::app::{App, MayAsk};
use crate::deliver;
use crate::report::failure::{Failure, word};
use crate::resolve::Purpose;

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
    pub(super) flags: ExecFlags,
    /// The profile, then the command and its arguments
    #[arg(value_name = "PROFILE|COMMAND", trailing_var_arg = true)]
    pub(super) words: Vec<OsString>,
}

impl Exec {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let ExecFlags { target, session, guard, .. } = &self.flags;
        let chosen = in_directory(app, session, target.profile.as_deref())?;
        let app = chosen.as_ref().unwrap_or(app);
        let exec = match (session.words_of_role(), &target.profile) {
            (Some(role), _) => format!("awsx exec {role}"),
            (None, Some(profile)) => format!("awsx exec {}", word(profile)),
            (None, None) => match session.assertion() {
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
        let mut gate = Gate::new("exec", &to_do, guard.consent());
        gate.by.program = self.words.first().map(|program| name_of_program(program));
        let profile = target.profile.as_deref();
        let command = Command { app, exec, words: &self.words };
        if self.is_served(app)? {
            let mut flags = flags_of_line(app.line(), profile, self.words.len());
            // Who renews it is elsewhere.
            let chosen = app.directory.as_ref();
            if let (Some((scope, _)), None) =
                (chosen.and_then(|said| said.scope.as_ref()), session.scope.as_ref())
            {
                flags.push(format!("--scope={scope}"));
            }
            let named = profile.or(chosen.and_then(|said| said.profile.as_deref()));
            let audience = || Audience { profile: named.map(str::to_owned), flags, tell: teller() };
            let tell = |handover: &Handover| command.tell(handover);
            return serve(&command, || begin(app, session, profile, &gate, audience, tell));
        }
        let mut handover = overlay(app, session, profile, &gate)?;
        handover.overlay.unset_all(&deliver::SECRETS_OF_AWSX);
        note_running(app, &handover, gate.by.program);
        command.tell(&handover);
        command.start(&handover.overlay)
    }

    /// Whether the command gets its credentials from a server: as the flags say, else the profile, else where no
    /// session lasts as long as `--min-ttl` asks for.
    fn is_served(&self, app: &App) -> Result<bool, Failure> {
        let ExecFlags { target, server, no_server, session, .. } = &self.flags;
        if *server || *no_server {
            return Ok(*server);
        }
        let profile = target.profile.as_deref();
        session.ask_of_files(app, profile);
        if server_of_profile(app, session.names_whose(), profile)? {
            return Ok(true);
        }
        let exceeds = session.has_min_ttl()
            && !session.names_whose()
            && exceeds_session(
                app,
                &request(app, session, profile, MayAsk::Nobody)?,
                session.rules(Purpose::Deliver),
            );
        if exceeds {
            app.out().notice(
                "no session lasts as long as --min-ttl, so a server renews it (--no-server: none does)",
            );
        }
        Ok(exceeds)
    }
}

/// That a command runs with credentials that end.
fn note_running(app: &App, handover: &Handover, program: Option<String>) {
    let Some(until) = handover.expiration.at() else { return };
    let Handover { profile, role, account, .. } = handover;
    let (profile, account) = (profile.clone().or(role.clone()), account.clone());
    RunningCommand { profile, account, program, ..RunningCommand::this(app, until) }.note(app);
}
