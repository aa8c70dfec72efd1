//! Sign-ins to AWS: with which clients, and what is kept of them.

use super::App;
use super::logins::Edge;
use crate::client_settings::ClientSettings;
use crate::ports::{Person, PromptError};
use crate::profile::Profile;
use crate::report::Failure;
use crate::resolve::Plan;
use crate::session::sign_in::SignIns;
use crate::session::signing_in::{SignInWay, SignedIn, SigningIn};
use crate::vault::LoginHeader;

impl App {
    pub(super) fn sign_ins<'a>(&'a self, edge: &'a Edge) -> Result<SignIns<'a>, Failure> {
        Ok(SignIns {
            vault: self.vault()?,
            sign_in: &edge.aws,
            shared: &edge.shared_sign_ins,
            person: &*self.person,
            clock: &*self.clock,
            settings: &edge.settings,
        })
    }

    /// Signs a person in; nothing is kept yet.
    pub(crate) fn sign_in(
        &self,
        settings: &ClientSettings,
        region: &str,
        way: SignInWay,
        profile: &str,
    ) -> Result<SignedIn, Failure> {
        let edge = self.edge(settings);
        let browser = self.browser();
        let signing_in = SigningIn { sign_ins: self.sign_ins(&edge)?, browser: &browser };
        signing_in.signed_in(region, way).map_err(|error| Failure::signing_in(&error, profile))
    }

    /// How AWS is reached for a profile that may not exist yet. `answer`: the region that the person
    /// gave where nothing says one.
    pub(crate) fn settings_of(
        &self,
        profile: Option<&Profile>,
        answer: Option<&str>,
    ) -> Result<ClientSettings, Failure> {
        let region = self.globals.region.as_deref().or(answer);
        Ok(ClientSettings::derive(region, &self.env, profile, self.profiles()?)?)
    }

    /// The region that the person wants for the profile.
    pub(crate) fn region_of(&self, profile: &str, usual: &str) -> Result<String, PromptError> {
        let question = format!("AWS region of profile \"{profile}\"");
        self.person().ask(|terminal| terminal.text(&question, Some(usual)))
    }

    /// Whether the environment names a region, so that a profile needs none.
    pub(crate) fn env_has_region(&self) -> bool {
        ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(|name| self.env.get(name).is_some())
    }

    /// Whether the person says yes; no is what Enter says.
    pub(crate) fn confirmed(&self, question: &str) -> Result<bool, Failure> {
        Ok(self.person().ask(|terminal| terminal.confirm(question, false))?)
    }

    /// Whether a command that needs a sign-in asks for it.
    pub(super) fn offers_sign_in(&self) -> Result<bool, Failure> {
        Ok(self.person.terminal().is_ok() && self.preferences()?.auto_login(None))
    }

    /// Signs in whom the plan needs, if the person agrees; whether there was a region to do it in.
    pub(super) fn sign_in_if_agreed(
        &self,
        edge: &Edge,
        plan: &Plan,
        session: &str,
        profile: Option<&str>,
    ) -> Result<bool, Failure> {
        let known = self.login_of(plan)?.map(|header| header.region);
        let Some(region) = known.or_else(|| plan.region().map(str::to_owned)) else {
            return Ok(false);
        };
        let browser = self.browser();
        let signing_in = SigningIn { sign_ins: self.sign_ins(edge)?, browser: &browser };
        match signing_in.sign_in_if_agreed(session, &region) {
            Ok(()) => Ok(true),
            Err(error) => Err(Failure::signing_in(&error, profile.unwrap_or("default"))),
        }
    }

    /// Keeps who signed in; `shared`: the AWS CLI's cache gets it too.
    pub(crate) fn keep_sign_in(
        &self,
        settings: &ClientSettings,
        signed_in: SignedIn,
        shared: bool,
    ) -> Result<LoginHeader, Failure> {
        let edge = self.edge(settings);
        let SignedIn { session, token, url, region } = signed_in;
        Ok(self.sign_ins(&edge)?.keep(&session, token, url, region, shared)?)
    }
}
