//! `awsx config sso`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::answers::{parse_name, parse_region, parse_start_url};
use super::config_file::{confirm_write, refusal_to_overwrite};
use super::new_session::{Given, Question, again, ask_for_session};
use super::page::page;
use super::region_question::{NO_REGION, OF_IDENTITY_CENTER, ask_for_region, no_region};
use super::role_choice::RoleChoice;
use crate::app::App;
use crate::app::organization::accounts_of_login;
use crate::app::shell::line_for_shell;
use crate::credentials::SsoLogin;
use crate::generate::{self, GeneratedProfile, GeneratedSession, with_profile};
use crate::ports::Account;
use crate::preferences::Role;
use crate::profile::{Profile, Profiles, Setting};
use crate::report::failure::{Failure, Kind, word};
use crate::resolve::sso_login;

/// Set up a profile for a role of IAM Identity Center
#[derive(Debug, Default, Args)]
#[command(help_template = page!(
    "
Asks for what the flags do not say, logs in, lets you pick account and role,
shows what will be written to the config file, and writes it. For all your roles
at once: `awsx sso sync`.
";
    "awsx config sso"
    "awsx config sso --session corp --account sandbox --role Developer --yes"
))]
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

/// Where the person logs in.
struct Target {
    session: String,
    login: SsoLogin,
    /// The session, where it is to be written
    new: Option<GeneratedSession>,
}

/// What is to be written, as the person said.
struct Answers {
    target: Target,
    profile: GeneratedProfile,
}

