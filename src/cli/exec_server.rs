//! `awsx exec --server`: the command asks a server for its credentials while it runs.
//!
//! On Unix the server is a process beside the command, which awsx becomes; on Windows it is awsx itself, which
//! waits for the command.

use std::process::ExitCode;
use std::sync::Arc;

use super::exec_command::{Command, end_with};
use super::flags::SessionFlags;
use super::overlay::{Handover, Minted, find_or_make};
use crate::app::App;
use crate::app::guard::Handover as Gate;
use crate::app::serving::{Audience, Serving};
use crate::deliver::{Overlay, SECRETS_OF_AWSX, Server};
use crate::host::server::{Door, Running, open_port, start};
use crate::report::failure::{Failure, Kind};
#[cfg(windows)]
use crate::report::output::write_line;
use crate::resolve::first_source_of_sdks;
use crate::server::{Access, path_of};
use crate::text::printable;

/// A server that runs, and what the command gets to know of it.
pub(super) struct Served<'a, R> {
    /// What changes in the command's environment
    pub(super) overlay: Overlay,
    pub(super) serving: Serving<'a>,
    /// Dropped, it ends.
    pub(super) running: R,
}

/// Makes the credentials, and begins to serve them.
pub(super) fn begin<'a>(
    app: &'a App,
    flags: &SessionFlags,
    profile: Option<&str>,
    gate: &Gate,
    audience: impl FnOnce() -> Audience,
    tell: impl FnOnce(&Handover),
) -> Result<Served<'a, Running>, Failure> {
    let flags = flags.without_min_ttl();
    let minted = find_or_make(app, &flags, profile, gate)?;
    refuse_rival(app)?;
    let name = name_of(&minted);
    refuse_endless(&minted, "leave --server out")?;
    let (listener, port) = open_port().map_err(|error| {
        Failure::io("no port of 127.0.0.1 could be opened for the server", &error)
    })?;
    let access = Arc::new(Access::new(port, []));
    let token = access.grant(&name);
    let uri = format!("http://127.0.0.1:{port}{}", path_of(&name));
    let mut handover = minted.through_server(app, &Server { uri, token });
    handover.overlay.unset_all(&SECRETS_OF_AWSX);
    let mut serving = Serving::new(app);
    serving.add(&name, minted.plan, &minted.live, audience())?;
    let running = start([Door::tcp(listener, access)], app.clock(), serving.desk());
    let running =
        running.map_err(|error| Failure::io("the server could not be started", &error))?;
    tell(&handover);
    Ok(Served { overlay: handover.overlay, serving, running })
}

/// Shows lines where the command runs, whatever that does with its terminal meanwhile.
#[cfg(unix)]
pub(super) fn teller() -> Box<dyn Fn(&str)> {
    use std::io::Write;
    let terminal = crate::host::sidecar::terminal_to_write();
    Box::new(move |line| {
        if let Some(mut terminal) = terminal.as_ref() {
            let line = format!("\r\nawsx: {}\r\n", printable(line));
            // Who does not read it finds it with `awsx renew`.
            let _ = terminal.write_all(line.as_bytes());
        }
    })
}

#[cfg(windows)]
pub(super) fn teller() -> Box<dyn Fn(&str)> {
    Box::new(|line| write_line(&format!("awsx: {}", printable(line))))
}

/// What the credentials are called in the server's address.
pub(super) fn name_of(minted: &Minted) -> String {
    let named = minted.plan.profile().or(minted.role.as_deref());
    named.unwrap_or("default").to_owned()
}

/// What does not end needs no server.
pub(super) fn refuse_endless(minted: &Minted, hint: &str) -> Result<(), Failure> {
    match minted.live.expiration().at() {
        Some(_) => Ok(()),
        None => {
            let name = name_of(minted);
            let message =
                format!("the credentials of {name} state no end, so there is nothing to renew");
            Err(Failure::usage(message, hint))
        }
    }
}

/// Every SDK asks a server after the profile `default`: what that one has would come before.
pub(super) fn refuse_rival(app: &App) -> Result<(), Failure> {
    let Some(default) = app.profiles_in_reach()?.profile("default")? else { return Ok(()) };
    let Some(kind) = first_source_of_sdks(&default) else { return Ok(()) };
    let message = format!(
        "the command would find the credentials of the profile \"default\" ({kind}) before the server's"
    );
    let failure = Failure::say(
        message,
        Kind::Config.with("give it another name: `awsx config profile rename default NAME`"),
    );
    Err(match default.header() {
        Some(at) => failure.at(at),
        None => failure,
    })
}

/// Makes the environment in a process beside this one, which stays while the command runs, and becomes the
/// command.
#[cfg(unix)]
pub(super) fn serve<'a, R>(
    command: &Command<'a>,
    begin: impl FnOnce() -> Result<Served<'a, R>, Failure>,
) -> Result<ExitCode, Failure> {
    use crate::host::sidecar::{Said, Split, split};
    let broken = |error: &std::io::Error| Failure::io("no process could be put beside it", error);
    match split().map_err(|error| broken(&error))? {
        Split::Original(waiting) => match waiting.listen().map_err(|error| broken(&error))? {
            Said::Failed(code) => end_with(code.into()),
            Said::Environment(bytes) => match Overlay::from_bytes(&bytes) {
                Some(overlay) => command.start(&overlay),
                None => Err(broken(&std::io::ErrorKind::InvalidData.into())),
            },
            Said::Nothing => Err(broken(&std::io::ErrorKind::UnexpectedEof.into())),
        },
        Split::Side(mut side) => {
            let served = begin().and_then(|served| {
                let desk = served.serving.desk();
                side.at_end(move || desk.end());
                let environment = served.overlay.to_bytes();
                side.hand_over(&environment).map_err(|error| broken(&error))?;
                Ok(served)
            });
            match served {
                Ok(Served { serving, running, .. }) => {
                    serving.run();
                    drop(running);
                    Ok(ExitCode::SUCCESS)
                }
                Err(failure) => {
                    side.fail(failure.code());
                    // The original ends when this process has ended, and so has told why.
                    std::mem::forget(side);
                    Err(failure)
                }
            }
        }
    }
}

/// Serves from here while the command runs.
#[cfg(windows)]
pub(super) fn serve<'a, R>(
    command: &Command<'a>,
    begin: impl FnOnce() -> Result<Served<'a, R>, Failure>,
) -> Result<ExitCode, Failure> {
    let Served { overlay, serving, running } = begin()?;
    let (program, arguments) = command.program();
    let desk = serving.desk();
    let run = command.app.start_command(program, arguments, overlay, move || desk.end())?;
    serving.run();
    drop(running);
    end_with(run.join().map_err(|failure| command.with_hint(failure))?)
}
