//! Compares new profiles with those in the block of the config file, and makes the text of the file
//! afterwards.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;

use super::{
    AccountRoles, GenerateError, GeneratedProfile, GeneratedSession, profiles, section_lines,
};
use crate::config::block::{lines_of_block, with_block};
use crate::preferences::SsoPreferences;
use crate::profile::{FileKind, Location, Profiles, Setting};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub profiles: Vec<ProfileChange>,
    /// How many profiles stay as they are
    pub same: usize,
    /// The config file's text afterwards
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileChange {
    Added(GeneratedProfile),
    /// Its role is gone, or has another name now.
    Removed(GeneratedProfile),
    Altered {
        old: GeneratedProfile,
        new: GeneratedProfile,
    },
}

impl ProfileChange {
    pub fn name(&self) -> &str {
        match self {
            Self::Added(profile) | Self::Removed(profile) => &profile.name,
            Self::Altered { new, .. } => &new.name,
        }
    }

    /// The lines of the profile that change, each after `+` or `-`, and its header.
    pub fn diff(&self) -> String {
        let header = format!("profile {}", self.name());
        let lines = |profile: &GeneratedProfile| -> Vec<String> {
            section_lines(&header, &profile.settings).collect()
        };
        let mark = |mark: char, lines: &[String], others: &[String]| -> String {
            let lines = lines.iter().filter(|line| !others.contains(line));
            lines.map(|line| format!("{mark} {line}\n")).collect()
        };
        match self {
            Self::Added(profile) => mark('+', &lines(profile), &[]),
            Self::Removed(profile) => mark('-', &lines(profile), &[]),
            Self::Altered { old, new } => {
                let (old, new) = (lines(old), lines(new));
                format!("  [{header}]\n{}{}", mark('-', &old, &new), mark('+', &new, &old))
            }
        }
    }
}

/// What the profiles of these roles change in the block of `session`.
///
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
    let (mut changes, mut same) = (Vec::new(), 0);
    for new in new {
        match gone.remove(&new.name) {
            Some(old) if old == new => same += 1,
            Some(old) => changes.push(ProfileChange::Altered { old, new }),
            None => changes.push(ProfileChange::Added(new)),
        }
    }
    changes.extend(gone.into_values().map(ProfileChange::Removed));
    changes.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(Change { profiles: changes, same, text })
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
        if !profile.headers().iter().any(|at| is_own(files, at, own)) {
            continue;
        }
        let settings =
            pairs(profile.settings().filter(|setting| is_own(files, setting.location(), own)));
        found.insert(name.to_owned(), GeneratedProfile { name: name.to_owned(), settings });
    }
    found
}

fn pairs<'a>(settings: impl Iterator<Item = &'a Setting>) -> Vec<(String, String)> {
    settings.map(|setting| (setting.key().to_owned(), setting.value().to_owned())).collect()
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
            .headers()
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

/// The `[sso-session]`, if it is in the block and nowhere else.
fn own_session(
    files: &Profiles,
    session: &str,
    own: Option<&RangeInclusive<u32>>,
) -> Option<GeneratedSession> {
    let section = files.sso_session(session)?;
    let own = own?;
    if !section.headers().iter().all(|at| is_own(files, at, own)) {
        return None;
    }
    Some(GeneratedSession { name: session.to_owned(), settings: pairs(section.settings()) })
}

/// The lines between the markers; none without profiles and session.
fn body(new: &[GeneratedProfile], session: Option<GeneratedSession>) -> String {
    let session =
        session.map(|session| (format!("sso-session {}", session.name), session.settings));
    let profiles = new.iter().map(|profile| match &*profile.name {
        "default" => ("default".to_owned(), profile.settings.clone()),
        name => (format!("profile {name}"), profile.settings.clone()),
    });
    let sections: Vec<_> = session.into_iter().chain(profiles).collect();
    if sections.is_empty() {
        return String::new();
    }
    let lines = sections.iter().flat_map(|(header, settings)| section_lines(header, settings));
    std::iter::once("# Made by `awsx sso sync`, which replaces what stands here.".to_owned())
        .chain(lines)
        .flat_map(|line| [line, "\n".to_owned()])
        .collect()
}

/// Makes sure that the AWS tools read from the text what was meant.
pub(super) fn read_back(text: &str, new: &[GeneratedProfile]) -> Result<(), GenerateError> {
    let not_read = |name: &str| GenerateError::NotReadBack { name: name.to_owned() };
    let first = || new.first().map_or("", |profile| &*profile.name);
    let read = Profiles::from_texts(text, "").map_err(|_| not_read(first()))?;
    for profile in new {
        let found: HashMap<String, String> = read
            .as_written(&profile.name)
            .map(|found| pairs(found.settings()).into_iter().collect())
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
