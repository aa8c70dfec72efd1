//! What new profiles change in the block of the config file: which come, go and differ, and the text
//! of the file afterwards.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::ops::RangeInclusive;

use super::{AccountRoles, GenerateError, GeneratedProfile, profiles};
use crate::config::block::{lines_of_block, with_block};
use crate::preferences::SsoPreferences;
use crate::profile::{FileKind, Location, Profiles};

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Each profile that changes, by name
    pub changed: Vec<Changed>,
    /// How many stay as they are
    pub same: usize,
    /// The config file's text afterwards
    pub text: String,
}

/// A profile that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is new
    Added(GeneratedProfile),
    /// Its role is gone, or has another name now
    Removed(GeneratedProfile),
    /// Some of its lines differ
    Altered {
        /// As it is
        old: GeneratedProfile,
        /// As it will be
        new: GeneratedProfile,
    },
}

impl Changed {
    /// The profile's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Added(profile) | Self::Removed(profile) => &profile.name,
            Self::Altered { new, .. } => &new.name,
        }
    }

    /// Its lines, each behind `+`, `-` or a blank.
    pub fn diff(&self) -> String {
        let lines = |profile: &GeneratedProfile| -> Vec<String> {
            profile.settings.iter().map(|(key, value)| format!("{key} = {value}")).collect()
        };
        let header = format!("[profile {}]", self.name());
        let marked = |mark: char, lines: Vec<String>| -> String {
            std::iter::once(header.clone())
                .chain(lines)
                .map(|line| format!("{mark} {line}\n"))
                .collect()
        };
        match self {
            Self::Added(profile) => marked('+', lines(profile)),
            Self::Removed(profile) => marked('-', lines(profile)),
            Self::Altered { old, new } => {
                let (old, new) = (lines(old), lines(new));
                let mut text = format!("  {header}\n");
                let only = |these: &[String], those: &[String], mark: char| -> String {
                    let only = these.iter().filter(|line| !those.contains(line));
                    only.map(|line| format!("{mark} {line}\n")).collect()
                };
                text.push_str(&only(&old, &new, '-'));
                text.push_str(&only(&new, &old, '+'));
                text
            }
        }
    }
}

