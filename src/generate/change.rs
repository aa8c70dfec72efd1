//! What new profiles change in the config file, and its text afterwards.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::RangeInclusive;

use super::{
    AccountRoles, GenerateError, GeneratedProfile, GeneratedSession, ROLE_KEYS, profiles,
    section_lines,
};
use crate::config::block::{lines_of_block, with_block};
use crate::config::edit::{Target, with_setting};
use crate::preferences::SsoPreferences;
use crate::profile::{FileKind, Location, Profiles, Setting};

#[derive(Debug)]
pub(crate) struct Change {
    pub profiles: Vec<ProfileChange>,
    /// How many profiles stay as they are
    pub same: usize,
    /// Roles that get no profile; the others do
    pub left_out: Vec<GenerateError>,
    /// Profiles outside of the block that draw on one that goes or gets another name
    pub users: Vec<User>,
    /// The config file's text afterwards
    pub text: String,
}

/// A profile is removed where its role is gone, or has another name now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProfileChange {
    Added(GeneratedProfile),
    /// With whether a person added something to it
    Removed(GeneratedProfile, bool),
    Altered {
        old: GeneratedProfile,
        new: GeneratedProfile,
    },
}

/// A profile of the person's own that draws on a generated one by its old name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: profile \"{profile}\" draws on \"{old}\", which {}", becomes(.new.as_deref()))]
pub(crate) struct User {
    at: Location,
    profile: String,
    old: String,
    /// What the role's profile is called now
    new: Option<String>,
}

fn becomes(new: Option<&str>) -> String {
    match new {
        Some(new) => format!("becomes \"{new}\": correct that line"),
        None => "goes".to_owned(),
    }
}

impl Change {
    /// The profiles whose role has another name now: the old one and the new one.
    pub(crate) fn renames(&self) -> BTreeMap<&str, &str> {
        let role = |profile: &GeneratedProfile| {
            ROLE_KEYS.map(|key| profile.get(key).unwrap_or_default().to_owned())
        };
        let mut added = HashMap::new();
        for changed in &self.profiles {
            if let ProfileChange::Added(profile) = changed {
                added.insert(role(profile), &*profile.name);
            }
        }
        let rename = |changed: &'_ ProfileChange| match changed {
            ProfileChange::Removed(old, _) => added.remove(&role(old)),
            ProfileChange::Added(_) | ProfileChange::Altered { .. } => None,
        };
        let names = self.profiles.iter().map(ProfileChange::name);
        names
            .zip(self.profiles.iter().map(rename))
            .filter_map(|(old, new)| Some((old, new?)))
            .collect()
    }

    /// Whether nothing was there yet.
    pub(crate) fn is_first(&self) -> bool {
        let is_new = |changed: &ProfileChange| matches!(changed, ProfileChange::Added(_));
        self.same == 0 && !self.profiles.is_empty() && self.profiles.iter().all(is_new)
    }
}

impl ProfileChange {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Added(profile) | Self::Removed(profile, _) => &profile.name,
            Self::Altered { new, .. } => &new.name,
        }
    }

    /// Whether a line goes that a person may have written: one that was added, or that is another now.
    pub(crate) fn takes_away(&self) -> bool {
        match self {
            Self::Added(_) => false,
            Self::Removed(_, has_more) => *has_more,
            Self::Altered { old, new } => {
                old.settings.iter().any(|line| !new.settings.contains(line))
            }
        }
    }

    /// The section before and after, line by line; empty where there is none.
    pub(crate) fn sections(&self) -> (String, String) {
        let text = |profile: &GeneratedProfile| -> String {
            section_lines(&profile.header(), &profile.settings).map(|line| line + "\n").collect()
        };
        match self {
            Self::Added(new) => (String::new(), text(new)),
            Self::Removed(old, _) => (text(old), String::new()),
            Self::Altered { old, new } => (text(old), text(new)),
        }
    }
}

