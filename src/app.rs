//! The composition root: every adapter is made here, on first use, so that a command pays only for
//! what it needs.

mod login;
mod organization;
mod person;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::aws::{LocalSources, web_identity_token_name};
use crate::client_settings::ClientSettings;
use crate::config;
use crate::credentials::{Expiration, LiveCredentials, Login, MfaCode, SessionKey};
use crate::deliver::{self, Overlay};
use crate::env::Env;
use crate::host::{self, SystemClock};
use crate::ports::{CallError, CallerIdentity, Clock, Nobody, Person};
use crate::profile::Profiles;
use crate::report::Failure;
use crate::report::Globals;
use crate::report::Out;
use crate::resolve::{
    self, Chain, Plan, Request, SelectedBy, SelectedProfile, SessionRules, Source, Trace, Warning,
};
use crate::session::mint::{MintError, Minter};
use crate::vault::{KeptSession, UnlockerKind, Vault, session_header};
use person::Runner;

/// Whom a command may ask: AWS, and a person to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// `exec`, `env`, `whoami`: a person waits for the result
    MayLogIn,
    /// `credential-process`: a program does
    NeverLogsIn,
    /// `explain`: nobody is asked anything, AWS neither
    Offline,
}

/// Variables that answer for the chain where no profile does.
const ANSWERING: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// What a command works with.
pub(crate) struct App {
    env: Env,
    /// The environment as it is, which the child inherits
    inherited: Env,
    globals: Globals,
    out: Rc<Out>,
    person: Rc<Runner>,
    clock: Arc<SystemClock>,
    profiles: OnceCell<Profiles>,
    vault: OnceCell<Vault>,
}

impl App {
    /// Touches nothing yet.
    pub(crate) fn new(inherited: Env, globals: Globals) -> Self {
        let env = deliver::without_outer(&inherited);
        let out = Rc::new(Out::new(&globals, &env));
        let person = Rc::new(Runner::new(globals.no_input, &env, Rc::clone(&out)));
        Self {
            env,
            inherited,
            globals,
            out,
            person,
            clock: Arc::new(SystemClock),
            profiles: OnceCell::new(),
            vault: OnceCell::new(),
        }
    }

    pub(crate) fn env(&self) -> &Env {
        &self.env
    }

    /// The environment that the child inherits.
    pub(crate) fn inherited(&self) -> &Env {
        &self.inherited
    }

