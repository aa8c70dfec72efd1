//! `awsx profiles`

use std::borrow::Cow;
use std::collections::BTreeMap;

use clap::Args;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Value, json};

use crate::app::App;
use crate::env::Env;
use crate::profile::{Location, Profile, Profiles, Section, Setting, Warning};
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
                "no profiles: neither {} nor {} has any; `awsx config sso` or `awsx login aws NAME` makes one",
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

/// `awsx profiles --json`, version 1; fields are only ever added. Objects keep the files' order, and a
/// profile is read when it is its turn to be written.
#[derive(serde::Serialize)]
struct Document<P, S> {
    version: u8,
    profiles: P,
    sso_sessions: S,
    warnings: Vec<Value>,
}

/// An object whose members are made one by one.
struct Object<F>(F);

impl<F, I, K, V> Serialize for Object<F>
where
    F: Fn() -> I,
    I: Iterator<Item = (K, V)>,
    K: Serialize,
    V: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}

fn document<'a>(profiles: &'a Profiles, env: &'a Env) -> impl Serialize + 'a {
    let profile = |name| Some((name, ProfileEntry::new(profiles, env, name)?));
    let session = |name| Some((name, SessionEntry(profiles.sso_session(name)?)));
    let warning = |warning: &Warning| {
        let Location { file, line } = &warning.location;
        let message = warning.kind.to_string();
        json!({ "file": file.display().to_string(), "line": line, "message": message })
    };
    Document {
        version: 1,
        profiles: Object(move || profiles.names().filter_map(profile)),
        sso_sessions: Object(move || profiles.sso_session_names().filter_map(session)),
        warnings: profiles.warnings().iter().map(warning).collect(),
    }
}

struct SessionEntry(Section);

impl Serialize for SessionEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("settings", Object(|| display(self.0.settings())))])
    }
}

struct ProfileEntry {
    profile: Profile,
    source: Option<&'static str>,
    problems: Vec<String>,
}

impl ProfileEntry {
    fn new(profiles: &Profiles, env: &Env, name: &str) -> Option<Self> {
        let profile = profiles.as_written(name)?;
        let source = kind_of_profile(&profile).map(|kind| kind.as_str());
        let problems = match chain(profiles, env, &Request::of_profile(name)) {
            Ok(found) => found.warnings().iter().map(ToString::to_string).collect(),
            // A profile that only holds settings, such as a region, is no problem.
            Err(_) if source.is_none() => Vec::new(),
            Err(error) => vec![error.to_string()],
        };
        Some(Self { profile, source, problems })
    }
}

impl Serialize for ProfileEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let places: Vec<_> = self.profile.headers().iter().map(Place::from).collect();
        let mut entry = serializer.serialize_struct("ProfileEntry", 4)?;
        entry.serialize_field("settings", &Object(|| display(self.profile.settings())))?;
        entry.serialize_field("defined_at", &places)?;
        entry.serialize_field("source", &self.source)?;
        entry.serialize_field("problems", &self.problems)?;
        entry.end()
    }
}

#[derive(serde::Serialize)]
struct Place<'a> {
    file: Cow<'a, str>,
    line: u32,
}

impl<'a> From<&'a Location> for Place<'a> {
    fn from(at: &'a Location) -> Self {
        Self { file: at.file.to_string_lossy(), line: at.line }
    }
}

/// The settings verbatim, but for what may be a secret.
fn display<'a>(
    settings: impl Iterator<Item = &'a Setting>,
) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
    settings.map(|setting| (setting.key.as_str(), setting.display()))
}