/// What the profiles of these roles change in the block of `session`. What a person added to a profile
/// stays with its role.
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
    let awsxs = keys_of_awsx(files.config_text(), own_lines.as_ref());
    let is_added = |key: &str| !awsxs.contains(&key);
    let (mut new, problems) = profiles(session, accounts, preferences);
    let keys: BTreeSet<String> = new.iter().flat_map(GeneratedProfile::own_keys).collect();
    for profile in &mut new {
        let same_name = old.get(&profile.name).filter(|old| old.has_role_of(profile));
        let of_role = || old.values().find(|old| old.has_role_of(profile));
        let Some(before) = same_name.or_else(of_role) else { continue };
        let is_new = |key: &str| is_added(key) && profile.get(key).is_none();
        let added: Vec<_> =
            before.settings.iter().filter(|(key, _)| is_new(key)).cloned().collect();
        profile.settings.extend(added);
    }
    let unlisted: HashSet<&str> =
        accounts.iter().filter(|a| a.roles.is_none()).map(|a| a.account_id).collect();
    let stays = |profile: &&GeneratedProfile| {
        let role = (profile.get("sso_account_id"), profile.get("sso_role_name"));
        role.0.is_some_and(|id| unlisted.contains(id))
            || problems.iter().any(|(id, name, _)| role == (Some(id), Some(name)))
    };
    let kept: Vec<_> = old.values().filter(stays).cloned().collect();
    // A role that could not be listed may have another name now only if it is listed.
    new.extend(kept);
    new.sort_by(|a, b| a.name.cmp(&b.name));
    refuse_duplicates(&new)?;
    refuse_taken(&new, files, &is_own)?;

    // The `[sso-session]` stays in the block if it is there and nowhere else.
    let own_session = files
        .sso_session(session)
        .filter(|section| section.headers().iter().all(is_own))
        .map(|section| (format!("sso-session {session}"), pairs(section.settings())));
    let own_session = own_session.iter().map(|(header, lines)| (header.clone(), &**lines));
    let sections = new.iter().map(|profile| (profile.header(), &*profile.settings));
    let body = body(&keys, own_session.chain(sections));
    let text = with_block(FileKind::Config, files.config_text(), &block, &body).map_err(edit)?;
    read_back(&text, &new)?;

    let mut gone = old;
    let (mut changes, mut same) = (Vec::new(), 0);
    for new in &new {
        match gone.remove(&new.name) {
            Some(old) if old == *new => same += 1,
            Some(old) => changes.push(ProfileChange::Altered { old, new: new.clone() }),
            None => changes.push(ProfileChange::Added(new.clone())),
        }
    }
    let users = gone.values().flat_map(|old| users(files, old, &new, &is_own)).collect();
    changes.extend(gone.into_values().map(|old| {
        // What went to the profile's new name is not lost.
        let is_renamed = new.iter().any(|new| new.has_role_of(&old));
        let has_more = !is_renamed && old.settings.iter().any(|(key, _)| is_added(key));
        ProfileChange::Removed(old, has_more)
    }));
    changes.sort_by(|a, b| a.name().cmp(b.name()));
    let left_out = problems.into_iter().map(|(_, _, error)| error).collect();
    Ok(Change { profiles: changes, same, left_out, users, text })
}

/// What the block says of its own settings, beyond those that name a role.
const SETS: &str = "# It sets: ";

/// The keys of the block's profiles that are awsx's. Any other was added by a person, or by
/// `aws configure set`.
fn keys_of_awsx<'a>(text: &'a str, own_lines: Option<&RangeInclusive<u32>>) -> Vec<&'a str> {
    let is_own = |number: usize| {
        u32::try_from(number + 1).is_ok_and(|line| own_lines.is_some_and(|own| own.contains(&line)))
    };
    let lines = text.lines().enumerate().filter(|(number, _)| is_own(*number));
    let said =
        lines.filter_map(|(_, line)| line.strip_prefix(SETS)).flat_map(|keys| keys.split(", "));
    ROLE_KEYS.into_iter().chain(said).collect()
}

