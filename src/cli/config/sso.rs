//! `awsx config sso`

use std::fmt::Write;
use std::process::ExitCode;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::answers::{name, region, session_name, start_url};
use crate::app::App;
use crate::config;
use crate::credentials::SsoLogin;
use crate::generate::{self, GeneratedProfile, GeneratedSession, with_profile};
use crate::ports::Account;
use crate::preferences::{Role, SsoPreferences};
use crate::profile::{FileKind, Profiles};
use crate::report::failure::{Failure, word};
use crate::resolve::{registration_scopes, sso_login};

/// Set up a profile for a role of IAM Identity Center
///
/// Asks for what the flags do not say, logs in, lets you pick account and role, shows what will be
/// written to the config file, and writes it. For all your roles at once: `awsx sso sync`.
#[derive(Debug, Args)]
pub(super) struct ConfigSso {
    /// The start URL of the access portal, such as `https://corp.awsapps.com/start`
    #[arg(long, value_name = "URL", value_parser = start_url)]
    start_url: Option<String>,
    /// The region of IAM Identity Center; that of the profile is --region
    #[arg(long, value_name = "REGION", value_parser = region)]
    sso_region: Option<String>,
    /// The [sso-session]: one that there is, or the name of a new one
    #[arg(long, value_name = "NAME", value_parser = name)]
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
    /// The name of the profile
    #[arg(long, value_name = "NAME", value_parser = name)]
    profile_name: Option<String>,
    /// Write it without asking
    #[arg(long)]
    yes: bool,
}

/// The command that a person runs to be asked.
const COMMAND: &str = "awsx config sso";
/// The answer of who wants no region.
const NO_REGION: &str = "none";

