//! Makes the steps of a plan, one source or role at a time.

use std::time::Duration;

use super::plan::{
    CHAINED_ROLE_LIMIT, Call, DEFAULT_ROLE_DURATION, DEFAULT_SESSION_DURATION, PlanError, Step,
};
use super::request::{Purpose, SessionRules};
use super::settings::{ROLE_DURATION, SESSION_DURATION};
use super::source::{AssumedRole, Keys, Mfa, Source, WebIdentity};
use super::warning::Warning;
use super::{session_key, session_name};
use crate::client_settings::ClientSettings;
use crate::credentials::{
    AssumeRole, AssumeRoleWithWebIdentity, GetRoleCredentials, GetSessionToken, NoSession,
    SessionKey,
};
use crate::env::Env;
use crate::profile::display_duration;

/// What the chain's first credentials are, as far as the plan must know.
pub(super) enum Base {
    /// An IAM user's keys
    LongTerm,
    /// A session of an IAM user, or of whom nobody can tell
    Session,
    /// A role's session: it cannot present an MFA code
    Role,
}

pub(super) struct Planner<'a> {
    pub(super) rules: SessionRules,
    pub(super) settings: &'a ClientSettings,
    pub(super) env: &'a Env,
    pub(super) steps: Vec<Step>,
    pub(super) no_session: Option<NoSession>,
    pub(super) warnings: Vec<Warning>,
    pub(super) capped: bool,
}