/// The person's own profiles that draw on `old`, which has no such name among `new`.
fn users(
    files: &Profiles,
    old: &GeneratedProfile,
    new: &[GeneratedProfile],
    is_own: &dyn Fn(&Location) -> bool,
) -> Vec<User> {
    let is_name = |setting: &&Setting| match &*setting.key {
        "source_profile" | "include_profile" => setting.value.trim() == old.name,
        "credential_process" => setting.value.split_whitespace().any(|word| word == old.name),
        _ => false,
    };
    let user = |name: &str| {
        let profile = files.as_written(name)?;
        let setting =
            profile.settings().filter(|setting| !is_own(&setting.location)).find(is_name)?;
        Some(User {
            at: setting.location.clone(),
            profile: name.to_owned(),
            old: old.name.clone(),
            new: new.iter().find(|new| new.has_role_of(old)).map(|new| new.name.clone()),
        })
    };
    files.names().filter_map(user).collect()
}

/// The config file's text with a new session.
pub(crate) fn with_session(
    files: &Profiles,
    session: &GeneratedSession,
) -> Result<String, GenerateError> {
    let mut text = files.config_text().to_owned();
    for (key, value) in &session.settings {
        let target = Target::SsoSession(&session.name);
        text = with_setting(FileKind::Config, &text, target, key, value).map_err(|source| {
            GenerateError::Edit { file: files.config_file().to_path_buf(), source }
        })?;
    }
    Ok(text)
}

/// The config file's text with a profile outside of the block, so that it is the person's own from then
/// on, and with a new session where one is given; and what that changes. A profile that is there gets the
/// settings, and keeps its others.
pub(crate) fn with_profile(
    files: &Profiles,
    session: Option<&GeneratedSession>,
    profile: &GeneratedProfile,
) -> Result<(String, ProfileChange), GenerateError> {
    let edit = |source| GenerateError::Edit { file: files.config_file().to_path_buf(), source };
    let mut text = match session {
        Some(session) => with_session(files, session)?,
        None => files.config_text().to_owned(),
    };
    for (key, value) in &profile.settings {
        let target = Target::Profile(&profile.name);
        text = with_setting(FileKind::Config, &text, target, key, value).map_err(edit)?;
    }
    let is_here = |setting: &&Setting| &*setting.location.file == files.config_file();
    let old = files.as_written(&profile.name).map(|old| GeneratedProfile {
        name: profile.name.clone(),
        settings: pairs(old.settings().filter(is_here)),
    });
    let mut new = old.clone().unwrap_or_else(|| profile.clone());
    for (key, value) in &profile.settings {
        match new.settings.iter_mut().find(|(own, _)| own == key) {
            Some((_, own)) => own.clone_from(value),
            None => new.settings.push((key.clone(), value.clone())),
        }
    }
    read_back(&text, std::slice::from_ref(&new))?;
    let change = match old {
        Some(old) => ProfileChange::Altered { old, new },
        None => ProfileChange::Added(new),
    };
    Ok((text, change))
}

fn pairs<'a>(settings: impl Iterator<Item = &'a Setting>) -> Vec<(String, String)> {
    settings.map(|setting| (setting.key.to_string(), setting.value.clone())).collect()
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

/// The lines between the markers; none without profiles and session. `keys`: what awsx sets.
fn body<'a>(
    keys: &BTreeSet<String>,
    sections: impl Iterator<Item = (String, &'a [(String, String)])>,
) -> String {
    let mut text = String::new();
    for (header, settings) in sections {
        text.extend(section_lines(&header, settings).map(|line| line + "\n"));
    }
    let sets = match keys.is_empty() {
        true => String::new(),
        false => {
            format!("{SETS}{}\n", keys.iter().map(|key| &**key).collect::<Vec<_>>().join(", "))
        }
    };
    match text.is_empty() {
        true => text,
        false => format!(
            "# Made by `awsx sso sync`, which keeps what is added to a profile here.\n{sets}{text}"
        ),
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
