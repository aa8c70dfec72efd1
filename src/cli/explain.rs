//! `awsx explain`

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use clap::Args;
use console::strip_ansi_codes;
use serde_json::{Value, json};

use super::asks::{Ask, find_asks};
use super::explain_guards::{self, asks_of_guards, show_guards};
use super::flags::{ProfileArgument, SessionFlags};
use super::login_state::{login_document, login_state};
use super::own_settings::warn_of_own_settings;
use super::page::page;
use super::request::{in_directory, request};
use super::scope_words::scope_words;
use crate::app::guard::{check, show};
use crate::app::login::login_header;
use crate::app::mint::session_ends;
use crate::app::plan::{plan_of_chain, server_of_profile, trace};
use crate::app::{App, MayAsk};
use crate::credentials::SessionKey;
use crate::credentials::arn::{account, role_name};
use crate::guard::Guards;
use crate::login::LoginHeader;
use crate::profile::{FileSession, Location, display_duration};
use crate::report::{Failure, Look, Screen};
use crate::resolve::{
    LONGEST_POLICY, Outcome, Plan, Purpose, Request, SelectedBy, SelectedProfile, Selection,
    SessionRules, SourceKind, StepSummary, Trace, Warning,
};
use crate::session::whose::check_planned;
use crate::text::{abbreviate, utc};

/// Show where credentials come from, and what is asked for
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
Makes no call, asks for nothing, prints no secret.
";
    "awsx explain prod"
    "awsx explain prod -v         with every source that was looked at, and why"
))]
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
        warn_of_own_settings(app);
        let chosen = in_directory(app, &self.session, self.profile.name())?;
        let app = chosen.as_ref().unwrap_or(app);
        let request = request(app, &self.session, self.profile.name(), MayAsk::NoNetwork)?;
        let rules = self.session.rules(Purpose::Deliver);
        let is_served = server_of_profile(app, self.session.names_whose(), self.profile.name())?;
        let has_code = self.session.mfa_code()?.is_some();
        let looks = Looks { rules, is_served, has_code, opens: self.cached };
        look(app, &request, looks, |report| match self.json {
            true => {
                let login = report.plan.map_or(Ok(None), |plan| login_header(app, plan))?;
                app.out().json(&report.document(login))
            }
            false => {
                let login = report.plan.map_or(Ok(None), |plan| login_state(app, plan))?;
                app.out().show(&report.text(login, app))
            }
        })
    }
}

/// What `awsx explain --json` prints of a profile, and what stands in its way as `problem`.
pub(super) fn explain_document(app: &App, profile: &str) -> Result<Value, Failure> {
    let mut document = None;
    let looked = look(app, &Request::of_profile(profile), usual_looks(app, profile), |report| {
        let login = report.plan.map_or(Ok(None), |plan| login_header(app, plan))?;
        document = Some(report.document(login));
        Ok(())
    });
    match (document, looked) {
        (Some(mut document), looked) => {
            document["problem"] = looked.err().map(|failure| failure.document()).into();
            Ok(document)
        }
        (None, looked) => looked.map(|()| Value::Null),
    }
}

/// As `awsx exec PROFILE` has it.
fn usual_looks(app: &App, profile: &str) -> Looks {
    let rules = SessionRules { is_scoped: true, ..SessionRules::default() };
    let is_served = server_of_profile(app, false, Some(profile)).unwrap_or_default();
    Looks { rules, is_served, has_code: false, opens: false }
}

/// What is said of a profile, with what is wrong with it, for a list that has the screen; without colours.
pub(super) fn short_answer(app: &App, profile: &str) -> String {
    let mut text = String::new();
    let looked = look(app, &Request::of_profile(profile), usual_looks(app, profile), |report| {
        let login = report.plan.map_or(Ok(None), |plan| login_state(app, plan))?;
        text = strip_ansi_codes(report.text(login, app).text()).into_owned();
        Ok(())
    });
    if let Err(failure) = looked {
        text.push_str(&abbreviate(&format!("error: {}\n", failure.message()), app.env.home()));
    }
    text
}

/// How it is looked at what a request leads to.
struct Looks {
    rules: SessionRules,
    /// `server = true`
    is_served: bool,
    /// Whether the MFA code is there
    has_code: bool,
    /// Whether what the vault holds is opened
    opens: bool,
}

