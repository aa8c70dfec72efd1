//! `awsx renew`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::exec_flags::read_flags;
use super::page::page;
use super::request::request;
use crate::app::guard::{Handover, pass};
use crate::app::serving::{Waiting, find_waiting, renew};
use crate::app::{App, MayAsk};
use crate::report::failure::Kind;
use crate::report::{Failure, Globals};
use crate::resolve::Purpose;

/// Log in, or give the code, for a command that waits for it
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
What `awsx exec --server` cannot renew without you it says on its terminal, and
waits. Without a profile all that waits is renewed.
";
    "awsx renew"
    "awsx renew prod"
))]
pub(super) struct Renew {
    /// The profiles to renew
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    profiles: Vec<String>,
}

impl Renew {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let waiting = find_waiting(app)?;
        if self.profiles.is_empty() && waiting.is_empty() {
            app.out().notice("nothing waits to be renewed");
            return Ok(());
        }
        let is_meant =
            |one: &&Waiting| self.profiles.is_empty() || self.profiles.contains(&one.name);
        let waits = |name: &&String| waiting.iter().any(|one| one.name == **name);
        let of_waiting = waiting
            .iter()
            .filter(is_meant)
            .map(|one| (&one.name, one.profile.as_deref(), &*one.flags));
        let others = self.profiles.iter().filter(|name| !waits(name));
        let others = others.map(|name| (name, Some(&**name), &[][..]));
        let mut failure = None;
        for (name, profile, flags) in of_waiting.chain(others) {
            match renew_one(app, name, profile, flags) {
                // One that fails does not keep the others; who cancels wants none of them.
                Err(problem) if problem.kind() != Kind::Cancelled && failure.is_none() => {
                    failure = Some(problem);
                }
                Err(problem) if problem.kind() != Kind::Cancelled => {
                    app.out().failure(&problem, false);
                }
                done => done?,
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

/// Makes the session that a command with these flags wants, or finds it.
fn renew_one(
    app: &App,
    name: &str,
    profile: Option<&str>,
    flags: &[String],
) -> Result<(), Failure> {
    let (read, globals) = read_flags(flags).unwrap_or_default();
    let Globals { no_input, quiet, verbose, color, .. } = app.globals.clone();
    let globals = Globals { no_input, quiet, verbose, color, ..globals };
    let app = &app.with_globals(globals);
    let flags = read.session.without_min_ttl();
    let request = request(app, &flags, profile.or(read.target.profile.as_deref()), MayAsk::Person)?;
    let gate = Handover::new("renew", "renew its session", read.guard.consent());
    let plan = pass(app, &request, flags.rules(Purpose::Deliver), &gate)?;
    let end = renew(app, plan)?.at();
    let until = end.map(|end| format!(" until {}", app.until(end))).unwrap_or_default();
    app.out().notice(&format!("the session of {name} holds{until}"));
    Ok(())
}
