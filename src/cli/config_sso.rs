//! `awsx config sso`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::answers::{parse_name, parse_region, parse_start_url, session_name};
use super::config_file::{confirm_write, refusal_to_overwrite};
use crate::app::App;
use crate::app::organization::{accounts_of_login, organization};
use crate::credentials::SsoLogin;
use crate::generate::{self, GeneratedProfile, GeneratedSession, section_lines, with_profile};
use crate::organization::no_account;
use crate::ports::Account;
use crate::preferences::Role;
use crate::profile::{Profile, Setting};
use crate::report::failure::{Failure, Kind, word};
use crate::resolve::{registration_scopes, sso_login};

/// Set up a profile for a role of IAM Identity Center
///
/// Asks for what the flags do not say, logs in, lets you pick account and role, shows what will be
/// written to the config file, and writes it. For all your roles at once: `awsx sso sync`.
#[derive(Debug, Args)]
pub(super) struct ConfigSso {
    /// The start URL of the access portal, such as `https://corp.awsapps.com/start`
    #[arg(long, value_name = "URL", value_parser = parse_start_url)]
    start_url: Option<String>,
    /// The region of IAM Identity Center; that of the profile is --region
    #[arg(long, value_name = "REGION", value_parser = parse_region)]
    sso_region: Option<String>,
    /// The [sso-session]: one that there is, or the name of a new one
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    session: Option<String>,
    /// The scopes of a new session, with commas between them
    #[arg(long, value_name = "SCOPES", value_parser = NonEmptyStringValueParser::new())]
    scopes: Option<String>,
    /// The account
    #[arg(long, value_name = "NAME|ID", value_parser = NonEmptyStringValueParser::new())]
    account: Option<String>,
    /// The role in it
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    role: Option<String>,
    /// The name of the profile: a new one, or one that is there without credentials
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    profile_name: Option<String>,
    /// Write it without asking
    #[arg(long)]
    yes: bool,
}

/// The command that a person runs to be asked.
const COMMAND: &str = "awsx config sso";
/// The answer of who wants no region.
const NO_REGION: &str = "none";

/// Where the person logs in.
struct Target {
    session: String,
    login: SsoLogin,
    /// The session, where it is to be written
    new: Option<GeneratedSession>,
}

