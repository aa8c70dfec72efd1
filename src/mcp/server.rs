//! The server: one request after the other, until the client closes the pipe.

use std::io::{self, BufRead, Write};

use serde_json::{Map, Value, json};

use super::answer::{abilities, message, of_tool, server_info, stamp};
use super::lines::{Line, next_line};
use super::message::{Fault, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, Message, parse};
use super::tools::{TOOLS, ToolName};
use super::version::{all_versions, has_no_handshake, negotiate};
use crate::text::printable_json;

/// Bytes of a message, at most.
const LONGEST: usize = 1024 * 1024;

/// What carries a tool out: its document, or that of an error.
pub(crate) trait Tools {
    fn call(&mut self, tool: ToolName, arguments: Map<String, Value>) -> Result<Value, Value>;
}

/// Answers what is asked, until there is no more of it.
pub(crate) fn serve(
    mut from: impl BufRead,
    mut to: impl Write,
    tools: &mut impl Tools,
) -> io::Result<()> {
    loop {
        let said = match next_line(&mut from, LONGEST)? {
            Line::End => return Ok(()),
            Line::TooLong => {
                let fault = Fault::new(INVALID_REQUEST, "the message has more than 1 MiB");
                message(&Value::Null, Err(fault))
            }
            Line::Whole(line) if line.trim_ascii().is_empty() => continue,
            Line::Whole(line) => match parse(&line) {
                Ok(Message::Note) => continue,
                Ok(Message::Request { id, method, params }) => {
                    message(&id, answer(&method, params, tools))
                }
                Err((id, fault)) => message(&id, Err(fault)),
            },
        };
        let line = said.to_string();
        to.write_all(format!("{}\n", printable_json(&line)).as_bytes())?;
        to.flush()?;
    }
}

fn answer(
    method: &str,
    params: Map<String, Value>,
    tools: &mut impl Tools,
) -> Result<Value, Fault> {
    let is_stamped = has_no_handshake(&params)?;
    let mut result = match method {
        "initialize" => {
            let mut result = abilities();
            result["protocolVersion"] = negotiate(&params).into();
            result["serverInfo"] = server_info();
            result
        }
        "server/discover" => {
            let mut result = abilities();
            result["supportedVersions"] = json!(all_versions());
            result
        }
        "ping" => json!({}),
        "tools/list" => {
            if params.contains_key("cursor") {
                return Err(Fault::new(INVALID_PARAMS, "the list of tools has one page"));
            }
            json!({ "tools": TOOLS.iter().map(|tool| tool.document()).collect::<Vec<_>>() })
        }
        "tools/call" => call(params, tools)?,
        _ => return Err(Fault::new(METHOD_NOT_FOUND, "awsx has no such method")),
    };
    if is_stamped {
        stamp(&mut result);
    }
    Ok(result)
}

