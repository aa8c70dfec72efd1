//! `awsx logout`

use std::process::ExitCode;

use clap::Args;

use super::sso_target::{SsoTarget, login_of_profile, plan_of_profile};
use crate::app::App;
use crate::client_settings::ClientSettings;
use crate::credentials::{SessionKey, SsoLogin};
use crate::report::Failure;
use crate::resolve::{sign_in_key, sso_login_key};
use crate::session::logout::LoggedOut;
use crate::vault::{LoginHeader, LoginKind};

/// End a login, and forget all that came from it
///
/// Tells AWS, removes the tokens and every session minted from them, and says which credentials AWS
/// still honours. SESSION is an [sso-session], or the ARN of a login_session.
#[derive(Debug, Args)]
pub(super) struct Logout {
    #[command(flatten)]
    target: SsoTarget,
    /// Every login
    #[arg(long, conflicts_with_all = ["session", "profile"])]
    all: bool,
}

/// A login, and how AWS is reached for it.
struct Login {
    what: What,
    way: Way,
}

enum Way {
    Through(ClientSettings),
    /// Nothing configures its endpoints any longer; what is kept has this name
    Unknown(SessionKey),
}

enum What {
    Sso(SsoLogin),
    SignIn(String),
}

impl Logout {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let mut failure = None;
        for login in self.logins(app)? {
            let done = match (&login.what, &login.way) {
                (What::Sso(sso), Way::Through(settings)) => app.log_out(settings, sso),
                (What::Sso(sso), Way::Unknown(key)) => app.forget_login(sso, key),
                (What::SignIn(session), Way::Through(settings)) => app.sign_out(settings, session),
                (What::SignIn(session), Way::Unknown(key)) => app.forget_sign_in(session, key),
            };
            // One that cannot be ended does not keep the others.
            let problem = match done {
                Ok(done) => {
                    tell(app, &login.what, &done);
                    done.not_told.map(Failure::from)
                }
                Err(problem) => Some(problem),
            };
            failure = failure.or(problem);
        }
        failure.map_or(Ok(ExitCode::SUCCESS), Err)
    }

    fn logins(&self, app: &App) -> Result<Vec<Login>, Failure> {
        if let Some(profile) = self.target.profile() {
            return Ok(vec![of_profile(app, profile)?]);
        }
        let mut kept = app
            .vault()?
            .login_headers()?
            .into_iter()
            .filter(|(_, header)| self.target.session().is_none_or(|name| is(header, name)))
            .map(|(key, header)| kept(app, key, header))
            .collect::<Result<Vec<_>, _>>()?;
        kept.sort_by(|a, b| a.what.name().cmp(b.what.name()));
        match (kept.len(), self.all, self.target.session()) {
            // The AWS CLI may be logged in to it, which is then said.
            (0, false, Some(_)) => self.named(app),
            (0, false, None) if app.profiles()?.sso_session_names().count() == 1 => self.named(app),
            (0, ..) => {
                app.out().notice("nobody is logged in");
                Ok(kept)
            }
            // The same name at two portals: whoever names it means both.
            (1.., true, _) | (1.., _, Some(_)) | (1, ..) => Ok(kept),
            (2.., false, None) => {
                let names: Vec<_> = kept.iter().map(|login| login.what.name().to_owned()).collect();
                match app.picked("Login", &names)? {
                    Some(choice) => Ok(vec![kept.swap_remove(choice)]),
                    None => Err(Failure::usage(
                        format!("there are several logins: {}", names.join(", ")),
                        "name one of them, or give --all",
                    )),
                }
            }
        }
    }

    fn named(&self, app: &App) -> Result<Vec<Login>, Failure> {
        let (login, settings) = self.target.login(app)?;
        Ok(vec![Login { what: What::Sso(login), way: Way::Through(settings) }])
    }
}

impl What {
    /// As the command line names it.
    fn name(&self) -> &str {
        match self {
            Self::Sso(login) => login.session.as_deref().unwrap_or(&login.start_url),
            Self::SignIn(session) => session,
        }
    }
}

/// Its endpoints are part of its name: they may be those of a profile.
fn kept(app: &App, key: SessionKey, header: LoginHeader) -> Result<Login, Failure> {
    let what = what(header);
    let is_of = |settings: &ClientSettings| {
        key == match &what {
            What::Sso(login) => sso_login_key(login, settings),
            What::SignIn(session) => sign_in_key(session, settings),
        }
    };
    let way = app.settings_of_kept(is_of)?.map_or(Way::Unknown(key), Way::Through);
    Ok(Login { what, way })
}

fn is(header: &LoginHeader, name: &str) -> bool {
    header.name.as_deref().unwrap_or(&header.url) == name
}

fn what(header: LoginHeader) -> What {
    match header.kind {
        LoginKind::SignIn => What::SignIn(header.name.unwrap_or_default()),
        LoginKind::Sso => What::Sso(SsoLogin {
            session: header.name,
            start_url: header.url,
            region: header.region,
            scopes: header.scopes,
        }),
    }
}

fn of_profile(app: &App, profile: &str) -> Result<Login, Failure> {
    if let Ok(plan) = plan_of_profile(app, profile)
        && let Some(session) = plan.login_session()
    {
        let what = What::SignIn(session.to_owned());
        return Ok(Login { what, way: Way::Through(plan.settings().clone()) });
    }
    let (login, settings) = login_of_profile(app, profile)?;
    Ok(Login { what: What::Sso(login), way: Way::Through(settings) })
}

fn tell(app: &App, what: &What, done: &LoggedOut) {
    let out = app.out();
    let name = match what {
        What::Sso(login) => login.to_string(),
        What::SignIn(session) => session.clone(),
    };
    match (&done.not_told, done.was_logged_in) {
        (Some(_), _) => out.warning(&format!(
            "{name}: what awsx kept is removed, but AWS was not told: the login may still be good there"
        )),
        (None, true) => out.notice(&format!("logged out of {name}")),
        (None, false) => out.notice(&format!("{name}: nobody was logged in")),
    }
    if done.shared {
        out.notice("removed it from the AWS CLI's cache too");
    }
    let now = app.now();
    for session in done.sessions.iter().filter(|session| session.expires_at > now) {
        let until = out.instant(session.expires_at, now);
        out.notice(&format!("AWS honours until {until} what was handed out of: {}", session.label));
    }
    if let Some(until) = done.honoured_until.filter(|until| *until > now) {
        let until = out.instant(until, now);
        out.notice(&format!("AWS honours the sign-in's own credentials until {until}"));
    }
    if let What::Sso(login) = what
        && let Some(file) = app.aws_cli_token(login)
    {
        out.notice(&format!(
            "the AWS CLI is still logged in ({}), and awsx uses that: `aws sso logout` ends it",
            file.display()
        ));
    }
}
