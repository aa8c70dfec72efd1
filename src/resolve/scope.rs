//! How a session is narrowed: what is said of it, and into which calls it goes. Pure.
//!
//! AWS lets a session do what each of its policies allows: that of the role, the session policy of its
//! `AssumeRole`, and every one that `GetScopedCredentials` laid on it. Session policies of one call are joined
//! instead: what any of them allows is allowed. So a scope goes into the call that assumes a role only where no
//! other policy is there.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use serde_json::{Value, json};

use super::plan_error::PlanError;
use super::request::{ScopeWords, SessionRules};
use super::settings::{DEFAULT_ROLE_DURATION, LONGEST_POLICY, ROLE_DURATION};
use super::source::{Chain, Source};
use crate::credentials::{GetScopedCredentials, arn};
use crate::profile::Location;

/// What allows all: AWS takes a note only with a policy or a duration, and lets a federation token do nothing without
/// a policy.
pub(crate) const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A policy beside policies by name, of which a session may do all.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// A scope, looked up.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// As somebody calls it: `read:s3`, `deploy`, `ci.json`
    pub name: String,
    pub allowed: Allowed,
    pub at: Option<Location>,
}

/// What a scope allows.
#[derive(Clone, Debug)]
pub(crate) enum Allowed {
    /// A policy, JSON
    Policy(String),
    /// AWS's own `ReadOnlyAccess`
    ReadOnly,
}

/// Where a scope goes.
#[derive(Debug, Default)]
pub(super) struct Narrowing {
    /// The name of what is in the call that assumes the last role
    pub in_role: Option<String>,
    /// Calls behind it, each with the name of its policy; none of what only ends sooner or says what it is for
    pub calls: Vec<(Option<String>, GetScopedCredentials)>,
}

/// Puts into the last role and the rules what fits there, and says what is left for calls of its own.
pub(super) fn narrow(
    chain: &mut Chain,
    scopes: impl IntoIterator<Item = Scope>,
    rules: &mut SessionRules,
) -> Result<Narrowing, PlanError> {
    let mut narrowing = spread(chain, scopes, rules)?;
    let Some((_, before)) = narrowing.calls.split_last_mut() else { return Ok(narrowing) };
    let signers = before.iter_mut().filter_map(|(name, call)| {
        Some((name.as_deref().unwrap_or_default(), call.policy.as_mut()?))
    });
    for (name, policy) in signers {
        *policy = check(name, &letting_narrow(policy))?;
    }
    if let Some(context) = chain.last_role_mut().map(|role| &mut role.context)
        && (context.policy.is_some() || !context.policy_arns.is_empty())
    {
        let policy = letting_narrow(context.policy.as_deref().unwrap_or(NOTHING));
        context.policy = Some(check("session policy", &policy)?);
    }
    Ok(narrowing)
}

/// The policy of a session that signs the next call, which lets it do that: it is not handed over.
fn letting_narrow(policy: &str) -> String {
    let allowed = json!({"Effect": "Allow", "Action": "sts:GetScopedCredentials", "Resource": "*"});
    // What is none is AWS's to refuse.
    let Ok(mut document) = serde_json::from_str::<Value>(policy) else { return policy.to_owned() };
    match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.push(allowed),
        Some(one) => *one = json!([one.take(), allowed]),
        None => return policy.to_owned(),
    }
    document.to_string()
}

