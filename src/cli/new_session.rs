//! A new `[sso-session]`: asked for as far as no flag says it, and written to the config file.

use super::answers::{parse_name, parse_region, start_url_of};
use super::config_file::{confirm_write, refusal_to_overwrite};
use crate::app::App;
use crate::credentials::{Login, SsoLogin};
use crate::generate::{GeneratedSession, with_session};
use crate::ports::PromptError;
use crate::profile::session_name;
use crate::report::failure::{Failure, login_command, word};
use crate::resolve::registration_scopes;

/// What flags say of it.
#[derive(Clone, Copy, Default)]
pub(super) struct Given<'a> {
    pub(super) start_url: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) scopes: Option<&'a str>,
    /// The session is called as its portal is, where that has a name
    pub(super) is_named_by_portal: bool,
    /// What was answered before, which Enter alone says again
    pub(super) before: Option<&'a SsoLogin>,
}

/// The login of a session that no file has yet, and its section. `command`: what a person runs to be asked.
pub(super) fn ask_for_session(
    app: &App,
    given: Given<'_>,
    command: &str,
) -> Result<(SsoLogin, GeneratedSession), Failure> {
    let ask = |question: &Question<'_>, check: &dyn Fn(&str) -> Result<String, String>| {
        question.ask(app, command, check)
    };
    let start_url = match given.start_url {
        Some(url) => url.to_owned(),
        None => {
            let default = given.before.map(|login| &*login.start_url);
            let question = Question { text: "Start URL", default, flag: "--start-url URL" };
            ask(&question, &start_url_of)?
        }
    };
    let region = match given.region {
        Some(region) => region.to_owned(),
        None => {
            let text = "Region of IAM Identity Center";
            let default = given.before.map(|login| &*login.region);
            let question = Question { text, default, flag: "--sso-region REGION" };
            ask(&question, &parse_region)?
        }
    };
    let files = app.profiles()?;
    let free = |text: &str| match files.sso_session(text) {
        Some(_) => Err(format!("[sso-session {text}] is there already")),
        None => parse_name(text),
    };
    let name = match given.name {
        Some(name) => free(name).map_err(|problem| {
            Failure::usage(problem, "give --session another name, of a new or an existing one")
        })?,
        None => {
            let before = given.before.filter(|login| login.start_url == start_url);
            let before = before.and_then(|login| login.session.clone());
            let default =
                before.or_else(|| session_name(&start_url)).filter(|name| free(name).is_ok());
            // Until somebody gives it a name, a portal is called `d-1234567890`.
            let is_name = |name: &String| given.is_named_by_portal && !name.starts_with("d-");
            let text = "Name of the session";
            let question = Question { text, default: default.as_deref(), flag: "--session NAME" };
            default.clone().filter(is_name).map_or_else(|| ask(&question, &free), Ok)?
        }
    };
    let scopes = registration_scopes(given.scopes.unwrap_or_default());
    let settings = [
        ("sso_start_url", start_url.clone()),
        ("sso_region", region.clone()),
        ("sso_registration_scopes", scopes.join(",")),
    ];
    let section = GeneratedSession {
        name: name.clone(),
        settings: settings.map(|(key, value)| (key.to_owned(), value)).to_vec(),
    };
    Ok((SsoLogin { session: Some(name), start_url, region, scopes }, section))
}

/// What a person runs to log in again: `new` is in no file, so that its name says nothing yet.
pub(super) fn again(command: &str, login: &SsoLogin, new: Option<&GeneratedSession>) -> String {
    let SsoLogin { start_url, region, .. } = login;
    match new {
        Some(_) => {
            format!("{command} --start-url {} --sso-region {}", word(start_url), word(region))
        }
        None => login_command(&Login::IdentityCenter(login.clone()), None),
    }
}

/// A question to whoever sets something up.
pub(super) struct Question<'a> {
    pub(super) text: &'a str,
    /// The answer of Enter alone
    pub(super) default: Option<&'a str>,
    /// What answers it on the command line
    pub(super) flag: &'a str,
}

impl Question<'_> {
    /// The answer of a person, asked until it is one.
    pub(super) fn ask(
        &self,
        app: &App,
        command: &str,
        check: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<String, Failure> {
        loop {
            let answer = app.person().ask(|terminal| terminal.text(self.text, self.default));
            match check(&answer.map_err(|error| no_answer(&error, self.flag, command))?) {
                Ok(answer) => return Ok(answer),
                Err(problem) => app.out().instruction(&problem),
            }
        }
    }
}

pub(super) fn no_answer(error: &PromptError, flag: &str, command: &str) -> Failure {
    Failure::no_answer(error, format!("give {flag}, or run `{command}` in a terminal"))
}

/// Shows the section, asks unless `yes`, and writes it. Whether it is written.
pub(super) fn write_session(
    app: &App,
    session: &GeneratedSession,
    yes: bool,
) -> Result<bool, Failure> {
    let files = app.profiles()?;
    let text = with_session(files, session)?;
    app.out().show_diff(files.config_file(), app.env.home(), files.config_text(), &text)?;
    let file = files.config_file().display().to_string();
    let instead = "run it in a terminal, or `awsx config session add NAME --yes`".to_owned();
    if !yes && !confirm_write(app, &file, true, instead)? {
        return Ok(false);
    }
    let tell = |message: &str| app.out().notice(message);
    match app.writer(&tell).unless_changed(files.config_file(), files.config_text(), &text)? {
        true => Ok(true),
        false => Err(refusal_to_overwrite(files.config_file())),
    }
}
