//! What a guard says no to.

use super::{Advice, Advise, Kind};
use crate::guard::{GuardError, NotExpected, NotForAgents};

impl Advise for GuardError {
    fn advice(&self) -> Advice {
        match self {
            Self::Mistake { key, .. } => Kind::Config.with(format!("correct {key} in that line")),
            Self::Include(error) => error.advice(),
            Self::Role { at, .. } => {
                Kind::Refused.with(format!("take another role, or correct deny_roles at {at}"))
            }
            Self::NothingToRead { at, .. } => {
                Kind::Refused.with(format!("correct read_only at {at}"))
            }
            Self::Scope { allowed, at, .. } => Kind::Refused
                .with(format!("give --scope {allowed}, or none; or correct read_only at {at}")),
            Self::CannotNarrow { at, .. } => Kind::Refused.with(format!(
                "`awsx exec` hands over a session that reads; read_only stands at {at}"
            )),
            Self::CannotSayWhy { at, .. } => Kind::Refused.with(format!(
                "`awsx exec` hands over a session that says why; reason stands at {at}"
            )),
            Self::Region { allowed, at, .. } => {
                let region = match &**allowed {
                    [only] if !only.contains(['*', '?']) => only,
                    _ => "REGION",
                };
                Kind::Refused.with(format!("give --region {region}, or correct regions at {at}"))
            }
        }
    }
}

impl Advise for NotForAgents {
    fn advice(&self) -> Advice {
        Kind::Refused.with(format!("a person runs it, or changes [agents] at {}", self.at))
    }
}

impl Advise for NotExpected {
    fn advice(&self) -> Advice {
        Kind::Refused.with(match &self.at {
            None => "name that account with --allowed-account too, or take another profile or role"
                .to_owned(),
            Some(at) => {
                format!("take another profile, or correct {} at {at}", self.said_by)
            }
        })
    }
}
