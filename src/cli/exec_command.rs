//! The command that `awsx exec` runs.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use super::overlay::{Handover, tell_of_region};
use crate::app::App;
use crate::app::shell::name_of_shell;
use crate::deliver::{self, Overlay};
use crate::report::Look;
use crate::report::failure::{CMD, Failure, Kind, hint_of_command};

/// What is run.
pub(super) struct Command<'a> {
    pub(super) app: &'a App,
    /// The line up to it
    pub(super) exec: String,
    /// It and its arguments; none for a shell
    pub(super) words: &'a [OsString],
}

impl Command<'_> {
    /// Says what a shell has got; a command needs no words.
    pub(super) fn tell(&self, handover: &Handover) {
        if self.words.is_empty() {
            tell_of_shell(self.app, handover);
        }
    }

    /// Becomes it, or runs it and ends as it did.
    pub(super) fn start(&self, overlay: &Overlay) -> Result<ExitCode, Failure> {
        let (program, arguments) = self.program();
        let code = self.app.become_command(&program, &arguments, overlay);
        end_with(code.map_err(|failure| self.with_hint(failure))?)
    }

    pub(super) fn program(&self) -> (OsString, Vec<OsString>) {
        match self.words {
            [] => (deliver::interactive_shell(&self.app.env), Vec::new()),
            [program, arguments @ ..] => (program.clone(), arguments.to_vec()),
        }
    }

    pub(super) fn with_hint(&self, failure: Failure) -> Failure {
        let (program, arguments) = self.program();
        match failure.kind() {
            Kind::NotFound => failure.with_hint(hint(self.app, &self.exec, &program, &arguments)),
            _ => failure,
        }
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

fn hint(app: &App, exec: &str, program: &OsStr, arguments: &[OsString]) -> String {
    let shell = match cfg!(windows) {
        true => Some(CMD),
        false => name_of_shell(&app.env),
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
    let Handover { profile, role, account, region, expiration, is_renewed, scope, colour, .. } =
        handover;
    let account = account.as_ref().map(|account| format!("account {account}"));
    let until = match is_renewed {
        true => Some("renewed while it is open".to_owned()),
        false => expiration.at().map(|end| format!("until {}", app.until(end))),
    };
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
