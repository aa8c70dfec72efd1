//! Which calls lead to a session: [`chain()`] holds AWS's rules, [`plan()`] awsx's, [`explain`] tells
//! both. Pure: no network, no terminal, no vault; what is cached is told to it.

mod assumed_role;
mod candidate;
mod chain;
mod environment;
mod error;
pub mod explain;
mod overruled;
mod plan;
mod planner;
mod profile_source;
mod request;
mod session_key;
mod session_name;
mod settings;
mod source;
mod sso;
#[cfg(test)]
mod tests;
mod warning;
mod way;

pub use candidate::{Candidate, Outcome, kind_of_profile};
pub use chain::{Chain, Trace, chain, trace};
pub use error::ChainError;
pub use plan::{
    CHAINED_ROLE_LIMIT, Call, DEFAULT_ROLE_DURATION, DEFAULT_SESSION_DURATION, DELIVERY_MARGIN,
    Plan, PlanError, SIGNING_MARGIN, Step, plan,
};
pub use request::{Purpose, Request, Selection, SessionRules};
pub use session_key::{sign_in_key, sso_login_key};
pub use source::{AssumedRole, Keys, Mfa, Source, SourceKind, WebIdentity};
pub use sso::{SsoSessionError, registration_scopes, sso_login};
pub use warning::Warning;
