//! What is answered.

use serde_json::{Value, json};

use super::message::Fault;

const INSTRUCTIONS: &str = "awsx hands AWS credentials to commands. No tool here gives credentials: to use a profile, run a \
                            command as `awsx exec PROFILE -- COMMAND`. Where an answer names a command for a person, show it to \
                            the person and wait; do not run it yourself.";

/// What awsx is, as far as the protocol asks.
pub(super) fn server_info() -> Value {
    json!({ "name": "awsx", "title": "awsx", "version": env!("CARGO_PKG_VERSION") })
}

/// What it can do, and what to know beforehand.
pub(super) fn abilities() -> Value {
    json!({ "capabilities": { "tools": {} }, "instructions": INSTRUCTIONS })
}

/// The result of a call of a tool: the document as such, and as text.
pub(super) fn of_tool(outcome: Result<Value, Value>) -> Value {
    let is_error = outcome.is_err();
    let (Ok(document) | Err(document)) = outcome;
    json!({
        "content": [{ "type": "text", "text": document.to_string() }],
        "structuredContent": document,
        "isError": is_error,
    })
}

/// What each result of the version without a handshake says beside; nobody may keep it.
/// <https://modelcontextprotocol.io/specification/2026-07-28/schema>
pub(super) fn stamp(result: &mut Value) {
    result["resultType"] = "complete".into();
    result["_meta"] = json!({ "io.modelcontextprotocol/serverInfo": server_info() });
    if result.get("content").is_none() {
        result["ttlMs"] = 0.into();
        result["cacheScope"] = "private".into();
    }
}

/// The message.
pub(super) fn message(id: &Value, outcome: Result<Value, Fault>) -> Value {
    match outcome {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(Fault { code, message, data }) => {
            let mut error = json!({ "code": code, "message": message });
            if let Some(data) = data {
                error["data"] = *data;
            }
            json!({ "jsonrpc": "2.0", "id": id, "error": error })
        }
    }
}