fn call(mut params: Map<String, Value>, tools: &mut impl Tools) -> Result<Value, Fault> {
    let name = params.get("name").and_then(Value::as_str);
    let Some(tool) = TOOLS.iter().find(|tool| Some(tool.name) == name) else {
        let names: Vec<_> = TOOLS.iter().map(|tool| tool.name).collect();
        let message = format!("there is no such tool; these are: {}", names.join(", "));
        return Err(Fault::new(INVALID_PARAMS, message));
    };
    let arguments = match params.remove("arguments") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(Fault::new(INVALID_PARAMS, "arguments is no object")),
    };
    Ok(of_tool(tools.call(tool.id, arguments)))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Echo;

    impl Tools for Echo {
        fn call(&mut self, tool: ToolName, arguments: Map<String, Value>) -> Result<Value, Value> {
            match arguments.is_empty() {
                true => Err(json!({ "error": format!("{tool:?}") })),
                false => Ok(arguments.into()),
            }
        }
    }

    fn ask(input: &str) -> Vec<Value> {
        let mut said = Vec::new();
        serve(input.as_bytes(), &mut said, &mut Echo).unwrap();
        let said = String::from_utf8(said).unwrap();
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn request(method: &str, params: &Value) -> String {
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string() + "\n"
    }

    fn ask_one(method: &str, params: &Value) -> Value {
        let mut said = ask(&request(method, params));
        assert_eq!(said.len(), 1, "{said:?}");
        said.remove(0)
    }

    #[test]
    fn the_version_that_is_asked_for_is_spoken_if_it_is_known() {
        for (asked, expected) in [
            ("2025-11-25", "2025-11-25"),
            ("2025-06-18", "2025-06-18"),
            ("2024-11-05", "2024-11-05"),
            ("2025-03-26", "2025-11-25"),
            ("2026-07-28", "2025-11-25"),
            ("1.0", "2025-11-25"),
        ] {
            let said = ask_one("initialize", &json!({ "protocolVersion": asked }));
            assert_eq!(said["result"]["protocolVersion"], expected, "{asked}");
            assert_eq!(said["result"]["serverInfo"]["name"], "awsx");
            assert_eq!(said["result"]["capabilities"], json!({ "tools": {} }));
        }
    }

    #[test]
    fn a_request_may_say_its_version_itself() {
        let of = |version: &str| json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": version } });
        let said = ask_one("server/discover", &of("2026-07-28"));
        assert_eq!(said["result"]["supportedVersions"][0], "2026-07-28");
        assert_eq!(said["result"]["resultType"], "complete");
        assert_eq!(said["result"]["ttlMs"], 0);
        let said = ask_one("tools/list", &of("2026-07-28"));
        assert_eq!(said["result"]["cacheScope"], "private");
        let said = ask_one("tools/list", &of("2030-01-01"));
        assert_eq!(said["error"]["code"], -32022);
        assert_eq!(said["error"]["data"]["requested"], "2030-01-01");
        assert_eq!(ask_one("tools/list", &json!({}))["result"].get("resultType"), None);
    }

    #[test]
    fn faults_have_the_codes_of_json_rpc() {
        let id = |code: i64, input: &str| {
            let said = ask(input);
            assert_eq!(said[0]["error"]["code"], code, "{input}: {said:?}");
        };
        id(-32700, "planted\n");
        id(-32600, "{}\n");
        id(-32600, &format!("{}\n", "x".repeat(LONGEST + 1)));
        id(-32601, &request("resources/list", &json!({})));
        id(-32602, &request("tools/call", &json!({ "name": "rm" })));
        id(-32602, &request("tools/call", &json!({})));
        id(-32602, &request("tools/call", &json!({ "name": "explain", "arguments": [] })));
        id(-32602, &request("tools/list", &json!({ "cursor": "x" })));
    }

    #[test]
    fn each_line_has_its_answer_and_the_last_needs_no_end() {
        let ping = r#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#;
        let note =
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
        let said = ask(&format!("{ping}\n\r\n{note}\nx\n{ping}"));
        assert_eq!(said.len(), 3, "{said:?}");
        assert_eq!(said[0], json!({ "jsonrpc": "2.0", "id": "a", "result": {} }));
        assert_eq!(said[2], said[0]);
        // After a line that is too long the next one counts.
        let said = ask(&format!("{}\n{ping}\n", "x".repeat(3 * LONGEST)));
        assert_eq!(said[1]["id"], "a");
    }

    #[test]
    fn tools_answer_with_a_document_and_its_text() {
        let arguments = json!({ "profile": "\u{202e}dev" });
        let said = ask_one("tools/call", &json!({ "name": "explain", "arguments": arguments }));
        assert_eq!(said["result"]["structuredContent"], arguments);
        assert_eq!(said["result"]["isError"], false);
        let text = said["result"]["content"][0]["text"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), arguments);
        let said = ask_one("tools/call", &json!({ "name": "check" }));
        assert_eq!(said["result"]["isError"], true);
        assert_eq!(said["result"]["structuredContent"]["error"], "Check");
    }

    #[test]
    fn schemas_are_closed_objects() {
        let said = ask_one("tools/list", &json!({}));
        let tools = said["result"]["tools"].as_array().unwrap();
        assert_eq!(tools.len(), TOOLS.len());
        for tool in tools {
            let schema = &tool["inputSchema"];
            assert_eq!(schema["type"], "object");
            assert_eq!(schema["additionalProperties"], false);
            for name in schema["required"].as_array().unwrap() {
                assert!(schema["properties"].get(name.as_str().unwrap()).is_some(), "{tool}");
            }
        }
    }
}
