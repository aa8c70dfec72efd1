//! Reads the text of the settings file. Unknown keys are mistakes: a misspelt one would silently have no
//! effect. Problems name the key, never its value.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::console::{ConsolePreferences, ICONS, Separate};
use super::settings::{NamedScope, Preferences, Rule, SsoPreferences};
use super::template::Template;
use crate::credentials::arn::is_account_id;
use crate::guard::{AgentRules, KEYS, Key, NameRule, NamedGuard, Rule as GuardRule, Said};
use crate::profile::{Location, is_portable_name, is_region, parse_duration};
use crate::text::{Glob, word};

#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) at: usize,
    pub(super) problem: String,
}

/// Settings that decide which credentials a profile gives, or that awsx itself writes: the credentials of
/// a generated profile are those of its role, and nothing else.
const REFUSED: [&str; 23] = [
    "aws_access_key_id",
    "aws_session_token",
    "aws_security_token",
    "aws_account_id",
    "credential_process",
    "credential_source",
    "duration_seconds",
    "external_id",
    "include_profile",
    "login_session",
    "mfa_process",
    "mfa_serial",
    "oidc",
    "principal_arn",
    "role_arn",
    "role_session_name",
    "saml_command",
    "saml_login_url",
    "session",
    "source_identity",
    "source_profile",
    "transitive_session_tags",
    "web_identity_token_file",
];
const REFUSED_PREFIXES: [&str; 4] = ["sso_", "granted_sso_", "session_", "aws_secret"];

type Value<'a> = Spanned<DeValue<'a>>;

/// `place`: where something stands, by its offset.
pub(super) fn read_preferences(
    text: &str,
    place: &dyn Fn(usize) -> Location,
) -> Result<Preferences, Mistake> {
    let mut preferences = Preferences::default();
    document(text, |entry| {
        match entry.key {
            "auto_login" => preferences.common.auto_login = Some(entry.boolean()?),
            "share_sso_token" => preferences.common.share_sso_token = Some(entry.boolean()?),
            "audit" => preferences.audit = entry.boolean()?,
            "favourites" => preferences.favourites = read_patterns(&entry)?,
            "picker" => preferences.picker = Some(read_command(&entry)?),
            "notify_command" => preferences.notify_command = Some(read_command(&entry)?),
            "sso" => {
                for session in entry.table()? {
                    let name = session.key.to_owned();
                    preferences.sso.insert(name, read_sso(&session)?);
                }
            }
            "registries" => {
                for registry in entry.table()? {
                    let profile = registry.text()?.to_owned();
                    if profile.is_empty() {
                        return Err(registry.mistake("names no profile"));
                    }
                    let pattern = Glob::new(&registry.key.to_ascii_lowercase());
                    preferences.registries.push((pattern, profile));
                }
            }
            "tags" => {
                for tag in entry.table()? {
                    let profiles = read_tag(&tag)?;
                    preferences.tags.insert(tag.key.to_owned(), profiles);
                }
            }
            "accounts" => {
                for account in entry.table()? {
                    let name = read_account_name(&account)?;
                    preferences.accounts.insert(account.key.to_owned(), name);
                }
            }
            "ssh" => {
                for host in entry.table()? {
                    preferences.hosts.push(read_host(&host)?);
                }
            }
            "guard" => {
                let mut guards = entry.table()?;
                guards.sort_by_key(|guard| guard.key_at);
                for guard in guards {
                    preferences.guards.push(read_guard(&guard, place)?);
                }
            }
            "agents" => preferences.agents = read_agents(&entry, place)?,
            "console" => preferences.console = read_console(&entry)?,
            "scopes" => {
                for scope in entry.table()? {
                    preferences.scopes.insert(scope.key.to_owned(), read_scope(&scope)?);
                }
            }
            _ => {
                return Err(entry.no_setting(
                    "accounts, agents, audit, auto_login, console, favourites, notify_command, picker, share_sso_token, \
                     guard, registries, scopes, ssh, sso, tags",
                ));
            }
        }
        Ok(())
    })?;
    Ok(preferences)
}

