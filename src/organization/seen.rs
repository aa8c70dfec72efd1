//! The accounts and roles that a person had when they last asked what has changed, and what has changed since. It rests
//! beside what is kept of the organization, in a file of its own: a listing for another purpose tells nobody anything.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::kept::{FILE_LIMIT, file, key};
use super::listing::{KnownAccount, Organization};
use crate::credentials::SsoLogin;
use crate::state::{StateDir, StateDirError, encode_record, parse_record};

/// What a person had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// UTC
    seen_at: DateTime<Utc>,
    /// By their ids
    accounts: BTreeMap<String, SeenAccount>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SeenAccount {
    /// `accountName`
    name: String,
    /// `roleName`s
    roles: BTreeSet<String>,
}

/// What has changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Changes {
    pub since: DateTime<Utc>,
    /// Those where something has changed, in the order of their names, then of their ids
    pub accounts: Vec<ChangedAccount>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChangedAccount {
    pub account_id: String,
    /// The last that is known
    pub account_name: String,
    pub fate: Fate,
    pub gained: Vec<String>,
    pub lost: Vec<String>,
}

/// What became of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Gained,
    Lost,
    /// It was there, and is
    Stays,
}

impl Seen {
    /// What was noted last. A record that cannot be read counts as absent; a file that the disk does not give is an
    /// error, since it would be written over.
    pub(crate) fn read(state: &StateDir, login: &SsoLogin) -> Result<Option<Self>, StateDirError> {
        let content = state.read(&name(login), FILE_LIMIT)?;
        Ok(content.and_then(|content| parse_record(&content)))
    }

    /// What a person has now; none where not all of it is known.
    pub(crate) fn of(found: &Organization, now: DateTime<Utc>) -> Option<Self> {
        let account = |known: &KnownAccount| {
            let roles = roles(known)?.iter().cloned().collect();
            let seen = SeenAccount { name: known.account.account_name.clone(), roles };
            Some((known.account.account_id.clone(), seen))
        };
        let accounts: Option<_> = found.accounts.iter().map(account).collect();
        accounts.filter(|_| found.stopped.is_none()).map(|accounts| Self { seen_at: now, accounts })
    }

    /// Notes it in place of what was there, at once and whole.
    pub(crate) fn write(&self, state: &StateDir, login: &SsoLogin) -> Result<(), StateDirError> {
        state.write(&name(login), &encode_record(self))
    }

    /// How many accounts and roles it has.
    pub(crate) fn count(&self) -> [usize; 2] {
        [self.accounts.len(), self.accounts.values().map(|account| account.roles.len()).sum()]
    }

    /// What has changed since. Of an account whose roles could not be listed none is gained or lost.
    pub(crate) fn changes(&self, found: &Organization) -> Changes {
        let mut left: BTreeMap<&str, &SeenAccount> =
            self.accounts.iter().map(|(id, seen)| (&**id, seen)).collect();
        let mut accounts: Vec<ChangedAccount> = Vec::new();
        for known in &found.accounts {
            let seen = left.remove(&*known.account.account_id);
            let roles: Option<BTreeSet<&str>> =
                roles(known).map(|roles| roles.iter().map(|role| &**role).collect());
            let before = seen.iter().flat_map(|seen| &seen.roles).map(|role| &**role).collect();
            let (gained, lost) = match &roles {
                Some(roles) => (only_in(roles, &before), only_in(&before, roles)),
                None => (Vec::new(), Vec::new()),
            };
            let fate = if seen.is_some() { Fate::Stays } else { Fate::Gained };
            accounts.push(ChangedAccount {
                account_id: known.account.account_id.clone(),
                account_name: known.account.account_name.clone(),
                fate,
                gained,
                lost,
            });
        }
        accounts.extend(left.into_iter().map(|(id, seen)| ChangedAccount {
            account_id: id.to_owned(),
            account_name: seen.name.clone(),
            fate: Fate::Lost,
            gained: Vec::new(),
            lost: seen.roles.iter().cloned().collect(),
        }));
        accounts.retain(|account| {
            account.fate != Fate::Stays || !account.gained.is_empty() || !account.lost.is_empty()
        });
        accounts.sort_by(|a, b| {
            (&a.account_name, &a.account_id).cmp(&(&b.account_name, &b.account_id))
        });
        Changes { since: self.seen_at, accounts }
    }
}

impl Changes {
    /// How many accounts have this fate.
    pub(crate) fn count(&self, fate: Fate) -> usize {
        self.accounts.iter().filter(|account| account.fate == fate).count()
    }
}