impl ConfigSso {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let tell = |message: &str| app.out().notice(message);
        let writer = app.writer(&tell);
        let files = app.profiles()?;
        writer.check(files.config_file())?;
        // Before anybody logs in.
        self.name_of_flag(app)?;
        let file = files.config_file().display().to_string();
        let mut answers = self.ask(app, None)?;
        let text = loop {
            let Answers { target: Target { new, .. }, profile } = &answers;
            let (text, change) = with_profile(files, new.as_ref(), profile)?;
            let before = files.config_text();
            app.out().show_diff(files.config_file(), app.env.home(), before, &text)?;
            let instead = "give --yes to write it without asking".to_owned();
            if self.yes || confirm_write(app, &file, !change.takes_away(), instead)? {
                break text;
            }
            if self.says_all(app, new.is_some()) || !asks_again(app)? {
                return Ok(());
            }
            answers = self.ask(app, Some(&answers))?;
        };
        if !writer.unless_changed(files.config_file(), files.config_text(), &text)? {
            return Err(refusal_to_overwrite(files.config_file()));
        }
        let profile = answers.profile;
        let name = word(&profile.name);
        app.out().notice(&format!(
            "{file} is written; use it: `awsx exec {name} -- aws sts get-caller-identity`, or `{}`",
            line_for_shell(Some(&profile.name), &app.env)
        ));
        let there = files.as_written(&profile.name);
        if profile.get("region").is_none() && there.is_none_or(|p| p.get("region").is_none()) {
            app.out().notice(&no_region(&profile.name));
        }
        Ok(())
    }

    /// Whether flags answer every question.
    fn says_all(&self, app: &App, is_new: bool) -> bool {
        let session = [&self.start_url, &self.sso_region];
        let rest = [&self.session, &self.account, &self.role, &self.profile_name];
        let is_said = |flag: &&Option<String>| flag.is_some();
        (!is_new || session.iter().all(is_said))
            && rest.iter().all(is_said)
            && app.globals.region.is_some()
    }

    /// Asks for what no flag says, and logs in. What was answered `before` is what Enter alone says.
    fn ask(&self, app: &App, before: Option<&Answers>) -> Result<Answers, Failure> {
        let (target, accounts) = self.log_in(app, before.map(|answers| &answers.target))?;
        let Target { session, login, .. } = &target;
        let choice = RoleChoice { app, login, command: COMMAND };
        let account = choice.account(accounts, self.account.as_deref())?;
        let role_name = choice.role(&account.account_id, self.role.as_deref())?;
        let role = Role {
            session,
            account_id: &account.account_id,
            account_name: &account.account_name,
            email: &account.email,
            role_name: &role_name,
        };
        let before = before.map(|answers| &answers.profile);
        let profile = self.profile(app, &role, &login.region, before)?;
        Ok(Answers { target, profile })
    }

    /// Where the person logs in, and the accounts that are theirs there. AWS may not know what they said.
    fn log_in(
        &self,
        app: &App,
        before: Option<&Target>,
    ) -> Result<(Target, Vec<Account>), Failure> {
        let target = self.target(app, before)?;
        let Target { login, new, .. } = &target;
        let settings = app.own_settings()?;
        // No other command knows a session that is not written yet.
        let again = again(COMMAND, login, new.as_ref());
        let mut failure = match (accounts_of_login(app, &settings, login, &again), new) {
            (Ok(accounts), _) => return Ok((target, accounts)),
            (Err(failure), None) => return Err(failure),
            (Err(failure), Some(_)) => failure.with_login_by(COMMAND),
        };
        let is_said = self.start_url.is_some() && self.sso_region.is_some();
        if is_said || !failure.is_of_answers() {
            return Err(failure);
        }
        app.out().failure(&failure, false);
        failure.is_told = true;
        if asks_again(app)? { self.log_in(app, Some(&target)) } else { Err(failure) }
    }

    /// One of the sessions that there are, or a new one.
    fn target(&self, app: &App, before: Option<&Target>) -> Result<Target, Failure> {
        let files = app.profiles()?;
        let known: Vec<String> = files.sso_session_names().map(str::to_owned).collect();
        let session = match &self.session {
            Some(session) => Some(session.clone()),
            None if self.start_url.is_some() || known.is_empty() => None,
            None => pick_session(app, &known)?,
        };
        match session {
            Some(session) if known.contains(&session) => self.existing_target(app, session),
            session => self.new_target(app, session, before),
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
        before: Option<&Target>,
    ) -> Result<Target, Failure> {
        let given = Given {
            start_url: self.start_url.as_deref(),
            region: self.sso_region.as_deref(),
            name: session.as_deref(),
            scopes: self.scopes.as_deref(),
            is_named_by_portal: false,
            before: before.map(|target| &target.login),
        };
        let (login, section) = ask_for_session(app, given, COMMAND)?;
        Ok(Target { session: section.name.clone(), login, new: Some(section) })
    }

    /// The profile, also of a role that `awsx sso sync` skips.
    fn profile(
        &self,
        app: &App,
        role: &Role<'_>,
        sso_region: &str,
        before: Option<&GeneratedProfile>,
    ) -> Result<GeneratedProfile, Failure> {
        let mut wanted = app.preferences()?.sso(role.session).profile(role);
        let is_of_role = |before: &&GeneratedProfile| {
            before.get("sso_account_id") == Some(role.account_id)
                && before.get("sso_role_name") == Some(role.role_name)
        };
        let default = match before.filter(is_of_role) {
            Some(before) => before.name.clone(),
            None => generate::profile_name(role, &wanted.profile_name)?,
        };
        let name = self.profile_name(app, &default)?;
        let usual = before.map(|before| before.get("region").unwrap_or(NO_REGION).to_owned());
        wanted.region = self.region(app, &name, usual.or(wanted.region), sso_region)?;
        Ok(GeneratedProfile { name, ..generate::profile(role, wanted)? })
    }

    /// `--profile-name`, if a profile can be written under it.
    fn name_of_flag(&self, app: &App) -> Result<Option<String>, Failure> {
        let Some(name) = &self.profile_name else { return Ok(None) };
        let free = free_name(app.profiles()?, name);
        free.map(Some).map_err(|problem| {
            Failure::say(problem, Kind::Config.with("give another --profile-name"))
        })
    }

    fn profile_name(&self, app: &App, default: &str) -> Result<String, Failure> {
        if let Some(name) = self.name_of_flag(app)? {
            return Ok(name);
        }
        let files = app.profiles()?;
        let free = |text: &str| free_name(files, text);
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
        usual: Option<String>,
        sso_region: &str,
    ) -> Result<Option<String>, Failure> {
        if let Some(region) = &app.globals.region {
            return Ok(Some(region.to_owned()));
        }
        let there = app.profiles()?.as_written(profile);
        if there.is_some_and(|there| there.get("region").is_some()) {
            return Ok(None);
        }
        if self.yes {
            return Ok(usual);
        }
        let flag = "--region REGION, or --yes for none";
        let otherwise = (sso_region, OF_IDENTITY_CENTER);
        ask_for_region(app, "the profile", usual, otherwise, flag, COMMAND)
    }
}

/// Whether the person takes back what they said.
fn asks_again(app: &App) -> Result<bool, Failure> {
    let answer = app.person().ask(|terminal| terminal.confirm("Change the answers?", true));
    answer.map_err(|error| Failure::no_answer(&error, format!("run `{COMMAND}` again")))
}

/// The name, if it is a new one's, or that of a profile without credentials.
fn free_name(files: &Profiles, name: &str) -> Result<String, String> {
    let there = files.as_written(name);
    match there.as_ref().map(credentials_of) {
        None => parse_name(name),
        Some(None) => Ok(name.to_owned()),
        Some(Some(Setting { key, location, .. })) => {
            Err(format!("{location}: profile \"{name}\" has {key} already"))
        }
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

fn ask(
    app: &App,
    text: &str,
    default: Option<&str>,
    flag: &str,
    check: impl Fn(&str) -> Result<String, String>,
) -> Result<String, Failure> {
    Question { text, default, flag }.ask(app, COMMAND, &check)
}

/// What gives a profile credentials, or says where they come from.
const CREDENTIALS: [&str; 13] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "include_profile",
    "web_identity_token_file",
    "oidc",
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
