//! Which login at IAM Identity Center a command is about.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::flags::SessionFlags;
use crate::app::{App, Presence};
use crate::client_settings::ClientSettings;
use crate::credentials::{GetRoleCredentials, SsoLogin};
use crate::report::Failure;
use crate::resolve::{Plan, Purpose, Request, Selection, SessionRules, sso_login};

/// The session as an argument, or the one of a profile.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct SsoTarget {
    /// The [sso-session]; without one that of the profile (AWS_PROFILE, default), or the only one
    #[arg(value_name = "SESSION", value_parser = NonEmptyStringValueParser::new())]
    session: Option<String>,
    /// The profile whose session it is
    #[arg(
        short,
        long,
        value_name = "PROFILE",
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "session"
    )]
    profile: Option<String>,
}

impl SsoTarget {
    /// SESSION
    pub(super) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// `--profile`
    pub(super) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }
}

impl App {
    /// The login that the command line means, and how AWS is reached for it.
    pub(super) fn sso_login(
        &self,
        target: &SsoTarget,
    ) -> Result<(SsoLogin, ClientSettings), Failure> {
        if let Some(profile) = &target.profile {
            return self.sso_login_of_profile(profile);
        }
        let name = match &target.session {
            Some(session) => session.clone(),
            None => match self.sso_login_of_selected() {
                Some(selected) => return Ok(selected),
                None => self.only_sso_session()?,
            },
        };
        Ok((sso_login(self.profiles()?, &name)?, self.own_settings()?))
    }

    /// The login of the profile that `AWS_PROFILE` names, or of `default`, if it has one.
    fn sso_login_of_selected(&self) -> Option<(SsoLogin, ClientSettings)> {
        let selection = Selection::of(&Request::default(), self.env());
        let is_there = self.profiles().ok()?.contains(selection.name());
        is_there.then(|| self.sso_login_of_profile(selection.name()).ok()).flatten()
    }

    /// What is asked for: of a profile, or of the role that `--sso` names. An account that is named may
    /// be looked up at AWS.
    pub(super) fn request(
        &self,
        session: &SessionFlags,
        profile: Option<&str>,
        presence: Presence,
    ) -> Result<Request, Failure> {
        let Some([name, account, role_name]) = session.sso_role() else {
            return session.request(profile, None);
        };
        if profile.is_some() {
            return Err(Failure::usage(
                "both a profile and --sso are named".to_owned(),
                "leave one of them out",
            ));
        }
        let login = sso_login(self.profiles()?, name)?;
        let account_id = match account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) {
            true => account.to_owned(),
            false => self.account_id(&login, account, presence)?,
        };
        let role_name = role_name.to_owned();
        session.request(None, Some(GetRoleCredentials { login, account_id, role_name }))
    }

    /// How the profile gets its credentials.
    pub(super) fn plan_of_profile(&self, profile: &str) -> Result<Plan, Failure> {
        let request = Request { profile: Some(profile.to_owned()), ..Request::default() };
        self.plan(&request, SessionRules { purpose: Purpose::Sign, ..SessionRules::default() })
    }

    pub(super) fn sso_login_of_profile(
        &self,
        profile: &str,
    ) -> Result<(SsoLogin, ClientSettings), Failure> {
        let plan = self.plan_of_profile(profile);
        if let Ok(plan) = &plan
            && let Some(login) = plan.sso_login()
        {
            return Ok((login.clone(), plan.settings().clone()));
        }
        // A profile without a role, whose token is all that it is for.
        let written = self.profiles()?.profile(profile)?;
        match written.as_ref().and_then(|profile| profile.get("sso_session")) {
            Some(session) => {
                Ok((sso_login(self.profiles()?, session.value().trim())?, self.own_settings()?))
            }
            None => Err(plan.err().unwrap_or_else(|| {
                Failure::usage(
                    format!("profile \"{profile}\" does not use IAM Identity Center"),
                    "`awsx explain` shows what it uses",
                )
            })),
        }
    }

    fn only_sso_session(&self) -> Result<String, Failure> {
        let names: Vec<String> = self.profiles()?.sso_session_names().map(str::to_owned).collect();
        match names.as_slice() {
            [] => Err(Failure::usage(
                format!(
                    "there is no [sso-session] in {}",
                    self.profiles()?.config_file().display()
                ),
                "give --start-url and --sso-region",
            )),
            [only] => Ok(only.clone()),
            several => match self.picked("Session", several)? {
                Some(choice) => Ok(several[choice].clone()),
                None => Err(Failure::usage(
                    format!("there are several sessions: {}", several.join(", ")),
                    "name one of them",
                )),
            },
        }
    }
}
