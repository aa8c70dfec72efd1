//! What policies allow: `Effect`, `Action`, `NotAction` and `Resource`, with `*` and `?`. Conditions are not looked
//! at, and of AWS's own policies only this one is known.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use serde_json::Value;

/// `ReadOnlyAccess`, as far as the tests need it.
const READ_ONLY: &str = r#"{"Statement":{"Effect":"Allow","Action":["s3:Get*","s3:List*","sts:GetAccessKeyInfo"],"Resource":"*"}}"#;

/// The text of a policy of AWS's own.
pub(crate) fn of_arn(arn: &str) -> Option<&'static str> {
    arn.ends_with(":iam::aws:policy/ReadOnlyAccess").then_some(READ_ONLY)
}

/// Whether one of them allows it, and none denies it.
pub(crate) fn allow(policies: &[String], action: &str, resource: &str) -> bool {
    let documents = policies.iter().filter_map(|text| serde_json::from_str(text).ok());
    let statements: Vec<Value> =
        documents.flat_map(|text: Value| list(&text["Statement"])).collect();
    let says = |effect: &str| {
        statements.iter().any(|said| said["Effect"] == effect && is_about(said, action, resource))
    };
    says("Allow") && !says("Deny")
}

fn is_about(statement: &Value, action: &str, resource: &str) -> bool {
    let action = action.to_lowercase();
    let names = |member: &str, text: &str, lower: bool| {
        list(&statement[member]).iter().filter_map(Value::as_str).any(|pattern| match lower {
            true => is_like(&pattern.to_lowercase(), text),
            false => is_like(pattern, text),
        })
    };
    let is_named = match statement.get("NotAction") {
        Some(_) => !names("NotAction", &action, true),
        None => names("Action", &action, true),
    };
    is_named && names("Resource", resource, false)
}

/// A list, or the only member of one.
fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn is_like(pattern: &str, text: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    let mut left = text.chars();
    match first {
        '*' => (0..=text.len())
            .filter(|at| text.is_char_boundary(*at))
            .any(|at| is_like(rest, &text[at..])),
        '?' => left.next().is_some() && is_like(rest, left.as_str()),
        first => left.next() == Some(first) && is_like(rest, left.as_str()),
    }
}
