//! A profile in one line: account, role, region, what it draws on, what is kept of it, and what is wrong with it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::at_hand::AtHand;
use crate::cli::columns::Cells;
use crate::credentials::{arn, check_word};
use crate::env::Env;
use crate::profile::{Profile, Profiles};
use crate::resolve::{
    ChainErrorKind, Request, SourceKind, account_and_role, chain, kind_of_profile,
};
use crate::text::{Words, abbreviate, moment};

pub(super) struct Row {
    pub name: String,
    pub account: Option<String>,
    pub role: Option<String>,
    pub region: Option<String>,
    pub base: Base,
    /// `mfa_serial`
    pub has_mfa: bool,
    /// Until when a session is kept of it, and how long that is
    pub kept: Option<(DateTime<Utc>, TimeDelta)>,
    /// What is wrong with it, and where
    pub problem: Option<String>,
}

/// Name, account, role, region, what it draws on, and the session that is kept
pub(super) type Line<'a> = Cells<'a, 6>;

/// Finds what is wrong with profiles. Of many that differ in no more than account and role one is walked.
pub(super) struct Problems<'a> {
    profiles: &'a Profiles,
    env: &'a Env,
    /// What such profiles draw on that leads somewhere
    good_sources: RefCell<HashSet<String>>,
    good_sessions: RefCell<HashSet<String>>,
}

/// What a profile draws on.
pub(super) enum Base {
    /// `source_profile`
    Profile(String),
    /// `sso_session`
    Session(String),
    /// Nothing that has a name of its own
    Words(String),
}

impl Base {
    /// Whether somebody has to log in for it.
    pub(super) fn is_login(&self) -> bool {
        matches!(self, Self::Session(_)) || matches!(self, Self::Words(words) if words == SIGN_IN)
    }
}

/// `login_session`
const SIGN_IN: &str = "sign-in";

impl Row {
    pub(super) fn new(profiles: &Profiles, problems: &Problems<'_>, name: &str) -> Option<Self> {
        let profile = profiles.as_known(name)?;
        let problem = problems.of(&profile);
        Some(Self { problem, ..Self::of(&profile) })
    }

    /// What the settings say, whether they lead anywhere or not.
    pub(super) fn of(profile: &Profile) -> Self {
        let kind = kind_of_profile(profile);
        let text = |key: &str| Some(profile.get(key)?.value.trim().to_owned());
        let (account, role) = account_and_role(profile, kind);
        Self {
            name: profile.name().to_owned(),
            account,
            role,
            region: text("region"),
            base: base(profile, kind),
            has_mfa: profile.mfa_device().is_some()
                || kind == Some(SourceKind::LongTerm)
                    && profile.long_term().is_some_and(|of| of.mfa_device().is_some()),
            kept: None,
            problem: None,
        }
    }

    /// With the session that is kept of it.
    pub(super) fn with_session(mut self, at_hand: &AtHand<'_>, now: DateTime<Utc>) -> Self {
        let end = at_hand.session_end(&self.name, self.account.as_deref(), self.role.as_deref());
        self.kept = end.map(|end| (end, end - now));
        self
    }

    /// What it draws on, in words; `below`: below that already.
    pub(super) fn source(&self, below: bool) -> Cow<'_, str> {
        let base: Cow<'_, str> = match &self.base {
            Base::Profile(_) | Base::Session(_) if below => "".into(),
            Base::Profile(name) | Base::Words(name) => name.into(),
            Base::Session(name) => format!("sso {name}").into(),
        };
        match (&*base, self.has_mfa) {
            (_, false) => base,
            ("", true) => "MFA".into(),
            (base, true) => format!("{base}, MFA").into(),
        }
    }

    /// What the columns show of it, indented by how deep it stands.
    pub(super) fn cells(&self, depth: usize) -> Line<'_> {
        [
            match depth {
                0 => Cow::from(&*self.name),
                _ => format!("{}{}", "  ".repeat(depth), self.name).into(),
            },
            cell(&self.account),
            cell(&self.role),
            cell(&self.region),
            self.source(depth > 0),
            match self.kept {
                Some((_, left)) => format!("{} left", moment::span(left)).into(),
                None => "".into(),
            },
        ]
    }

    /// What is wrong with it, behind the columns.
    pub(super) fn remark(&self) -> String {
        self.problem.as_ref().map(|problem| format!("  ! {problem}")).unwrap_or_default()
    }

    /// Whether the words are in the line.
    pub(super) fn has(&self, words: &Words<'_>) -> bool {
        words.are_in(&(self.cells(0).join(" ") + &self.remark()))
    }
}

fn cell(text: &Option<String>) -> Cow<'_, str> {
    text.as_deref().unwrap_or("-").into()
}

