//! Which calls lead to a session: [`chain()`] holds AWS's rules, [`plan()`] awsx's. Pure: no network, no
//! terminal, no vault.

mod account_and_role;
mod assumed_role;
mod aws_mfa;
mod dialect;
mod environment;
mod error;
mod flags;
mod found;
mod identity;
mod in_use;
mod job;
mod oidc;
mod overruled;
mod plan;
mod plan_error;
mod planner;
mod profile_source;
mod read_actions;
mod request;
mod scope;
mod session_key;
mod settings;
mod source;
mod source_kind;
mod sso;
#[cfg(test)]
mod tests;
mod trace;
mod walk;
mod warning;
mod whose;

pub(crate) use account_and_role::account_and_role;
pub(crate) use assumed_role::Mfa;
pub(crate) use environment::instance_metadata;
pub(crate) use error::{ChainError, ChainErrorKind};
pub(crate) use found::{first_source_of_sdks, kind_of_profile, sources_beside_file};
pub(crate) use identity::identity;
pub(crate) use in_use::InUse;
pub(crate) use oidc::{NO_ORIGIN, token_origin};
pub(crate) use overruled::warn_of_new_keys;
pub(crate) use plan::{FirstCall, Plan, SignedCall, SignedRequest, Step, StepSummary, TokenCall};
pub(crate) use plan_error::PlanError;
pub(crate) use planner::{CHAINED_ROLE_LIMIT, default_session_name, plan};
pub(crate) use profile_source::wants_server;
pub(crate) use read_actions::{read_policy, services_like, services_to_read};
pub(crate) use request::{
    Purpose, Request, RoleBySaml, ScopeText, ScopeWords, SelectedBy, SelectedProfile, Selection,
    SessionRules, is_said_by_environment,
};
pub(crate) use scope::{ALL, Allowed, Scope};
pub(crate) use session_key::login_key;
pub(crate) use settings::{LONGEST_POLICY, check_session_name};
pub(crate) use source::{Chain, Given, SamlLogin, Source, StaticKeys};
pub(crate) use source_kind::SourceKind;
pub(crate) use sso::{registration_scopes, sso_login};
pub(crate) use trace::{Outcome, Trace, chain, find_profile, trace};
pub(crate) use warning::{About, Warning};
