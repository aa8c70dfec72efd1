//! The server: what is asked is answered until the client closes the pipe.

use std::io::{self, BufRead, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::{Map, Value, json};

use super::answer::{abilities, message, of_tool, server_info, stamp};
use super::calls::{Call, Unanswered};
use super::lines::{Line, next_line};
use super::message::{Fault, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, Message, parse};
use super::tools::{TOOLS, ToolName};
use super::version::{all_versions, has_no_handshake, negotiate};
use crate::text::printable_json;

/// Bytes of a message, at most.
const LONGEST: usize = 1024 * 1024;

/// Calls that wait, at most; then nothing more is read until one has its turn.
const MOST_WAITING: usize = 64;

/// What carries a tool out: its document, or that of an error.
pub(crate) trait Tools {
    fn call(&mut self, tool: ToolName, arguments: Map<String, Value>) -> Result<Value, Value>;
}

/// Answers what is asked, until there is no more of it. What needs no tool is answered by a thread of its own, so that a
/// client hears at once that awsx is there while AWS lets it wait; the tools are called here, one after the other.
pub(crate) fn serve(
    from: impl BufRead + Send + 'static,
    to: impl Write + Send + 'static,
    tools: &mut impl Tools,
) -> io::Result<()> {
    let to = Arc::new(Mutex::new(to));
    let unanswered = Arc::new(Unanswered::default());
    let (queue, calls) = sync_channel(MOST_WAITING);
    let reader = Reader { to: to.clone(), unanswered: unanswered.clone(), queue };
    thread::Builder::new().name("mcp".into()).spawn(move || reader.run(from))?;
    // Until the reader ends.
    for call in calls {
        let Call { id, tool, arguments, is_stamped } = call?;
        if !unanswered.has(&id) {
            continue;
        }
        let mut result = of_tool(tools.call(tool, arguments));
        if is_stamped {
            stamp(&mut result);
        }
        if unanswered.take(&id) {
            say(&to, &message(&id, Ok(result)))?;
        }
    }
    Ok(())
}

/// One line, whole.
fn say(to: &Mutex<impl Write>, said: &Value) -> io::Result<()> {
    let line = format!("{}\n", printable_json(&said.to_string()));
    let mut to = to.lock().unwrap_or_else(PoisonError::into_inner);
    to.write_all(line.as_bytes())?;
    to.flush()
}

struct Reader<W> {
    to: Arc<Mutex<W>>,
    unanswered: Arc<Unanswered>,
    queue: SyncSender<io::Result<Call>>,
}

impl<W: Write> Reader<W> {
    fn run(self, from: impl BufRead) {
        if let Err(error) = self.read(from) {
            // Nobody takes it where the server has ended already.
            let _ = self.queue.send(Err(error));
        }
    }

    fn read(&self, mut from: impl BufRead) -> io::Result<()> {
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
                    Ok(Message::Cancel { id }) => {
                        self.unanswered.take(&id);
                        continue;
                    }
                    Ok(Message::Request { id, method, params }) => match answer(&method, params) {
                        Ok(Answer::Now(result)) => message(&id, Ok(result)),
                        Ok(Answer::Later { tool, arguments, is_stamped }) => {
                            self.unanswered.add(&id);
                            let call = Call { id, tool, arguments, is_stamped };
                            if self.queue.send(Ok(call)).is_err() {
                                return Ok(());
                            }
                            continue;
                        }
                        Err(fault) => message(&id, Err(fault)),
                    },
                    Err((id, fault)) => message(&id, Err(fault)),
                },
            };
            say(&self.to, &said)?;
        }
    }
}

/// What a request gets.
enum Answer {
    Now(Value),
    /// What this tool says
    Later {
        tool: ToolName,
        arguments: Map<String, Value>,
        is_stamped: bool,
    },
}

fn answer(method: &str, params: Map<String, Value>) -> Result<Answer, Fault> {
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
        "tools/call" => return call(params, is_stamped),
        _ => return Err(Fault::new(METHOD_NOT_FOUND, "awsx has no such method")),
    };
    if is_stamped {
        stamp(&mut result);
    }
    Ok(Answer::Now(result))
}

fn call(mut params: Map<String, Value>, is_stamped: bool) -> Result<Answer, Fault> {
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
    Ok(Answer::Later { tool: tool.id, arguments, is_stamped })
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

    /// What is said, and whoever waits for a ping's answer.
    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>, Option<std::sync::mpsc::Sender<()>>);

    impl Write for Said {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(line);
            if line.ends_with(b"\"result\":{}}\n") {
                self.1.iter().for_each(|waits| waits.send(()).unwrap());
            }
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn ask_of(input: &str, said: &Said, tools: &mut impl Tools) -> Vec<Value> {
        serve(io::Cursor::new(input.to_owned()), said.clone(), tools).unwrap();
        let said = String::from_utf8(said.0.lock().unwrap().clone()).unwrap();
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn ask(input: &str) -> Vec<Value> {
        ask_of(input, &Said::default(), &mut Echo)
    }

    /// Tools that wait until a ping is answered.
    struct Slow(std::sync::mpsc::Receiver<()>);

    impl Tools for Slow {
        fn call(&mut self, _: ToolName, arguments: Map<String, Value>) -> Result<Value, Value> {
            let wait = std::time::Duration::from_secs(20);
            self.0.recv_timeout(wait).map_err(|_| json!("no ping was answered"))?;
            Ok(arguments.into())
        }
    }

    #[test]
    fn a_ping_is_answered_while_a_tool_waits_and_what_is_cancelled_is_not() {
        let call = |id: u32| {
            let params = json!({ "name": "whoami", "arguments": { "profile": "x" } });
            json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
        };
        let cancel = |id: u32| {
            let method = "notifications/cancelled";
            json!({ "jsonrpc": "2.0", "method": method, "params": { "requestId": id } })
        };
        let ping = json!({ "jsonrpc": "2.0", "id": 9, "method": "ping" });
        for (lines, expected) in [
            (vec![call(1), call(2), cancel(2), ping.clone()], vec![9, 1]),
            // Whether it runs already or not.
            (vec![call(1), cancel(1), ping.clone()], vec![9]),
            (vec![cancel(1), call(1), cancel(7), ping], vec![9, 1]),
        ] {
            let (sender, receiver) = std::sync::mpsc::channel();
            let said = Said(Arc::default(), Some(sender));
            let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let said = ask_of(&lines, &said, &mut Slow(receiver));
            let ids: Vec<_> = said.iter().map(|one| one["id"].as_u64().unwrap()).collect();
            assert_eq!(ids, expected, "{lines}{said:?}");
            assert!(said.iter().all(|one| one["result"]["isError"] != true), "{said:?}");
        }
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
