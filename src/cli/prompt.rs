//! `awsx prompt`

use clap::Args;
use serde_json::json;

use super::page::page;
use crate::app::App;
use crate::app::prompt::segment;
use crate::prompt::{Dialect, Ink, Segment, Template};
use crate::report::Failure;
use crate::text::utc;

/// Print whose credentials the shell has, for its prompt
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Of what is in use, else of what a trusted `.awsx.toml` chooses. Asks nobody.
A template has {profile}, {account}, {account_id}, {role}, {region}, {left},
{by} and {colour}. A part in brackets is left out where it has nothing to show.
";
    "awsx prompt"
    "awsx prompt --format '{profile}[ in {account}][ ({left})]'"
    "awsx prompt --json | jq -r .state"
))]
pub(super) struct Prompt {
    /// What is printed; `{profile}[ {account}][ {left}][ by {by}]` without it
    #[arg(long, value_name = "TEMPLATE", value_parser = read_template, conflicts_with = "json")]
    format: Option<Template>,
    /// In colours, as the prompt of this shell takes them
    #[arg(long, conflicts_with = "json")]
    shell: Option<Dialect>,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

fn read_template(text: &str) -> Result<Template, String> {
    Template::parse(text).map_err(|error| error.to_string())
}

impl Prompt {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let found = segment(app);
        if self.json {
            return app.out().json(&document(app, &found.unwrap_or_default()));
        }
        let Some(segment) = found else { return Ok(()) };
        // The terminal of a prompt is not where awsx writes to.
        let palette = match self.shell {
            Some(_) => app.out().palette_of_terminals(),
            None => app.out().palette(),
        };
        let ink = Ink { dialect: self.shell, palette };
        let text = self.format.unwrap_or_default().fill(&segment, app.now(), ink);
        app.out().write(format!("{text}\n"))
    }
}

/// Version 1; fields are only ever added.
fn document(app: &App, segment: &Segment) -> serde_json::Value {
    let left = segment.left(app.now());
    json!({
        "version": 1,
        "profile": segment.profile,
        "sso_role": segment.sso_role,
        "access_key_id": segment.access_key_id,
        "account_id": segment.account_id,
        "account_name": segment.account_name,
        "role": segment.role,
        "region": segment.region,
        "expiration": segment.ends.map(utc),
        "seconds_left": left.map(|(left, _)| left.num_seconds().max(0)),
        "state": left.map(|(_, state)| state.name()),
        "chosen_by": segment.chosen_by,
        "colour": segment.colour.map(crate::text::Colour::name),
    })
}