impl ConfigSso {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let (login, new) = self.login(app)?;
        let session = login.session.as_deref().expect("every login here has a session");
        let settings = app.own_settings()?;
        let accounts = app.accounts_of_login(&settings, &login);
        // No other command knows a session that is not written yet.
        let accounts = accounts.map_err(|failure| match new {
            Some(_) => failure.with_login_by(COMMAND),
            None => failure,
        })?;
        let account = self.account(app, &login, accounts)?;
        let role_name = self.role(app, &login, &account)?;
        let preferences = app.preferences()?.sso(session).clone();
        let role = Role {
            session,
            account_id: &account.account_id,
            account_name: &account.account_name,
            email: &account.email,
            role_name: &role_name,
        };
        let profile = self.profile(app, &role, &preferences)?;
        let files = app.profiles()?;
        let text = with_profile(files, new.as_ref(), &profile)?;
        let file = files.config_file().display().to_string();
        app.out().data(&shown(new.as_ref(), &profile))?;
        if !self.yes {
            let question = format!("Write it to {file}?");
            let answer = app.person().ask(|terminal| terminal.confirm(&question, true));
            let agreed = answer.map_err(|error| {
                Failure::unanswered(&error, "give --yes to write it without asking".to_owned())
            })?;
            if !agreed {
                app.out().notice("nothing is written");
                return Ok(ExitCode::SUCCESS);
            }
        }
        write(app, files, &text)?;
        let name = word(&profile.name);
        app.out().notice(&format!(
            "{file} is written; use it: `awsx exec {name} -- aws s3 ls`, or `eval \"$(awsx env \
             {name})\"`"
        ));
        Ok(ExitCode::SUCCESS)
    }

    /// The login, and the session that is to be written for it.
    fn login(&self, app: &App) -> Result<(SsoLogin, Option<GeneratedSession>), Failure> {
        let files = app.profiles()?;
        let known: Vec<String> = files.sso_session_names().map(str::to_owned).collect();
        let session = match &self.session {
            Some(session) => Some(session.clone()),
            None if self.start_url.is_some() || known.is_empty() => None,
            None => known_session(app, &known)?,
        };
        if let Some(session) = session.as_ref().filter(|session| known.contains(session)) {
            let login = sso_login(files, session)?;
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
            return Ok((login, None));
        }
        let start_url = match &self.start_url {
            Some(url) => url.clone(),
            None => asked(app, "Start URL", None, "--start-url URL", start_url)?,
        };
        let region = match &self.sso_region {
            Some(region) => region.clone(),
            None => {
                asked(app, "Region of IAM Identity Center", None, "--sso-region REGION", region)?
            }
        };
        let free = |text: &str| match known.iter().any(|known| known == text) {
            true => Err(format!("[sso-session {text}] is there already")),
            false => name(text),
        };
        let session = match session {
            Some(session) => session,
            None => {
                let default = session_name(&start_url);
                asked(app, "Name of the session", default.as_deref(), "--session NAME", free)?
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
        Ok((SsoLogin { session: Some(session), start_url, region, scopes }, Some(new)))
    }

    fn account(
        &self,
        app: &App,
        login: &SsoLogin,
        mut accounts: Vec<Account>,
    ) -> Result<Account, Failure> {
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
        let none = || {
            let account = self.account.as_deref().unwrap_or("any");
            Failure::usage(
                format!("no account of yours at {login} is {account}"),
                "ask whoever assigns permission sets, or correct --account",
            )
        };
        let choice = choice(app, "Account", &items, "--account NAME|ID", none)?;
        Ok(accounts.swap_remove(choice))
    }

    fn role(&self, app: &App, login: &SsoLogin, account: &Account) -> Result<String, Failure> {
        let settings = app.own_settings()?;
        let found = app.organization(&settings, login, Some(&account.account_id), true)?;
        if let Some(failure) = Failure::incomplete(&found) {
            return Err(failure);
        }
        let known = found.accounts.into_iter().filter_map(|account| account.known);
        let mut roles: Vec<String> = known.flat_map(|known| known.roles).collect();
        if let Some(given) = &self.role {
            roles.retain(|role| role == given);
        }
        let none = || {
            let role = self.role.as_deref().unwrap_or("any");
            Failure::usage(
                format!("no role of yours in account {} is {role}", account.account_id),
                "`awsx sso roles` lists them",
            )
        };
        let choice = choice(app, "Role", &roles, "--role NAME", none)?;
        Ok(roles.swap_remove(choice))
    }

    /// The profile; where nobody names it, awsx's own settings do.
    fn profile(
        &self,
        app: &App,
        role: &Role<'_>,
        preferences: &SsoPreferences,
    ) -> Result<GeneratedProfile, Failure> {
        let files = app.profiles()?;
        let mut preferences = preferences.clone();
        // A role that `awsx sso sync` leaves out is wanted here.
        preferences.rules.iter_mut().for_each(|rule| rule.skip = None);
        preferences.common.skip = None;
        let found = generate::profile(role, &preferences);
        let mut profile = found?.expect("no rule skips the role");
        let free = |text: &str| match files.as_written(text) {
            Some(there) => {
                let at = there.defined_at().first().map(ToString::to_string).unwrap_or_default();
                Err(format!("{at}: profile \"{text}\" is there already"))
            }
            None => name(text),
        };
        profile.name = match &self.profile_name {
            Some(name) => free(name).map_err(|problem| {
                Failure::config(problem, "give another --profile-name".to_owned())
            })?,
            None => {
                let default = free(&profile.name).ok();
                match (&default, self.yes) {
                    (Some(name), true) => name.clone(),
                    _ => {
                        let flag = "--profile-name NAME";
                        asked(app, "Name of the profile", default.as_deref(), flag, free)?
                    }
                }
            }
        };
        let default = profile.get("region").map(str::to_owned);
        let region = match app.region_flag() {
            Some(given) => Some(given.to_owned()),
            None if self.yes => default,
            None => {
                let default = default.as_deref().unwrap_or(NO_REGION);
                let flag = "--region REGION, or --yes for none";
                let answer = asked(app, "Region of the profile", Some(default), flag, region)?;
                Some(answer).filter(|answer| answer != NO_REGION)
            }
        };
        profile.settings.retain(|(key, _)| key != "region");
        if let Some(region) = region {
            profile.settings.insert(3, ("region".to_owned(), region));
        }
        Ok(profile)
    }
}

/// One of the sessions that there are, or none for a new one.
fn known_session(app: &App, known: &[String]) -> Result<Option<String>, Failure> {
    let mut items = known.to_vec();
    items.push("a new one".to_owned());
    match app.picked("Session", &items)? {
        Some(choice) => Ok(known.get(choice).cloned()),
        None if known.len() == 1 => Ok(known.first().cloned()),
        None => Err(Failure::usage(
            format!("there are several sessions: {}", known.join(", ")),
            "name one of them, or a new one, with --session",
        )),
    }
}

/// The only item, or the one that a person picks.
fn choice(
    app: &App,
    what: &str,
    items: &[String],
    flag: &str,
    none: impl FnOnce() -> Failure,
) -> Result<usize, Failure> {
    match items.len() {
        0 => Err(none()),
        1 => Ok(0),
        _ => {
            let choice = app.person().ask(|terminal| terminal.pick(what, items));
            choice.map_err(|error| missing(&error, flag))
        }
    }
}

/// The answer of a person, asked until it is one.
fn asked(
    app: &App,
    question: &str,
    default: Option<&str>,
    flag: &str,
    check: impl Fn(&str) -> Result<String, String>,
) -> Result<String, Failure> {
    loop {
        let answer = app.person().ask(|terminal| terminal.text(question, default));
        match check(&answer.map_err(|error| missing(&error, flag))?) {
            Ok(answer) => return Ok(answer),
            Err(problem) => app.out().instruction(&problem),
        }
    }
}

fn missing(error: &crate::ports::PromptError, flag: &str) -> Failure {
    Failure::unanswered(error, format!("give {flag}, or run `{COMMAND}` in a terminal"))
}

fn shown(session: Option<&GeneratedSession>, profile: &GeneratedProfile) -> String {
    let mut text = String::new();
    let mut section = |header: String, settings: &[(String, String)]| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "+ [{header}]");
        for (key, value) in settings {
            let _ = writeln!(text, "+ {key} = {value}");
        }
    };
    if let Some(session) = session {
        section(format!("sso-session {}", session.name), &session.settings);
    }
    section(format!("profile {}", profile.name), &profile.settings);
    text
}

/// Writes the file, if it still is what was read.
fn write(app: &App, files: &Profiles, text: &str) -> Result<(), Failure> {
    let path = config::location::path(app.env(), FileKind::Config);
    let mut is_as_read = false;
    config::write::update(&path, |now| {
        is_as_read = now == files.config_text();
        Ok(if is_as_read { text.to_owned() } else { now.to_owned() })
    })?;
    match is_as_read {
        true => Ok(()),
        false => Err(Failure::config(
            format!("{} was changed while you were asked; nothing is written", path.display()),
            "run it again".to_owned(),
        )),
    }
}
