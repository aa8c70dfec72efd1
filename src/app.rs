//! The composition root: every adapter is made here, on first use, so that a command pays only for
//! what it needs. What is done with them is in one file for each flow.

pub(crate) mod agents;
pub(crate) mod at_hand;
pub(crate) mod audit;
pub(crate) mod aws_vault;
pub(crate) mod browser_page;
pub(crate) mod check;
mod consent;
pub(crate) mod console;
pub(crate) mod console_copy;
pub(crate) mod console_open;
pub(crate) mod directory;
pub(crate) mod doctor;
pub(crate) mod file_session;
mod files;
pub(crate) mod github_env;
pub(crate) mod guard;
mod handover;
pub(crate) mod history;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod mfa;
mod migrate;
pub(crate) mod mint;
pub(crate) mod organization;
mod own_picker;
mod person;
pub(crate) mod plan;
pub(crate) mod prompt;
mod reason;
mod recorder;
pub(crate) mod registry;
pub(crate) mod rotation;
pub(crate) mod running;
pub(crate) mod saml;
pub(crate) mod sandbox;
pub(crate) mod scan;
pub(crate) mod scope;
#[cfg(unix)]
pub(crate) mod servers;
pub(crate) mod serving;
pub(crate) mod sessions;
pub(crate) mod shell;
pub(crate) mod shim_links;
pub(crate) mod shims;
pub(crate) mod sts;
pub(crate) mod token;
pub(crate) mod used;
mod vault;

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::aws::Aws;
use crate::aws_cli::{LoginCache, TokenCache};
use crate::client_settings::{Calls, ClientSettings};
use crate::config::ConfigError;
use crate::config::write::Writer;
use crate::deliver::{self, Overlay};
use crate::env::Env;
use crate::host::{self, SystemClock};
use crate::login::Logins;
use crate::ports::{Clock, List, Nobody, Person, SharedClock};
use crate::preferences::{DirectorySettings, Preferences};
use crate::profile::{Profile, Profiles, Roots, StoredKeys};
use crate::report::{Failure, Globals, Out};
use crate::resolve::{SelectedBy, SelectedProfile, Warning};
use crate::state::StateDir;
use crate::text::{moment, with_causes, word};
use crate::vault::Vault;
use files::{Asked, Files};
use own_picker::pick_with_own_program;
use person::Runner;
use recorder::Recorder;
use vault::{KeysInVault, LazyVault};

/// Whom a command may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MayAsk {
    /// `exec`, `env`, `whoami`: AWS, and the person who waits for the result to log in
    Person,
    /// `credential-process`: AWS, but no person to log in, as a program waits
    Nobody,
    /// `explain`: neither
    NoNetwork,
}

/// What a command works with.
pub(crate) struct App {
    /// The person's own environment
    pub(crate) env: Env,
    /// The environment as it is, which the child inherits
    pub(crate) inherited: Env,
    pub(crate) globals: Globals,
    /// What a command finds in its environment besides, where awsx stands for another tool
    pub(crate) for_child: Vec<(&'static str, String)>,
    /// What was typed
    line: Vec<OsString>,
    out: Rc<Out>,
    person: Rc<Runner>,
    clock: Arc<SystemClock>,
    files: Files,
    /// What the directory says, where it chooses
    pub(crate) directory: Option<DirectorySettings>,
    preferences: OnceCell<Preferences>,
    vault: Rc<LazyVault>,
    recorder: Recorder,
}

impl App {
    /// Touches nothing yet.
    pub(crate) fn new(line: Vec<OsString>, inherited: Env, globals: Globals) -> Self {
        let env = deliver::without_outer(&inherited);
        let out = Rc::new(Out::new(&globals, &env));
        let person = Rc::new(Runner::new(globals.no_input, &env, Rc::clone(&out)));
        let vault = Rc::new(LazyVault::new(env.clone(), Rc::clone(&person)));
        let stored = StoredKeys::of(KeysInVault(Rc::clone(&vault)));
        let clock = Arc::new(SystemClock);
        let files = Files::new(stored, clock.clone());
        let preferences = OnceCell::new();
        let recorder = Recorder::new(Rc::clone(&vault), Rc::clone(&out), clock.clone());
        Self {
            env,
            inherited,
            globals,
            for_child: Vec::new(),
            line,
            out,
            person,
            clock,
            files,
            directory: None,
            preferences,
            vault,
            recorder,
        }
    }

