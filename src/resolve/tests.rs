//! Chain and plan as tables: `tests/data/resolve.toml` holds the cases, `docs` says why.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Allowed, Chain, Plan, PlanError, Purpose, Request, Scope, ScopeText, Selection, SessionRules,
    StepSummary, chain, plan, read_policy, trace,
};
use crate::client_settings::ClientSettings;
use crate::credentials::aws_mfa::read_expiration;
use crate::env::Env;
use crate::profile::{
    KeyHolder, Need, Profiles, Roots, StoredKey, StoredKeys, UnreadableKey, display_duration,
    parse_duration,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    docs: String,
    #[serde(default)]
    config: String,
    #[serde(default)]
    credentials: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Name and access key id; without one the record cannot be read
    #[serde(default)]
    stored: Held,
    profile: Option<String>,
    /// As aws-mfa writes it; without it no session in a file is over
    now: Option<String>,
    #[serde(default)]
    flags: BTreeMap<String, String>,
    #[serde(default)]
    outcomes: Vec<String>,
    #[serde(default)]
    plan: Vec<String>,
    #[serde(default)]
    warnings: Vec<String>,
    error: Option<String>,
    /// Of a system with `sh`
    #[serde(default)]
    unix: bool,
}

#[derive(Clone, Default, Deserialize)]
struct Held(BTreeMap<String, String>);

