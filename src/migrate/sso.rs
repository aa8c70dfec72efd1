//! Profiles of IAM Identity Center as AWS has them: `sso_session`, `sso_account_id`, `sso_role_name`.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>

use super::finding::{Fate, Move};
use crate::credentials::SsoLogin;
use crate::generate::{GeneratedProfile, GeneratedSession, is_role};
use crate::profile::{
    Profile, Profiles, has_form_of_region, is_portable_name, is_start_url, session_name,
};

/// The `[sso-session]`s that there are, and those that are to be.
pub(super) struct Sessions {
    known: Vec<Session>,
}

struct Session {
    name: String,
    start_url: String,
    region: String,
    is_new: bool,
}

/// Where a person logs in.
#[derive(Clone, Copy)]
pub(super) struct Portal<'a> {
    pub(super) start_url: &'a str,
    pub(super) region: &'a str,
    /// What the tool calls it
    pub(super) name: Option<&'a str>,
}

/// A role there.
#[derive(Clone, Copy)]
pub(super) struct Role<'a> {
    pub(super) portal: Portal<'a>,
    pub(super) account_id: &'a str,
    pub(super) role_name: &'a str,
}

/// What makes a profile somebody else, whatever the tool says.
const OTHERS: [&str; 6] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "web_identity_token_file",
    "login_session",
    "sso_session",
];

impl Sessions {
    pub(super) fn of(profiles: &Profiles) -> Self {
        let session = |name: &str| {
            let section = profiles.sso_session(name)?;
            let value = |key| {
                let setting = section.get(key);
                setting.map(|setting| setting.value.trim().to_owned()).unwrap_or_default()
            };
            let (start_url, region) = (value("sso_start_url"), value("sso_region"));
            Some(Session { name: name.to_owned(), start_url, region, is_new: false })
        };
        Self { known: profiles.sso_session_names().filter_map(session).collect() }
    }

    /// The session of this portal, which is new if none of them is of it.
    fn session_of(&mut self, portal: Portal<'_>) -> Result<&Session, String> {
        let Portal { start_url, region, name } = portal;
        if !is_start_url(start_url) {
            return Err(format!("{start_url:?} is no start URL"));
        }
        if !has_form_of_region(region) {
            return Err(format!("{region:?} is no region"));
        }
        let is_it = |session: &Session| {
            bare(&session.start_url) == bare(start_url) && session.region == region
        };
        let at = match self.known.iter().position(is_it) {
            Some(at) => at,
            None => {
                let name = name.filter(|name| is_portable_name(name)).map(str::to_owned);
                let name = name.or_else(|| session_name(start_url)).unwrap_or("sso".to_owned());
                let name = self.free_name(name);
                let (start_url, region) = (start_url.to_owned(), region.to_owned());
                self.known.push(Session { name, start_url, region, is_new: true });
                self.known.len() - 1
            }
        };
        Ok(&self.known[at])
    }

    fn free_name(&self, name: String) -> String {
        let is_free = |name: &String| self.known.iter().all(|session| session.name != *name);
        let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
        std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
    }

    /// The session of this name.
    pub(super) fn find(&self, name: &str) -> Option<Portal<'_>> {
        let session = self.known.iter().find(|session| session.name == name)?;
        let Session { name, start_url, region, .. } = session;
        Some(Portal { start_url, region, name: Some(name) })
    }

    /// The name of this portal's session.
    pub(super) fn name_of(&mut self, portal: Portal<'_>) -> Option<String> {
        Some(self.session_of(portal).ok()?.name.clone())
    }

    /// What a portal becomes.
    pub(super) fn move_portal(&mut self, portal: Portal<'_>) -> Fate {
        match self.session_of(portal) {
            Err(why) => Fate::stays(why, "correct it there, or run `awsx config sso`"),
            Ok(session) if !session.is_new => Fate::Works(format!(
                "[sso-session {0}]; `awsx sso sync {0}` makes profiles",
                session.name
            )),
            Ok(session) => Fate::Lines(Box::new(Move {
                becomes: format!("[sso-session {}]", session.name),
                session: session.section(),
                profile: None,
                gone: Vec::new(),
            })),
        }
    }

    /// What a profile of a role becomes. `gone`: its lines that only the tool reads; `old`: the profile as it is,
    /// `more`: further lines of a new one.
    pub(super) fn move_profile(
        &mut self,
        name: &str,
        old: Option<&Profile>,
        role: Role<'_>,
        gone: &[&'static str],
        more: &[(&str, &str)],
    ) -> Fate {
        let Role { portal, account_id, role_name } = role;
        if let Some(other) = old.and_then(|old| OTHERS.iter().find_map(|key| old.get(key))) {
            let why =
                format!("the profile has {} too, which counts ({})", other.key, other.location);
            return Fate::stays(why, "take one of them out, then run it again");
        }
        if !is_portable_name(name) && old.is_none() {
            return Fate::stays(
                format!("not all AWS tools read the name {name:?}"),
                "give it another name there",
            );
        }
        if !is_role(account_id, role_name) {
            let why = format!("{role_name:?} in {account_id:?} is no role of an account");
            return Fate::stays(why, "correct it there, or run `awsx config sso`");
        }
        let session = match self.session_of(portal) {
            Ok(session) => session,
            Err(why) => return Fate::stays(why, "correct it there, or run `awsx config sso`"),
        };
        let own = [
            ("sso_session", &*session.name),
            ("sso_account_id", account_id),
            ("sso_role_name", role_name),
        ];
        let lines = own.into_iter().chain(more.iter().copied());
        let settings = lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Fate::Lines(Box::new(Move {
            becomes: format!("sso_session = {}", session.name),
            session: session.section(),
            profile: Some(GeneratedProfile { name: name.to_owned(), settings }),
            gone: gone.to_vec(),
        }))
    }
}

impl Session {
    /// Its lines, where it is new.
    fn section(&self) -> Option<GeneratedSession> {
        let settings = [
            ("sso_start_url", &*self.start_url),
            ("sso_region", &*self.region),
            ("sso_registration_scopes", SsoLogin::DEFAULT_SCOPE),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
        self.is_new
            .then(|| GeneratedSession { name: self.name.clone(), settings: settings.to_vec() })
    }
}

/// Without what a browser adds to the address of a portal.
fn bare(start_url: &str) -> &str {
    start_url.trim_end_matches(['/', '#'])
}