/// What the request leads to is told; what stands in its way is a failure after all that led to it was told.
fn look(
    app: &App,
    request: &Request,
    looks: Looks,
    tell: impl FnOnce(&Report<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Looks { rules, is_served, has_code, opens } = looks;
    let trace = trace(app, request)?;
    let (plan, guards, problem) = match &trace.result {
        Ok(chain) => {
            let shown = show(app, &request.selection, chain, rules);
            let plan = plan_of_chain(app, shown.chain, rules)?;
            let plan = plan.expect(shown.guards.expectations());
            (Some(plan), shown.guards, shown.problem)
        }
        Err(_) => (None, Guards::default(), None),
    };
    let plan = plan.as_ref();
    let session_ends = session_ends(app, plan, opens)?;
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
        asks: plan
            .map_or(Ok(Vec::new()), |plan| find_asks(app, plan, &session_ends, has_code))
            .map(|asks| asks_of_guards(&guards).into_iter().map(Ask::Guard).chain(asks))?
            .collect(),
        guards: &guards,
        is_served,
        session_ends,
    };
    tell(&report)?;
    trace.result.map(drop)?;
    problem.map_or(Ok(()), Err)?;
    plan.map_or(Ok(()), |plan| {
        check_planned(plan)?;
        check(&guards, plan)
    })
}

/// What a scope is good for.
const PROMISE: &str = "AWS refuses these credentials all else, whoever has them; but who can run awsx as you can get \
                       others: docs/scope.md";

/// `server = true`
const SERVED: &str = "`awsx exec` lets the command ask for them while it runs";

/// What the chain and the plan decided.
struct Report<'a> {
    selection: &'a Selection,
    trace: &'a Trace,
    /// None where the chain fails
    plan: Option<&'a Plan>,
    warnings: Vec<&'a Warning>,
    /// What a person is asked for, in order
    asks: Vec<Ask>,
    guards: &'a Guards,
    /// `server = true`
    is_served: bool,
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
                "cached_until": self.end_of_session(&step).map(utc),
                "profile": step.profile,
                "note": step.note,
                "scope": step.scope,
                "policy_characters": step.scope.and(step.policy).map(|policy| policy.chars().count()),
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
            "login": login.as_ref().map(login_document),
            "asks": self.asks.iter().map(Ask::as_str).collect::<Vec<_>>(),
            "guards": explain_guards::document(self.guards),
            "server": self.is_served,
        })
    }

    /// The answer, the way there, and what will be asked for; with -v every source that was looked at.
    fn text(&self, login: Option<String>, app: &App) -> Screen {
        let mut screen = app.out().screen();
        let short = |text: &str| abbreviate(text, app.env.home()).into_owned();
        if let Some(plan) = self.plan {
            let at = self.trace.candidates.iter().find(|c| c.outcome == Outcome::Taken);
            let answer = match plan.profile() {
                Some(profile) => {
                    screen.look(Look::of_name(self.guards.colour()), profile);
                    format!("{}: {}", self.origin(), self.answer(plan, app))
                }
                None => self.answer(plan, app),
            };
            screen.look(Look::Strong, &answer);
            let at = place(at.and_then(|taken| taken.at.as_ref()));
            screen.look(Look::Faint, &short(&at)).line();
            for (index, step) in plan.steps().enumerate() {
                screen.plain(&format!("  {}. {}", index + 1, words(&step)));
                if let Some(until) = self.end_of_session(&step) {
                    screen.look(Look::Good, &format!(", cached until {}", app.until(until)));
                }
                screen.line();
                if let (true, Some(note)) = (app.globals.verbose > 0, step.note) {
                    screen.look(Look::Faint, &format!("     {note}")).line();
                }
            }
            let asks = match self.asks.as_slice() {
                [] => "nothing".to_owned(),
                asks => asks.iter().map(Ask::to_string).collect::<Vec<_>>().join(", then "),
            };
            let region = plan.region().unwrap_or("none").to_owned();
            let scope = plan.steps().any(|step| step.scope.is_some()).then(|| PROMISE.to_owned());
            let lines = [
                ("asks", Some(asks)),
                ("region", Some(region)),
                ("login", login),
                ("scope", scope),
                ("server", self.is_served.then(|| SERVED.to_owned())),
            ];
            for (what, said) in lines {
                let Some(said) = said else { continue };
                screen.look(Look::Faint, &format!("{what:<9}")).plain(&said).line();
            }
            show_guards(self.guards, app, &mut screen);
        }
        for warning in &self.warnings {
            let at = place(warning.at.as_ref());
            screen.plain(&short(&format!("warning: {}{at}", warning.message))).line();
        }
        if app.globals.verbose > 0 && !self.trace.candidates.is_empty() {
            screen.plain("\nsources, in AWS's order:\n");
            for candidate in &self.trace.candidates {
                let (outcome, source) = (candidate.outcome.as_str(), candidate.kind.as_str());
                let at = place(candidate.at.as_ref());
                let look =
                    if candidate.outcome == Outcome::Taken { Look::Good } else { Look::Faint };
                let line = format!("  {outcome:<12}{source:<20}{}{at}", candidate.why);
                screen.look(look, &short(&line)).line();
            }
        }
        screen
    }

    /// Whose credentials they are.
    fn answer(&self, plan: &Plan, app: &App) -> String {
        let (first, last) = (plan.first().summarize(), plan.last_before_scope());
        let is_direct = plan.rest_before_scope().is_empty();
        let credentials = match (role(&last), self.trace.answer(), first.profile) {
            (Some(role), ..) => format!("role {role}"),
            (None, Some(SourceKind::Environment), _) => "the keys of the environment".to_owned(),
            (None, Some(SourceKind::Container), _) => "the role of this container".to_owned(),
            (None, Some(SourceKind::Instance), _) => "the role of this machine".to_owned(),
            (None, Some(SourceKind::LoginSession), _) => "who signed in to AWS".to_owned(),
            (None, Some(SourceKind::CredentialProcess), _) => {
                "what its credential_process prints".to_owned()
            }
            (None, Some(SourceKind::StoredKeys), _) if is_direct => {
                "its stored keys themselves".to_owned()
            }
            (None, Some(SourceKind::StoredKeys), _) => "a session of its stored keys".to_owned(),
            (None, Some(SourceKind::LongTerm), Some(long_term)) if is_direct => {
                format!("the access keys of {long_term} themselves")
            }
            (None, Some(SourceKind::LongTerm), Some(long_term)) => {
                format!("a session of the access keys of {long_term}")
            }
            _ if let Some(FileSession { author, ends, role_arn, .. }) = plan.file_session() => {
                let until = app.until(*ends);
                match role_arn {
                    Some(arn) => {
                        format!("role {}, as {author} wrote it, until {until}", place_of_role(arn))
                    }
                    None => format!("a session that {author} wrote, until {until}"),
                }
            }
            (None, _, _) if is_direct => "its access keys themselves".to_owned(),
            (None, _, _) => "a session of its access keys".to_owned(),
        };
        let narrowed = scope_words(plan).map(|scope| format!(", narrowed to {scope}"));
        credentials + &narrowed.unwrap_or_default()
    }

    /// Who names the profile, where it is not the command line.
    fn origin(&self) -> String {
        match self.selection {
            Selection::Profile(SelectedProfile {
                by: by @ (SelectedBy::Variable(_) | SelectedBy::Directory),
                ..
            }) => {
                format!(" ({by})")
            }
            _ => String::new(),
        }
    }

    fn end_of_session(&self, step: &StepSummary<'_>) -> Option<DateTime<Utc>> {
        self.session_ends.get(&step.kept_as?).copied()
    }
}