/// Reads each entry of a text of TOML.
pub(super) fn document(
    text: &str,
    read: impl FnMut(Entry<'_>) -> Result<(), Mistake>,
) -> Result<(), Mistake> {
    let document = DeTable::parse(text).map_err(|error| Mistake {
        at: error.span().map_or(text.len(), |span| span.start),
        problem: error.message().lines().next().unwrap_or_default().to_owned(),
    })?;
    entries(document.get_ref(), "").into_iter().try_for_each(read)
}

/// What an account is called.
fn read_account_name(account: &Entry<'_>) -> Result<String, Mistake> {
    if !is_account_id(account.key) {
        let problem = format!("{} is no account of 12 digits", account.path);
        return Err(Mistake { at: account.key_at, problem });
    }
    match account.text()?.trim() {
        "" => Err(account.mistake("is no name")),
        name => Ok(name.to_owned()),
    }
}

/// The profiles that go by the name of a tag.
fn read_tag(tag: &Entry<'_>) -> Result<Vec<Glob>, Mistake> {
    if !is_portable_name(tag.key) {
        let problem =
            format!("{} is no name: ASCII letters, digits and _-/.%@:+ can be in one", tag.path);
        return Err(Mistake { at: tag.key_at, problem });
    }
    read_patterns(tag)
}

/// A command as a line: it is one, or a list of its words.
fn read_command(entry: &Entry<'_>) -> Result<String, Mistake> {
    let line = match (entry.text(), entry.read_said()) {
        (Ok(line), _) => line.to_owned(),
        (Err(_), Some(Said::List(words))) => {
            let words = words.into_iter().map(|one| word(one).into_owned());
            words.collect::<Vec<_>>().join(" ")
        }
        (Err(_), _) => String::new(),
    };
    match line.trim() {
        "" => Err(entry.mistake("must be a command, or a list of its words")),
        _ => Ok(line),
    }
}

/// The profiles that a host may use: one, or a list.
fn read_host(entry: &Entry<'_>) -> Result<(Glob, Vec<Glob>), Mistake> {
    let profiles = match (entry.text(), entry.read_said()) {
        (Ok(profile), _) => Some(vec![profile]),
        (Err(_), Some(Said::List(profiles))) => Some(profiles),
        (Err(_), _) => None,
    };
    let named = profiles.filter(|profiles| profiles.iter().all(|profile| !profile.is_empty()));
    let profiles =
        named.ok_or_else(|| entry.mistake("must be the name of a profile, or a list of such"))?;
    let host = Glob::new(&entry.key.to_ascii_lowercase());
    Ok((host, profiles.into_iter().map(Glob::new).collect()))
}

/// The rules of all profiles whose names match.
fn read_guard(guard: &Entry<'_>, place: &dyn Fn(usize) -> Location) -> Result<NamedGuard, Mistake> {
    let mut rules = Vec::new();
    for entry in guard.table()? {
        let Some(key) = KEYS.iter().find(|key| key.name == entry.key) else {
            let known: Vec<_> = KEYS.iter().map(|key| key.name).collect();
            return Err(entry.no_setting(&known.join(", ")));
        };
        rules.extend(read_demand(&entry, key, place)?);
    }
    Ok(NamedGuard { pattern: Glob::new(guard.key), rules })
}

/// The rule that an entry with this key is, if it demands something.
pub(super) fn read_demand(
    entry: &Entry<'_>,
    key: &'static Key,
    place: &dyn Fn(usize) -> Location,
) -> Result<Option<GuardRule>, Mistake> {
    let said = entry.read_said();
    let demand = said.as_ref().and_then(key.read).ok_or_else(|| entry.mistake(key.form))?;
    let at = place(entry.key_at);
    Ok(demand.map(|demand| GuardRule { key: key.name, demand, at }))
}

/// How browsers are opened for the console.
fn read_console(console: &Entry<'_>) -> Result<ConsolePreferences, Mistake> {
    let mut preferences = ConsolePreferences::default();
    for entry in console.table()? {
        match entry.key {
            "browser_command" => {
                let command = entry.text()?.trim().to_owned();
                if command.is_empty() {
                    return Err(entry.mistake("names no program"));
                }
                preferences.browser_command = Some(command);
            }
            "separate" => {
                preferences.separate = Some(match entry.text()? {
                    "profile" => Separate::Profile,
                    "container" => Separate::Container,
                    _ => return Err(entry.mistake("must be \"profile\" or \"container\"")),
                });
            }
            "icons" => {
                for icon in entry.table()? {
                    let known =
                        ICONS.iter().find(|known| icon.text().is_ok_and(|text| text == **known));
                    let form = || icon.mistake(&format!("must be one of {}", ICONS.join(", ")));
                    preferences.icons.push((Glob::new(icon.key), known.ok_or_else(form)?));
                }
            }
            _ => return Err(entry.no_setting("browser_command, separate, icons")),
        }
    }
    Ok(preferences)
}

fn read_agents(
    agents: &Entry<'_>,
    place: &dyn Fn(usize) -> Location,
) -> Result<AgentRules, Mistake> {
    let mut rules = AgentRules::default();
    for entry in agents.table()? {
        match entry.key {
            "allow" => rules.allow = Some(read_names(&entry, place)?),
            "deny" => rules.deny = Some(read_names(&entry, place)?),
            "scope" => rules.scope = Some((entry.text()?.to_owned(), place(entry.key_at))),
            "max_duration" => {
                let length = parse_duration(entry.text()?).ok().filter(|length| !length.is_zero());
                let length = length
                    .ok_or_else(|| entry.mistake("must be a length of time, such as \"15m\""))?;
                rules.max_duration = Some((length, place(entry.key_at)));
            }
            _ => return Err(entry.no_setting("allow, deny, scope, max_duration")),
        }
    }
    Ok(rules)
}

fn read_names(entry: &Entry<'_>, place: &dyn Fn(usize) -> Location) -> Result<NameRule, Mistake> {
    Ok(NameRule { patterns: read_patterns(entry)?, at: place(entry.key_at) })
}

/// Names of profiles, with `*` and `?`: one or several.
fn read_patterns(entry: &Entry<'_>) -> Result<Vec<Glob>, Mistake> {
    let names = entry.read_said().and_then(|said| said.items());
    let names =
        names.ok_or_else(|| entry.mistake("must be the name of a profile, or a list of such"))?;
    Ok(names.iter().map(|name| Glob::new(name)).collect())
}

fn read_scope(scope: &Entry<'_>) -> Result<NamedScope, Mistake> {
    if scope.key == "read" || scope.key.starts_with("read:") || scope.key.starts_with('{') {
        return Err(Mistake {
            at: scope.key_at,
            problem: format!(
                "{} cannot be called so: --scope {} is something else",
                scope.path, scope.key
            ),
        });
    }
    let mut found = None;
    for entry in scope.table()? {
        let read = match entry.key {
            "policy" => NamedScope::Policy(entry.text()?.to_owned()),
            "policy_file" => NamedScope::File(entry.text()?.to_owned()),
            _ => return Err(entry.no_setting("policy_file, policy")),
        };
        if found.replace(read).is_some() {
            return Err(scope.mistake("has both policy and policy_file"));
        }
    }
    found.ok_or_else(|| scope.mistake("has neither policy_file nor policy"))
}

fn read_sso(session: &Entry<'_>) -> Result<SsoPreferences, Mistake> {
    let mut found = SsoPreferences::default();
    for entry in session.table()? {
        match entry.key {
            "auto_login" => found.login.auto_login = Some(entry.boolean()?),
            "share_sso_token" => found.login.share_sso_token = Some(entry.boolean()?),
            "rules" => {
                for rule in entry.tables()? {
                    found.rules.push(read_rule(rule)?);
                }
            }
            _ if read_profile_key(&mut found.common, &entry)? => {}
            _ => {
                return Err(entry.no_setting(
                    "auto_login, share_sso_token, profile_name, region, settings, rules",
                ));
            }
        }
    }
    Ok(found)
}

fn read_rule(entries: Vec<Entry<'_>>) -> Result<Rule, Mistake> {
    let mut rule = Rule::default();
    for entry in entries {
        match entry.key {
            "account_id" => rule.account_id = Some(Glob::new(entry.text()?)),
            "account_name" => rule.account_name = Some(Glob::new(entry.text()?)),
            "role_name" => rule.role_name = Some(Glob::new(entry.text()?)),
            "skip" => rule.skip = Some(entry.boolean()?),
            _ if read_profile_key(&mut rule, &entry)? => {}
            _ => {
                return Err(entry.no_setting(
                    "account_id, account_name, role_name, skip, profile_name, region, settings",
                ));
            }
        }
    }
    Ok(rule)
}

/// Reads a key that stands in `[sso.NAME]` as well as in a rule. Returns whether it is one.
fn read_profile_key(rule: &mut Rule, entry: &Entry<'_>) -> Result<bool, Mistake> {
    match entry.key {
        "profile_name" => {
            let template = Template::parse(entry.text()?);
            rule.profile_name = Some(template.map_err(|error| entry.mistake(&error.to_string()))?);
        }
        "region" => {
            let region = entry.text()?;
            if !is_region(region) {
                return Err(entry.mistake("is not a region, such as \"eu-west-1\""));
            }
            rule.region = Some(region.to_owned());
        }
        "settings" => rule.settings = read_settings(entry)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn read_settings(table: &Entry<'_>) -> Result<BTreeMap<String, String>, Mistake> {
    let mut found = BTreeMap::new();
    for entry in table.table()? {
        let key = entry.key.to_ascii_lowercase();
        if !is_portable_name(&key) {
            return Err(entry.mistake("is not a key that the AWS tools read"));
        }
        if key == "region" {
            return Err(entry.mistake("is written beside `settings`, not in it"));
        }
        if REFUSED.contains(&&*key) || REFUSED_PREFIXES.iter().any(|p| key.starts_with(p)) {
            return Err(entry.mistake("would change the credentials of the profile"));
        }
        let value = entry.scalar()?;
        // What the AWS files cannot hold: they have no quotes.
        let cut = [" #", " ;", "\t#", "\t;"].iter().any(|comment| value.contains(comment));
        if value.trim() != value || value.is_empty() || value.contains(char::is_control) || cut {
            return Err(entry.mistake(
                "is empty, has blanks at its ends, a blank before `#` or `;`, or control characters",
            ));
        }
        found.insert(key, value);
    }
    Ok(found)
}

/// A key with its value, and where both are.
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    /// `sso.corp.region`
    path: String,
    pub(super) key_at: usize,
    value: &'a Value<'a>,
}

fn entries<'a>(table: &'a DeTable<'a>, above: &str) -> Vec<Entry<'a>> {
    let dot = if above.is_empty() { "" } else { "." };
    table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref(),
            path: format!("{above}{dot}{}", key.get_ref()),
            key_at: key.span().start,
            value,
        })
        .collect()
}

