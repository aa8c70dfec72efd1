//! What is at hand for a profile without asking anybody: the session that is kept, and the login. The headers in the
//! vault say it: nothing is opened and no connection is made, and where nothing is kept it costs a look at a folder.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::App;
use super::plan::plan_of_chain;
use crate::credentials::SessionKey;
use crate::login::{LoginHeader, LoginKind};
use crate::resolve::{Plan, Request, SessionRules, chain};
use crate::vault::SessionHeader;

/// When the kept session ends, where `awsx exec` takes it as it is.
pub(crate) fn end_of_kept(app: &App, plan: &Plan, header: &SessionHeader) -> Option<DateTime<Utc>> {
    header.lifetime().leaves(plan.margin(), app.now()).then_some(header.expires_at)
}

/// Kept sessions and logins. What cannot be read counts as absent.
pub(crate) struct AtHand<'a> {
    app: &'a App,
    sessions: HashMap<SessionKey, SessionHeader>,
    /// The profiles that sessions were made for
    names: HashSet<String>,
    /// The roles of sessions by account, empty where they are not known
    roles: HashMap<String, HashSet<String>>,
    logins: OnceCell<Vec<LoginHeader>>,
}

impl<'a> AtHand<'a> {
    pub(crate) fn of(app: &'a App) -> Self {
        let kept = app.vault().ok().and_then(|vault| vault.headers::<SessionHeader>().ok());
        let is_left = |(_, header): &(_, SessionHeader)| header.expires_at > app.now();
        let sessions: HashMap<_, _> = kept.into_iter().flatten().filter(is_left).collect();
        let of = || sessions.values().map(|header| &header.of);
        let mut roles: HashMap<_, HashSet<_>> = HashMap::new();
        for whose in of() {
            let role = whose.role_name.clone().unwrap_or_default();
            roles.entry(whose.account_id.clone().unwrap_or_default()).or_default().insert(role);
        }
        Self {
            app,
            names: of().filter_map(|of| of.profile.clone()).collect(),
            roles,
            sessions,
            logins: OnceCell::new(),
        }
    }

    /// When the session ends that `awsx exec` of this profile takes as it is; none where it would call AWS. Another
    /// profile's session will do where it answers the same request, so one of this account and role is looked at.
    pub(crate) fn session_end(
        &self,
        profile: &str,
        account: Option<&str>,
        role: Option<&str>,
    ) -> Option<DateTime<Utc>> {
        // The plan of each of 10,000 profiles would take longer than all else.
        if self.sessions.is_empty() || !self.is_likely(profile, account, role) {
            return None;
        }
        let plan = self.plan(profile)?;
        end_of_kept(self.app, &plan, self.sessions.get(&plan.key_of_kept()?)?)
    }

    /// The login at the `[sso-session]` of this name, also one that has ended.
    pub(crate) fn login(&self, session: &str) -> Option<&LoginHeader> {
        let read = || {
            let kept = self.app.vault().ok().and_then(|vault| vault.headers().ok());
            kept.into_iter().flatten().map(|(_, header)| header).collect()
        };
        self.logins.get_or_init(read).iter().find(|header| {
            header.kind == LoginKind::IdentityCenter && header.name.as_deref() == Some(session)
        })
    }

    fn is_likely(&self, profile: &str, account: Option<&str>, role: Option<&str>) -> bool {
        let roles = self.roles.get(account.unwrap_or_default());
        self.names.contains(profile)
            || roles.is_some_and(|roles| roles.contains(role.unwrap_or_default()))
    }

    fn plan(&self, profile: &str) -> Option<Plan> {
        let profiles = self.app.profiles().ok()?;
        let chain = chain(profiles, &self.app.env, &Request::of_profile(profile)).ok()?;
        let rules = SessionRules { is_scoped: true, ..SessionRules::default() };
        plan_of_chain(self.app, chain, rules).ok()
    }
}
