//! What the chain and the plan decided, as data without secrets: the source of `awsx explain`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::plan::{Plan, StepSummary};
use super::source_kind::SourceKind;
use super::trace::{Candidate, Trace};
use super::warning::Warning;
use crate::credentials::SessionKey;
use crate::profile::{self, Location};

/// `awsx explain --json`, version 1; fields are only ever added.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// 1
    pub version: u32,
    /// The profile that the files step looks at
    pub profile: String,
    pub named_by: String,
    /// The source that answers; none where the chain fails
    pub chosen: Option<&'static str>,
    /// Every candidate in AWS's order
    pub steps: Vec<ReportedCandidate>,
    pub plan: Vec<ReportedCall>,
    /// The region that the child gets
    pub region: Option<String>,
    /// What the person should know
    pub warnings: Vec<ReportedWarning>,
}

/// One candidate.
#[derive(Debug, Serialize)]
pub(crate) struct ReportedCandidate {
    pub source: &'static str,
    /// `taken`, `skipped`, `shadowed` or `unreachable`
    pub outcome: &'static str,
    pub why: String,
    /// The file of the setting that decided
    pub file: Option<String>,
    pub line: Option<u32>,
}

/// One call.
#[derive(Debug, Serialize)]
pub(crate) struct ReportedCall {
    /// AWS's name of the call, or the source that hands credentials over
    pub call: &'static str,
    /// `RoleArn`
    pub role_arn: Option<String>,
    /// `SerialNumber` of the MFA device whose code is needed
    pub mfa_serial: Option<String>,
    /// `DurationSeconds`
    pub duration_seconds: Option<u64>,
    /// Until when the vault holds the result
    pub cached_until: Option<DateTime<Utc>>,
    /// The profile that asks for it
    pub profile: Option<String>,
    /// Why it is as it is
    pub note: Option<String>,
}

/// One warning.
#[derive(Debug, Serialize)]
pub(crate) struct ReportedWarning {
    pub file: Option<String>,
    pub line: Option<u32>,
    pub message: String,
}

/// The report of a trace and, where there is one, its plan. `cached_until` knows what the vault
/// holds; `oddities` are what is odd about the lines of the profiles on the way.
pub(crate) fn report(
    trace: &Trace,
    plan: Option<&Plan>,
    oddities: &[&profile::Warning],
    cached_until: &dyn Fn(&SessionKey) -> Option<DateTime<Utc>>,
) -> Report {
    let chosen = trace.result.as_ref().ok().and_then(|_| trace.answer());
    let warnings = match (plan, &trace.result) {
        (Some(plan), _) => plan.warnings(),
        (None, Ok(chain)) => chain.warnings(),
        (None, Err(_)) => &[],
    };
    let reported_warning = |warning: &Warning| ReportedWarning {
        file: file(warning.at.as_ref()),
        line: line(warning.at.as_ref()),
        message: warning.message.clone(),
    };
    let oddity = |odd: &&profile::Warning| ReportedWarning {
        file: file(Some(&odd.location)),
        line: line(Some(&odd.location)),
        message: odd.message(),
    };
    Report {
        version: 1,
        profile: trace.selection.to_string(),
        named_by: trace.selection.origin(),
        chosen: chosen.map(SourceKind::as_str),
        steps: trace.candidates.iter().map(ReportedCandidate::from).collect(),
        plan: plan
            .into_iter()
            .flat_map(Plan::steps)
            .map(|step| ReportedCall::new(&step, cached_until))
            .collect(),
        region: plan.and_then(|plan| plan.region().map(str::to_owned)),
        warnings: warnings
            .iter()
            .map(reported_warning)
            .chain(oddities.iter().map(oddity))
            .collect(),
    }
}

impl From<&Candidate> for ReportedCandidate {
    fn from(candidate: &Candidate) -> Self {
        Self {
            source: candidate.kind.as_str(),
            outcome: candidate.outcome.as_str(),
            why: candidate.why.clone(),
            file: file(candidate.at.as_ref()),
            line: line(candidate.at.as_ref()),
        }
    }
}

impl ReportedCall {
    fn new(
        step: &StepSummary<'_>,
        cached_until: &dyn Fn(&SessionKey) -> Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            call: step.call,
            role_arn: step.role_arn.map(str::to_owned),
            mfa_serial: step.mfa.map(|mfa| mfa.serial.clone()),
            duration_seconds: step.duration.map(|duration| duration.as_secs()),
            cached_until: step.kept_as.as_ref().and_then(cached_until),
            profile: step.profile.map(str::to_owned),
            note: step.note.map(str::to_owned),
        }
    }
}

fn file(at: Option<&Location>) -> Option<String> {
    at.map(|at| at.file.display().to_string())
}

fn line(at: Option<&Location>) -> Option<u32> {
    at.map(|at| at.line)
}