impl<'a> Entry<'a> {
    fn boolean(&self) -> Result<bool, Mistake> {
        self.value.get_ref().as_bool().ok_or_else(|| self.mistake("must be true or false"))
    }

    pub(super) fn text(&self) -> Result<&'a str, Mistake> {
        self.value.get_ref().as_str().ok_or_else(|| self.mistake("must be a text in quotes"))
    }

    /// A text that is not blank; `form` says so.
    pub(super) fn name(&self, form: &str) -> Result<String, Mistake> {
        let text = self.text().ok().map(str::trim).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| self.mistake(form))
    }

    /// A switch, a text or a list of texts.
    fn read_said(&self) -> Option<Said<'a>> {
        match self.value.get_ref() {
            DeValue::Boolean(switch) => Some(Said::Switch(*switch)),
            DeValue::String(text) => Some(Said::List(vec![text])),
            DeValue::Array(list) => {
                let texts = list.iter().map(|item| item.get_ref().as_str());
                texts.collect::<Option<_>>().map(Said::List)
            }
            _ => None,
        }
    }

    /// A text, a number or a switch, as the AWS files write it.
    fn scalar(&self) -> Result<String, Mistake> {
        match self.value.get_ref() {
            DeValue::String(text) => Ok(text.clone().into_owned()),
            DeValue::Integer(number) => Ok(number.to_string()),
            DeValue::Boolean(switch) => Ok(switch.to_string()),
            _ => Err(self.mistake("must be a text, a whole number, true or false")),
        }
    }

    fn table(&self) -> Result<Vec<Entry<'a>>, Mistake> {
        let table =
            self.value.get_ref().as_table().ok_or_else(|| self.mistake("must be a table"))?;
        Ok(entries(table, &self.path))
    }

    fn tables(&self) -> Result<Vec<Vec<Entry<'a>>>, Mistake> {
        let wrong = || self.mistake("must be a list of tables");
        let list = self.value.get_ref().as_array().ok_or_else(wrong)?;
        let table = |item: &'a Value<'a>| item.get_ref().as_table().ok_or_else(wrong);
        list.iter().map(|item| Ok(entries(table(item)?, &self.path))).collect()
    }

    pub(super) fn mistake(&self, problem: &str) -> Mistake {
        Mistake { at: self.value.span().start, problem: format!("{} {problem}", self.path) }
    }

    pub(super) fn no_setting(&self, known: &str) -> Mistake {
        let problem = format!("{} is not a setting of awsx: expected one of {known}", self.path);
        Mistake { at: self.key_at, problem }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> Preferences {
        Preferences::from_text(Path::new("c"), text).unwrap()
    }

    #[test]
    fn every_setting_is_read() {
        let text = r#"
auto_login = false
share_sso_token = true
[sso.corp]
auto_login = true
profile_name = "{role_name}@{account_name:kebab}"
region = "eu-west-1"
[sso.corp.settings]
output = "json"
Max_Attempts = 5
cli_history = true
[[sso.corp.rules]]
account_name = "sandbox-*"
skip = true
[[sso.corp.rules]]
account_id = "1111*"
role_name = "Admin"
region = "us-east-1"
profile_name = "root"
settings.output = "text"
"#;
        let read = self::read(text);
        let corp = read.sso("corp");
        assert_eq!(
            corp.common.profile_name.as_ref().unwrap().to_string(),
            "{role_name}@{account_name:kebab}"
        );
        assert_eq!(corp.common.region.as_deref(), Some("eu-west-1"));
        let settings: Vec<_> =
            corp.common.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(settings, [("cli_history", "true"), ("max_attempts", "5"), ("output", "json")]);
        assert_eq!(corp.rules.len(), 2);
        assert_eq!(corp.rules[0].skip, Some(true));
        assert_eq!(corp.rules[1].settings["output"], "text");
        assert!(read.sso("other").rules.is_empty());
        assert!(self::read("").guards().is_empty());
        for (text, expected) in [("\"a 'b c' $D\"", "a 'b c' $D"), ("[\"a\", \"b c\"]", "a 'b c'")]
        {
            let read = self::read(&format!("picker = {text}"));
            assert_eq!(read.picker(), Some(expected));
            let read = self::read(&format!("notify_command = {text}"));
            assert_eq!(read.notify_command(), Some(expected));
        }
        let read = self::read("[accounts]\n\"111122223333\" = \" Billing (EU) \"\n");
        assert_eq!(read.account_name("111122223333"), Some("Billing (EU)"));
        assert_eq!(read.account_name("111122223334"), None);
        let read = self::read("[tags]\nprod = [\"prod-*\", \"billing\"]\n\"a/b\" = \"*\"\n");
        assert_eq!(read.tags().collect::<Vec<_>>(), ["a/b", "prod"]);
        assert_eq!(read.tags_of("prod-eu").collect::<Vec<_>>(), ["a/b", "prod"]);
        let read_favourites = self::read("favourites = [\"prod\", \"team-*\"]");
        let favourites: Vec<_> = read_favourites.favourites().iter().map(Glob::text).collect();
        assert_eq!(favourites, ["prod", "team-*"]);
        assert_eq!(read.profiles_of_tags().collect::<Vec<_>>(), ["billing"]);
        let scopes = "[scopes.deploy]\npolicy_file = \"d.json\"\n[scopes.x]\npolicy = \"{}\"";
        let read = self::read(scopes);
        assert!(matches!(read.scope("deploy"), Some(NamedScope::File(file)) if file == "d.json"));
        assert!(matches!(read.scope("x"), Some(NamedScope::Policy(text)) if text == "{}"));
        assert_eq!(read.scopes().collect::<Vec<_>>(), ["deploy", "x"]);
    }

    #[test]
    fn guards_know_their_lines() {
        let text = "[guard.\"*prod*\"]\nexpected_account = [\"111111111111\"]\n\n\
                    regions = \"eu-*\"\n[guard.a]\n";
        let read = self::read(text);
        let [prod, other] = read.guards() else { panic!("{:?}", read.guards()) };
        assert_eq!((prod.pattern.text(), other.pattern.text()), ("*prod*", "a"));
        let lines: Vec<_> = prod.rules.iter().map(|rule| rule.at.to_string()).collect();
        assert_eq!((lines, other.rules.len()), (vec!["c:2".to_owned(), "c:4".to_owned()], 0));
    }

    /// Each with line, column and key, and without the value.
    #[test]
    fn mistakes_name_their_place_and_key() {
        let refused = "sso.c.settings.K would change the credentials of the profile";
        for (text, place, words) in [
            ("a = 1", "1:1", "a is not a setting of awsx: expected one of accounts, agents, "),
            ("accounts = 1", "1:12", "accounts must be a table"),
            ("[accounts]\n1234 = \"planted\"", "2:1", "accounts.1234 is no account of 12 digits"),
            ("[accounts]\n111122223333 = 1", "2:16", "accounts.111122223333 must be a text in"),
            ("[accounts]\n111122223333 = \" \"", "2:16", "accounts.111122223333 is no name"),
            ("tags = [\"planted\"]", "1:8", "tags must be a table"),
            ("[tags]\na = 1", "2:5", "tags.a must be the name of a profile, or a list"),
            ("[tags]\na = [\"planted\", \" \"]", "2:5", "tags.a must be the name of"),
            ("[tags]\na = []", "2:5", "tags.a must be the name of"),
            ("[tags]\n\"a b\" = \"planted\"", "2:1", "tags.a b is no name"),
            ("\nauto_login = \"planted\"", "2:14", "auto_login must be true or false"),
            ("auto_login = tru", "1:14", ""),
            ("auto_login = true\nauto_login = true", "2:1", "duplicate key"),
            ("sso = 1", "1:7", "sso must be a table"),
            ("registries = 1", "1:14", "registries must be a table"),
            ("[registries]\n\"h.example\" = 1", "2:15", "h.example must be a text in quotes"),
            ("[registries]\n\"h.example\" = \"\"", "2:15", "h.example names no profile"),
            ("[sso]\nc = 1", "2:5", "sso.c must be a table"),
            ("[sso.c]\nregions = 1", "2:1", "sso.c.regions is not a setting"),
            ("[sso.c]\nregion = \"planted.x\"", "2:10", "sso.c.region is not a region"),
            ("[sso.c]\nprofile_name = 1", "2:16", "sso.c.profile_name must be a text"),
            ("[sso.c]\nprofile_name = \"{x}\"", "2:16", "sso.c.profile_name at character 2 of"),
            ("[sso.c]\nrules = 1", "2:9", "sso.c.rules must be a list of tables"),
            ("[sso.c]\nrules = [1]", "2:9", "sso.c.rules must be a list of tables"),
            ("[[sso.c.rules]]\nacount = \"a\"", "2:1", "sso.c.rules.acount is not a setting"),
            ("[sso.c.settings]\noutput = [1]", "2:10", "sso.c.settings.output must be a text, a"),
            ("[sso.c.settings]\noutput = \"\"", "2:10", "is empty, has blanks"),
            ("[sso.c.settings]\noutput = \"planted\\nb\"", "2:10", "is empty, has blanks"),
            ("[sso.c.settings]\noutput = \"planted # b\"", "2:10", "is empty, has blanks"),
            ("[sso.c.settings]\n\"a b\" = \"x\"", "2:9", "is not a key that the AWS tools read"),
            ("[sso.c.settings]\nregion = \"x\"", "2:10", "is written beside `settings`"),
            ("[sso.c.settings]\ncredential_process = \"planted\"", "2:22", refused),
            ("[sso.c.settings]\nMFA_Process = \"planted\"", "2:15", refused),
            ("[sso.c.settings]\nsso_account_id = \"planted\"", "2:18", refused),
            (
                "[[sso.c.rules]]\nsettings.role_arn = \"planted\"",
                "2:21",
                "sso.c.rules.settings.role_arn would",
            ),
            ("guard = 1", "1:9", "guard must be a table"),
            ("picker = \"\"", "1:10", "picker must be a command, or a list"),
            (
                "favourites = 1",
                "1:14",
                "favourites must be the name of a profile, or a list of such",
            ),
            ("notify_command = 1", "1:18", "notify_command must be a command, or a list"),
            ("notify_command = [\"\"]", "1:18", "notify_command must be a command, or a list"),
            ("[guard]\np = 1", "2:5", "guard.p must be a table"),
            (
                "[guard.p]\nexpected_acount = \"1\"",
                "2:1",
                "guard.p.expected_acount is not a setting of awsx: expected one of expected_account, ",
            ),
            (
                "[guard.p]\nexpected_account = 222222222222",
                "2:20",
                "guard.p.expected_account must be an account of 12 digits in quotes",
            ),
            (
                "[guard.p]\nregions = [\"planted.x\"]",
                "2:11",
                "guard.p.regions must be a region, such",
            ),
            ("[guard.p]\ndeny_roles = [1]", "2:14", "guard.p.deny_roles must be the name of"),
            ("[guard.p]\ncolour = \"pink\"", "2:10", "guard.p.colour must be blue, cyan, green, m"),
            ("[guard.p]\ncolour = true", "2:10", "guard.p.colour must be blue, cyan, green, m"),
            ("[scopes.a]\npolcy = \"x\"", "2:1", "scopes.a.polcy is not a setting of awsx"),
            ("[scopes.read]\npolicy = \"planted\"", "1:9", "scopes.read cannot be called so"),
            ("[scopes]\na = {}", "2:5", "scopes.a has neither policy_file nor policy"),
            (
                "[scopes]\na = { policy = \"planted\", policy_file = \"b\" }",
                "2:5",
                "scopes.a has both policy and policy_file",
            ),
            ("[sso.c.settings]\naws_secret_access_key = \"planted\"", "2:25", refused),
        ] {
            let error = Preferences::from_text(Path::new("c"), text).unwrap_err();
            let said = error.to_string();
            let key = text.lines().nth(1).and_then(|line| line.split(" =").next()).unwrap_or("");
            let words = words.replace(".K ", &format!(".{key} "));
            assert!(said.starts_with(&format!("c:{place}: ")), "{text}: {said}");
            assert!(said.contains(&words) && !said.contains("planted"), "{text}: {said}");
        }
    }
}
