//! `awsx logout`

use std::process::ExitCode;

use clap::Args;

use super::failure::Failure;
use super::sso_target::SsoTarget;
use crate::app::App;
use crate::credentials::SsoLogin;
use crate::profile::ClientSettings;
use crate::session::sso_logout::LoggedOut;
use crate::vault::{LoginHeader, LoginKind};

/// End a login, and forget all that came from it
///
/// Tells AWS, removes the tokens and every session minted from them, and says which credentials AWS
/// still honours.
#[derive(Debug, Args)]
pub(super) struct Logout {
    #[command(flatten)]
    target: SsoTarget,
    /// Every login
    #[arg(long, conflicts_with_all = ["session", "profile"])]
    all: bool,
}

impl Logout {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let mut failure = None;
        for (login, settings) in self.logins(app)? {
            let done = app.log_out(&settings, &login)?;
            tell(app, &login, &done);
            failure = failure.or(done.not_told.map(Failure::from));
        }
        failure.map_or(Ok(ExitCode::SUCCESS), Err)
    }

    fn logins(&self, app: &App) -> Result<Vec<(SsoLogin, ClientSettings)>, Failure> {
        let kept = app.vault()?.login_headers()?;
        let mut kept: Vec<_> = kept.into_iter().filter_map(|(_, header)| sso(header)).collect();
        if !self.all {
            let named = self.target.names_one() || kept.len() != 1;
            return match named {
                true => Ok(vec![app.sso_login(&self.target)?]),
                false => Ok(vec![(kept.remove(0), app.own_settings()?)]),
            };
        }
        if kept.is_empty() {
            app.out().notice("nobody is logged in");
        }
        let settings = app.own_settings()?;
        Ok(kept.into_iter().map(|login| (login, settings.clone())).collect())
    }
}

fn sso(header: LoginHeader) -> Option<SsoLogin> {
    (header.kind == LoginKind::Sso).then_some(SsoLogin {
        session: header.name,
        start_url: header.url,
        region: header.region,
        scopes: header.scopes,
    })
}

fn tell(app: &App, login: &SsoLogin, done: &LoggedOut) {
    let out = app.out();
    match (&done.not_told, done.was_logged_in) {
        (Some(_), _) => out.warning(&format!(
            "{login}: what awsx kept is removed, but AWS was not told: the login may still be good there"
        )),
        (None, true) => out.notice(&format!("logged out of {login}")),
        (None, false) => out.notice(&format!("{login}: nobody was logged in")),
    }
    if done.shared {
        out.notice("removed the token from the AWS CLI's cache too");
    }
    let now = app.now();
    for session in done.sessions.iter().filter(|session| session.expires_at > now) {
        let until = out.instant(session.expires_at, now);
        out.notice(&format!("AWS honours until {until} what was handed out of: {}", session.label));
    }
    if let Some(file) = app.aws_cli_token(login) {
        out.notice(&format!(
            "the AWS CLI is still logged in ({}), and awsx uses that: `aws sso logout` ends it",
            file.display()
        ));
    }
}
