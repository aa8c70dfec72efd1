//! What a person is asked for on the way to credentials.

use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, Utc};

use super::login_state::is_logged_in;
use crate::app::App;
use crate::app::mfa::keeps_device;
use crate::credentials::SessionKey;
use crate::report::Failure;
use crate::resolve::{Plan, StepSummary};

/// What a person is asked for before there are credentials.
pub(super) enum Ask {
    /// The device
    Code(String),
    Login,
    /// Its name in JSON, and for what
    Guard((&'static str, &'static str)),
}

impl Ask {
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Code(_) => "mfa-code",
            Self::Login => "login",
            Self::Guard((name, _)) => name,
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(serial) => write!(f, "for the MFA code of {serial}"),
            Self::Login => f.write_str("for a login"),
            Self::Guard((_, what)) => f.write_str(what),
        }
    }
}

/// What the steps after the last one with a cached session ask for.
pub(super) fn find_asks(
    app: &App,
    plan: &Plan,
    session_ends: &HashMap<SessionKey, DateTime<Utc>>,
    has_code: bool,
) -> Result<Vec<Ask>, Failure> {
    let steps: Vec<_> = plan.steps().collect();
    let is_cached = |step: &StepSummary<'_>| {
        !plan.rules().refresh && step.kept_as.is_some_and(|key| session_ends.contains_key(&key))
    };
    let from = steps.iter().rposition(is_cached).map_or(0, |cached| cached + 1);
    let mut asks = Vec::new();
    if from == 0 && plan.login().is_some() && !is_logged_in(app, plan)? {
        asks.push(Ask::Login);
    }
    if from == 0 && plan.begins_with_saml_login() {
        asks.push(Ask::Login);
    }
    let devices = steps[from..].iter().filter_map(|step| step.mfa);
    for mfa in devices.filter(|mfa| mfa.process.is_none() && !has_code) {
        if !keeps_device(app, &mfa.serial)? {
            asks.push(Ask::Code(mfa.serial.clone()));
        }
    }
    Ok(asks)
}
