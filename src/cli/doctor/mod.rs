//! `awsx doctor`

mod environment;
mod logins;
mod machine;
mod mask;
mod network;
mod point;
mod program;
mod sandbox;

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::page::page;
use super::version::target;
use crate::app::App;
use crate::report::failure::{Failure, Kind};
use mask::Mask;
use point::{Point, State, text};

/// Look for what stands in awsx's way, and say what to run
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
What is wrong comes first; with it the exit code is 3. Opens nothing, asks
nobody, and makes no call without --online. With --sandbox, where an agent runs:
what leads around awsx, exit code 1 if anything does.
";
    "awsx doctor"
    "awsx doctor --online         AWS's endpoints too, and the clock against AWS"
    "awsx exec ro -- awsx doctor --sandbox    as an agent has it"
    "awsx doctor --report         without names and accounts, to send it"
))]
pub(super) struct Doctor {
    /// Also ask the endpoints of AWS for a sign of life
    #[arg(long)]
    online: bool,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
    /// With other names in the place of profiles, accounts and hosts
    #[arg(long)]
    report: bool,
    /// The ways around awsx that are open to what runs here
    #[arg(long, conflicts_with = "report")]
    sandbox: bool,
}

impl Doctor {
    pub(super) fn run(self, app: &App, commands: clap::Command) -> Result<ExitCode, Failure> {
        if self.sandbox {
            return sandbox::run(app, self.online, self.json);
        }
        let mut points = environment::examine(app);
        points.extend(environment::examine_files(app));
        points.extend(machine::examine(app));
        points.extend(logins::examine(app));
        if self.online {
            points.extend(network::examine(app));
        }
        points.extend(program::examine(app));
        points.extend(machine::examine_browser(app));
        points.sort_by_key(|point| point.state);
        if self.report {
            let mask = Mask::new(app, commands);
            for point in &mut points {
                point.said = mask.cover(&point.said);
                point.next = point.next.as_deref().map(|next| mask.cover(next));
            }
        }
        match self.json {
            true => app.out().json(&document(&points))?,
            false => app.out().show(&text(&points, app))?,
        }
        let is_bad = points.iter().any(|point| point.state == State::Bad);
        Ok(if is_bad { ExitCode::from(Kind::Config.contract().1) } else { ExitCode::SUCCESS })
    }
}

/// Version 1; fields are only ever added.
fn document(points: &[Point]) -> Value {
    let count = |state| points.iter().filter(|point| point.state == state).count();
    let point = |point: &Point| {
        json!({
            "state": point.state.as_str(),
            "topic": point.topic,
            "message": point.said,
            "next": point.next,
        })
    };
    json!({
        "version": 1,
        "awsx": env!("CARGO_PKG_VERSION"),
        "target": target(),
        "bad": count(State::Bad),
        "doubtful": count(State::Doubtful),
        "points": points.iter().map(point).collect::<Vec<_>>(),
    })
}
