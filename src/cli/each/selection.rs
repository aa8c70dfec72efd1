//! Which profiles are meant, and what has to be asked before their commands run.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};

use super::flags::Each;
use super::pattern::{Pattern, nobody};
use crate::app::guard::{Handover as Gate, Passed};
use crate::app::mint::session_ends;
use crate::app::plan::{plan_of_trace, trace};
use crate::app::serving::renew;
use crate::app::{App, MayAsk};
use crate::cli::asks::find_asks;
use crate::cli::overlay::plan_for;
use crate::cli::request::request;
use crate::cli::several::consent_of;
use crate::guard::Whose;
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::resolve::{Plan, Purpose};

/// A command that runs.
#[derive(Debug)]
pub(super) struct Run {
    pub profile: String,
    /// Of `--regions`
    pub region: Option<String>,
    /// As far as it is known without a call
    pub account: Option<String>,
    /// Where the profile's own region counts
    own_region: Option<String>,
    /// The person has typed its name, where a guard wants that
    pub is_confirmed: bool,
}

impl Run {
    /// What it is called: `dev`, `dev eu-west-1`
    pub(super) fn name(&self) -> String {
        let region = self.region.as_ref().map(|region| format!(" {region}"));
        format!("{}{}", self.profile, region.unwrap_or_default())
    }

    /// That of `--regions`, else the profile's own.
    pub(super) fn effective_region(&self) -> Option<&str> {
        self.region.as_deref().or(self.own_region.as_deref())
    }

    /// An argument, with what stands for the profile.
    pub(super) fn fill_in(&self, word: &OsStr) -> OsString {
        let Some(text) = word.to_str() else { return word.to_owned() };
        let filled = self.facts().into_iter().fold(text.to_owned(), |text, (name, value, _)| {
            value.map_or(text.clone(), |value| text.replace(name, value))
        });
        filled.into()
    }

    /// Sees that all that stands for the profile in these arguments is known.
    pub(super) fn check(&self, words: &[OsString]) -> Result<(), Failure> {
        let is_named = |name: &str| words.iter().any(|one| one.to_string_lossy().contains(name));
        match self.facts().into_iter().find(|(name, value, _)| value.is_none() && is_named(name)) {
            None => Ok(()),
            Some((name, _, hint)) => {
                let message =
                    format!("{name} of {} is not known before its command runs", self.name());
                Err(Failure::usage(message, hint))
            }
        }
    }

    /// What can stand in an argument, its value as far as it is known, and what helps where it is not.
    fn facts(&self) -> [(&'static str, Option<&str>, &'static str); 3] {
        [
            ("{profile}", Some(&self.profile), ""),
            ("{region}", self.effective_region(), "say it with --regions"),
            (
                "{account_id}",
                self.account.as_deref(),
                "a shell finds it: `sh -c 'echo $AWS_ACCOUNT_ID'`",
            ),
        ]
    }
}

/// The runs that are meant, in the order of the patterns.
pub(super) fn find_runs(app: &App, each: &Each) -> Result<Vec<Run>, Failure> {
    let profiles = app.profiles()?;
    let mut seen = BTreeSet::new();
    let mut runs = Vec::new();
    for pattern in &each.patterns {
        let names = Pattern::parse(app, profiles, pattern)?.select(profiles);
        if names.is_empty() {
            return Err(nobody(profiles, pattern));
        }
        for name in names.into_iter().filter(|name| seen.insert((*name).to_owned())) {
            let regions = match &each.regions[..] {
                [] => vec![None],
                regions => regions.iter().cloned().map(Some).collect(),
            };
            runs.extend(regions.into_iter().map(|region| Run {
                profile: name.to_owned(),
                region,
                account: None,
                own_region: None,
                is_confirmed: false,
            }));
        }
    }
    Ok(runs)
}

/// The same, once all that a person has to be asked is answered: guards, logins and codes, each once. What cannot be
/// had at all is left to its run, which says so.
pub(super) fn ask_ahead(app: &App, each: &Each, mut runs: Vec<Run>) -> Result<Vec<Run>, Failure> {
    let mut known: HashMap<String, Known> = HashMap::new();
    let names: Vec<String> = runs.iter().map(|run| run.profile.clone()).collect();
    for run in &mut runs {
        let known = match known.entry(run.profile.clone()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Known::find(app, each, &names, &run.profile)?),
        };
        run.account.clone_from(&known.account);
        run.own_region.clone_from(&known.region);
        run.is_confirmed = known.is_confirmed;
    }
    Ok(runs)
}

/// What is known of a profile before its command runs.
#[derive(Default)]
struct Known {
    account: Option<String>,
    region: Option<String>,
    is_confirmed: bool,
}

impl Known {
    fn find(app: &App, each: &Each, all: &[String], profile: &str) -> Result<Self, Failure> {
        let flags = each.server.session();
        if app.person().terminal().is_ok() {
            let consent = consent_of(&each.guard, all, Some(profile));
            let to_do = format!("run {}", word(&each.command[0].to_string_lossy()));
            let gate = Gate::new("each", &to_do, consent);
            match plan_for(app, &flags, Some(profile), &gate) {
                Ok((plan, _)) => {
                    let known = Self { is_confirmed: true, ..Self::of(&plan) };
                    ask_for(app, plan)?;
                    return Ok(known);
                }
                Err(failure) if failure.kind() == Kind::Cancelled => return Err(failure),
                Err(_) => {}
            }
        }
        let plan = request(app, &flags, Some(profile), MayAsk::NoNetwork)
            .and_then(|request| trace(app, &request))
            .and_then(|trace| plan_of_trace(app, trace, flags.rules(Purpose::Deliver)));
        Ok(plan.as_ref().map(Self::of).unwrap_or_default())
    }

    fn of(plan: &Plan) -> Self {
        let account = plan.identity_of(&Whose::Result).map(|found| found.account);
        Self { account, region: plan.region().map(str::to_owned), is_confirmed: false }
    }
}

/// Makes the session of a plan that a person is needed for.
fn ask_for(app: &App, plan: Passed) -> Result<(), Failure> {
    let ends = session_ends(app, Some(&plan), false)?;
    if find_asks(app, &plan, &ends, false)?.is_empty() {
        return Ok(());
    }
    match renew(app, plan) {
        Err(failure) if failure.kind() == Kind::Cancelled => Err(failure),
        // Its run says the same.
        _ => Ok(()),
    }
}