fn base(profile: &Profile, kind: Option<SourceKind>) -> Base {
    let text = |key: &str| Some(profile.get(key)?.value.trim().to_owned());
    let long_term = profile.long_term().map(|long_term| Base::Profile(long_term.name().to_owned()));
    match kind {
        Some(SourceKind::AssumeRole) => match (text("source_profile"), text("credential_source")) {
            (Some(source), _) => Base::Profile(source),
            (None, Some(source)) => Base::Words(source),
            (None, None) => long_term.unwrap_or(Base::Words("nothing".to_owned())),
        },
        Some(SourceKind::Sso) => {
            text("sso_session").map_or(Base::Words("sso".to_owned()), Base::Session)
        }
        Some(SourceKind::CredentialsFile) if profile.file_session().is_some() => {
            Base::Words("session in a file".to_owned())
        }
        Some(SourceKind::CredentialsFile | SourceKind::ConfigFile) => {
            Base::Words("access keys".to_owned())
        }
        Some(SourceKind::StoredKeys) => Base::Words("stored keys".to_owned()),
        Some(SourceKind::WebIdentity) => Base::Words("web identity".to_owned()),
        Some(SourceKind::Saml) => Base::Words("SAML".to_owned()),
        Some(SourceKind::LoginSession) => Base::Words(SIGN_IN.to_owned()),
        Some(SourceKind::CredentialProcess) => Base::Words("credential_process".to_owned()),
        Some(
            SourceKind::LongTerm
            | SourceKind::Environment
            | SourceKind::Container
            | SourceKind::Instance,
        )
        | None => long_term.unwrap_or(Base::Words("no credentials".to_owned())),
    }
}

impl<'a> Problems<'a> {
    pub(super) fn new(profiles: &'a Profiles, env: &'a Env) -> Self {
        let (good_sources, good_sessions) = Default::default();
        Self { profiles, env, good_sources, good_sessions }
    }

    /// Why the chain of a profile leads nowhere, without the name, which stands in the same line.
    fn of(&self, profile: &Profile) -> Option<String> {
        let plain = PlainBase::of(profile).map(|base| match base {
            PlainBase::Source(name) => (&self.good_sources, name),
            PlainBase::Session(name) => (&self.good_sessions, name),
        });
        if plain.is_some_and(|(good, base)| good.borrow().contains(base)) {
            return None;
        }
        let name = profile.name();
        let Err(error) = chain(self.profiles, self.env, &Request::of_profile(name)) else {
            if let Some((good, base)) = plain {
                good.borrow_mut().insert(base.to_owned());
            }
            return None;
        };
        // A profile may be there for its settings alone.
        if matches!(*error.kind, ChainErrorKind::ProfileWithoutCredentials { .. }) {
            return None;
        }
        let (quoted, of) = (format!("profile \"{name}\" "), format!(" of profile \"{name}\""));
        let sentence = error.kind.to_string();
        let short = sentence.strip_prefix(&quoted).unwrap_or(&sentence).replacen(&of, "", 1);
        let at = error.at.map(|at| format!(" ({at})")).unwrap_or_default();
        Some(abbreviate(&format!("{short}{at}"), self.env.home()).into_owned())
    }
}

/// What a profile draws on that says so little that nothing else can be wrong with it.
enum PlainBase<'p> {
    /// `source_profile`
    Source(&'p str),
    /// `sso_session`
    Session(&'p str),
}

impl<'p> PlainBase<'p> {
    fn of(profile: &'p Profile) -> Option<Self> {
        const KEYS: [&str; 8] = [
            "region",
            "output",
            "role_arn",
            "source_profile",
            "mfa_serial",
            "sso_session",
            "sso_account_id",
            "sso_role_name",
        ];
        let [_, _, role, source, mfa, session, id, sso_role] = profile.plain_values(&KEYS)?;
        match ((role, source), (session, id, sso_role)) {
            ((Some(role), Some(source)), (None, None, None)) => {
                let is_role = check_word(role).is_ok() && arn::check_role_arn(role).is_ok();
                (is_role && source != profile.name()).then_some(Self::Source(source))
            }
            ((None, None), (Some(session), Some(id), Some(_))) if mfa.is_none() => {
                arn::is_account_id(id).then_some(Self::Session(session))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A profile that is not walked because another one was is as good as that one.
    #[test]
    fn what_is_not_walked_has_no_problem() {
        let good = "role_arn = arn:aws:iam::111122223333:role/a\nsource_profile = base\n";
        let sso = "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = a\n";
        let odd = [
            (good, "source_profile = base"),
            (good, "source_profile = gone"),
            (good, "source_profile = odd"),
            (good, "source_profile = corp"),
            (good, "role_arn = with blank"),
            ("source_profile = base\n", "role_arn = Admin"),
            (good, "duration_seconds = x"),
            (good, "credential_source = Environment"),
            (good, "include_profile = gone"),
            (sso, "sso_session = base"),
            (sso, "sso_session = gone"),
            (sso, "sso_account_id = 1"),
            (sso, "sso_region = us-east-1"),
            (sso, "role_arn = r"),
            ("sso_session = corp\nsso_role_name = a\n", "region = r"),
            ("source_profile = base\n", "region = r"),
        ];
        for (settings, more) in odd {
            let config = format!(
                "[sso-session corp]\nsso_region = r\nsso_start_url = https://x/start\n\
                 [profile base]\naws_access_key_id = A\naws_secret_access_key = s\n\
                 [profile first]\n{good}[profile second]\n{sso}[profile odd]\n{settings}{more}\n"
            );
            let profiles = Profiles::from_texts(&config, "").unwrap();
            let env = Env::default();
            let problems = Problems::new(&profiles, &env);
            for name in profiles.names() {
                let row = Row::new(&profiles, &problems, name).unwrap();
                let walked = chain(&profiles, &env, &Request::of_profile(name));
                assert_eq!(row.problem.is_some(), walked.is_err(), "{more}: {name}: {walked:?}");
            }
        }
    }
}
