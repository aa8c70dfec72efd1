//! `awsx profiles --json`

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Value, json};

use super::row::{Base, Row};
use crate::app::at_hand::AtHand;
use crate::env::Env;
use crate::profile::{Location, Profile, Profiles, Section, Setting, Warning};
use crate::resolve::{Request, chain, kind_of_profile};
use crate::text::utc;

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

/// Of the profiles whose name is `wanted`.
pub(super) fn document<'a>(
    profiles: &'a Profiles,
    env: &'a Env,
    at_hand: &'a AtHand<'a>,
    wanted: impl Fn(&str) -> bool + Copy + 'a,
) -> impl Serialize + 'a {
    let profile = move |name| {
        wanted(name).then_some(())?;
        Some((name, ProfileEntry::new(profiles, env, at_hand, name)?))
    };
    let session = |name| Some((name, SessionEntry(profiles.sso_session(name)?)));
    let warning = |warning: &Warning| {
        let Location { file, line } = &warning.location;
        let message = warning.kind.to_string();
        json!({ "file": file.display().to_string(), "line": line, "message": message })
    };
    Document {
        version: 1,
        profiles: Object(move || profiles.all_names().filter_map(profile)),
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
    row: Row,
    cached_until: Option<String>,
}

impl ProfileEntry {
    fn new(profiles: &Profiles, env: &Env, at_hand: &AtHand<'_>, name: &str) -> Option<Self> {
        let profile = profiles.as_known(name)?;
        let source = kind_of_profile(&profile).map(|kind| kind.as_str());
        let problems = match chain(profiles, env, &Request::of_profile(name)) {
            Ok(found) => found.warnings().iter().map(ToString::to_string).collect(),
            // A profile that only holds settings, such as a region, is no problem.
            Err(_) if source.is_none() => Vec::new(),
            Err(error) => vec![error.to_string()],
        };
        let row = Row::of(&profile);
        let end = at_hand.session_end(name, row.account.as_deref(), row.role.as_deref());
        Some(Self { profile, source, problems, row, cached_until: end.map(utc) })
    }
}

impl Serialize for ProfileEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let places: Vec<_> = self.profile.headers().iter().map(Place::from).collect();
        let mut entry = serializer.serialize_struct("ProfileEntry", 10)?;
        entry.serialize_field("settings", &Object(|| display(self.profile.settings())))?;
        entry.serialize_field("defined_at", &places)?;
        entry.serialize_field("source", &self.source)?;
        entry.serialize_field("problems", &self.problems)?;
        entry.serialize_field("account_id", &self.row.account)?;
        entry.serialize_field("role", &self.row.role)?;
        entry.serialize_field("region", &self.row.region)?;
        entry.serialize_field("from", &DrawsOn::of(&self.row.base))?;
        entry.serialize_field("mfa", &self.row.has_mfa)?;
        entry.serialize_field("cached_until", &self.cached_until)?;
        entry.end()
    }
}

/// What a profile draws on that has a name of its own: one of the two, or neither.
#[derive(Default, serde::Serialize)]
struct DrawsOn<'a> {
    profile: Option<&'a str>,
    sso_session: Option<&'a str>,
}

impl<'a> DrawsOn<'a> {
    fn of(base: &'a Base) -> Self {
        match base {
            Base::Profile(name) => Self { profile: Some(name), ..Self::default() },
            Base::Session(name) => Self { sso_session: Some(name), ..Self::default() },
            Base::Words(_) => Self::default(),
        }
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
    settings.map(|setting| (&*setting.key, setting.display()))
}