impl KeyHolder for Held {
    fn find(&self, profile: &str) -> Result<Option<StoredKey>, UnreadableKey> {
        match self.0.get(profile).map(String::as_str) {
            Some("") => Err(UnreadableKey { problem: "it was altered".to_owned(), remedy: None }),
            Some(id) => {
                let access_key_id = id.to_owned();
                Ok(Some(StoredKey { access_key_id, owner: None, account_id: None }))
            }
            None => Ok(None),
        }
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// What the files say, at the time of the case.
fn complete(case: &Case, profiles: Profiles) -> Profiles {
    let now = case.now.as_ref().map(|now| read_expiration(now).unwrap()).unwrap_or_default();
    let until = if case.flags.contains_key("refresh") { DateTime::<Utc>::MAX_UTC } else { now };
    let profiles = profiles.with_stored(StoredKeys::of(case.stored.clone()));
    profiles.with_need(Need { now, until })
}

fn request(case: &Case, env: &Env) -> (Request, SessionRules) {
    let mut request = match &case.profile {
        Some(profile) => Request::of_profile(profile),
        None => Request::new(Selection::of_environment(env)),
    };
    let mut rules = SessionRules::default();
    for (flag, value) in &case.flags {
        let duration = || Some(parse_duration(value).unwrap());
        let list = || value.split(',').map(str::to_owned).collect::<Vec<_>>();
        match flag.as_str() {
            "duration" => rules.duration = duration(),
            "min-ttl" => rules.min_ttl = duration(),
            "refresh" => rules.refresh = true,
            "no-session" => rules.no_session = true,
            "whoami" => rules.purpose = Purpose::Sign,
            "role-arn" => request.role_arn = Some(value.clone()),
            "scope" => request.scope.scope = Some(ScopeText { text: value.clone(), at: None }),
            "scope-for" => request.scope.lasting = duration(),
            "scope-note" => request.scope.note = Some(value.clone()),
            "session-name" => request.session_name = Some(value.clone()),
            "external-id" => request.external_id = Some(value.clone()),
            "policy" => request.context.policy = Some(value.clone()),
            "policy-arn" => request.context.policy_arns = list(),
            "transitive-tag" => request.context.transitive_tag_keys = list(),
            "source-identity" => request.context.source_identity = Some(value.clone()),
            "tag" => {
                let (key, value) = value.split_once('=').unwrap();
                request.context.tags = vec![(key.to_owned(), value.to_owned())];
            }
            other => panic!("{}: unknown flag {other}", case.docs),
        }
    }
    (request, rules)
}

/// What the application looks up: no scope of a case is a file or has a name.
fn scope(chain: &Chain) -> Option<Scope> {
    let ScopeText { text, at } = chain.scope()?.clone();
    let allowed = match text.strip_prefix("read:") {
        Some(services) => {
            Allowed::Policy(read_policy(&services.split(',').collect::<Vec<_>>()).unwrap())
        }
        None if text == "read" => Allowed::ReadOnly,
        None => Allowed::Policy(text.clone()),
    };
    Some(Scope { name: text, allowed, at })
}

fn plan_of(
    chain: Chain,
    rules: SessionRules,
    settings: ClientSettings,
    env: &Env,
) -> Result<Plan, PlanError> {
    let scope = scope(&chain);
    plan(chain, scope, rules, settings, env)
}

/// One line for each step: the call and what it is called with; roles and devices by their name.
fn lines(plan: &Plan) -> Vec<String> {
    let name = |arn: &str| arn.rsplit('/').next().map(str::to_owned);
    let line = |step: StepSummary<'_>| {
        [
            Some(step.call.to_owned()),
            step.role_arn.and_then(name),
            step.duration.map(display_duration),
            step.mfa.and_then(|mfa| Some(format!("mfa={}", name(&mfa.serial)?))),
            step.mfa
                .and_then(|mfa| mfa.process.as_ref().map(|command| format!("process={command}"))),
            step.scope.map(|scope| format!("scope={scope}")),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
    };
    plan.steps().map(line).collect()
}

/// What a profile leads to does not change where no other profile was read.
fn same_of_reached(case: &Case, whole: &Profiles, env: &Env, request: &Request) {
    let Selection::Profile(selected) = &request.selection else { return };
    let roots = Roots {
        profiles: vec!["default".to_owned(), selected.name.clone()],
        sso_sessions: Vec::new(),
    };
    let reached = Profiles::of_texts(&case.config, &case.credentials, Some(&roots)).unwrap();
    let reached = complete(case, reached);
    let shown = |profiles| format!("{:?}", trace(profiles, env, request));
    assert_eq!(shown(&reached), shown(whole), "{}", case.docs);
}

#[test]
fn chains_and_plans() {
    let table: Table = toml::from_str(include_str!("../../tests/data/resolve.toml")).unwrap();
    let mut wrong = Vec::new();
    for case in table.case.into_iter().filter(|case| cfg!(unix) || !case.unix) {
        let profiles = Profiles::from_texts(&case.config, &case.credentials).unwrap();
        let profiles = complete(&case, profiles);
        let mut variables = vec![("USER".to_owned(), "ann".to_owned())];
        variables.extend(case.env.clone());
        let env = Env::from_pairs(variables);
        let (request, rules) = request(&case, &env);
        let trace = trace(&profiles, &env, &request);
        if trace.result.is_ok() {
            same_of_reached(&case, &profiles, &env, &request);
        }
        let outcomes: Vec<String> =
            trace.candidates.iter().map(|c| format!("{} {}", c.outcome.as_str(), c.kind)).collect();
        let planned = trace.result.map_err(|error| error.to_string()).and_then(|chain| {
            plan_of(chain, rules, ClientSettings::default(), &env).map_err(|e| e.to_string())
        });
        let (steps, warnings, error) = match &planned {
            Ok(plan) => {
                (lines(plan), plan.warnings().iter().map(ToString::to_string).collect(), None)
            }
            Err(error) => (Vec::new(), Vec::new(), Some(error.clone())),
        };
        let mut differs = |what: &str,
                           expected: &dyn std::fmt::Debug,
                           got: &dyn std::fmt::Debug| {
            wrong.push(format!("{}\n  {what} expected {expected:#?}\n  got {got:#?}", case.docs));
        };
        if !case.outcomes.is_empty() && outcomes != case.outcomes {
            differs("outcomes", &case.outcomes, &outcomes);
        }
        if steps != case.plan {
            differs("plan", &case.plan, &steps);
        }
        if warnings != case.warnings {
            differs("warnings", &case.warnings, &warnings);
        }
        if error != case.error {
            differs("error", &case.error, &error);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

const BASE: &str = "[base]\naws_access_key_id = AKIA\naws_secret_access_key = s\n";

/// The last step's key for a role profile with these extra lines and flags.
fn key(config: &str, change: impl Fn(&mut Request, &mut SessionRules)) -> String {
    let config = format!(
        "[profile p]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n{config}"
    );
    let profiles = Profiles::from_texts(&config, BASE).unwrap();
    let env = Env::from_pairs([("USER", "ann")]);
    let mut request = Request::of_profile("p");
    let mut rules = SessionRules::default();
    change(&mut request, &mut rules);
    let chain = chain(&profiles, &env, &request).unwrap();
    let plan = plan_of(chain, rules, ClientSettings::default(), &env).unwrap();
    plan.last().kept_as.unwrap().to_hex()
}

/// Every input that changes the session changes its key, so that no cached session answers for
/// another request.
#[test]
fn every_input_is_in_the_key() {
    let mut keys = vec![
        key("", |_, _| {}),
        key("external_id = x\n", |_, _| {}),
        key("duration_seconds = 1800\n", |_, _| {}),
        key("role_session_name = ann\n", |_, _| {}),
        key("mfa_serial = serial-number\n", |_, _| {}),
        key("source_identity = i\n", |_, _| {}),
        key("session_tags = a=b\n", |_, _| {}),
        key("session_tags = a=c\n", |_, _| {}),
        key("session_tags = a=b\ntransitive_session_tags = a\n", |_, _| {}),
        key("session_policy = {}\n", |_, _| {}),
        key("scope = {\"a\":1}\n", |_, _| {}),
        key("scope = {\"a\":2}\n", |_, _| {}),
        key("scope = {\"a\":1}\nsession_policy = {}\n", |_, _| {}),
        key("scope = {\"a\":1}\n", |r, _| r.scope.note = Some("ticket 12".into())),
        key("scope = {\"a\":1}\n", |r, _| r.scope.note = Some("ticket 13".into())),
        key("scope = {\"a\":1}\n", |r, _| r.scope.lasting = parse_duration("10m").ok()),
        key("", |r, _| r.scope.lasting = parse_duration("10m").ok()),
        key("", |r, _| r.scope.note = Some("ticket 12".into())),
        key("session_policy_arns = arn:aws:iam::aws:policy/ReadOnlyAccess\n", |_, _| {}),
        key("", |r, _| r.role_arn = Some("arn:aws:iam::111122223333:role/other".into())),
    ];
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all);
    let by_flag = key("", |r, p| {
        r.external_id = Some("x".into());
        p.min_ttl = parse_duration("10m").ok();
    });
    assert_eq!(by_flag, key("external_id = x\n", |_, _| {}), "flag and setting mean the same");
    let by_scope = key("scope = { \"a\" : 1 }\n", |_, _| {});
    assert_eq!(by_scope, key("session_policy = {\"a\":1}\n", |_, _| {}), "the call is the same");
}

/// The same role through two sources is two sessions.
#[test]
fn the_source_is_in_the_key() {
    let key = |id: &str| {
        let credentials = format!("[base]\naws_access_key_id = {id}\naws_secret_access_key = s\n");
        let config =
            "[profile p]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n";
        let profiles = Profiles::from_texts(config, &credentials).unwrap();
        let request = Request::of_profile("p");
        let chain = chain(&profiles, &Env::default(), &request).unwrap();
        let plan =
            plan_of(chain, SessionRules::default(), ClientSettings::default(), &Env::default());
        plan.unwrap().last().kept_as.unwrap()
    };
    assert_ne!(key("AKIAONE"), key("AKIATWO"));
}

/// Whose role it is, and of which portal.
#[test]
fn the_login_is_in_the_key() {
    let key = |change: [&str; 2], endpoint: Option<&str>| {
        let config = "[sso-session corp]\nsso_start_url = https://a\nsso_region = eu-west-1\n\
                      [sso-session twin]\nsso_start_url = https://a\nsso_region = eu-west-1\n\
                      [profile p]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = r\n"
            .replace(change[0], change[1]);
        let profiles = Profiles::from_texts(&config, "").unwrap();
        let request = Request::of_profile("p");
        let chain = chain(&profiles, &Env::default(), &request).unwrap();
        let sso_endpoint_url = endpoint.map(str::to_owned);
        let settings = ClientSettings { sso_endpoint_url, ..ClientSettings::default() };
        let plan = plan_of(chain, SessionRules::default(), settings, &Env::default());
        plan.unwrap().last().kept_as.unwrap().to_hex()
    };
    let mut keys = vec![
        key(["", ""], None),
        key(["", ""], Some("http://portal")),
        key(["sso_session = corp", "sso_session = twin"], None),
        key(["https://a", "https://b"], None),
        key(["eu-west-1", "eu-west-2"], None),
        key(["account_id = 1", "account_id = 2"], None),
        key(["name = r", "name = s"], None),
    ];
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all);
}
