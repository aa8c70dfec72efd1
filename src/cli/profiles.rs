//! `awsx profiles`

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::env::Env;
use crate::profile::{Location, Profile, Profiles, Setting, Warning};
use crate::report::Failure;
use crate::resolve::{Request, chain, kind_of_profile};

/// List the profiles and what each draws on
#[derive(Debug, Args)]
pub(super) struct ProfilesCommand {
    /// As JSON, with every setting
    #[arg(long)]
    pub(super) json: bool,
    /// Each profile below the one whose credentials it uses
    #[arg(long, conflicts_with = "json")]
    tree: bool,
}

impl ProfilesCommand {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let profiles = app.profiles()?;
        if self.json {
            return app.out().json(&document(profiles, &app.env));
        }
        let text = if self.tree { tree(profiles) } else { list(profiles) };
        if text.is_empty() {
            app.out().notice(&format!(
                "no profiles: neither {} nor {} has any; `aws configure` makes one",
                profiles.config_file().display(),
                profiles.credentials_file().display()
            ));
        }
        app.out().data(&text)?;
        for warning in profiles.warnings() {
            app.out().warning(&warning.to_string());
        }
        Ok(())
    }
}

fn list(profiles: &Profiles) -> String {
    let width = profiles.names().map(|name| name.chars().count()).max().unwrap_or(0).min(40);
    let line = |name: &str| {
        let source = source_text(&profiles.as_written(name)?);
        Some(format!("{name:<width$}  {source}\n"))
    };
    profiles.names().filter_map(line).collect()
}

/// What a profile draws on, in a few words.
fn source_text(profile: &Profile) -> String {
    let kind = kind_of_profile(profile).map_or("no credentials of its own", |kind| kind.as_str());
    match source_of(profile) {
        Some(source) => format!("{kind} from {source}"),
        None => kind.to_owned(),
    }
}

/// The `source_profile` of a profile that is a role.
fn source_of(profile: &Profile) -> Option<&str> {
    let source = profile.get("role_arn").and(profile.get("source_profile"));
    source.map(|source| source.value.trim())
}

/// Every profile once, below its source. What a circle keeps from any root comes last.
fn tree(profiles: &Profiles) -> String {
    let all: Vec<Profile> = profiles.names().filter_map(|name| profiles.as_written(name)).collect();
    let mut children: BTreeMap<&str, Vec<&Profile>> = BTreeMap::new();
    // A stack, not recursion: the chain may be as long as the file.
    let mut stack = Vec::new();
    for profile in &all {
        match source_of(profile) {
            Some(source) if profiles.contains(source) => {
                children.entry(source).or_default().push(profile);
            }
            _ => stack.push((0, profile)),
        }
    }
    stack.reverse();
    let line = |depth: usize, profile: &Profile| {
        format!("{}{}  {}\n", "  ".repeat(depth), profile.name(), source_text(profile))
    };
    let mut text = String::new();
    while let Some((depth, profile)) = stack.pop() {
        text.push_str(&line(depth, profile));
        let below = children.remove(profile.name()).into_iter().flatten();
        stack.extend(below.rev().map(|child| (depth + 1, child)));
    }
    let is_left =
        |profile: &&Profile| source_of(profile).is_some_and(|source| children.contains_key(source));
    text.extend(all.iter().filter(is_left).map(|profile| line(0, profile)));
    text
}

/// `awsx profiles --json`, version 1; fields are only ever added. Objects keep the files' order.
fn document(profiles: &Profiles, env: &Env) -> Value {
    let profile = |name: &str| Some((name.to_owned(), profile_entry(profiles, env, name)?));
    let session = |name: &str| {
        let session = profiles.sso_session(name)?;
        Some((name.to_owned(), json!({ "settings": settings(session.settings()) })))
    };
    let warning = |warning: &Warning| {
        let Location { file, line } = &warning.location;
        let message = warning.kind.to_string();
        json!({ "file": file.display().to_string(), "line": line, "message": message })
    };
    json!({
        "version": 1,
        "profiles": profiles.names().filter_map(profile).collect::<Map<_, _>>(),
        "sso_sessions": profiles.sso_session_names().filter_map(session).collect::<Map<_, _>>(),
        "warnings": profiles.warnings().iter().map(warning).collect::<Vec<_>>(),
    })
}

fn profile_entry(profiles: &Profiles, env: &Env, name: &str) -> Option<Value> {
    let profile = profiles.as_written(name)?;
    let kind = kind_of_profile(&profile);
    let problems = match chain(profiles, env, &Request::of_profile(name)) {
        Ok(found) => found.warnings().iter().map(ToString::to_string).collect(),
        // A profile that only holds settings, such as a region, is no problem.
        Err(_) if kind.is_none() => Vec::new(),
        Err(error) => vec![error.to_string()],
    };
    let place = |at: &Location| json!({ "file": at.file.display().to_string(), "line": at.line });
    Some(json!({
        "settings": settings(profile.settings()),
        "defined_at": profile.headers().iter().map(place).collect::<Vec<_>>(),
        "source": kind.map(|kind| kind.as_str()),
        "problems": problems,
    }))
}

/// The settings verbatim, but for what may be a secret.
fn settings<'a>(settings: impl Iterator<Item = &'a Setting>) -> Map<String, Value> {
    settings.map(|setting| (setting.key.clone(), setting.display().into())).collect()
}
