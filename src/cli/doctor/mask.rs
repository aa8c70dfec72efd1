//! Other names in the place of what says who somebody is and where they work.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::app::App;
use crate::cli::command_tree::{find_command, names_below, words_of_commands};
use crate::text::abbreviate;

/// The same name is the same everywhere in a report.
pub(super) struct Mask {
    /// By what is covered, the longest first
    names: Vec<(String, String)>,
    home: Option<PathBuf>,
    /// Of awsx
    commands: clap::Command,
    /// Words with which awsx speaks, and which may be names too
    own_words: BTreeSet<String>,
    /// In the order in which they came
    accounts: RefCell<Vec<String>>,
}

impl Mask {
    /// Of the profiles and sessions in their order, and the accounts as they come.
    pub(super) fn new(app: &App, commands: clap::Command) -> Self {
        let survey = app.survey();
        let numbered = |names: Vec<String>, what: &str| -> Vec<(String, String)> {
            let secret = names.into_iter().filter(|name| name != "default").enumerate();
            secret.map(|(at, name)| (name, format!("{what}-{}", at + 1))).collect()
        };
        let owned = |name: &str| name.to_owned();
        let named = |keys: &[&str]| -> Vec<String> {
            let profiles = survey.names().filter_map(|name| survey.as_written(name));
            let values = profiles.flat_map(|profile| {
                let found =
                    keys.iter().filter_map(|key| Some(profile.get(key)?.value.trim().to_owned()));
                found.collect::<Vec<_>>()
            });
            values.collect()
        };
        // Also those that there are not.
        let add = |mut names: Vec<String>, more: Vec<String>| {
            for name in more {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            names
        };
        let profiles =
            add(survey.names().map(owned).collect(), named(&["source_profile", "include_profile"]));
        let sessions =
            add(survey.sso_session_names().map(owned).collect(), named(&["sso_session"]));
        let mut names = numbered(profiles, "profile");
        names.extend(numbered(sessions, "session"));
        let roles = named(&["sso_role_name"]).into_iter();
        names.extend(roles.map(|role| (role, "NAME".to_owned())));
        let of_user = ["USER", "LOGNAME", "USERNAME"].into_iter();
        let users = of_user.filter_map(|variable| app.env.get(variable).map(owned));
        names.extend(users.map(|user| (user, "somebody".to_owned())));
        Self::of(names, app.env.home().map(Path::to_path_buf), commands)
    }

    fn of(
        mut names: Vec<(String, String)>,
        home: Option<PathBuf>,
        commands: clap::Command,
    ) -> Self {
        let spoken = ["account", "profile", "region", "role", "session"].map(str::to_owned);
        let own_words = words_of_commands(&commands).into_iter().chain(spoken).collect();
        names.retain(|(name, _)| !name.trim().is_empty());
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self { names, home, commands, own_words, accounts: RefCell::default() }
    }

    pub(super) fn cover(&self, text: &str) -> String {
        let text = abbreviate(text, self.home.as_deref()).into_owned();
        let text = self.names.iter().fold(text, |text, (name, instead)| {
            let commands = self.own_words.contains(name).then_some(&self.commands);
            replace(&text, name, instead, commands)
        });
        cover_addresses(&self.cover_ids(&cover_names_in_arns(&text)))
    }

    /// Accounts, `account-1` for the first one, and ids of keys and users.
    fn cover_ids(&self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric();
        let (mut covered, mut rest) = (String::new(), text);
        while let Some(start) = rest.find(is_part) {
            let (before, from) = rest.split_at(start);
            let (word, behind) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
            covered.push_str(before);
            covered.push_str(&self.cover_id(word));
            rest = behind;
        }
        covered + rest
    }

    fn cover_id(&self, word: &str) -> String {
        const IDS: [&str; 4] = ["AKIA", "ASIA", "AIDA", "AROA"];
        if word.len() >= 16 && IDS.iter().any(|id| word.starts_with(id)) {
            return "key-id".to_owned();
        }
        if word.len() != 12 || !word.bytes().all(|byte| byte.is_ascii_digit()) {
            return word.to_owned();
        }
        let mut accounts = self.accounts.borrow_mut();
        let known = accounts.iter().position(|account| account == word);
        let at = known.unwrap_or_else(|| {
            accounts.push(word.to_owned());
            accounts.len() - 1
        });
        format!("account-{}", at + 1)
    }
}

/// `role/Admin` and the like: `role/NAME`
fn cover_names_in_arns(text: &str) -> String {
    const KINDS: [&str; 4] = [":role/", ":user/", ":mfa/", ":assumed-role/"];
    KINDS.iter().fold(text.to_owned(), |text, kind| {
        let mut pieces = text.split(kind);
        let mut covered = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let is_name = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_/".contains(c);
            let end = piece.find(|c| !is_name(c)).unwrap_or(piece.len());
            covered.extend([kind, "NAME", &piece[end..]]);
        }
        covered
    })
}

