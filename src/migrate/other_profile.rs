//! A `credential_process` by which a tool gives the credentials of another profile, as awsx does.

use super::finding::{Fate, Finding, Move, Tool};
use super::process::Process;
use crate::generate::GeneratedProfile;
use crate::profile::{Profile, is_portable_name};

/// `other`: the profile that it names; `own`: what the profile has itself, where that is the same.
pub(super) fn by_other_profile(
    tool: Tool,
    profile: &Profile,
    process: &Process,
    other: Option<&str>,
    own: &str,
) -> Finding {
    let name = profile.name();
    let plain = other.filter(|other| is_portable_name(other) && !other.starts_with('-'));
    let (settings, becomes) = match plain {
        Some(other) if other == name => (Vec::new(), own.to_owned()),
        Some(other) => {
            let line = format!("awsx credential-process {other}");
            let becomes = format!("credential_process = {line}");
            (vec![("credential_process".to_owned(), line)], becomes)
        }
        None => (Vec::new(), String::new()),
    };
    let fate = match plain {
        None => Fate::stays(
            "it names no profile that awsx could take in its place",
            "`awsx config install-process NAME` writes such a line",
        ),
        Some(_) => Fate::Lines(Box::new(Move {
            session: None,
            profile: Some(GeneratedProfile { name: name.to_owned(), settings }),
            gone: vec!["credential_process"],
            becomes,
        })),
    };
    let by = tool.name();
    let what = format!("profile {name}: by {by}, for {}", other.unwrap_or("nobody"));
    Finding { tool, place: process.place.clone(), what, fate }
}
