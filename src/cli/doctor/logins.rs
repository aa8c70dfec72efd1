//! Who is logged in where, and until when.

use super::point::{Point, State};
use crate::app::App;
use crate::app::login::aws_cli_token;
use crate::cli::login_state::{is_good, login_words, words_of_loss};
use crate::login::{LoginHeader, LoginKind};
use crate::resolve::sso_login;
use crate::text::word;

const TOPIC: &str = "logins";

pub(super) fn examine(app: &App) -> Vec<Point> {
    // What is wrong with the vault is told of the vault.
    let Ok(vault) = app.vault() else { return Vec::new() };
    let Ok(kept) = vault.headers::<LoginHeader>() else { return Vec::new() };
    let mut points = Vec::new();
    for (key, header) in &kept {
        let name = header.login().name().to_owned();
        let (state, words) = match vault.is_lost::<LoginHeader>(key) {
            true => (State::Doubtful, words_of_loss(header, None)),
            false if is_good(app, header) => (State::Good, login_words(app, header, None)),
            false => (State::Doubtful, login_words(app, header, None)),
        };
        points.push(Point::new(state, TOPIC, format!("{name}: {words}")));
    }
    let Ok(profiles) = app.profiles() else { return points };
    for name in profiles.sso_session_names() {
        let is_kept = kept.iter().any(|(_, header)| {
            header.kind == LoginKind::IdentityCenter && header.name.as_deref() == Some(name)
        });
        let Ok(login) = sso_login(profiles, name) else { continue };
        if is_kept {
            continue;
        }
        points.push(match aws_cli_token(app, &login) {
            Some(file) => Point::new(
                State::Good,
                TOPIC,
                format!("{name}: that of the AWS CLI ({})", file.display()),
            ),
            None => Point::new(State::Doubtful, TOPIC, format!("{name}: nobody is logged in"))
                .next(format!("`awsx login sso {}`", word(name))),
        });
    }
    points
}
