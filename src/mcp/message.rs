//! A line as a message, and what is wrong with one that is none.

use serde_json::{Map, Value};

/// What a client sends.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    Request {
        id: Value,
        method: String,
        params: Map<String, Value>,
    },
    /// Nobody waits for this request's answer any more
    Cancel {
        id: Value,
    },
    /// What is not answered: another notification, or an answer, as awsx asks nothing
    Note,
}

/// Why a request has no result: <https://www.jsonrpc.org/specification#error_object>
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) code: i32,
    pub(super) message: String,
    pub(super) data: Option<Box<Value>>,
}

pub(super) const PARSE_ERROR: i32 = -32700;
pub(super) const INVALID_REQUEST: i32 = -32600;
pub(super) const METHOD_NOT_FOUND: i32 = -32601;
pub(super) const INVALID_PARAMS: i32 = -32602;

impl Fault {
    pub(super) fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }
}

/// Reads a line; with what is wrong comes whose request it was, null where that is not known.
pub(super) fn parse(line: &[u8]) -> Result<Message, (Value, Fault)> {
    let value: Value = serde_json::from_slice(line).map_err(|error| {
        let at = error.column();
        (Value::Null, Fault::new(PARSE_ERROR, format!("no JSON at column {at} of the line")))
    })?;
    let invalid = |id: Value, why: &str| Err((id, Fault::new(INVALID_REQUEST, why)));
    let Value::Object(mut message) = value else {
        return invalid(Value::Null, "a message is one JSON object; several are several lines");
    };
    // An id of null is none, by MCP.
    let id = message.remove("id");
    let known_id = id.clone().filter(|id| id.is_string() || id.is_number());
    let whose = || known_id.clone().unwrap_or_default();
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return invalid(whose(), "jsonrpc is not \"2.0\"");
    }
    let method = match message.remove("method") {
        Some(Value::String(method)) => method,
        None if message.contains_key("result") || message.contains_key("error") => {
            return Ok(Message::Note);
        }
        _ => return invalid(whose(), "there is no method"),
    };
    let id = match (id, known_id) {
        (None, _) if method == "notifications/cancelled" => {
            let id = message.get("params").and_then(|params| params.get("requestId"));
            return Ok(Message::Cancel { id: id.cloned().unwrap_or_default() });
        }
        (None, _) => return Ok(Message::Note),
        (_, Some(id)) => id,
        _ => return invalid(Value::Null, "the id is neither a string nor a number"),
    };
    match message.remove("params") {
        None => Ok(Message::Request { id, method, params: Map::new() }),
        Some(Value::Object(params)) => Ok(Message::Request { id, method, params }),
        Some(_) => Err((id, Fault::new(INVALID_PARAMS, "params is no object"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_messages_or_say_why_not() {
        for (line, expected) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, None),
            (r#"{"jsonrpc":"2.0","id":"a","method":"x","params":{"a":1}}"#, None),
            (r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, None),
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, None),
            (r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#, None),
            ("planted", Some((Value::Null, PARSE_ERROR))),
            ("", Some((Value::Null, PARSE_ERROR))),
            ("{\"a\":", Some((Value::Null, PARSE_ERROR))),
            ("\u{fffd}", Some((Value::Null, PARSE_ERROR))),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, Some((Value::Null, INVALID_REQUEST))),
            (r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#, Some((7.into(), INVALID_REQUEST))),
            (r#"{"id":7,"method":"ping"}"#, Some((7.into(), INVALID_REQUEST))),
            (r#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, Some((Value::Null, INVALID_REQUEST))),
            (r#"{"jsonrpc":"2.0","id":[1],"method":"x"}"#, Some((Value::Null, INVALID_REQUEST))),
            (r#"{"jsonrpc":"2.0","id":7}"#, Some((7.into(), INVALID_REQUEST))),
            (r#"{"jsonrpc":"2.0","id":7,"method":7}"#, Some((7.into(), INVALID_REQUEST))),
            (
                r#"{"jsonrpc":"2.0","id":7,"method":"x","params":[1]}"#,
                Some((7.into(), INVALID_PARAMS)),
            ),
        ] {
            let said = parse(line.as_bytes());
            assert!(!format!("{said:?}").contains("planted"), "{said:?}");
            assert_eq!(said.err().map(|(id, fault)| (id, fault.code)), expected, "{line}");
        }
    }
}
