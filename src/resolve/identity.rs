//! Whether two profiles are the same somebody.

use super::planner::plan;
use super::request::{Request, SessionRules};
use super::trace::chain;
use crate::client_settings::ClientSettings;
use crate::credentials::SessionKey;
use crate::env::Env;
use crate::profile::Profiles;

/// What a profile's credentials are named by: those of one key and the same roles, wherever the key rests, are
/// named alike. `None` where they lead nowhere.
pub(crate) fn identity(profiles: &Profiles, env: &Env, name: &str) -> Option<SessionKey> {
    let chain = chain(profiles, env, &Request::of_profile(name)).ok()?;
    let plan = plan(chain, None, SessionRules::default(), ClientSettings::default(), env).ok()?;
    Some(plan.rest().last().map_or(plan.first().key, |step| step.key))
}