    /// The same with nothing read yet of files that have changed; the vault stays open.
    #[cfg(unix)]
    pub(crate) fn with_files_anew(&self) -> Self {
        let (env, inherited) = (self.env.clone(), self.inherited.clone());
        let stored = StoredKeys::of(KeysInVault(Rc::clone(&self.vault)));
        let clock = Arc::clone(&self.clock);
        Self {
            env,
            inherited,
            globals: self.globals.clone(),
            for_child: self.for_child.clone(),
            line: self.line.clone(),
            out: Rc::clone(&self.out),
            person: Rc::clone(&self.person),
            files: Files::new(stored, clock.clone()),
            directory: self.directory.clone(),
            preferences: OnceCell::new(),
            vault: Rc::clone(&self.vault),
            recorder: Recorder::new(Rc::clone(&self.vault), Rc::clone(&self.out), clock.clone()),
            clock,
        }
    }

    /// What was typed behind `awsx`, but for these words.
    #[cfg(unix)]
    pub(crate) fn line_without(&self, leave_out: impl Fn(&str) -> bool) -> Vec<String> {
        let words = self.line.iter().skip(1).map(|word| word.to_string_lossy().into_owned());
        words.filter(|word| !leave_out(word)).collect()
    }

    /// Another one on the same line, with these globals.
    pub(crate) fn with_globals(&self, globals: Globals) -> Self {
        Self::new(self.line.clone(), self.inherited.clone(), globals)
    }

    /// What was typed.
    pub(crate) fn line(&self) -> &[OsString] {
        &self.line
    }

    /// What was typed, as a shell takes it: its arguments may be secrets.
    pub(crate) fn command_line(&self) -> String {
        let words =
            self.line.iter().skip(1).map(|one| format!(" {}", word(&one.to_string_lossy())));
        format!("awsx{}", words.collect::<String>())
    }