impl Planner<'_> {
    /// The source's own step, and the session that takes the place of long-term keys where no role
    /// follows.
    pub(super) fn source(&mut self, source: Source, is_last: bool) -> Result<Base, PlanError> {
        if let Source::WebIdentity(web) = source {
            self.web_identity(web, is_last)?;
            return Ok(Base::Role);
        }
        let key = session_key::of_source(&source, self.settings);
        if let Source::SsoRole { profile, request } = source {
            self.sso_role(profile, request, key, is_last);
            return Ok(Base::Role);
        }
        let base = match &source {
            Source::Environment(Keys::LongTerm(_))
            | Source::StaticKeys { keys: Keys::LongTerm(_), .. } => Base::LongTerm,
            Source::Environment(Keys::Session(_))
            | Source::StaticKeys { keys: Keys::Session(_), .. }
            | Source::Process { .. }
            | Source::LoginSession { .. } => Base::Session,
            Source::Container(_) | Source::Instance(_) => Base::Role,
            Source::SsoRole { .. } | Source::WebIdentity(_) => unreachable!("handled above"),
        };
        let profile = match &source {
            Source::StaticKeys { profile, .. }
            | Source::LoginSession { profile, .. }
            | Source::Process { profile, .. } => Some(profile.clone()),
            Source::Environment(_)
            | Source::SsoRole { .. }
            | Source::WebIdentity(_)
            | Source::Container(_)
            | Source::Instance(_) => None,
        };
        let exchange = match &source {
            Source::StaticKeys {
                keys: Keys::LongTerm(_), mfa, duration, no_session, at, ..
            } if is_last && self.rules.purpose == Purpose::Deliver => {
                Some((mfa.clone(), *duration, *no_session, at.clone()))
            }
            _ => None,
        };
        self.steps.push(Step {
            key,
            call: Call::Source(source),
            cacheable: false,
            mfa: None,
            profile: profile.clone(),
            note: None,
        });
        match exchange {
            Some((_, _, true, at)) => self.keep_long_term_keys(format!("session = false ({at})")),
            Some(_) if self.rules.no_session => {
                self.keep_long_term_keys("--no-session".to_owned());
            }
            Some((mfa, duration, ..)) => {
                let duration = self
                    .asked_duration("sts:GetSessionToken", SESSION_DURATION)?
                    .or(duration)
                    .unwrap_or(DEFAULT_SESSION_DURATION);
                self.get_session_token(
                    mfa,
                    duration,
                    profile,
                    "access keys never leave awsx; a session does",
                );
            }
            None if is_last && self.rules.duration.is_some() => {
                self.warnings.push(Warning::new(
                    "--duration has no effect: these credentials are handed over as they are found"
                        .to_owned(),
                ));
            }
            None => {}
        }
        Ok(base)
    }

    fn keep_long_term_keys(&mut self, because: String) {
        self.no_session = Some(NoSession::asked_for());
        self.warnings.push(Warning::new(format!(
            "the long-term access keys themselves are handed over, because of {because}"
        )));
    }

    fn asked_duration(
        &self,
        call: &'static str,
        (least, most): (Duration, Duration),
    ) -> Result<Option<Duration>, PlanError> {
        match self.rules.duration {
            Some(asked) if asked < least || asked > most => {
                Err(PlanError::Duration { asked, least, most, call })
            }
            asked => Ok(asked),
        }
    }

    fn get_session_token(
        &mut self,
        mfa: Option<Mfa>,
        duration: Duration,
        profile: Option<String>,
        note: &str,
    ) {
        let request =
            GetSessionToken { duration, mfa_serial: mfa.as_ref().map(|mfa| mfa.serial.clone()) };
        let key = session_key::of_session(self.upstream(), &request);
        self.push(Call::GetSessionToken(request), key, mfa, profile, Some(note.to_owned()));
    }

    fn web_identity(&mut self, web: WebIdentity, is_last: bool) -> Result<(), PlanError> {
        let asked = match is_last {
            true => self.asked_duration("sts:AssumeRoleWithWebIdentity", ROLE_DURATION)?,
            false => None,
        };
        let token = session_key::of_source(&Source::WebIdentity(web.clone()), self.settings);
        let request = AssumeRoleWithWebIdentity {
            role_session_name: web
                .session_name
                .unwrap_or_else(|| session_name::default_session_name(self.env)),
            role_arn: web.role_arn,
            duration: asked.or(web.duration).unwrap_or(DEFAULT_ROLE_DURATION),
            context: web.context,
        };
        let key = session_key::of_web_identity(&token, &request);
        let call = Call::AssumeRoleWithWebIdentity(request, web.token_file);
        self.push(call, key, None, web.profile, None);
        Ok(())
    }

    fn sso_role(
        &mut self,
        profile: Option<String>,
        request: GetRoleCredentials,
        key: SessionKey,
        is_last: bool,
    ) {
        let GetRoleCredentials { login, account_id, role_name } = &request;
        let note = format!("role {role_name} of account {account_id}, with the login of {login}");
        self.push(Call::GetRoleCredentials(request), key, None, profile, Some(note));
        if is_last && self.rules.duration.is_some() {
            self.warnings.push(Warning::new(
                "--duration has no effect: the permission set says how long a role of IAM Identity \
                 Center lasts"
                    .to_owned(),
            ));
        }
    }

    pub(super) fn roles(&mut self, base: Base, roles: &[AssumedRole]) -> Result<(), PlanError> {
        let Some((last, rest)) = roles.split_last() else { return Ok(()) };
        let asked = self.asked_duration("sts:AssumeRole", ROLE_DURATION)?;
        let wanted = asked.or(last.duration).unwrap_or(DEFAULT_ROLE_DURATION);
        let first = &roles[0];
        let device = roles.iter().find_map(|role| role.mfa.clone());
        // What signs the first AssumeRole: long-term keys, or a session that caps it at an hour.
        let mut by_session = !matches!(base, Base::LongTerm);
        let mut code_for_first = None;
        match (&base, device) {
            (_, None) => {}
            (Base::LongTerm, Some(device)) => {
                let direct =
                    self.rules.no_session || (rest.is_empty() && wanted > CHAINED_ROLE_LIMIT);
                if direct {
                    code_for_first = Some(device);
                } else {
                    let profile = first.profile.clone();
                    self.get_session_token(
                        Some(device),
                        DEFAULT_SESSION_DURATION,
                        profile,
                        "one MFA session for this device serves every role behind it",
                    );
                    by_session = true;
                }
            }
            (Base::Session, Some(_)) => code_for_first.clone_from(&first.mfa),
            (Base::Role, Some(_)) => {}
        }
        self.warn_of_unused_devices(&base, roles);
        for (index, role) in roles.iter().enumerate() {
            let is_last = index + 1 == roles.len();
            let wanted = match is_last {
                true => wanted,
                false => role.duration.unwrap_or(DEFAULT_ROLE_DURATION),
            };
            let chained = by_session || index > 0;
            let mfa = if index == 0 { code_for_first.take() } else { None };
            self.assume_role(role, wanted, chained, is_last, mfa);
        }
        Ok(())
    }

    /// `mfa_serial` where no code can be presented: the keys that would sign are a role's.
    fn warn_of_unused_devices(&mut self, base: &Base, roles: &[AssumedRole]) {
        let used = match base {
            Base::LongTerm => roles.iter().find_map(|role| role.mfa.clone()),
            Base::Session => roles.first().and_then(|role| role.mfa.clone()),
            Base::Role => None,
        };
        for role in roles {
            if let (Some(mfa), Some(profile), Some(at)) = (&role.mfa, &role.profile, &role.at)
                && used.as_ref().map(|used| &used.serial) != Some(&mfa.serial)
            {
                self.warnings.push(Warning::at(
                    at.clone(),
                    format!(
                        "mfa_serial of profile \"{profile}\" is not used: only an IAM user's keys \
                         can present an MFA code, and this role is assumed with a session"
                    ),
                ));
            }
        }
    }

    fn assume_role(
        &mut self,
        role: &AssumedRole,
        wanted: Duration,
        chained: bool,
        is_last: bool,
        mfa: Option<Mfa>,
    ) {
        let cap = chained && wanted > CHAINED_ROLE_LIMIT;
        let duration = if cap { CHAINED_ROLE_LIMIT } else { wanted };
        let note = cap.then(|| {
            format!(
                "{} instead of {}: AWS ends a role that is assumed with session credentials after \
                 an hour (role chaining)",
                display_duration(duration),
                display_duration(wanted)
            )
        });
        if is_last && cap {
            self.capped = true;
            let warning =
                format!("{} lasts {}", role.role_arn, note.as_deref().expect("a cap has its note"));
            self.warnings.push(match &role.at {
                Some(at) => Warning::at(at.clone(), warning),
                None => Warning::new(warning),
            });
        }
        let request = AssumeRole {
            role_arn: role.role_arn.clone(),
            role_session_name: role
                .session_name
                .clone()
                .unwrap_or_else(|| session_name::default_session_name(self.env)),
            duration,
            external_id: role.external_id.clone(),
            mfa_serial: mfa.as_ref().map(|mfa| mfa.serial.clone()),
            context: role.context.clone(),
        };
        let key = session_key::of_role(self.upstream(), &request);
        self.push(Call::AssumeRole(request), key, mfa, role.profile.clone(), note);
    }

    /// The key of what signs the next call.
    fn upstream(&self) -> &SessionKey {
        &self.steps.last().expect("the source's step comes first").key
    }

    fn push(
        &mut self,
        call: Call,
        key: SessionKey,
        mfa: Option<Mfa>,
        profile: Option<String>,
        note: Option<String>,
    ) {
        self.steps.push(Step { call, key, cacheable: true, mfa, profile, note });
    }
}
