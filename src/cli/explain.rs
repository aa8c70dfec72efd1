//! `awsx explain`

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Value, json};

use super::flags::{ProfileArgument, SessionFlags};
use super::login_state::login_state;
use super::request::request;
use crate::app::login::login_header;
use crate::app::mint::{plan_of_chain, session_ends, trace};
use crate::app::{App, MayAsk};
use crate::credentials::SessionKey;
use crate::login::LoginHeader;
use crate::profile::{Location, display_duration};
use crate::report::Failure;
use crate::resolve::{Plan, Purpose, Selection, StepSummary, Trace, Warning};

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
        let plan = plan.as_ref();
        let report = Report {
            selection: &request.selection,
            trace: &trace,
            plan,
            warnings: trace
                .oddities
                .iter()
                .chain(&trace.remarks)
                .chain(plan.into_iter().flat_map(Plan::warnings))
                .collect(),
            session_ends: session_ends(app, plan, self.cached)?,
        };
        if self.json {
            let login = plan.map_or(Ok(None), |plan| login_header(app, plan))?;
            app.out().json(&report.document(login))?;
        } else {
            let login = plan.map_or(Ok(None), |plan| login_state(app, plan))?;
            app.out().data(&report.text(login, app))?;
        }
        // What stands in the way is a failure after all that led to it was told.
        trace.result.map(drop).map_err(Failure::from)
    }
}

/// What the chain and the plan decided.
struct Report<'a> {
    selection: &'a Selection,
    trace: &'a Trace,
    /// None where the chain fails
    plan: Option<&'a Plan>,
    warnings: Vec<&'a Warning>,
    session_ends: HashMap<SessionKey, DateTime<Utc>>,
}

impl Report<'_> {
    /// `awsx explain --json`, version 1; fields are only ever added.
    fn document(&self, login: Option<LoginHeader>) -> Value {
        let (selection, plan) = (self.selection, self.plan);
        let candidates = self.trace.candidates.iter().map(|candidate| {
            json!({
                "source": candidate.kind.as_str(),
                "outcome": candidate.outcome.as_str(),
                "why": candidate.why,
                "file": file(candidate.at.as_ref()),
                "line": candidate.at.as_ref().map(|at| at.line),
            })
        });
        let calls = plan.into_iter().flat_map(Plan::steps).map(|step| {
            json!({
                "call": step.call,
                "access_key_id": step.access_key_id,
                "role_arn": step.role_arn,
                "mfa_serial": step.mfa.map(|mfa| &mfa.serial),
                "duration_seconds": step.duration.map(|duration| duration.as_secs()),
                "cached_until": self.end_of_session(&step),
                "profile": step.profile,
                "note": step.note,
            })
        });
        let warnings = self.warnings.iter().map(|warning| {
            json!({
                "file": file(warning.at.as_ref()),
                "line": warning.at.as_ref().map(|at| at.line),
                "message": warning.message,
            })
        });
        json!({
            "version": 1,
            "profile": selection.to_string(),
            "named_by": selection.origin(),
            "chosen": plan.and_then(|_| self.trace.answer()).map(|kind| kind.as_str()),
            "steps": candidates.collect::<Vec<_>>(),
            "plan": calls.collect::<Vec<_>>(),
            "region": plan.and_then(Plan::region),
            "warnings": warnings.collect::<Vec<_>>(),
            "login": login,
        })
    }

    fn text(&self, login: Option<String>, app: &App) -> String {
        let selection = self.selection;
        let mut lines = vec![format!("profile \"{selection}\" ({})", selection.origin())];
        if !self.trace.candidates.is_empty() {
            lines.push("\nsources, in AWS's order:".to_owned());
        }
        for candidate in &self.trace.candidates {
            let (outcome, source) = (candidate.outcome.as_str(), candidate.kind.as_str());
            let at = place(candidate.at.as_ref());
            lines.push(format!("  {outcome:<12}{source:<20}{}{at}", candidate.why));
        }
        if let Some(plan) = self.plan {
            lines.push("\ncalls:".to_owned());
            for (index, step) in plan.steps().enumerate() {
                lines.push(format!("  {}. {}", index + 1, self.call(&step, app)));
                lines.extend(step.note.map(|note| format!("     {note}")));
            }
            lines.push(format!("\nregion: {}", plan.region().unwrap_or("none configured")));
            lines.extend(login.map(|login| format!("login: {login}")));
        }
        for warning in &self.warnings {
            lines.push(format!("warning: {}{}", warning.message, place(warning.at.as_ref())));
        }
        lines.join("\n") + "\n"
    }

    fn call(&self, step: &StepSummary<'_>, app: &App) -> String {
        let until = self.end_of_session(step).map(|until| app.out().instant(until, app.now()));
        [
            Some(step.call.to_owned()),
            step.role_arn.map(|role| format!(" {role}")),
            step.access_key_id.map(|id| format!(" {id}")),
            step.profile.map(|profile| format!(" for profile \"{profile}\"")),
            step.mfa.map(|mfa| format!(", MFA {}", mfa.serial)),
            step.duration.map(|duration| format!(", {}", display_duration(duration))),
            until.map(|until| format!(", cached until {until}")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn end_of_session(&self, step: &StepSummary<'_>) -> Option<DateTime<Utc>> {
        self.session_ends.get(&step.kept_as?).copied()
    }
}

fn file(at: Option<&Location>) -> Option<String> {
    at.map(|at| at.file.display().to_string())
}

fn place(at: Option<&Location>) -> String {
    at.map(|at| format!(" ({at})")).unwrap_or_default()
}
