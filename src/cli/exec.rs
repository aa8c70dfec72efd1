//! `awsx exec`

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::flags::{AssertionFlag, SessionFlags};
use super::guard_flags::GuardFlags;
use super::overlay::{Handover, overlay, tell_of_region};
use super::page::page;
use crate::app::App;
use crate::app::guard::Handover as Gate;
use crate::app::running::RunningCommand;
use crate::deliver;
use crate::report::Look;
use crate::report::failure::{CMD, Failure, Kind, hint_of_command, word};

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
        "awsx exec --sso corp --account sandbox --role Developer -- aws s3 ls"
    )
)]
pub(super) struct Exec {
    #[command(flatten)]
    pub(super) target: Target,
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
        let mut handover = overlay(app, &self.session, self.target.profile.as_deref(), &gate)?;
        handover.overlay.unset_all(&deliver::SECRETS_OF_AWSX);
        note_running(app, &handover, gate.by.program);
        let mut words = self.words.into_iter();
        let program = words.next().unwrap_or_else(|| {
            tell_of_shell(app, &handover);
            deliver::interactive_shell(&app.env)
        });
        let arguments: Vec<OsString> = words.collect();
        let code = app.become_command(&program, &arguments, &handover.overlay);
        let code = code.map_err(|failure| match failure.kind() {
            Kind::NotFound => failure.with_hint(hint(app, &exec, &program, &arguments)),
            _ => failure,
        })?;
        end_with(code)
    }
}

/// The name of a program without its directory.
pub(super) fn name_of_program(program: &OsStr) -> String {
    let name = Path::new(program).file_name().unwrap_or(program);
    name.to_string_lossy().into_owned()
}

/// Ends as the command did.
pub(super) fn end_with(code: i32) -> ! {
    #[expect(clippy::disallowed_methods, reason = "a code of Windows does not fit an ExitCode")]
    std::process::exit(code)
}

/// That a command runs with credentials that end.
fn note_running(app: &App, handover: &Handover, program: Option<String>) {
    let Some(until) = handover.expiration.at() else { return };
    let Handover { profile, role, account, .. } = handover;
    let (profile, account) = (profile.clone().or(role.clone()), account.clone());
    RunningCommand { profile, account, program, ..RunningCommand::this(app, until) }.note(app);
}

fn hint(app: &App, exec: &str, program: &OsStr, arguments: &[OsString]) -> String {
    let shell = match cfg!(windows) {
        true => Some(CMD),
        false => app.env.path("SHELL").and_then(|shell| shell.file_stem()?.to_str()),
    };
    hint_of_command(
        exec,
        &program.to_string_lossy(),
        &app.out().repeat(arguments),
        shell.unwrap_or_default(),
    )
}

/// A shell with credentials looks like any other.
fn tell_of_shell(app: &App, handover: &Handover) {
    if !io::stderr().is_terminal() {
        return;
    }
    let Handover { profile, role, account, region, expiration, scope, colour, .. } = handover;
    let account = account.as_ref().map(|account| format!("account {account}"));
    let until = expiration.at().map(|end| format!("until {}", app.until(end)));
    let scope = scope.as_ref().map(|scope| format!("narrowed to {scope}"));
    let name = profile.as_ref().or(role.as_ref()).map_or("", String::as_str);
    let facts = [account, region.clone(), scope, until].into_iter().flatten();
    let facts = facts.collect::<Vec<_>>().join(", ");
    let comma = if name.is_empty() || facts.is_empty() { "" } else { ", " };
    let look = colour.map_or(Look::Plain, Look::Own);
    let rest = format!("{comma}{facts}; `exit` leaves it");
    app.out().notice_of(["a shell with ", name, &rest], look);
    tell_of_region(app, handover);
}
