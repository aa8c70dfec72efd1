//! Versions of the protocol.

use serde_json::{Map, Value, json};

use super::message::Fault;

/// Those that begin with `initialize`, the newest first. That of 2025-03-26 is not among them, as it has several
/// requests in one message.
const WITH_HANDSHAKE: [&str; 3] = ["2025-11-25", "2025-06-18", "2024-11-05"];
/// The one in which each request says it: <https://modelcontextprotocol.io/specification/2026-07-28/basic>
const WITHOUT_HANDSHAKE: &str = "2026-07-28";
/// Where a request says it
const IN_REQUEST: &str = "io.modelcontextprotocol/protocolVersion";
const UNSUPPORTED: i32 = -32022;

/// What is answered to `initialize`: the version that is asked for, else the newest.
pub(super) fn negotiate(params: &Map<String, Value>) -> &'static str {
    let asked = params.get("protocolVersion").and_then(Value::as_str);
    let known = WITH_HANDSHAKE.into_iter().find(|version| Some(*version) == asked);
    known.unwrap_or(WITH_HANDSHAKE[0])
}

/// Whether a request is of the version that has no handshake.
pub(super) fn has_no_handshake(params: &Map<String, Value>) -> Result<bool, Fault> {
    let Some(asked) = params.get("_meta").and_then(|meta| meta.get(IN_REQUEST)) else {
        return Ok(false);
    };
    if asked == WITHOUT_HANDSHAKE {
        return Ok(true);
    }
    let mut fault = Fault::new(UNSUPPORTED, "awsx does not speak this version of the protocol");
    fault.data = Some(Box::new(json!({ "supported": all_versions(), "requested": asked })));
    Err(fault)
}

pub(super) fn all_versions() -> Vec<&'static str> {
    [WITHOUT_HANDSHAKE].into_iter().chain(WITH_HANDSHAKE).collect()
}
