//! Which calls lead to a session: [`chain()`] holds AWS's rules, [`plan()`] awsx's, [`explain`] tells
//! both. Pure: no network, no terminal, no vault; what is cached is told to it.

mod assumed_role;
mod environment;
mod error;
pub mod explain;
mod flags;
mod found;
mod overruled;
mod plan;
mod planner;
mod profile_source;
mod request;
mod session_key;
mod session_name;
mod settings;
mod source;
mod source_kind;
mod sso;
#[cfg(test)]
mod tests;
mod trace;
mod walk;
mod warning;

pub use assumed_role::{AssumedRole, Mfa};
pub use error::{ChainError, ChainErrorKind, ProfileTrail, Section};
pub use found::kind_of_profile;
pub use plan::{
    DELIVERY_MARGIN, FirstCall, Plan, SIGNING_MARGIN, SignedCall, SignedRequest, Step, StepSummary,
    TokenCall,
};
pub use planner::{PlanError, plan};
pub use request::{
    Purpose, Request, SelectedBy, SelectedProfile, Selection, SessionRules, Subject,
};
pub use session_key::login_key;
pub use source::{Chain, Given, Source, StaticKeys, WebIdentity};
pub use source_kind::SourceKind;
pub use sso::{registration_scopes, sso_login};
pub use trace::{Candidate, Outcome, Trace, chain, trace};
pub use warning::Warning;
