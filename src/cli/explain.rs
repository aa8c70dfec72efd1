//! `awsx explain`

use std::collections::BTreeSet;
use std::fmt::Write;

use clap::Args;
use serde::Serialize;

use super::flags::{ProfileArgument, SessionFlags};
use super::login_state::login_state;
use super::request::request;
use crate::app::login::login_header;
use crate::app::mint::{plan_of_chain, session_ends, trace};
use crate::app::{App, MayAsk};
use crate::login::LoginHeader;
use crate::report::Failure;
use crate::resolve::explain::{Report, ReportedCall, ReportedCandidate, report};
use crate::resolve::{Plan, Purpose, Trace};
use crate::text::printable;

/// Show, step by step, where a profile's credentials come from and why
///
/// Makes no call, asks for nothing, prints no secret.
#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    profile: ProfileArgument,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Open the vault to see that what it holds can be read
    #[arg(long)]
    cached: bool,
    #[command(flatten)]
    session: SessionFlags,
}

impl Explain {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let request = request(app, &self.session, self.profile.name(), MayAsk::NoNetwork)?;
        let trace = trace(app, &request)?;
        let plan = match &trace.result {
            Ok(chain) => {
                Some(plan_of_chain(app, chain.clone(), self.session.rules(Purpose::Deliver))?)
            }
            Err(_) => None,
        };
        let cached = session_ends(app, plan.as_ref(), self.cached)?;
        let profiles = app.profiles()?;
        let oddities: Vec<_> = on_the_way(&trace, plan.as_ref())
            .into_iter()
            .flat_map(|name| profiles.warnings_of(name))
            .collect();
        let report = report(&trace, plan.as_ref(), &oddities, &|key| cached.get(key).copied());
        let login = plan.as_ref().map_or(Ok(None), |plan| login_header(app, plan))?;
        if self.json {
            app.out().json(&Explained { report: &report, login: login.as_ref() })?;
        } else {
            let login = plan.as_ref().map_or(Ok(None), |plan| login_state(app, plan))?;
            app.out().data(&text(&report, login.as_deref(), app))?;
        }
        // What stands in the way is a failure after all that led to it was told.
        trace.result.map(drop).map_err(Failure::from)
    }
}

/// The report, and the login that the plan starts from.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    report: &'a Report,
    login: Option<&'a LoginHeader>,
}

/// The names of the profiles that decide, each once.
fn on_the_way<'a>(trace: &'a Trace, plan: Option<&'a Plan>) -> BTreeSet<&'a str> {
    let steps = plan.into_iter().flat_map(Plan::steps);
    steps.filter_map(|step| step.profile).chain(trace.selection.profile()).collect()
}

fn text(report: &Report, login: Option<&str>, app: &App) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!("profile \"{}\" ({})", printable(&report.profile), report.named_by));
    if !report.steps.is_empty() {
        line(String::new());
        line("sources, in AWS's order:".to_owned());
        report.steps.iter().for_each(|step| line(candidate(step)));
    }
    if !report.plan.is_empty() {
        line(String::new());
        line("calls:".to_owned());
        for (index, step) in report.plan.iter().enumerate() {
            line(format!("  {}. {}", index + 1, call(step, app)));
            if let Some(note) = &step.note {
                line(format!("     {}", printable(note)));
            }
        }
        line(String::new());
        line(format!(
            "region: {}",
            printable(report.region.as_deref().unwrap_or("none configured"))
        ));
        if let Some(login) = login {
            line(format!("login: {}", printable(login)));
        }
    }
    for warning in &report.warnings {
        let at = place(warning.file.as_deref(), warning.line);
        line(format!("warning: {}{at}", printable(&warning.message)));
    }
    out
}

fn candidate(step: &ReportedCandidate) -> String {
    let at = place(step.file.as_deref(), step.line);
    format!("  {:<12}{:<20}{}{at}", step.outcome, step.source, printable(&step.why))
}

fn call(step: &ReportedCall, app: &App) -> String {
    let mut text = step.call.to_owned();
    // Writing to a String cannot fail.
    let _ = step.role_arn.as_ref().map(|role| write!(text, " {}", printable(role)));
    let _ = step
        .profile
        .as_ref()
        .map(|profile| write!(text, " for profile \"{}\"", printable(profile)));
    let _ = step.mfa_serial.as_ref().map(|serial| write!(text, ", MFA {}", printable(serial)));
    let _ = step.duration_seconds.map(|seconds| {
        let duration = std::time::Duration::from_secs(seconds);
        write!(text, ", {}", crate::profile::display_duration(duration))
    });
    let _ = step
        .cached_until
        .map(|until| write!(text, ", cached until {}", app.out().instant(until, app.now())));
    text
}

fn place(file: Option<&str>, line: Option<u32>) -> String {
    match (file, line) {
        (Some(file), Some(line)) => format!(" ({}:{line})", printable(file)),
        _ => String::new(),
    }
}
