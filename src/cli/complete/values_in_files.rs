//! The values that awsx knows: from its tables, and from the files as they are now. Nothing is opened, nobody is asked.

use super::answer::Candidate;
use super::values::Values;
use crate::app::App;
use crate::console::service_names;
use crate::deliver::format::Format;
use crate::keys::record::StoredKeysHeader;
use crate::organization::kept::KeptRoles;
use crate::preferences::Preferences;
use crate::profile::{Profiles, keys_of_profiles, regions};
use crate::resolve::{account_and_role, kind_of_profile, services_to_read, sso_login};

/// The values that begin with `typed`. `words`: the line, whose session and account say which of an organization they are.
pub(super) fn find_values(
    app: &App,
    values: Values,
    words: &[String],
    typed: &str,
) -> Vec<Candidate> {
    let mut found = Found { typed, all: Vec::new() };
    let files = || app.profiles().ok();
    match values {
        Values::Profiles => found.profiles(files()),
        Values::Patterns => {
            found.profiles(files());
            for name in app.preferences().into_iter().flat_map(Preferences::tags) {
                found.add(&format!("tag:{name}"), "of config.toml");
            }
        }
        Values::Sessions => found.sessions(files()),
        Values::Logins => {
            found.sessions(files());
            found.profiles(files());
        }
        Values::Accounts => found.accounts(&organizations(app, words), false),
        Values::AccountIds => found.accounts(&organizations(app, words), true),
        Values::Roles => found.roles(&organizations(app, words), value_behind("--account", words)),
        Values::Regions => regions().for_each(|region| found.add(region, "")),
        Values::Scopes => found.scopes(app),
        Values::Formats => Format::ALL.into_iter().for_each(|format| found.add(format.name(), "")),
        Values::Keys => found.keys(app),
        Values::Services => {
            let names = files().into_iter().flat_map(Profiles::services_names);
            names.for_each(|name| found.add(name, ""));
        }
        Values::Settings => keys_of_profiles().for_each(|key| found.add(key, "")),
        Values::ConsoleServices => service_names().for_each(|name| found.add(name, "")),
        Values::Files => {}
    }
    found.all
}

struct Found<'a> {
    typed: &'a str,
    all: Vec<Candidate>,
}

impl Found<'_> {
    fn add(&mut self, word: &str, about: &str) {
        self.add_with(word, || about.to_owned());
    }

    fn add_with(&mut self, word: &str, about: impl FnOnce() -> String) {
        if word.starts_with(self.typed) && !word.is_empty() {
            self.all.push(Candidate { word: word.to_owned(), about: about() });
        }
    }

    /// Each with account and role, or else the region.
    fn profiles(&mut self, files: Option<&Profiles>) {
        for (files, name) in
            files.into_iter().flat_map(|files| files.all_names().map(move |name| (files, name)))
        {
            self.add_with(name, || {
                let Some(profile) = files.as_known(name) else { return String::new() };
                match account_and_role(&profile, kind_of_profile(&profile)) {
                    (Some(account), Some(role)) => format!("{account} {role}"),
                    (account, role) => account.or(role).unwrap_or_else(|| {
                        let region = profile.get("region");
                        region.map(|region| region.value.trim().to_owned()).unwrap_or_default()
                    }),
                }
            });
        }
    }

    fn sessions(&mut self, files: Option<&Profiles>) {
        for name in files.into_iter().flat_map(Profiles::sso_session_names) {
            self.add(name, "sso-session");
        }
    }

    /// By name, where only one is called so; by id, where one is begun.
    fn accounts(&mut self, organizations: &[KeptRoles], only_ids: bool) {
        let by_id = only_ids || self.typed.starts_with(|c: char| c.is_ascii_digit());
        for kept in organizations {
            let mut seen = std::collections::HashMap::new();
            kept.names.values().for_each(|name| *seen.entry(name).or_insert(0) += 1);
            for (id, name) in &kept.names {
                match by_id || seen.get(name) != Some(&1) {
                    true => self.add(id, name),
                    false => self.add(name, id),
                }
            }
        }
    }

    fn roles(&mut self, organizations: &[KeptRoles], account: Option<&str>) {
        let mut roles: Vec<&str> = Vec::new();
        for kept in organizations {
            let is_meant = |id: &str| {
                account.is_none_or(|account| {
                    account == id || kept.names.get(id).is_some_and(|name| name == account)
                })
            };
            let accounts = kept.accounts.iter().filter(|(id, _)| is_meant(id));
            roles
                .extend(accounts.flat_map(|(_, account)| account.roles.iter().map(String::as_str)));
        }
        roles.sort_unstable();
        roles.dedup();
        roles.into_iter().for_each(|role| self.add(role, ""));
    }

    fn scopes(&mut self, app: &App) {
        if let Some(services) = self.typed.strip_prefix("read:") {
            let before = services.rfind(',').map_or("", |at| &services[..=at]);
            let already = |service: &str| before.split(',').any(|one| one == service);
            for service in services_to_read().filter(|service| !already(service)) {
                self.add(&format!("read:{before}{service}"), "");
            }
            return;
        }
        for name in app.preferences().into_iter().flat_map(|preferences| preferences.scopes()) {
            self.add(name, "of config.toml");
        }
        self.add("read", "all that reads");
        self.add("read:", "what reads in services");
    }

    fn keys(&mut self, app: &App) {
        let headers = app.vault().ok().and_then(|vault| vault.headers::<StoredKeysHeader>().ok());
        for (_, header) in headers.into_iter().flatten() {
            let account = header.owner.map(|owner| owner.account_id).unwrap_or_default();
            self.add(&header.name, &account);
        }
    }
}

/// What was listed of the organization of the session that the line names, or of all of them.
fn organizations(app: &App, words: &[String]) -> Vec<KeptRoles> {
    let (Ok(files), Ok(vault)) = (app.profiles(), app.vault()) else { return Vec::new() };
    let before = words.split_last().map_or(&[][..], |(_, before)| before);
    let value =
        |word: &String| word.rsplit_once('=').map_or(&**word, |(_, value)| value).to_owned();
    let is_session = |name: &String| files.sso_session(name).is_some();
    let names: Vec<String> = match before.iter().skip(1).map(value).find(is_session) {
        Some(name) => vec![name],
        None => files.sso_session_names().map(str::to_owned).collect(),
    };
    let logins = names.iter().filter_map(|name| sso_login(files, name).ok());
    logins.map(|login| KeptRoles::recall(vault.durable(), &login)).collect()
}

/// The value of a flag in the line.
fn value_behind<'a>(flag: &str, words: &'a [String]) -> Option<&'a str> {
    let (_, before) = words.split_last()?;
    let of_next = before.windows(2).find(|two| two[0] == flag).map(|two| &*two[1]);
    let own = || before.iter().find_map(|word| word.strip_prefix(flag)?.strip_prefix('='));
    of_next.or_else(own)
}