/// The roles in an account, if this run has listed them, or a late one that still counts.
fn roles(known: &KnownAccount) -> Option<&[String]> {
    known.known.as_ref().filter(|_| known.problem.is_none()).map(|known| &*known.roles)
}

fn only_in(these: &BTreeSet<&str>, those: &BTreeSet<&str>) -> Vec<String> {
    these.difference(those).map(|role| (*role).to_owned()).collect()
}

fn name(login: &SsoLogin) -> String {
    file(&key(login), "seen.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::testing::sso_login;
    use crate::organization::kept::RolesOfAccount;
    use crate::organization::listing::Problem;
    use crate::ports::Account;

    fn at(hour: u32) -> DateTime<Utc> {
        DateTime::from_timestamp(i64::from(hour) * 3600, 0).unwrap()
    }

    /// Of lines `ID NAME ROLE…`; with `!` in the place of roles those could not be listed.
    fn organization(lines: &[&str]) -> Organization {
        let account = |line: &&str| {
            let mut words = line.split(' ');
            let (id, name) = (words.next().unwrap(), words.next().unwrap());
            let roles: Vec<String> = words.map(str::to_owned).collect();
            let problem = (roles == ["!"]).then_some(Problem::NotReached);
            // What was listed earlier is still there where it fails now.
            KnownAccount {
                account: Account {
                    account_id: id.to_owned(),
                    account_name: name.to_owned(),
                    email: String::new(),
                },
                known: Some(RolesOfAccount { roles, listed_at: at(1) }),
                problem,
            }
        };
        Organization { accounts: lines.iter().map(account).collect(), ..Organization::default() }
    }

    /// `+ NAME` and `- NAME` of accounts, each with its roles.
    fn told(changes: &Changes) -> Vec<String> {
        let line = |account: &ChangedAccount| {
            let fate = match account.fate {
                Fate::Gained => "+ ",
                Fate::Lost => "- ",
                Fate::Stays => "",
            };
            let gained = account.gained.iter().map(|role| format!(" +{role}"));
            let lost = account.lost.iter().map(|role| format!(" -{role}"));
            format!("{fate}{}{}", account.account_name, gained.chain(lost).collect::<String>())
        };
        changes.accounts.iter().map(line).collect()
    }

    #[test]
    fn accounts_and_roles_come_and_go() {
        let before = ["1 prod Admin Read", "2 dev Admin", "3 old Read Admin"];
        let seen = Seen::of(&organization(&before), at(2)).unwrap();
        assert_eq!(seen.count(), [3, 5]);
        for (docs, now, expected) in [
            ("nothing", &before[..], &[][..]),
            ("another order", &["2 dev Admin", "3 old Admin Read", "1 prod Read Admin"], &[]),
            ("another name", &["1 production Admin Read", "2 dev Admin", "3 old Read Admin"], &[]),
            (
                "roles",
                &["1 prod Read Zoo Audit", "2 dev Admin", "3 old Read Admin"],
                &["prod +Audit +Zoo -Admin"],
            ),
            (
                "accounts",
                &["1 prod Admin Read", "2 dev Admin", "4 new Read", "5 bare"],
                &["+ bare", "+ new +Read", "- old -Admin -Read"],
            ),
            ("what is not listed is not lost", &["1 prod !", "2 dev", "3 old !"], &["dev -Admin"]),
            (
                "of a new account that is not listed no role is known",
                &["1 prod Admin Read", "2 dev Admin", "3 old Read Admin", "4 new !"],
                &["+ new"],
            ),
            ("all", &[], &["- dev -Admin", "- old -Admin -Read", "- prod -Admin -Read"]),
        ] {
            let changes = seen.changes(&organization(now));
            assert_eq!(changes.since, at(2));
            assert_eq!(told(&changes), expected, "{docs}");
        }
        assert_eq!(Seen::of(&organization(&["1 prod !"]), at(2)), None);
    }

    #[test]
    fn an_unreadable_record_counts_as_absent() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let login = sso_login();
        assert_eq!(Seen::read(&state, &login).unwrap(), None);
        let seen = Seen::of(&organization(&["1 prod Admin"]), at(2)).unwrap();
        seen.write(&state, &login).unwrap();
        assert_eq!(Seen::read(&state, &login).unwrap().as_ref(), Some(&seen));
        let path = state.file(&name(&login));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with(r#"{"version":1,"seen_at":"1970-01-01T02:00:00Z","accounts":{"1":"#)
        );
        for (docs, text) in [
            ("cut off", &text[..text.len() / 2]),
            ("a later version", &text.replace("\"version\":1", "\"version\":2")),
            ("empty", ""),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(Seen::read(&state, &login).unwrap(), None, "{docs}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        Seen::read(&state, &login).unwrap_err();
    }
}
