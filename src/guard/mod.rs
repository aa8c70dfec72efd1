//! What must hold before credentials of a profile are handed over: rules of awsx's own settings, by the names of
//! profiles, and of the profiles themselves. All that match hold together. Pure.

mod agents;
mod check;
mod demand;
mod error;
mod expected;
mod identity;
mod key;
mod reading;
mod reason;
mod rule;

pub(crate) use agents::{AgentRules, NameRule, NotForAgents};
pub(crate) use check::{check_region, check_roles};
pub(crate) use demand::Demand;
pub(crate) use error::GuardError;
pub(crate) use expected::{Expected, NotExpected, Wanted, Whose};
pub(crate) use identity::Identity;
pub(crate) use key::{KEYS, Key, Said};
pub(crate) use reading::Reading;
pub(crate) use reason::check_reason;
pub(crate) use rule::{Guard, Guards, NamedGuard, Rule, colour_of, find_rules};