/// Wherever it stands as a word. One of awsx's own words is a name only where it is called one: in quotes, within
/// brackets, at the beginning before a colon, and in a command behind the words of the command itself: of those
/// `commands` tells.
fn replace(text: &str, name: &str, instead: &str, commands: Option<&clap::Command>) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let (mut covered, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(name) {
        let (before, behind) = (&rest[..at], &rest[at + name.len()..]);
        let is_word = !before.chars().next_back().is_some_and(is_part)
            && !behind.chars().next().is_some_and(is_part)
            && commands.is_none_or(|commands| {
                let before = &text[..text.len() - rest.len() + at];
                is_called_a_name(before, name, behind, commands)
            });
        covered.push_str(before);
        covered.push_str(if is_word { instead } else { name });
        rest = behind;
    }
    covered + rest
}

/// `before` and `behind` are all else of the text.
fn is_called_a_name(before: &str, name: &str, behind: &str, commands: &clap::Command) -> bool {
    let is_within_command = before.matches('`').count() % 2 == 1;
    match before.rsplit_once('`').filter(|_| is_within_command) {
        Some((_, command)) => {
            let words: Vec<_> = command.split_whitespace().map(OsString::from).collect();
            let (path, below) = find_command(commands.clone(), &words);
            let is_of_command = path.split(' ').count() == words.len()
                && names_below(&below).iter().any(|below| below == name);
            !is_of_command
        }
        None => {
            (before.ends_with('"') && behind.starts_with('"'))
                || (before.ends_with("[profile ") || before.ends_with("[sso-session "))
                || (before.ends_with('[') && behind.starts_with(']'))
                || (before.is_empty() && behind.starts_with(':'))
        }
    }
}

/// Hosts that are not AWS's, and paths of addresses.
fn cover_addresses(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let Some((before, rest)) = word.split_once("://") else { return word.to_owned() };
        let host = rest.split(['/', '?', '#', ')', ',']).next().unwrap_or_default();
        let name = host.split(':').next().unwrap_or_default();
        let is_open = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
            || ["127.0.0.1", "localhost", "[::1]"].contains(&name);
        match is_open {
            true => word.to_owned(),
            false => format!("{before}://HOST"),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_accounts_are_covered() {
        let names = [
            ("prod", "profile-1"),
            ("prod-eu", "profile-2"),
            ("sso", "profile-3"),
            ("corp", "session-1"),
        ];
        let names = names.map(|(name, instead)| (name.to_owned(), instead.to_owned()));
        let command = |name: &'static str, below: &[&'static str]| {
            clap::Command::new(name).subcommands(below.iter().copied().map(clap::Command::new))
        };
        let commands = clap::Command::new("awsx").subcommands([
            command("login", &["aws", "sso"]),
            command("sso", &["roles", "sync"]),
            command("exec", &[]),
        ]);
        let mask = Mask::of(names.into(), Some("/home/ann".into()), commands);
        for (text, expected) in [
            (
                "source_profile of profile \"prod\" names \"prod-eu\" (/home/ann/.aws/config:3)",
                "source_profile of profile \"profile-1\" names \"profile-2\" (~/.aws/config:3)",
            ),
            ("production, prod_x and prod.", "production, prod_x and profile-1."),
            ("[sso-session corp]", "[sso-session session-1]"),
            (
                "arn:aws:iam::111122223333:role/x 444455556666 and 111122223333",
                "arn:aws:iam::account-1:role/NAME account-2 and account-1",
            ),
            (
                "profile \"sso\" has an sso role: `awsx login sso`, `awsx login sso sso` or `aws sso login`",
                "profile \"profile-3\" has an sso role: `awsx login sso`, `awsx login sso profile-3` or \
                 `aws sso login`",
            ),
            ("sso: ended, `awsx exec sso -- x`", "profile-3: ended, `awsx exec profile-3 -- x`"),
            ("[profile sso] or [sso], of sso", "[profile profile-3] or [profile-3], of sso"),
            ("`awsx sso roles --session sso`", "`awsx sso roles --session profile-3`"),
            ("AKIA2SANDBOXEXAMPLE7 is", "key-id is"),
            ("at https://corp.awsapps.com/start now", "at https://HOST now"),
            (
                "at https://sts.eu-west-1.amazonaws.com now",
                "at https://sts.eu-west-1.amazonaws.com now",
            ),
        ] {
            assert_eq!(mask.cover(text), expected, "{text}");
        }
    }
}