    pub(crate) fn out(&self) -> &Out {
        &self.out
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The AWS files, read once.
    pub(crate) fn profiles(&self) -> Result<&Profiles, Failure> {
        if let Some(profiles) = self.profiles.get() {
            return Ok(profiles);
        }
        let profiles = config::load(&self.env)?;
        Ok(self.profiles.get_or_init(|| profiles))
    }

    /// The vault, not opened yet.
    pub(crate) fn vault(&self) -> Result<&Vault, Failure> {
        if let Some(vault) = self.vault.get() {
            return Ok(vault);
        }
        let vault = Vault::new(&self.env, UnlockerKind::from_env(&self.env)?, self.person.clone())?;
        Ok(self.vault.get_or_init(|| vault))
    }

    /// The person, if there is one.
    pub(crate) fn person(&self) -> &dyn Person {
        &*self.person
    }

    /// The profile that the command line names; where nothing names one and nothing else answers,
    /// the one that a person picks.
    pub(crate) fn named_or_picked(&self, named: Option<&str>) -> Result<Option<String>, Failure> {
        if let Some(name) = named {
            return Ok(Some(name.to_owned()));
        }
        let profiles = self.profiles()?;
        let nothing_says = SelectedProfile::of_environment(&self.env).by == SelectedBy::Default
            && ANSWERING.iter().all(|variable| self.env.get(variable).is_none())
            && !profiles.contains("default")
            && profiles.names().next().is_some();
        if !nothing_says {
            return Ok(None);
        }
        let names: Vec<String> = profiles.names().map(str::to_owned).collect();
        let choice = self.picked("Profile", &names)?;
        Ok(choice.and_then(|choice| names.get(choice).cloned()))
    }

    /// The choice of a person; none where nobody is there.
    pub(crate) fn picked(&self, what: &str, items: &[String]) -> Result<Option<usize>, Failure> {
        match self.person.terminal() {
            Ok(terminal) => Ok(Some(terminal.pick(what, items)?)),
            Err(Nobody(_)) => Ok(None),
        }
    }

    /// The chain of a request, with every candidate.
    pub(crate) fn trace(&self, request: &Request) -> Result<Trace, Failure> {
        Ok(resolve::trace(self.profiles()?, &self.env, request))
    }

    /// The plan of a request.
    pub(crate) fn plan(&self, request: &Request, rules: SessionRules) -> Result<Plan, Failure> {
        let chain = resolve::chain(self.profiles()?, &self.env, request)?;
        self.plan_of_chain(chain, rules)
    }

    /// The plan of a chain.
    pub(crate) fn plan_of_chain(&self, chain: Chain, rules: SessionRules) -> Result<Plan, Failure> {
        let profiles = self.profiles()?;
        let chain = chain.with_token(web_identity_token_name);
        // What is configured for the selected profile holds for every call of its chain; without
        // one, what the files step would have looked at still gives the region. A role that the
        // command line names has nothing to do with any profile.
        let name = match (chain.profile(), chain.source()) {
            (Some(name), _) => Some(name.to_owned()),
            (None, Source::SsoRole { .. }) => None,
            (None, _) => Some(SelectedProfile::of_environment(&self.env).name),
        };
        let profile = name.map(|name| profiles.profile(&name)).transpose()?.flatten();
        let region = self.globals.region.as_deref();
        let settings = ClientSettings::derive(region, &self.env, profile.as_ref(), profiles)?;
        Ok(resolve::plan(chain, rules, settings, &self.env)?)
    }

    pub(crate) fn warn_all(&self, warnings: &[Warning]) {
        warnings.iter().for_each(|warning| self.out.warning(&warning.to_string()));
    }

    /// The plan's credentials.
    pub(crate) fn mint(
        &self,
        plan: &Plan,
        mut code: Option<MfaCode>,
        presence: Presence,
    ) -> Result<LiveCredentials, Failure> {
        self.with_minter(plan, presence, |minter| minter.mint(plan, &mut code))
    }

    /// Who the plan's credentials are.
    pub(crate) fn identity(
        &self,
        plan: &Plan,
        mut code: Option<MfaCode>,
        presence: Presence,
    ) -> Result<(CallerIdentity, Expiration), Failure> {
        self.with_minter(plan, presence, |minter| minter.identity(plan, &mut code))
    }

    /// Does the work; where it needs a login and a person agrees to log in, once more after that.
    fn with_minter<T>(
        &self,
        plan: &Plan,
        presence: Presence,
        mut work: impl FnMut(&Minter<'_>) -> Result<T, MintError>,
    ) -> Result<T, Failure> {
        let clients = self.clients(plan.settings());
        let run = host::process::runner(&self.inherited, &deliver::SECRETS_OF_AWSX);
        let ca_bundle = plan.settings().ca_bundle.clone();
        let sources = LocalSources::new(run, ca_bundle, self.clock.clone());
        let logins = self.logins(&clients)?;
        let minter = Minter {
            vault: self.vault()?,
            sts: &clients.aws,
            sso: &clients.aws,
            logins,
            sources: &sources,
            person: &*self.person,
            clock: &*self.clock,
        };
        let error = match work(&minter) {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if presence == Presence::MayLogIn
            && let MintError::Call { cause: CallError::LoginNeeded { login, .. }, profile } = &error
            && self.offers_login(login)?
            && let Some(region) = self.region_of_login(login, plan)?
        {
            let profile = profile.as_deref().or_else(|| plan.profile());
            self.log_in_if_agreed(logins, login, &region, profile)?;
            return work(&minter).map_err(|error| self.located(error, plan));
        }
        Err(self.located(error, plan))
    }

    /// Where a person logs in: where they did the last time, else the plan's region.
    fn region_of_login(&self, login: &Login, plan: &Plan) -> Result<Option<String>, Failure> {
        match login {
            Login::IdentityCenter(login) => Ok(Some(login.region.clone())),
            Login::Console(_) => {
                let known = self.login_of(plan)?.map(|header| header.region);
                Ok(known.or_else(|| plan.region().map(str::to_owned)))
            }
        }
    }

    /// The failure, with the place of the profile whose call it was, and the login that helps.
    fn located(&self, error: MintError, plan: &Plan) -> Failure {
        let at = match &error {
            MintError::Call { profile: Some(name), .. } => self
                .profiles
                .get()
                .and_then(|profiles| profiles.as_written(name))
                .map(|profile| profile.header().clone()),
            _ => None,
        };
        let own_login = match (&error, plan.profile()) {
            (MintError::Call { cause: CallError::LoginNeeded { login, .. }, .. }, Some(name))
                if matches!(**login, Login::IdentityCenter(_))
                    && self.reaches_otherwise(login, plan.settings()) =>
            {
                Some(name)
            }
            _ => None,
        };
        let failure = Failure::from(error);
        let failure = match own_login {
            Some(profile) => failure.for_login_of(profile),
            None => failure,
        };
        match at {
            Some(at) => failure.at(&at),
            None => failure,
        }
    }

    /// When each cached session of the plan expires; sessions that are not usable any more are left
    /// out. Opens nothing, unless `open` asks that each record be proved readable.
    pub(crate) fn cached_until(
        &self,
        plan: Option<&Plan>,
        open: bool,
    ) -> Result<HashMap<SessionKey, DateTime<Utc>>, Failure> {
        let mut found = HashMap::new();
        let vault = self.vault()?;
        let Some(plan) = plan else { return Ok(found) };
        for (key, margin) in plan.sessions() {
            let Some(header) = session_header(vault, &key) else { continue };
            let usable = header.lifetime().is_usable(self.now(), margin);
            if usable && (!open || vault.get::<KeptSession>(&key)?.is_some()) {
                found.insert(key, header.expires_at);
            }
        }
        Ok(found)
    }

    /// Becomes the command (Unix), or runs it and gives its exit code (Windows).
    pub(crate) fn become_command(
        &self,
        program: &OsStr,
        arguments: &[OsString],
        overlay: &Overlay,
    ) -> Result<i32, Failure> {
        #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
        host::hardening::give_back_core_limit()
            .map_err(|error| Failure::io("the core limit could not be given back", &error))?;
        #[cfg(windows)]
        host::leave_interrupts_to_the_child()
            .map_err(|error| Failure::io("Ctrl-C could not be left to it", &error))?;
        Ok(deliver::exec(program, arguments, overlay, &self.inherited)?)
    }
}