/// What the profiles of these roles change in the block of `session`. `files`: as they are now.
///
/// # Errors
/// [`GenerateError`]; a name that comes twice, or that is defined elsewhere, is one.
pub fn change(
    files: &Profiles,
    session: &str,
    accounts: &[AccountRoles<'_>],
    preferences: &SsoPreferences,
) -> Result<Change, GenerateError> {
    let edit = |source| GenerateError::Edit { file: files.config_file().to_path_buf(), source };
    let block = format!("sso {session}");
    let own = lines_of_block(files.config_text(), &block).map_err(edit)?;
    let old = profiles_of_block(files, own.as_ref());
    let mut new = profiles(session, accounts, preferences)?;
    let unlisted: HashSet<&str> =
        accounts.iter().filter(|a| a.roles.is_none()).map(|a| a.account_id).collect();
    let stays = |profile: &&GeneratedProfile| {
        profile.get("sso_account_id").is_some_and(|id| unlisted.contains(id))
    };
    new.extend(old.values().filter(stays).cloned());
    new.sort_by(|a, b| a.name.cmp(&b.name));
    refuse_duplicates(&new)?;
    refuse_taken(&new, files, own.as_ref())?;

    let body = body(&new, own_session(files, session, own.as_ref()));
    let text = with_block(FileKind::Config, files.config_text(), &block, &body).map_err(edit)?;
    read_back(&text, &new)?;

    let mut gone = old.clone();
    let (mut changed, mut same) = (Vec::new(), 0);
    for new in new {
        match gone.remove(&new.name) {
            Some(old) if old == new => same += 1,
            Some(old) => changed.push(Changed::Altered { old, new }),
            None => changed.push(Changed::Added(new)),
        }
    }
    changed.extend(gone.into_values().map(Changed::Removed));
    changed.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(Change { changed, same, text })
}

/// The profiles that the block has now, by name.
fn profiles_of_block(
    files: &Profiles,
    own: Option<&RangeInclusive<u32>>,
) -> BTreeMap<String, GeneratedProfile> {
    let Some(own) = own else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for name in files.names() {
        let Some(profile) = files.as_written(name) else { continue };
        if !profile.defined_at().iter().any(|at| is_own(files, at, own)) {
            continue;
        }
        let settings = profile.settings().filter(|setting| is_own(files, setting.location(), own));
        let settings = settings.map(|s| (s.key().to_owned(), s.value().to_owned())).collect();
        found.insert(name.to_owned(), GeneratedProfile { name: name.to_owned(), settings });
    }
    found
}

/// Whether a line of one of the files is in the block.
fn is_own(files: &Profiles, at: &Location, own: &RangeInclusive<u32>) -> bool {
    &*at.file == files.config_file() && own.contains(&at.line)
}

fn refuse_duplicates(new: &[GeneratedProfile]) -> Result<(), GenerateError> {
    let twice: Vec<_> = new.windows(2).filter(|pair| pair[0].name == pair[1].name).collect();
    let Some(pair) = twice.first() else { return Ok(()) };
    let names: HashSet<&str> = twice.iter().map(|pair| &*pair[0].name).collect();
    Err(GenerateError::Duplicate {
        name: pair[0].name.clone(),
        first: pair[0].role(),
        second: pair[1].role(),
        others: names.len() - 1,
    })
}

fn refuse_taken(
    new: &[GeneratedProfile],
    files: &Profiles,
    own: Option<&RangeInclusive<u32>>,
) -> Result<(), GenerateError> {
    let foreign = |profile: &GeneratedProfile| {
        let sections = files.as_written(&profile.name)?;
        let mut foreign = sections
            .defined_at()
            .iter()
            .filter(|at| own.is_none_or(|own| !is_own(files, at, own)))
            .cloned();
        foreign.next()
    };
    let taken: Vec<_> = new.iter().filter_map(|new| Some((new, foreign(new)?))).collect();
    match taken.first() {
        None => Ok(()),
        Some((new, at)) => Err(GenerateError::Taken {
            name: new.name.clone(),
            at: at.clone(),
            role: new.role(),
            others: taken.len() - 1,
        }),
    }
}

/// The settings of the `[sso-session]`, if the block holds it and nothing else does.
fn own_session(
    files: &Profiles,
    session: &str,
    own: Option<&RangeInclusive<u32>>,
) -> Option<(String, Vec<(String, String)>)> {
    let section = files.sso_session(session)?;
    let own = own?;
    if !section.defined_at().iter().all(|at| is_own(files, at, own)) {
        return None;
    }
    let settings = section.settings().map(|s| (s.key().to_owned(), s.value().to_owned())).collect();
    Some((session.to_owned(), settings))
}

/// The lines between the markers; none for no profiles.
fn body(new: &[GeneratedProfile], session: Option<(String, Vec<(String, String)>)>) -> String {
    if new.is_empty() && session.is_none() {
        return String::new();
    }
    let mut text = "# Made by `awsx sso sync`, which replaces what stands here.\n".to_owned();
    let mut section = |header: &str, settings: &[(String, String)]| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "[{header}]");
        for (key, value) in settings {
            let _ = writeln!(text, "{key} = {value}");
        }
    };
    if let Some((name, settings)) = session {
        section(&format!("sso-session {name}"), &settings);
    }
    for profile in new {
        match profile.name.as_str() {
            "default" => section("default", &profile.settings),
            name => section(&format!("profile {name}"), &profile.settings),
        }
    }
    text
}

/// The AWS tools read from the text what was meant.
pub(super) fn read_back(text: &str, new: &[GeneratedProfile]) -> Result<(), GenerateError> {
    let not_read = |name: &str| GenerateError::NotReadBack { name: name.to_owned() };
    let first = || new.first().map_or("", |profile| &*profile.name);
    let read = Profiles::from_texts(text, "").map_err(|_| not_read(first()))?;
    for profile in new {
        let found: HashMap<String, String> = read
            .as_written(&profile.name)
            .map(|found| {
                let settings = found.settings();
                settings.map(|s| (s.key().to_owned(), s.value().to_owned())).collect()
            })
            .unwrap_or_default();
        let meant = |(key, value): &(String, String)| found.get(key) == Some(value);
        if found.len() != profile.settings.len() || !profile.settings.iter().all(meant) {
            return Err(not_read(&profile.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
