//! What comes of a call: AWS's answer as the AWS CLI prints it, or its credentials as `awsx env` and
//! `awsx exec` hand them over.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use chrono::DateTime;
use clap::Args;
use serde_json::{Map, Value};

use crate::app::App;
use crate::app::sts::Way;
use crate::cli::aws_json::aws_json;
use crate::cli::env::print;
use crate::cli::exec_command::{end_with, name_of_program};
use crate::credentials::{Secret, SessionCredentials, StsAnswer, StsMember};
use crate::deliver::format::Format;
use crate::deliver::{self, Delivery, Overlay};
use crate::report::failure::{Failure, Kind};

/// Of an operation that gives credentials.
#[derive(Debug, Default, Args)]
pub(super) struct OutcomeFlags {
    /// As `awsx env --format F` prints them
    #[arg(long, short, value_name = "F", conflicts_with = "command")]
    pub(super) format: Option<Format>,
    /// A command that gets the credentials, and its arguments, behind `--`
    #[arg(value_name = "COMMAND", last = true)]
    command: Vec<OsString>,
}

impl OutcomeFlags {
    /// The name of the program that gets the credentials.
    pub(super) fn command(&self) -> Option<String> {
        Some(name_of_program(self.command.first()?))
    }

    pub(super) fn deliver(
        self,
        app: &App,
        answer: StsAnswer,
        way: impl FnOnce() -> Result<Way, Failure>,
    ) -> Result<ExitCode, Failure> {
        let session = answer.session;
        match (self.format, self.command.split_first()) {
            (None, None) => app.out().document(&document(&answer.members)?)?,
            (Some(format), _) => {
                print(app, format, &overlay(app, &way()?, session)?)?;
            }
            (None, Some((program, arguments))) => {
                let mut overlay = overlay(app, &way()?, session)?;
                overlay.unset_all(&deliver::SECRETS_OF_AWSX);
                end_with(app.become_command(program, arguments, &overlay)?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The credentials as variables, with the way on which AWS is reached. They are not the profile's own, so it is not
/// named.
fn overlay(
    app: &App,
    Way { settings, variables }: &Way,
    session: Option<SessionCredentials>,
) -> Result<Overlay, Failure> {
    let delivery =
        Delivery { region: settings.region.as_deref(), variables, ..Delivery::default() };
    let none = |problem: String| {
        Failure::say(problem, Kind::NoCredentials.with("see that this machine's clock is right"))
    };
    let session = session.ok_or_else(|| none("AWS's answer has no credentials".to_owned()))?;
    let live = session.live(app.now(), Duration::ZERO);
    let live = live.map_err(|end| none(format!("what AWS gave expired {}", app.on(end))))?;
    Ok(deliver::environment(&live, &delivery, &app.inherited))
}

/// The answer as the AWS CLI prints it.
pub(super) fn document(members: &[StsMember]) -> Result<String, Failure> {
    let mut document = Map::new();
    for StsMember { structure, name, text } in members {
        let value = value(name, text);
        match structure {
            None => drop(document.insert((*name).to_owned(), value)),
            Some(structure) => {
                let inner = document.entry(*structure).or_insert_with(|| Map::new().into());
                if let Value::Object(inner) = inner {
                    inner.insert((*name).to_owned(), value);
                }
            }
        }
    }
    aws_json(&document)
}

/// A member that is not in a structure; nothing where it is missing.
pub(super) fn member<'a>(members: &'a [StsMember], name: &str) -> &'a str {
    let found = members.iter().find(|member| member.structure.is_none() && member.name == name);
    found.map_or("", |member| member.text.expose())
}

/// Numbers as numbers, and times as Python has them.
fn value(name: &str, text: &Secret) -> Value {
    let text = text.expose();
    match name {
        "PackedPolicySize"
        | "SessionTokenUtilization"
        | "SessionTokenSize"
        | "ScopedPoliciesCount" => text.parse::<u64>().map_or_else(|_| text.into(), Value::from),
        "Expiration" => DateTime::parse_from_rfc3339(text)
            .map_or_else(|_| text.into(), |time| time.to_rfc3339().into()),
        _ => text.into(),
    }
}
