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
mod tests {
    use super::*;
    use crate::preferences::{Glob, Rule, Template};

    const SESSION: &str = "[sso-session corp]\nsso_start_url = https://c\nsso_region = eu-west-1\n";

    fn roles(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn files(config: &str, credentials: &str) -> Profiles {
        Profiles::from_texts(config, credentials).unwrap()
    }

    fn account<'a>(id: &'a str, name: &'a str, roles: Option<&'a [String]>) -> AccountRoles<'a> {
        AccountRoles { account_id: id, account_name: name, email: "a@x", roles }
    }

    const A: &str = "111111111111";
    const B: &str = "000000000002";

    #[test]
    fn a_second_run_changes_nothing_and_stale_profiles_go() {
        let (two, one) = (roles(&["Read.Only", "Admin"]), roles(&["Admin"]));
        let all = [account(B, "Prod Ä", Some(&one)), account(A, "dev", Some(&two))];
        let preferences = SsoPreferences::default();
        let config = format!("# mine\r\n{SESSION}[profile own]\n  region=x");
        let first = change(&files(&config, ""), "corp", &all, &preferences).unwrap();
        let names: Vec<&str> = first.changed.iter().map(Changed::name).collect();
        assert_eq!(names, ["Prod/Admin", "dev/Admin", "dev/Read.Only"]);
        assert_eq!(
            first.text,
            format!(
                "{config}\r\n\r\n# >>> awsx sso corp\r\n\
                 # Made by `awsx sso sync`, which replaces what stands here.\r\n\
                 [profile Prod/Admin]\r\nsso_session = corp\r\nsso_account_id = {B}\r\n\
                 sso_role_name = Admin\r\n\
                 [profile dev/Admin]\r\nsso_session = corp\r\nsso_account_id = {A}\r\n\
                 sso_role_name = Admin\r\n\
                 [profile dev/Read.Only]\r\nsso_session = corp\r\nsso_account_id = {A}\r\n\
                 sso_role_name = Read.Only\r\n# <<< awsx sso corp\r\n"
            )
        );
        let again = change(&files(&first.text, ""), "corp", &all, &preferences).unwrap();
        assert_eq!((again.changed.len(), again.same), (0, 3));
        assert_eq!(again.text, first.text);

        // An account is gone, a role too; of the third nothing could be listed.
        let text = first.text.clone() + "[profile below]\r\n";
        for (docs, accounts, gone) in [
            ("an account", vec![account(A, "dev", Some(&two))], vec!["Prod/Admin"]),
            (
                "a role",
                vec![account(B, "Prod Ä", Some(&one)), account(A, "dev", Some(&one))],
                vec!["dev/Read.Only"],
            ),
            (
                "not listed",
                vec![account(B, "Prod Ä", None), account(A, "dev", Some(&one))],
                vec!["dev/Read.Only"],
            ),
            ("all", vec![], vec!["Prod/Admin", "dev/Admin", "dev/Read.Only"]),
        ] {
            let found = change(&files(&text, ""), "corp", &accounts, &preferences).unwrap();
            let removed: Vec<&str> = found.changed.iter().map(Changed::name).collect();
            assert_eq!(removed, gone, "{docs}");
            assert!(found.text.starts_with(&config), "{docs}");
            assert!(found.text.ends_with("[profile below]\r\n"), "{docs}");
            assert_eq!(found.text.contains(">>> awsx"), docs != "all", "{docs}");
        }
    }

    #[test]
    fn regions_and_settings_by_rule() {
        let one = roles(&["Admin"]);
        let all = [account(A, "dev", Some(&one)), account(B, "sandbox-x", Some(&one))];
        let mut preferences = SsoPreferences::default();
        preferences.common.region = Some("eu-west-1".into());
        preferences.common.settings.insert("output".into(), "json".into());
        preferences.common.profile_name = Some(Template::parse("{account_name}").unwrap());
        preferences.rules.push(Rule {
            account_name: Some(Glob::new("sandbox-*")),
            skip: Some(true),
            ..Rule::default()
        });
        let first = change(&files(SESSION, ""), "corp", &all, &preferences).unwrap();
        let [added @ Changed::Added(_)] = first.changed.as_slice() else { panic!("{first:?}") };
        assert_eq!(
            added.diff(),
            "+ [profile dev]\n+ sso_session = corp\n+ sso_account_id = 111111111111\n\
             + sso_role_name = Admin\n+ region = eu-west-1\n+ output = json\n"
        );
        preferences.common.region = Some("us-east-1".into());
        let second = change(&files(&first.text, ""), "corp", &all, &preferences).unwrap();
        assert_eq!(
            second.changed[0].diff(),
            "  [profile dev]\n- region = eu-west-1\n+ region = us-east-1\n"
        );
    }

    #[test]
    fn a_session_of_the_block_stays_in_it() {
        let one = roles(&["Admin"]);
        let all = [account(A, "dev", Some(&one))];
        let config = format!("[default]\n\n# >>> awsx sso corp\n{SESSION}# <<< awsx sso corp\n");
        let found = change(&files(&config, ""), "corp", &all, &SsoPreferences::default()).unwrap();
        assert!(
            found.text.contains(&format!("here.\n{SESSION}[profile dev/Admin]\n")),
            "{found:?}"
        );
    }

    #[test]
    fn what_cannot_be_named_is_refused_with_both_sides() {
        let (one, two) = (roles(&["Admin"]), roles(&["Admin", "Read"]));
        let (hostile, blank) = (roles(&["Admin\n[profile default]"]), roles(&[""]));
        let default = SsoPreferences::default;
        let by = |template: &str| {
            let mut preferences = default();
            preferences.common.profile_name = Some(Template::parse(template).unwrap());
            preferences
        };
        let open = format!("{SESSION}# >>> awsx sso corp\n");
        for (docs, config, credentials, accounts, preferences, words) in [
            (
                "two accounts of one name",
                SESSION,
                "",
                vec![account(A, "dev", Some(&two)), account(B, "dev", Some(&two))],
                default(),
                &[
                    "both be profile \"dev/Admin\"",
                    "Admin in 111111111111",
                    "Admin in 000000000002",
                    "(and 1 more such names)",
                ][..],
            ),
            (
                "hand-written",
                &*format!("{SESSION}[profile dev/Admin]\n"),
                "",
                vec![account(A, "dev", Some(&one))],
                default(),
                &[
                    "config:4: profile \"dev/Admin\" is defined there already",
                    "Admin in 111111111111",
                ],
            ),
            (
                "in the credentials file",
                SESSION,
                "[other]\n[dev/Admin]\n",
                vec![account(A, "dev", Some(&one))],
                default(),
                &["credentials:2: profile \"dev/Admin\""],
            ),
            (
                "of another session's block",
                &*format!("{SESSION}# >>> awsx sso lab\n[profile dev/Admin]\n# <<< awsx sso lab\n"),
                "",
                vec![account(A, "dev", Some(&one))],
                default(),
                &["config:5: profile \"dev/Admin\""],
            ),
            (
                "no name",
                SESSION,
                "",
                vec![account(A, "日本", Some(&one))],
                by("{account_name}"),
                &["the template {account_name} gives Admin in 111111111111 no name"],
            ),
            (
                "a role that is none",
                SESSION,
                "",
                vec![account(A, "dev", Some(&hostile))],
                default(),
                &["lists a role that no profile can hold: \"Admin\\n[profile default]\" in"],
            ),
            (
                "a role without a name",
                SESSION,
                "",
                vec![account(A, "dev", Some(&blank))],
                default(),
                &["no profile can hold"],
            ),
            (
                "an account id that is none",
                SESSION,
                "",
                vec![account("1", "dev", Some(&one))],
                default(),
                &["no profile can hold"],
            ),
            (
                "a marker is missing",
                &*open,
                "",
                vec![account(A, "dev", Some(&one))],
                default(),
                &["config cannot be edited"],
            ),
        ] {
            let error =
                change(&files(config, credentials), "corp", &accounts, &preferences).unwrap_err();
            for words in words {
                assert!(error.to_string().contains(words), "{docs}: {error}");
            }
        }
    }
}
