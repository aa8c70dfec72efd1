//! Which runs are meant: of the profiles of patterns, or of the accounts of a login.

use std::collections::HashMap;

use super::flags::Each;
use super::pattern::{Pattern, nobody};
use super::run::{Run, Whose};
use crate::app::App;
use crate::app::organization::organization;
use crate::cli::profiles::{ProfileLines, profile_lines};
use crate::cli::sso_target::SsoTarget;
use crate::ports::{Account, List};
use crate::report::Failure;
use crate::report::failure::{Kind, prompt_advice, word};
use crate::text::Glob;

/// Whose runs are meant, in the order of the patterns, or of the accounts' names.
pub(super) fn find_whose(app: &App, each: &Each) -> Result<Vec<Whose>, Failure> {
    match &each.sso {
        Some(session) => roles_of_login(app, each, session),
        None if each.patterns.is_empty() => profiles_of_patterns(app, &["*".to_owned()]),
        None => profiles_of_patterns(app, &each.patterns),
    }
}

/// Those of them that a person ticks.
pub(super) fn pick(app: &App, mut all: Vec<Whose>) -> Result<Vec<Whose>, Failure> {
    let ProfileLines { names, lines, .. } = profile_lines(app)?;
    let about: HashMap<&str, &String> = names.iter().map(String::as_str).zip(&lines).collect();
    let line = |whose: &Whose| match whose {
        Whose::Profile(name) => about.get(&**name).map_or(name, |line| *line).clone(),
        Whose::Role { account, name, .. } => format!("{name}  {account}"),
    };
    let items: Vec<String> = all.iter().map(line).collect();
    let what = match all.first() {
        Some(Whose::Role { .. }) => "Accounts",
        _ => "Profiles",
    };
    let picked = app.person().ask(|terminal| terminal.pick_several(&List::new(what, &items)));
    let picked = picked.map_err(|error| {
        let hint = "name them, instead of -i".to_owned();
        Failure::new(&error, prompt_advice(&error, hint))
    })?;
    let mut at = 0;
    all.retain(|_| {
        at += 1;
        picked.contains(&(at - 1))
    });
    Ok(all)
}

/// A run in each region.
pub(super) fn in_regions(each: &Each, all: Vec<Whose>) -> Vec<Run> {
    let runs = |whose: Whose| match &each.regions[..] {
        [] => vec![Run::new(whose, None)],
        regions => {
            let in_one = |region: &String| Run::new(whose.clone(), Some(region.clone()));
            regions.iter().map(in_one).collect()
        }
    };
    all.into_iter().flat_map(runs).collect()
}

fn profiles_of_patterns(app: &App, patterns: &[String]) -> Result<Vec<Whose>, Failure> {
    let profiles = app.profiles()?;
    let mut found: Vec<Whose> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for pattern in patterns {
        let names = Pattern::parse(app, profiles, pattern)?.select(profiles);
        if names.is_empty() {
            return Err(nobody(profiles, pattern));
        }
        let new = names.into_iter().filter(|name| seen.insert((*name).to_owned()));
        found.extend(new.map(|name| Whose::Profile(name.to_owned())));
    }
    Ok(found)
}

/// The role in each account that matches and has it.
fn roles_of_login(app: &App, each: &Each, session: &str) -> Result<Vec<Whose>, Failure> {
    let (login, settings) = SsoTarget::of_session(session).login(app, "awsx each --sso")?;
    // What `awsx exec --sso` takes is the name of an [sso-session].
    let Some(session) = login.session.clone() else {
        let message = format!("{login} is a profile's own login, and has no [sso-session]");
        return Err(Failure::usage(message, "`awsx config sso` makes a session"));
    };
    let role = each.role.as_deref().unwrap_or_default();
    let globs: Vec<Glob> = each.accounts.iter().map(|text| Glob::new(text)).collect();
    let is_meant = |account: &Account| {
        let matches = |glob: &Glob| {
            glob.matches(&account.account_id) || glob.matches_in_any_case(&account.account_name)
        };
        globs.is_empty() || globs.iter().any(matches)
    };
    let found = organization(app, &settings, &login, &is_meant, false)?;
    // A run that leaves accounts out is not the one that was asked for.
    Failure::unless_complete(&found)?;
    let has_role = |roles: &[String]| roles.iter().any(|one| one == role);
    let with_role = found
        .accounts
        .into_iter()
        .filter(|account| account.known.as_ref().is_some_and(|known| has_role(&known.roles)));
    let all: Vec<Whose> = with_role
        .map(|account| Whose::Role {
            session: session.clone(),
            account: account.account.account_id,
            name: account.account.account_name,
            role: role.to_owned(),
        })
        .collect();
    if all.is_empty() {
        let of = match &each.accounts[..] {
            [] => "no account".to_owned(),
            globs => format!("no account like {}", globs.join(", ")),
        };
        return Err(Failure::say(
            format!("{of} of sso-session \"{session}\" has the role {role} for you"),
            Kind::Config.with(format!("`awsx sso roles {}` lists them", word(&session))),
        ));
    }
    Ok(all)
}
