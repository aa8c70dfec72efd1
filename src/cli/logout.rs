//! `awsx logout`

use clap::Args;

use super::page::page;
use super::sso_target::{SsoTarget, login_of_profile, plan_of_profile};
use super::what_stays::tell_what_stays;
use crate::app::App;
use crate::app::login::{aws_cli_token, forget_login, log_out, settings_of_login};
use crate::client_settings::ClientSettings;
use crate::credentials::{Login, SessionKey};
use crate::login::{LoggedOut, LoginHeader};
use crate::report::failure::{Failure, Kind, MAKE_AWS_FILES_YOURS};

/// End a login, and forget all that came from it
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Tells AWS, removes the tokens and every session that came from them, and says
what stays valid.
";
    "awsx logout                  the only login, or one of them"
    "awsx logout corp             an [sso-session], a start URL or an ARN"
    "awsx logout --all"
))]
pub(super) struct Logout {
    #[command(flatten)]
    target: SsoTarget,
    /// Every login
    #[arg(long, conflicts_with_all = ["session", "profile"])]
    all: bool,
}

/// A login to end, and how AWS is reached for it.
struct Target {
    login: Login,
    reach: Reach,
}

enum Reach {
    Through(Box<ClientSettings>),
    /// Nothing configures its endpoints any longer; what is kept has this key
    Unknown(SessionKey),
}

impl Reach {
    fn through(settings: ClientSettings) -> Self {
        Self::Through(Box::new(settings))
    }
}

impl Logout {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let mut failure = None;
        for target in self.targets(app)? {
            let done = match &target.reach {
                Reach::Through(settings) => log_out(app, settings, &target.login),
                Reach::Unknown(key) => forget_login(app, &target.login, key),
            };
            // One that cannot be ended does not keep the others.
            let problem = match done {
                Ok(done) => {
                    tell(app, &target.login, &done);
                    let hint = format!("remove that file, or {MAKE_AWS_FILES_YOURS}");
                    let advise = |error| Failure::new(&error, Kind::Config.with(hint));
                    let unshared = done.shared.err().map(advise);
                    done.not_told.map(Failure::from).or(unshared)
                }
                Err(problem) => Some(problem),
            };
            failure = failure.or(problem);
        }
        failure.map_or(Ok(()), Err)
    }

    fn targets(&self, app: &App) -> Result<Vec<Target>, Failure> {
        if let Some(profile) = &self.target.profile {
            return Ok(vec![target_of_profile(app, profile)?]);
        }
        let (named, mut kept) = (self.target.session.as_deref(), Vec::new());
        for (key, header) in app.vault()?.headers::<LoginHeader>()? {
            let login = header.login();
            if named.is_none_or(|name| login.name() == name) {
                // Its endpoints are part of its key: they may be those of a profile.
                let reach = settings_of_login(app, &login, key)?;
                let reach = reach.map_or(Reach::Unknown(key), Reach::through);
                kept.push(Target { login, reach });
            }
        }
        kept.sort_by(|a, b| a.login.name().cmp(b.login.name()));
        match (kept.len(), self.all, named) {
            // The AWS CLI may be logged in to it, which is then said.
            (0, false, Some(_)) => self.target_of_command_line(app),
            (0, false, None) if app.profiles()?.sso_session_names().count() == 1 => {
                self.target_of_command_line(app)
            }
            (0, ..) => {
                app.out().notice("nobody is logged in");
                Ok(kept)
            }
            // The same name at two portals: whoever names it means both.
            (1.., true, _) | (1.., _, Some(_)) | (1, ..) => Ok(kept),
            (2.., false, None) => {
                let names: Vec<_> =
                    kept.iter().map(|target| target.login.name().to_owned()).collect();
                match app.pick("Login", &names)? {
                    Some(choice) => Ok(vec![kept.swap_remove(choice)]),
                    None => Err(Failure::usage(
                        format!("there are several logins: {}", names.join(", ")),
                        "name one of them, or give --all",
                    )),
                }
            }
        }
    }

    fn target_of_command_line(&self, app: &App) -> Result<Vec<Target>, Failure> {
        let (login, settings) = self.target.login(app, "awsx logout")?;
        let login = Login::IdentityCenter(login);
        Ok(vec![Target { login, reach: Reach::through(settings) }])
    }
}

fn target_of_profile(app: &App, profile: &str) -> Result<Target, Failure> {
    if let Ok(plan) = plan_of_profile(app, profile)
        && let Some(login @ Login::Console(_)) = plan.login()
    {
        return Ok(Target { login, reach: Reach::through(plan.settings().clone()) });
    }
    let (login, settings) = login_of_profile(app, profile)?;
    let login = Login::IdentityCenter(login);
    Ok(Target { login, reach: Reach::through(settings) })
}

fn tell(app: &App, login: &Login, done: &LoggedOut) {
    let out = app.out();
    let name = match login {
        Login::IdentityCenter(login) => login.to_string(),
        Login::Console(session) => session.arn().to_owned(),
    };
    let is_shared = matches!(done.shared, Ok(true));
    match (&done.not_told, done.was_logged_in) {
        (Some(_), _) => {
            let too = if is_shared { ", also from the AWS CLI's cache" } else { "" };
            out.warning(&format!(
                "{name}: what awsx kept is removed{too}, but AWS was not told: the login may still be \
                 good there"
            ));
        }
        (None, true) => {
            let too = if is_shared { ", and removed it from the AWS CLI's cache" } else { "" };
            out.notice(&format!("logged out of {name}{too}"));
        }
        (None, false) => out.notice(&format!("{name}: nobody was logged in")),
    }
    if done.shared.is_err() {
        out.warning(&format!("{name}: the AWS CLI's cache still has it"));
    }
    tell_what_stays_of(app, done);
    if let Login::IdentityCenter(login) = login
        && let Some(file) = aws_cli_token(app, login)
    {
        out.notice(&format!(
            "the AWS CLI is still logged in ({}), and awsx uses that: `aws sso logout` ends it",
            file.display()
        ));
    }
}

/// What AWS honours until it expires.
fn tell_what_stays_of(app: &App, done: &LoggedOut) {
    let own = done.honoured_until.map(|end| ("the sign-in's own credentials", end));
    let of_sessions = done.sessions.iter().map(|session| (&*session.label, session.expires_at));
    tell_what_stays(app, own.into_iter().chain(of_sessions));
}
