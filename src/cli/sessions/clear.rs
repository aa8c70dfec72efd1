//! `awsx sessions clear`

use std::collections::HashMap;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::words::{place, session_words};
use crate::app::App;
use crate::app::sessions::users_of_sessions;
use crate::cli::page::page;
use crate::cli::sso_target::plan_of_profile;
use crate::cli::what_stays::tell_what_stays;
use crate::credentials::SessionKey;
use crate::report::failure::{Failure, word};
use crate::vault::{SessionHeader, forget_session, forget_tokens};

/// Forget sessions that are kept
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
The next command makes them anew. A session that another profile uses too stays.
Tokens that were made with what is forgotten go with it.
";
    "awsx sessions clear prod"
    "awsx sessions clear prod audit     also those that these two share"
    "awsx sessions clear --all"
))]
pub(in crate::cli) struct SessionsClear {
    /// Those of these profiles alone
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    profiles: Vec<String>,
    /// Those that are over
    #[arg(long, conflicts_with_all = ["profiles", "all"])]
    expired: bool,
    /// All of them
    #[arg(long, conflicts_with = "profiles")]
    all: bool,
}

/// A kept session, and the other profiles that use it.
struct Target {
    key: SessionKey,
    header: SessionHeader,
    others: Vec<String>,
}

impl SessionsClear {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let vault = app.vault()?;
        if self.all {
            return clear_all(app);
        }
        let mut kept = vault.headers::<SessionHeader>()?;
        kept.sort_by_key(|(_, header)| place(header));
        let (targets, none) = match (self.expired, &*self.profiles) {
            (true, _) => (over(app, kept), "no kept session is over".to_owned()),
            (false, []) => {
                return Err(Failure::usage(
                    "which sessions are to be forgotten is not said".to_owned(),
                    "name a profile, as `awsx sessions list` has it, or give --expired or --all",
                ));
            }
            (false, names) => (
                of_profiles(app, kept, names)?,
                format!("no session of {} is kept", names.join(", ")),
            ),
        };
        let (shared, own): (Vec<_>, Vec<_>) =
            targets.into_iter().partition(|target| !target.others.is_empty());
        for target in &own {
            forget_session(vault, &target.key)?;
        }
        forget_tokens(vault, |token| {
            token.profile.as_ref().is_some_and(|name| self.profiles.contains(name))
        })?;
        let gone: Vec<_> = own.into_iter().map(|target| target.header).collect();
        match gone.len() {
            0 if shared.is_empty() => app.out().notice(&none),
            0 => {}
            count => tell_of_forgotten(app, count, &gone),
        }
        shared.iter().for_each(|target| tell_of_shared(app, target, &self.profiles));
        Ok(())
    }
}

/// Also those that cannot be read.
fn clear_all(app: &App) -> Result<(), Failure> {
    let vault = app.vault()?;
    let headers = vault.headers::<SessionHeader>()?;
    let keys = vault.keys::<SessionHeader>()?;
    for key in &keys {
        forget_session(vault, key)?;
    }
    forget_tokens(vault, |_| true)?;
    let gone: Vec<_> = headers.into_iter().map(|(_, header)| header).collect();
    match keys.len() {
        0 => app.out().notice("no session is kept"),
        count => tell_of_forgotten(app, count, &gone),
    }
    Ok(())
}

fn over(app: &App, kept: Vec<(SessionKey, SessionHeader)>) -> Vec<Target> {
    kept.into_iter()
        .filter(|(_, header)| header.expires_at <= app.now())
        .map(|(key, header)| Target { key, header, others: Vec::new() })
        .collect()
}

/// The sessions that these profiles lead through, and those that were made for them, with other flags or by
/// files that said otherwise.
fn of_profiles(
    app: &App,
    kept: Vec<(SessionKey, SessionHeader)>,
    names: &[String],
) -> Result<Vec<Target>, Failure> {
    let users = users_of_sessions(app)?;
    let is_named = |name: &str| names.iter().any(|named| named == name);
    let targets: Vec<Target> = kept
        .into_iter()
        .filter(|(key, header)| {
            users.get(key).is_some_and(|users| users.iter().any(|user| is_named(user)))
                || header.of.profile.as_deref().is_some_and(is_named)
        })
        .map(|(key, header)| Target { key, header, others: others(&users, &key, is_named) })
        .collect();
    for name in names {
        let is_known = app.profiles()?.knows(name)
            || targets.iter().any(|target| target.header.of.profile.as_deref() == Some(&**name));
        if !is_known {
            // It says that there is no such profile, and which there is.
            plan_of_profile(app, name)?;
        }
    }
    Ok(targets)
}

fn others(
    users: &HashMap<SessionKey, Vec<String>>,
    key: &SessionKey,
    is_named: impl Fn(&str) -> bool,
) -> Vec<String> {
    let users = users.get(key).into_iter().flatten();
    users.filter(|user| !is_named(user)).cloned().collect()
}

fn tell_of_forgotten(app: &App, count: usize, gone: &[SessionHeader]) {
    app.out().notice(&match count {
        1 => "1 session is forgotten".to_owned(),
        count => format!("{count} sessions are forgotten"),
    });
    tell_what_stays(app, gone.iter().map(|header| (&*header.label, header.expires_at)));
}

/// So many profiles are named.
const NAMED: usize = 3;

fn tell_of_shared(app: &App, target: &Target, names: &[String]) {
    let Target { header, others, .. } = target;
    let session = match &header.of.profile {
        Some(profile) => format!("the session of {profile} ({})", session_words(header)),
        None => format!("the session \"{}\"", session_words(header)),
    };
    let (named, more) = others.split_at(others.len().min(NAMED));
    let (verb, command) = (if others.len() == 1 { "uses" } else { "use" }, "awsx sessions clear");
    let (users, command) = match more.len() {
        0 => {
            let all = names.iter().chain(named).map(|name| word(name));
            (named.join(", "), format!("{command} {}", all.collect::<Vec<_>>().join(" ")))
        }
        count => (format!("{} and {count} more", named.join(", ")), format!("{command} --all")),
    };
    app.out().notice(&format!("{session} stays: {users} {verb} it too; `{command}` forgets it"));
}