    pub(crate) fn out(&self) -> &Out {
        &self.out
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A time to come, for people.
    pub(crate) fn until(&self, at: DateTime<Utc>) -> String {
        self.clock.until(at)
    }

    /// A time that is over, for people.
    pub(crate) fn on(&self, at: DateTime<Utc>) -> String {
        self.clock.on(at)
    }

    /// How long ago that was, for people.
    pub(crate) fn ago(&self, at: DateTime<Utc>) -> String {
        moment::ago(self.clock.local(at), self.clock.local(self.now()))
    }

    /// Says what will be asked of the AWS files: a profile, or the role of a session. Goes on without files
    /// that cannot be read, if nobody names one and the environment has credentials.
    /// `lasting`: what must be left of a session that the files hold.
    pub(crate) fn ask_of_files(
        &self,
        profile: Option<&str>,
        sso_session: Option<&str>,
        lasting: Duration,
    ) {
        let selected = SelectedProfile::of_environment(&self.env);
        let has = |variable| self.env.get(variable).is_some();
        let forgives = profile.or(sso_session).is_none()
            && selected.by == SelectedBy::Default
            && has("AWS_ACCESS_KEY_ID")
            && has("AWS_SECRET_ACCESS_KEY");
        let named = |name: &str| name.to_owned();
        let mut profiles = vec!["default".to_owned(), selected.name];
        profiles.extend(profile.map(named));
        let sso_sessions = sso_session.map(named).into_iter().collect();
        let roots = Some(Roots { profiles, sso_sessions });
        self.files.ask(Asked { roots, forgives, lasting });
    }

    /// The same for the access keys of a profile: no session that was made of them will do.
    pub(crate) fn ask_for_keys(&self, profile: &str) {
        self.ask_of_files(Some(profile), None, Duration::MAX);
    }

    /// Says that all of the AWS files may be needed, for what looks at many profiles: what is in reach of one would be
    /// too little.
    pub(crate) fn ask_of_all_files(&self) {
        self.files.ask(Asked::default());
    }

    /// The AWS files, read once.
    pub(crate) fn profiles(&self) -> Result<&Profiles, Failure> {
        Ok(self.files.whole(&self.env, &|error| self.tell_of_file(error))?)
    }

    /// The same; where [`Self::ask_of_files`] said what is needed, perhaps no more than that and all that it
    /// names. For what does not look for others: a file of 10,000 profiles is not read for one.
    pub(crate) fn profiles_in_reach(&self) -> Result<&Profiles, Failure> {
        Ok(self.files.in_reach(&self.env, &|error| self.tell_of_file(error))?)
    }

    fn tell_of_file(&self, error: &ConfigError) {
        let error = with_causes(error);
        self.out.warning(&format!("{error}; the credentials of the environment do"));
    }

    /// What changes the AWS files; `tell` is for whoever waits. `awsx config undo` takes the change back.
    pub(crate) fn writer<'a>(&'a self, tell: &'a dyn Fn(&str)) -> Writer<'a> {
        Writer { keeper: Some(&self.recorder), ..self.writer_without_undo(tell) }
    }

    /// The same for a change that has its own way back.
    pub(crate) fn writer_without_undo<'a>(&self, tell: &'a dyn Fn(&str)) -> Writer<'a> {
        Writer { state: StateDir::from_env(&self.env).ok(), tell, keeper: None }
    }

    /// The vault, not opened yet.
    pub(crate) fn vault(&self) -> Result<&Vault, Failure> {
        self.vault.get()
    }

    /// The same for what is not worth a question.
    fn vault_without_asking(&self) -> Result<&Vault, Failure> {
        self.vault.without_asking()
    }

    /// awsx's own settings, read once.
    pub(crate) fn preferences(&self) -> Result<&Preferences, Failure> {
        match self.preferences.get() {
            Some(preferences) => Ok(preferences),
            None => {
                let preferences = Preferences::load(&self.env)?;
                Ok(self.preferences.get_or_init(|| preferences))
            }
        }
    }

    pub(crate) fn person(&self) -> &dyn Person {
        &*self.person
    }

    /// From now on nobody is asked.
    fn leave_alone(&self) {
        self.person.leave_alone();
    }

    pub(crate) fn clock(&self) -> SharedClock {
        self.clock.clone()
    }

    /// Whether nobody may be asked, on a terminal either: `--no-input`, `AWSX_NO_INPUT`, an agent.
    pub(crate) fn asks_nobody(&self) -> bool {
        self.person.is_left_alone()
    }

    /// Lets the person pick one of `items`; `None` where nobody is there.
    pub(crate) fn pick(&self, what: &str, items: &[String]) -> Result<Option<usize>, Failure> {
        self.pick_from(&List::new(what, items))
    }

    /// Lets the person pick a line of the list; `None` where nobody is there.
    pub(crate) fn pick_from(&self, list: &List<'_>) -> Result<Option<usize>, Failure> {
        match self.person.terminal() {
            // Settings that cannot be read are told by whatever depends on them.
            Ok(terminal) => match self.preferences().ok().and_then(Preferences::picker) {
                Some(program) => pick_with_own_program(program, list, &self.inherited).map(Some),
                None => Ok(Some(terminal.pick_from(list)?)),
            },
            Err(Nobody(_)) => Ok(None),
        }
    }

    pub(crate) fn warn_all(&self, warnings: &[Warning]) {
        warnings.iter().for_each(|warning| self.out.warning(&warning.to_string()));
    }

