//! The JSON in the body of a request, member by member. What is wrong with it is said in a sentence;
//! which error that is, is the service's matter.

use serde_json::{Map, Value};

use super::request::{Parameters, Request};

/// The members of a JSON object.
pub(super) struct Body(Map<String, Value>);

impl Body {
    pub(super) fn of(request: &Request) -> Result<Self, String> {
        let kind = request.header("content-type").unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err("Content-Type must be application/json".into());
        }
        let members = serde_json::from_slice(&request.body).ok().map(Self);
        members.ok_or_else(|| "the body is not a JSON object".into())
    }

    /// A string; None where it is missing, null or empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(format!("{name} must be a string")),
        }
    }

    /// A string that must be there.
    pub(super) fn require(&self, name: &str) -> Result<&str, String> {
        self.text(name)?.ok_or_else(|| format!("Missing required parameter {name}"))
    }

    /// A list of strings; empty where it is missing or null.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        let wrong = || format!("{name} must be a list of strings");
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
                .collect(),
            Some(_) => Err(wrong()),
        }
    }

    /// The members as they are recorded: strings as they are, lists of them joined by spaces.
    pub(super) fn parameters(&self) -> Parameters {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Array(items) => {
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
            }
            other => other.to_string(),
        };
        self.0.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}
