//! `awsx profiles`

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::Args;
use serde::{Serialize, Serializer};

use crate::app::App;
use crate::env::Env;
use crate::profile::{Location, Profile, Profiles, Setting, SsoSession, Warning};
use crate::report::Failure;
use crate::resolve::{Request, chain, kind_of_profile};
use crate::text::printable;

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
            app.out().json(&Listing {
                version: 1,
                profiles: (profiles, app.env()),
                sso_sessions: profiles,
                warnings: profiles.warnings(),
            })?;
            return Ok(());
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
    let mut text = String::new();
    for name in profiles.names() {
        let Some(profile) = profiles.as_written(name) else { continue };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<width$}  {}", printable(name), source_text(&profile));
    }
    text
}

/// What a profile draws on, in a few words.
fn source_text(profile: &Profile) -> String {
    let kind = kind_of_profile(profile).map_or("no credentials of its own", |kind| kind.as_str());
    match source_of(profile) {
        Some(source) => format!("{kind} from {}", printable(source)),
        None => kind.to_owned(),
    }
}

/// The `source_profile` of a profile that is a role.
fn source_of(profile: &Profile) -> Option<&str> {
    let source = profile.get("role_arn").and(profile.get("source_profile"));
    source.map(|source| source.value().trim())
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
    let mut text = String::new();
    let mut line = |depth: usize, profile: &Profile| {
        let indent = "  ".repeat(depth);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{indent}{}  {}", printable(profile.name()), source_text(profile));
    };
    while let Some((depth, profile)) = stack.pop() {
        line(depth, profile);
        let below = children.remove(profile.name()).into_iter().flatten();
        stack.extend(below.rev().map(|child| (depth + 1, child)));
    }
    all.iter()
        .filter(|profile| source_of(profile).is_some_and(|source| children.contains_key(source)))
        .for_each(|profile| line(0, profile));
    text
}

/// `awsx profiles --json`, version 1; fields are only ever added. Objects keep the files' order, and
/// each profile is read when it is its turn.
#[derive(Serialize)]
struct Listing<'a> {
    version: u32,
    #[serde(serialize_with = "profiles_by_name")]
    profiles: (&'a Profiles, &'a Env),
    #[serde(serialize_with = "sessions_by_name")]
    sso_sessions: &'a Profiles,
    #[serde(serialize_with = "warnings")]
    warnings: &'a [Warning],
}

#[derive(Serialize)]
struct ListedProfile {
    #[serde(serialize_with = "profile_settings")]
    settings: Profile,
    defined_at: Vec<Place>,
    source: Option<&'static str>,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct ListedSession {
    #[serde(serialize_with = "session_settings")]
    settings: SsoSession,
}

#[derive(Serialize)]
struct Place {
    file: String,
    line: u32,
}

#[derive(Serialize)]
struct ListedWarning {
    #[serde(flatten)]
    at: Place,
    message: String,
}

fn profiles_by_name<S: Serializer>(
    (profiles, env): &(&Profiles, &Env),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let entry = |name| Some((name, profile_entry(profiles, env, name)?));
    serializer.collect_map(profiles.names().filter_map(entry))
}

fn sessions_by_name<S: Serializer>(profiles: &Profiles, serializer: S) -> Result<S::Ok, S::Error> {
    let entry = |name| Some((name, ListedSession { settings: profiles.sso_session(name)? }));
    serializer.collect_map(profiles.sso_session_names().filter_map(entry))
}

fn warnings<S: Serializer>(warnings: &[Warning], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(
        warnings.iter().map(|warning| ListedWarning {
            at: place(&warning.location),
            message: warning.message(),
        }),
    )
}

fn profile_entry(profiles: &Profiles, env: &Env, name: &str) -> Option<ListedProfile> {
    let profile = profiles.as_written(name)?;
    let kind = kind_of_profile(&profile);
    let problems = match chain(profiles, env, &Request::of_profile(name)) {
        Ok(found) => found.warnings().iter().map(ToString::to_string).collect(),
        // A profile that only holds settings, such as a region, is no problem.
        Err(_) if kind.is_none() => Vec::new(),
        Err(error) => vec![error.to_string()],
    };
    Some(ListedProfile {
        defined_at: profile.headers().iter().map(place).collect(),
        settings: profile,
        source: kind.map(|kind| kind.as_str()),
        problems,
    })
}

fn place(at: &Location) -> Place {
    Place { file: at.file.display().to_string(), line: at.line }
}

fn profile_settings<S: Serializer>(profile: &Profile, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(profile.settings().map(key_and_value))
}

fn session_settings<S: Serializer>(session: &SsoSession, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(session.settings().map(key_and_value))
}

/// A setting verbatim, unless it is a secret.
fn key_and_value(setting: &Setting) -> (&str, &str) {
    (setting.key(), if setting.is_secret() { "***" } else { setting.value() })
}