/// What goes into the last role and the rules, and what into calls.
fn spread(
    chain: &mut Chain,
    scopes: impl IntoIterator<Item = Scope>,
    rules: &mut SessionRules,
) -> Result<Narrowing, PlanError> {
    let ScopeWords { lasting, note, .. } = chain.scope.clone();
    let mut scopes: Vec<Scope> = scopes.into_iter().collect();
    // What only the call of a role can have comes first, and is not said twice.
    scopes.sort_by_key(|scope| !matches!(scope.allowed, Allowed::ReadOnly));
    scopes.dedup_by_key(|scope| match &scope.allowed {
        Allowed::ReadOnly => None,
        Allowed::Policy(policy) => Some(policy.clone()),
    });
    let mut narrowing = Narrowing::default();
    let mut policies = Vec::new();
    policies.extend(chain.policy.take().map(|policy| ("--policy".to_owned(), policy)));
    for scope in scopes {
        match (scope, chain.last_role_mut()) {
            (Scope { name, allowed: Allowed::ReadOnly, at }, role) => {
                let role = role.ok_or(PlanError::ReadWithoutRole { at })?;
                if !role.context.policy_arns.is_empty() {
                    return Err(PlanError::ReadBesidePolicies);
                }
                let own = role.context.policy.take();
                policies.extend(own.map(|policy| ("session policy".to_owned(), policy)));
                let partition = arn::partition(&role.role_arn).unwrap_or("aws");
                let read_only = format!("arn:{partition}:iam::aws:policy/ReadOnlyAccess");
                role.context.policy_arns = vec![read_only];
                narrowing.in_role = Some(name);
            }
            (Scope { name, allowed: Allowed::Policy(policy), .. }, Some(role))
                if note.is_none()
                    && role.context.policy.is_none()
                    && role.context.policy_arns.is_empty() =>
            {
                role.context.policy = Some(check(&name, &policy)?);
                narrowing.in_role = Some(name);
            }
            (Scope { name, allowed: Allowed::Policy(policy), .. }, _) => {
                policies.push((name, policy));
            }
        }
    }
    for (name, policy) in policies {
        let policy = Some(check(&name, &policy)?);
        let request = GetScopedCredentials { policy, duration: None, note: None };
        narrowing.calls.push((Some(name), request));
    }
    // How long a session of an assertion lasts, that says itself.
    let default = match (&*chain.roles, &chain.source) {
        ([], Source::Saml(_)) => None,
        _ => Some(DEFAULT_ROLE_DURATION),
    };
    let own = chain.last_role_mut().and_then(|role| role.duration.or(default));
    let lasting = match (lasting, own) {
        (Some(lasting), Some(own))
            if narrowing.calls.is_empty() && note.is_none() && lasting >= ROLE_DURATION.0 =>
        {
            rules.duration = Some(rules.duration.unwrap_or(own).min(lasting));
            None
        }
        (lasting, _) => lasting,
    };
    if lasting.is_none() && note.is_none() {
        return Ok(narrowing);
    }
    if narrowing.calls.is_empty() {
        let policy = lasting.is_none().then(|| ALL.to_owned());
        let request = GetScopedCredentials { policy, duration: None, note: None };
        narrowing.calls.push((None, request));
    }
    if let Some((_, last)) = narrowing.calls.last_mut() {
        (last.duration, last.note) = (lasting, note);
    }
    Ok(narrowing)
}

/// The policy without blanks, if it is not too long.
fn check(name: &str, policy: &str) -> Result<String, PlanError> {
    let policy = without_blanks(policy);
    match policy.chars().count() {
        0..=LONGEST_POLICY => Ok(policy),
        length => Err(PlanError::PolicyTooLong { name: name.to_owned(), length }),
    }
}

/// JSON without the blanks between its tokens.
fn without_blanks(json: &str) -> String {
    let (mut is_text, mut is_escaped) = (false, false);
    let is_kept = |c: &char| {
        is_text = is_text != (*c == '"' && !is_escaped);
        is_escaped = is_text && *c == '\\' && !is_escaped;
        is_text || !c.is_ascii_whitespace()
    };
    json.chars().filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_signs_the_next_call_may_do_that() {
        const ALLOWED: &str =
            r#"{"Action":"sts:GetScopedCredentials","Effect":"Allow","Resource":"*"}"#;
        for (policy, expected) in [
            (NOTHING, format!(r#"{{"Statement":[{ALLOWED}],"Version":"2012-10-17"}}"#)),
            (
                r#"{"Statement":{"Effect":"Deny"}}"#,
                format!(r#"{{"Statement":[{{"Effect":"Deny"}},{ALLOWED}]}}"#),
            ),
            ("{}", "{}".to_owned()),
            ("{", "{".to_owned()),
        ] {
            let (found, expected): (Result<Value, _>, Result<Value, _>) =
                (serde_json::from_str(&letting_narrow(policy)), serde_json::from_str(&expected));
            assert_eq!(found.ok(), expected.ok(), "{policy}");
        }
    }

    #[test]
    fn blanks_go_where_they_mean_nothing() {
        for (json, expected) in [
            ("{ \"a\" : [ 1 ,\n2 ] }", "{\"a\":[1,2]}"),
            (r#"{"a b": "c\" d \\" , "e" : "f"}"#, r#"{"a b":"c\" d \\","e":"f"}"#),
            ("", ""),
        ] {
            assert_eq!(without_blanks(json), expected);
        }
    }
}