impl ConfigSso {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let tell = |message: &str| app.out().notice(message);
        let writer = app.writer(&tell);
        writer.check(app.profiles()?.config_file())?;
        let Target { session, login, new } = self.target(app)?;
        let settings = app.own_settings()?;
        let accounts = accounts_of_login(app, &settings, &login);
        // No other command knows a session that is not written yet.
        let accounts = accounts.map_err(|failure| match new {
            Some(_) => failure.with_login_by(COMMAND),
            None => failure,
        })?;
        let account = self.choose_account(app, &login, accounts)?;
        let role_name = self.choose_role(app, &login, &account)?;
        let role = Role {
            session: &session,
            account_id: &account.account_id,
            account_name: &account.account_name,
            email: &account.email,
            role_name: &role_name,
        };
        let profile = self.profile(app, &role)?;
        let files = app.profiles()?;
        let (text, change) = with_profile(files, new.as_ref(), &profile)?;
        let file = files.config_file().display().to_string();
        app.out().data(&(preview(new.as_ref()) + &change.diff()))?;
        let instead = "give --yes to write it without asking".to_owned();
        if !self.yes && !confirm_write(app, &file, !change.takes_away(), instead)? {
            return Ok(());
        }
        if !writer.unless_changed(files.config_file(), files.config_text(), &text)? {
            return Err(refusal_to_overwrite(files.config_file()));
        }
        let name = word(&profile.name);
        app.out().notice(&format!(
            "{file} is written; use it: `awsx exec {name} -- aws s3 ls`, or `eval \"$(awsx env \
             {name})\"`"
        ));
        Ok(())
    }

    /// One of the sessions that there are, or a new one.
    fn target(&self, app: &App) -> Result<Target, Failure> {
        let files = app.profiles()?;
        let known: Vec<String> = files.sso_session_names().map(str::to_owned).collect();
        let session = match &self.session {
            Some(session) => Some(session.clone()),
            None if self.start_url.is_some() || known.is_empty() => None,
            None => pick_session(app, &known)?,
        };
        match session {
            Some(session) if known.contains(&session) => self.existing_target(app, session),
            session => self.new_target(app, session, &known),
        }
    }

    fn existing_target(&self, app: &App, session: String) -> Result<Target, Failure> {
        let login = sso_login(app.profiles()?, &session)?;
        for (flag, given, written) in [
            ("--start-url", &self.start_url, &login.start_url),
            ("--sso-region", &self.sso_region, &login.region),
        ] {
            if given.as_ref().is_some_and(|given| given != written) {
                return Err(Failure::usage(
                    format!("[sso-session {session}] is there already, and {flag} differs"),
                    "leave the flag out, or give the new session another name",
                ));
            }
        }
        Ok(Target { session, login, new: None })
    }

    fn new_target(
        &self,
        app: &App,
        session: Option<String>,
        known: &[String],
    ) -> Result<Target, Failure> {
        let start_url = match &self.start_url {
            Some(url) => url.clone(),
            None => ask(app, "Start URL", None, "--start-url URL", parse_start_url)?,
        };
        let region = match &self.sso_region {
            Some(region) => region.clone(),
            None => {
                let question = "Region of IAM Identity Center";
                ask(app, question, None, "--sso-region REGION", parse_region)?
            }
        };
        let free = |text: &str| match known.iter().any(|known| known == text) {
            true => Err(format!("[sso-session {text}] is there already")),
            false => parse_name(text),
        };
        let session = match session {
            Some(session) => free(&session).map_err(|problem| {
                Failure::usage(problem, "give --session another name, of a new or an existing one")
            })?,
            None => {
                let default = session_name(&start_url);
                ask(app, "Name of the session", default.as_deref(), "--session NAME", free)?
            }
        };
        let scopes = registration_scopes(self.scopes.as_deref().unwrap_or_default());
        let settings = [
            ("sso_start_url", start_url.clone()),
            ("sso_region", region.clone()),
            ("sso_registration_scopes", scopes.join(",")),
        ];
        let new = GeneratedSession {
            name: session.clone(),
            settings: settings.map(|(key, value)| (key.to_owned(), value)).to_vec(),
        };
        let login = SsoLogin { session: Some(session.clone()), start_url, region, scopes };
        Ok(Target { session, login, new: Some(new) })
    }

    fn choose_account(
        &self,
        app: &App,
        login: &SsoLogin,
        mut accounts: Vec<Account>,
    ) -> Result<Account, Failure> {
        if accounts.is_empty() {
            return Err(Failure::usage(no_account(login), "ask whoever assigns permission sets"));
        }
        if let Some(given) = &self.account {
            accounts.retain(|a| a.account_id == *given || a.account_name == *given);
            if accounts.len() > 1 {
                let ids: Vec<&str> = accounts.iter().map(|a| &*a.account_id).collect();
                return Err(Failure::usage(
                    format!("several accounts are named {given}: {}", ids.join(", ")),
                    "give the id",
                ));
            }
        }
        let items: Vec<String> = accounts
            .iter()
            .map(|account| format!("{} ({})", account.account_name, account.account_id))
            .collect();
        if items.is_empty() {
            let account = self.account.as_deref().unwrap_or_default();
            return Err(Failure::usage(
                format!("no account of yours at {login} is {account}"),
                "ask whoever assigns permission sets, or correct --account",
            ));
        }
        let choice = choose(app, "Account", &items, "--account NAME|ID")?;
        Ok(accounts.swap_remove(choice))
    }

    fn choose_role(
        &self,
        app: &App,
        login: &SsoLogin,
        account: &Account,
    ) -> Result<String, Failure> {
        let settings = app.own_settings()?;
        let found = organization(app, &settings, login, Some(&account.account_id), true)?;
        Failure::unless_complete(&found)?;
        let known = found.accounts.into_iter().filter_map(|account| account.known);
        let mut roles: Vec<String> = known.flat_map(|known| known.roles).collect();
        if let Some(given) = &self.role {
            roles.retain(|role| role == given);
        }
        if roles.is_empty() {
            let account = &account.account_id;
            return Err(Failure::usage(
                match &self.role {
                    Some(role) => format!("no role of yours in account {account} is {role}"),
                    None => format!("{login} lists no role for you in account {account}"),
                },
                "`awsx sso roles` lists them",
            ));
        }
        let choice = choose(app, "Role", &roles, "--role NAME")?;
        Ok(roles.swap_remove(choice))
    }

    /// The profile, also of a role that `awsx sso sync` skips.
    fn profile(&self, app: &App, role: &Role<'_>) -> Result<GeneratedProfile, Failure> {
        let mut wanted = app.preferences()?.sso(role.session).profile(role);
        let default = generate::profile_name(role, &wanted.profile_name)?;
        let name = self.profile_name(app, &default)?;
        wanted.region = self.region(app, &name, wanted.region)?;
        Ok(GeneratedProfile { name, ..generate::profile(role, wanted)? })
    }

    fn profile_name(&self, app: &App, default: &str) -> Result<String, Failure> {
        let files = app.profiles()?;
        let free = |text: &str| match files.as_written(text) {
            Some(there) => match credentials_of(&there) {
                Some(Setting { key, location, .. }) => {
                    Err(format!("{location}: profile \"{text}\" has {key} already"))
                }
                None => Ok(text.to_owned()),
            },
            None => parse_name(text),
        };
        if let Some(name) = &self.profile_name {
            return free(name).map_err(|problem| {
                Failure::say(problem, Kind::Config.with("give another --profile-name"))
            });
        }
        // The name of a profile that is there is the person's to say.
        match free(default).ok().filter(|name| !files.contains(name)) {
            Some(name) if self.yes => Ok(name),
            default => {
                let flag = "--profile-name NAME";
                ask(app, "Name of the profile", default.as_deref(), flag, free)
            }
        }
    }

    /// The region to write; a profile that is there keeps its own.
    fn region(
        &self,
        app: &App,
        profile: &str,
        default: Option<String>,
    ) -> Result<Option<String>, Failure> {
        if let Some(region) = &app.globals.region {
            return Ok(Some(region.to_owned()));
        }
        let there = app.profiles()?.as_written(profile);
        if there.is_some_and(|there| there.get("region").is_some()) {
            return Ok(None);
        }
        if self.yes {
            return Ok(default);
        }
        let default = default.as_deref().unwrap_or(NO_REGION);
        let flag = "--region REGION, or --yes for none";
        let answer = ask(app, "Region of the profile", Some(default), flag, parse_region)?;
        Ok(Some(answer).filter(|answer| answer != NO_REGION))
    }
}