    /// How AWS is reached for what names no profile, such as the login of an `[sso-session]`: as for the
    /// one that `AWS_PROFILE` or `default` selects, as in the AWS CLI. The region, which a child gets
    /// too, is not a profile's.
    pub(crate) fn own_settings(&self) -> Result<ClientSettings, Failure> {
        let selected = SelectedProfile::of_environment(&self.env).name;
        let profile = self.profiles_in_reach()?.profile(&selected)?;
        let region = self.client_settings(None, None)?.region;
        Ok(ClientSettings { region, ..self.client_settings(profile.as_ref(), None)? })
    }

    /// How AWS is reached for a profile. `answer`: the region that the person gave where nothing says
    /// one.
    pub(crate) fn client_settings(
        &self,
        profile: Option<&Profile>,
        answer: Option<&str>,
    ) -> Result<ClientSettings, Failure> {
        let region = self.globals.region.as_deref().or(answer);
        Ok(ClientSettings::derive(
            region,
            &self.env,
            profile,
            self.profiles_in_reach()?,
            Calls::Any,
        )?)
    }

    fn clients(&self, settings: &ClientSettings) -> Clients {
        Clients {
            aws: Aws::new(settings.clone(), &self.env, self.clock.clone())
                .show_to(self.out.shows_progress().then(host::show_waiting)),
            shared_tokens: TokenCache::new(&self.env, self.clock.clone()),
            shared_sign_ins: LoginCache::new(&self.env),
            settings: settings.clone(),
        }
    }

    fn logins<'a>(&'a self, clients: &'a Clients) -> Result<Logins<'a>, Failure> {
        Ok(Logins {
            vault: self.vault()?,
            oidc: &clients.aws,
            sign_in: &clients.aws,
            shared_tokens: &clients.shared_tokens,
            shared_sign_ins: &clients.shared_sign_ins,
            person: self.person(),
            clock: &*self.clock,
            settings: &clients.settings,
        })
    }

    /// Runs the command beside this thread; `at_end` is called when it has ended.
    #[cfg(windows)]
    pub(crate) fn start_command(
        &self,
        program: OsString,
        arguments: Vec<OsString>,
        overlay: Overlay,
        at_end: impl FnOnce() + Send + 'static,
    ) -> Result<Started, Failure> {
        crate::host::leave_interrupts_to_the_child()
            .map_err(|error| Failure::io("Ctrl-C could not be left to it", &error))?;
        let env = self.inherited.clone();
        let run = move || {
            let code = deliver::exec(&program, &arguments, &overlay, &env);
            at_end();
            code
        };
        Ok(Started(std::thread::spawn(run)))
    }

    /// Becomes the command (Unix), or runs it and gives its exit code (Windows).
    pub(crate) fn become_command(
        &self,
        program: &OsStr,
        arguments: &[OsString],
        overlay: &Overlay,
    ) -> Result<i32, Failure> {
        #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
        crate::host::hardening::give_back_core_limit()
            .map_err(|error| Failure::io("the core limit could not be given back", &error))?;
        #[cfg(windows)]
        crate::host::leave_interrupts_to_the_child()
            .map_err(|error| Failure::io("Ctrl-C could not be left to it", &error))?;
        Ok(deliver::exec(program, arguments, overlay, &self.inherited)?)
    }
}

/// A command that runs.
#[cfg(windows)]
pub(crate) struct Started(std::thread::JoinHandle<Result<i32, deliver::ExecError>>);

#[cfg(windows)]
impl Started {
    /// Its exit code, when it has ended.
    pub(crate) fn join(self) -> Result<i32, Failure> {
        let ended = self.0.join();
        Ok(ended.expect("a panic has ended awsx")?)
    }
}

/// What reaches AWS, and the AWS CLI's files.
struct Clients {
    aws: Aws,
    shared_tokens: TokenCache,
    shared_sign_ins: LoginCache,
    settings: ClientSettings,
}
