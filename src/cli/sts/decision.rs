//! A decoded authorization message, as a person reads it.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>

use serde_json::Value;

use crate::report::{Look, Screen};

/// Shows who was refused what, by which statement, and under which conditions it was looked at. What AWS may add
/// one day is in `--json`.
pub(super) fn show(decision: &Value, screen: &mut Screen) {
    let at = |path: &str| decision.pointer(path).unwrap_or(&Value::Null);
    let is = |name: &str| at(name).as_bool() == Some(true);
    let statements = items(at("/matchedStatements"));
    let names: Vec<String> = statements.iter().map(|one| statement_name(one)).collect();
    let (look, word, why) = match (is("/allowed"), is("/explicitDeny"), &*names) {
        (true, ..) => (Look::Good, "allowed", String::new()),
        (false, true, []) => (Look::Bad, "denied", "explicitly: a statement denies it".to_owned()),
        (false, true, names) => {
            (Look::Bad, "denied", format!("explicitly, by {}", names.join(" and ")))
        }
        (false, false, _) => (Look::Bad, "denied", "implicitly: no statement allows it".to_owned()),
    };
    line(screen, look, "", word, &why);
    for (name, path) in [
        ("action", "/context/action"),
        ("resource", "/context/resource"),
        ("principal", "/context/principal/arn"),
    ] {
        line(screen, Look::Faint, "", name, &texts(at(path)).join(" "));
    }
    for failure in items(at("/failures")) {
        line(screen, Look::Bad, "", "failure", &failure.to_string());
    }
    for (statement, name) in statements.iter().zip(&names) {
        screen.line().look(Look::Strong, name).line();
        for (label, member) in [
            ("effect", "effect"),
            ("principals", "principals"),
            ("groups", "principalGroups"),
            ("actions", "actions"),
            ("resources", "resources"),
        ] {
            line(screen, Look::Faint, "  ", label, &texts(&statement[member]).join(" "));
        }
        conditions(screen, "  conditions", "    ", &statement["conditions"]);
    }
    let of_request = at("/context/conditions");
    if !items(of_request).is_empty() {
        screen.line();
    }
    conditions(screen, "conditions of the request", "  ", of_request);
}

fn statement_name(statement: &Value) -> String {
    match statement["statementId"].as_str() {
        Some(id) if !id.is_empty() => format!("the statement {id}"),
        _ => "a statement without Sid".to_owned(),
    }
}

/// A name and what it is; a verdict may need no more words.
fn line(screen: &mut Screen, look: Look, indent: &str, name: &str, text: &str) {
    match (text, look) {
        ("", Look::Faint) => return,
        ("", _) => screen.look(look, name),
        (text, _) => screen.plain(indent).look(look, &format!("{name:<11}")).plain(text),
    };
    screen.line();
}

/// Keys and values, in columns, in the order of the keys.
fn conditions(screen: &mut Screen, title: &str, indent: &str, found: &Value) {
    let mut rows: Vec<(String, String)> = items(found)
        .into_iter()
        .map(|one| {
            let key = one["key"].as_str().unwrap_or("?").to_owned();
            let values = if one["values"].is_null() { &one["value"] } else { &one["values"] };
            (key, texts(values).join(", "))
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    rows.sort();
    let width = rows.iter().map(|(key, _)| key.chars().count()).max().unwrap_or_default();
    screen.look(Look::Strong, title).line();
    for (key, values) in rows {
        screen
            .plain(indent)
            .look(Look::Faint, &format!("{key:<width$}"))
            .plain(&format!("  {values}"))
            .line();
    }
}

/// AWS wraps each list as `{"items": […]}`.
fn items(list: &Value) -> Vec<&Value> {
    let inner = list.get("items").unwrap_or(list);
    inner.as_array().map(|list| list.iter().collect()).unwrap_or_default()
}

/// All texts in it: of `{"items": [{"value": "…"}]}`, or of a text alone.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        other => vec![other.to_string()],
    }
}
