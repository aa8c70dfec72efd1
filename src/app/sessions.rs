//! Kept sessions, and who uses them.

use std::collections::HashMap;

use super::App;
use super::plan::plan_of_chain;
use crate::credentials::SessionKey;
use crate::report::Failure;
use crate::resolve::{Plan, Request, SessionRules, chain};

/// The profiles that lead through each session, as the files are now. A session answers by its key, so
/// several may share it. What no profile leads to is not in it.
pub(crate) fn users_of_sessions(app: &App) -> Result<HashMap<SessionKey, Vec<String>>, Failure> {
    let profiles = app.profiles()?;
    let mut users: HashMap<_, Vec<String>> = HashMap::new();
    let rules = SessionRules { is_scoped: true, ..SessionRules::default() };
    for name in profiles.all_names() {
        // One that leads nowhere uses nothing.
        let plan = chain(profiles, &app.env, &Request::of_profile(name))
            .map_err(Failure::from)
            .and_then(|chain| plan_of_chain(app, chain, rules));
        for (key, _) in plan.iter().flat_map(Plan::sessions) {
            users.entry(key).or_default().push(name.to_owned());
        }
    }
    Ok(users)
}