/// The role that a step gives.
fn role(step: &StepSummary<'_>) -> Option<String> {
    match (step.role_arn, step.sso_role) {
        (Some(arn), _) => Some(place_of_role(arn)),
        (None, Some(role)) => Some(format!("{} in {}", role.role_name, role.account_id)),
        (None, None) => None,
    }
}

/// A role by its name and account.
fn place_of_role(arn: &str) -> String {
    match (role_name(arn), account(arn)) {
        (Some(role), Some(account)) => format!("{role} in {account}"),
        _ => arn.to_owned(),
    }
}

/// What a step does.
fn words(step: &StepSummary<'_>) -> String {
    let call = match (step.access_key_id, step.profile, step.kept_as) {
        (Some(id), Some(profile), None) if step.call == SourceKind::StoredKeys.as_str() => {
            format!("access key {id}, the stored keys of {profile}")
        }
        (Some(id), Some(profile), None) => format!("access key {id} of {profile}"),
        (Some(id), None, None) => format!("access key {id}"),
        (None, Some(profile), None) => format!("{} of {profile}", step.call),
        _ => step.call.to_owned(),
    };
    [
        Some(call),
        role(step).map(|role| format!(" {role}")),
        step.sso_role.map(|role| format!(", with the login of {}", role.login)),
        step.mfa.map(|mfa| format!(" with MFA {}", mfa.serial)),
        step.duration.map(|duration| format!(", for {}", display_duration(duration))),
        step.scope.map(|scope| match step.policy {
            Some(policy) => {
                let length = policy.chars().count();
                format!(", with {scope} (policy {length} of {LONGEST_POLICY} characters)")
            }
            None => format!(", with {scope}"),
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn file(at: Option<&Location>) -> Option<String> {
    at.map(|at| at.file.display().to_string())
}

fn place(at: Option<&Location>) -> String {
    at.map(|at| format!(" ({at})")).unwrap_or_default()
}
