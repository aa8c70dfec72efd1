//! What new profiles change in the config file, and its text afterwards.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    AccountRoles, GenerateError, GeneratedProfile, GeneratedSession, profiles, section_lines,
};
use crate::config::block::{lines_of_block, with_block};
use crate::config::edit::{Target, with_setting};
use crate::preferences::SsoPreferences;
use crate::profile::{FileKind, Location, Profiles, Setting};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub profiles: Vec<ProfileChange>,
    /// How many profiles stay as they are
    pub same: usize,
    /// The config file's text afterwards
    pub text: String,
}

/// A profile is removed where its role is gone, or has another name now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProfileChange {
    Added(GeneratedProfile),
    Removed(GeneratedProfile),
    Altered { old: GeneratedProfile, new: GeneratedProfile },
}

impl ProfileChange {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Added(profile) | Self::Removed(profile) => &profile.name,
            Self::Altered { new, .. } => &new.name,
        }
    }

    /// The lines of the profile that change, each after `+` or `-`, and its header.
    pub(crate) fn diff(&self) -> String {
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
pub(crate) fn change(
    files: &Profiles,
    session: &str,
    accounts: &[AccountRoles<'_>],
    preferences: &SsoPreferences,
) -> Result<Change, GenerateError> {
    let edit = |source| GenerateError::Edit { file: files.config_file().to_path_buf(), source };
    let block = format!("sso {session}");
    let own_lines = lines_of_block(files.config_text(), &block).map_err(edit)?;
    let is_own = |at: &Location| {
        let is_within = own_lines.as_ref().is_some_and(|lines| lines.contains(&at.line));
        is_within && &*at.file == files.config_file()
    };
    let old: BTreeMap<String, GeneratedProfile> = files
        .names()
        .filter_map(|name| Some((name.to_owned(), files.as_written(name)?)))
        .filter(|(_, profile)| profile.headers().iter().any(is_own))
        .map(|(name, profile)| {
            let settings = pairs(profile.settings().filter(|setting| is_own(&setting.location)));
            (name.clone(), GeneratedProfile { name, settings })
        })
        .collect();
    let mut new = profiles(session, accounts, preferences)?;
    let unlisted: HashSet<&str> =
        accounts.iter().filter(|a| a.roles.is_none()).map(|a| a.account_id).collect();
    let stays = |profile: &&GeneratedProfile| {
        profile.get("sso_account_id").is_some_and(|id| unlisted.contains(id))
    };
    new.extend(old.values().filter(stays).cloned());
    new.sort_by(|a, b| a.name.cmp(&b.name));
    refuse_duplicates(&new)?;
    refuse_taken(&new, files, &is_own)?;

    // The `[sso-session]` stays in the block if it is there and nowhere else.
    let own_session = files
        .sso_session(session)
        .filter(|section| section.headers().iter().all(is_own))
        .map(|section| (format!("sso-session {session}"), pairs(section.settings())));
    let own_session = own_session.iter().map(|(header, lines)| (header.clone(), &**lines));
    let profiles = new.iter().map(|profile| match &*profile.name {
        "default" => ("default".to_owned(), &*profile.settings),
        name => (format!("profile {name}"), &*profile.settings),
    });
    let body = body(own_session.chain(profiles));
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

/// The config file's text with a new profile outside of the block, so that it is the person's own from then
/// on, and with a new session where one is given. Their names must be free.
pub(crate) fn with_profile(
    files: &Profiles,
    session: Option<&GeneratedSession>,
    profile: &GeneratedProfile,
) -> Result<String, GenerateError> {
    let edit = |source| GenerateError::Edit { file: files.config_file().to_path_buf(), source };
    let mut text = files.config_text().to_owned();
    let session_lines = session
        .into_iter()
        .flat_map(|new| new.settings.iter().map(|line| (Target::SsoSession(&new.name), line)));
    let profile_lines = profile.settings.iter().map(|line| (Target::Profile(&profile.name), line));
    for (target, (key, value)) in session_lines.chain(profile_lines) {
        text = with_setting(FileKind::Config, &text, target, key, value).map_err(edit)?;
    }
    read_back(&text, std::slice::from_ref(profile))?;
    Ok(text)
}

fn pairs<'a>(settings: impl Iterator<Item = &'a Setting>) -> Vec<(String, String)> {
    settings.map(|setting| (setting.key.clone(), setting.value.clone())).collect()
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

/// Refuses names that are defined outside of the block.
fn refuse_taken(
    new: &[GeneratedProfile],
    files: &Profiles,
    is_own: &dyn Fn(&Location) -> bool,
) -> Result<(), GenerateError> {
    let foreign = |profile: &GeneratedProfile| {
        files.as_written(&profile.name)?.headers().iter().find(|at| !is_own(at)).cloned()
    };
    let mut taken = new.iter().filter_map(|new| Some((new, foreign(new)?)));
    let Some((new, at)) = taken.next() else { return Ok(()) };
    let (name, role, others) = (new.name.clone(), new.role(), taken.count());
    Err(GenerateError::Taken { name, at, role, others })
}

/// The lines between the markers; none without profiles and session.
fn body<'a>(sections: impl Iterator<Item = (String, &'a [(String, String)])>) -> String {
    let mut text = String::new();
    for (header, settings) in sections {
        text.extend(section_lines(&header, settings).map(|line| line + "\n"));
    }
    match text.is_empty() {
        true => text,
        false => format!("# Made by `awsx sso sync`, which replaces what stands here.\n{text}"),
    }
}

/// Makes sure that the AWS tools read from the text what was meant.
fn read_back(text: &str, new: &[GeneratedProfile]) -> Result<(), GenerateError> {
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