/// One of the sessions that there are, or none for a new one.
fn pick_session(app: &App, known: &[String]) -> Result<Option<String>, Failure> {
    let mut items = known.to_vec();
    items.push("a new one".to_owned());
    match app.pick("Session", &items)? {
        Some(choice) => Ok(known.get(choice).cloned()),
        None if known.len() == 1 => Ok(known.first().cloned()),
        None => Err(Failure::usage(
            format!("there are several sessions: {}", known.join(", ")),
            "name one of them, or a new one, with --session",
        )),
    }
}

/// The only item, or the one that a person picks.
fn choose(app: &App, what: &str, items: &[String], flag: &str) -> Result<usize, Failure> {
    if let [_] = items {
        return Ok(0);
    }
    let choice = app.person().ask(|terminal| terminal.pick(what, items));
    choice.map_err(|error| no_answer(&error, flag))
}

/// The answer of a person, asked until it is one.
fn ask(
    app: &App,
    question: &str,
    default: Option<&str>,
    flag: &str,
    check: impl Fn(&str) -> Result<String, String>,
) -> Result<String, Failure> {
    loop {
        let answer = app.person().ask(|terminal| terminal.text(question, default));
        match check(&answer.map_err(|error| no_answer(&error, flag))?) {
            Ok(answer) => return Ok(answer),
            Err(problem) => app.out().instruction(&problem),
        }
    }
}

fn no_answer(error: &crate::ports::PromptError, flag: &str) -> Failure {
    Failure::no_answer(error, format!("give {flag}, or run `{COMMAND}` in a terminal"))
}

fn preview(session: Option<&GeneratedSession>) -> String {
    let lines = session.into_iter().flat_map(|session| {
        let header = format!("sso-session {}", session.name);
        section_lines(&header, &session.settings).collect::<Vec<_>>()
    });
    lines.map(|line| format!("+ {line}\n")).collect()
}

/// What gives a profile credentials, or says where they come from.
const CREDENTIALS: [&str; 12] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "include_profile",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "sso_account_id",
    "sso_role_name",
    "aws_access_key_id",
    "login_session",
    "credential_process",
];

fn credentials_of(profile: &Profile) -> Option<&Setting> {
    CREDENTIALS.iter().find_map(|key| profile.get(key))
}
