//! `awsx mcp`: what a client hears, what it may not, and how it ends.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fake_aws::sample::{KEY_ID, SECRET_KEY};
use crate::given::{SETTINGS, sso_config};
use crate::sandbox::{AWSX, Sandbox};

/// What awsx says to these lines, a message for each.
fn ask(sandbox: &Sandbox, input: &[u8]) -> Vec<Value> {
    let mut command = sandbox.command(AWSX);
    let ran = sandbox.run(command.arg("mcp"), input, true).ok();
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The result of a tool.
pub(crate) fn call(sandbox: &Sandbox, tool: &str, arguments: &Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    let line = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let mut said = ask(sandbox, format!("{line}\n").as_bytes());
    assert_eq!(said.len(), 1, "{said:?}");
    let result = said.remove(0)["result"].take();
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), result["structuredContent"]);
    result
}

fn document(sandbox: &Sandbox, tool: &str, arguments: &Value) -> Value {
    let mut result = call(sandbox, tool, arguments);
    assert_eq!(result["isError"], false, "{tool}: {result}");
    result["structuredContent"].take()
}

fn error(sandbox: &Sandbox, tool: &str, arguments: &Value) -> Value {
    let mut result = call(sandbox, tool, arguments);
    assert_eq!(result["isError"], true, "{tool}: {result}");
    result["structuredContent"].take()
}

#[test]
fn the_protocols_own_client_is_served_in_both_of_its_ways() {
    let sandbox = Sandbox::new();
    for (mode, version) in [("auto", "2026-07-28"), ("legacy", "2025-11-25")] {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/mcp_client.py");
        let mut command = sandbox.command("python3");
        command.args([script, mode, AWSX, "list_profiles={}"]);
        command.args([r#"whoami={"profile":"dev"}"#, r#"whoami={"profile":"gone"}"#, "check={}"]);
        let ran = sandbox.run(&mut command, b"", true).ok();
        let heard: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(heard["version"], version, "{heard}");
        assert_eq!(
            heard["tools"],
            json!(["list_profiles", "explain", "whoami", "check", "request_login"])
        );
        let calls = heard["calls"].as_array().unwrap();
        let is_error: Vec<_> = calls.iter().map(|call| call["error"].as_bool().unwrap()).collect();
        assert_eq!(is_error, [false, false, true, false], "{heard}");
        assert!(calls.iter().all(|call| call["document"] == call["text"]), "{heard}");
        assert_eq!(calls[1]["document"]["account"], "111111111111");
        assert_eq!(calls[2]["document"]["kind"], "config");
    }
}

#[test]
fn profiles_are_listed_without_their_settings_and_by_words() {
    let sandbox = Sandbox::new();
    let all = document(&sandbox, "list_profiles", &json!({}));
    let names = |document: &Value| -> Vec<String> {
        let profiles = document["profiles"].as_array().unwrap().iter();
        profiles.map(|profile| profile["name"].as_str().unwrap().to_owned()).collect()
    };
    assert!(names(&all).contains(&"readonly".to_owned()), "{all}");
    assert!(!all.to_string().contains(KEY_ID) && !all.to_string().contains("aws_"), "{all}");
    assert_eq!(all["more"], 0);
    let found = document(&sandbox, "list_profiles", &json!({ "query": "readonly" }));
    assert_eq!(names(&found), ["readonly"]);
    assert_eq!(found["profiles"][0]["allowed"], true);
    assert_eq!(found["profiles"][0]["account_id"], "111111111111");
    let one = document(&sandbox, "list_profiles", &json!({ "limit": 1 }));
    assert_eq!((names(&one).len(), &one["more"]), (1, &json!(names(&all).len() - 1)));
    assert_eq!(error(&sandbox, "list_profiles", &json!({ "limit": 0 }))["kind"], "usage");
    assert_eq!(error(&sandbox, "list_profiles", &json!({ "words": "x" }))["kind"], "usage");
    // Files count as they are now, and a mistake in them is told.
    sandbox.config("nonsense\n");
    assert_eq!(error(&sandbox, "list_profiles", &json!({}))["kind"], "config");
    assert_eq!(document(&sandbox, "check", &json!({}))["errors"], 1);
}

#[test]
fn whoever_asks_is_an_agent() {
    let sandbox = Sandbox::new();
    sandbox.write(SETTINGS, "[agents]\ndeny = \"readonly\"\n");
    let listed = document(&sandbox, "list_profiles", &json!({ "query": "readonly" }));
    assert_eq!(listed["profiles"][0]["allowed"], false);
    for tool in ["whoami", "request_login"] {
        let error = error(&sandbox, tool, &json!({ "profile": "readonly" }));
        assert_eq!(error["kind"], "refused", "{error}");
        assert!(error["message"].as_str().unwrap().contains("is not for agents"), "{error}");
    }
    let explained = document(&sandbox, "explain", &json!({ "profile": "readonly" }));
    assert_eq!(explained["problem"]["kind"], "refused", "{explained}");
    assert!(sandbox.aws.operations().is_empty());
    let found = document(&sandbox, "whoami", &json!({ "profile": "dev" }));
    assert_eq!(found["account"], "111111111111");
    sandbox.write(SETTINGS, "[agents]\nallow = 1\n");
    assert_eq!(error(&sandbox, "list_profiles", &json!({}))["kind"], "config");
    assert_eq!(error(&sandbox, "whoami", &json!({ "profile": "dev" }))["kind"], "config");
}

#[test]
fn a_login_is_for_a_person() {
    let sandbox = Sandbox::new();
    sandbox.open_browsers();
    sandbox.config(&sso_config());
    sandbox.write(
        SETTINGS,
        "notify_command = \"echo \\\"$AWSX_NOTIFY_COMMAND: $AWSX_NOTIFY_MESSAGE\\\" >> $HOME/told\"\n",
    );
    let mut client = sandbox.command(AWSX);
    client.arg("mcp").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut client = client.spawn().unwrap();
    let request = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "request_login", "arguments": { "profile": "sso" } },
    });
    let mut stdin = client.stdin.take().unwrap();
    let mut answers = BufReader::new(client.stdout.take().unwrap()).lines();
    // Twice in a row a person hears of it once.
    for notified in [true, false] {
        writeln!(stdin, "{request}").unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        let wanted = &answer["result"]["structuredContent"];
        assert_eq!(wanted["needed"], true);
        assert_eq!(wanted["command"], "awsx login sso corp");
        assert_eq!(wanted["notified"], notified);
    }
    assert!(sandbox.open_pages().is_empty());
    let told = sandbox.home().join("told");
    let deadline = Instant::now() + Duration::from_secs(20);
    while std::fs::read_to_string(&told).unwrap_or_default().is_empty() && Instant::now() < deadline
    {
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let said = std::fs::read_to_string(&told).unwrap();
    assert_eq!(said, "awsx login sso corp: an agent waits for sso: `awsx login sso corp`\n");
    drop(stdin);
    assert!(client.wait().unwrap().success());
    // An MFA code serves the commands after it.
    sandbox.config(crate::sandbox::CONFIG);
    let wanted = document(&sandbox, "request_login", &json!({ "profile": "prod" }));
    assert_eq!((&wanted["needed"], &wanted["command"]), (&json!(true), &json!("awsx whoami prod")));
    let nothing = document(&sandbox, "request_login", &json!({ "profile": "readonly" }));
    assert_eq!((&nothing["needed"], &nothing["command"]), (&json!(false), &Value::Null));
    assert!(nothing["expiration"].is_string(), "{nothing}");
    let error = error(&sandbox, "request_login", &json!({ "profile": "gone" }));
    assert_eq!(error["kind"], "config");
}

#[test]
fn no_answer_has_a_secret() {
    let sandbox = Sandbox::new();
    sandbox.plant(SECRET_KEY);
    for profile in ["dev", "readonly", "prod"] {
        for tool in ["explain", "whoami", "request_login"] {
            let said = call(&sandbox, tool, &json!({ "profile": profile })).to_string();
            assert!(!said.contains(SECRET_KEY), "{said}");
            sandbox
                .aws
                .secrets()
                .iter()
                .for_each(|secret| assert!(!said.contains(secret), "{said}"));
        }
    }
}

#[test]
fn garbage_is_answered_and_what_follows_it_too() {
    let sandbox = Sandbox::new();
    let ping = br#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#;
    let long = vec![b'x'; 2 * 1024 * 1024];
    let input = [b"\xff\xfe\n", &long[..], b"\n", &ping[..], b"\n", &ping[..]].concat();
    let said = ask(&sandbox, &input);
    let codes: Vec<_> = said.iter().map(|one| one["error"]["code"].as_i64()).collect();
    assert_eq!(codes, [Some(-32700), Some(-32600), None, None]);
    assert_eq!(said[3], json!({ "jsonrpc": "2.0", "id": 2, "result": {} }));
}

#[test]
fn it_ends_with_its_client_and_says_when_it_cannot_speak() {
    let sandbox = Sandbox::new();
    assert!(ask(&sandbox, b"").is_empty());
    let ping = b"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}\n";
    // Nobody listens any more.
    let start = |stdout: Stdio| {
        let mut command: Command = sandbox.command(AWSX);
        command.arg("mcp").stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        child.stdin.take().unwrap().write_all(ping).unwrap();
        child.wait_with_output().unwrap()
    };
    let out = start(Stdio::piped());
    assert_eq!((out.status.code(), &out.stderr[..]), (Some(0), &b""[..]), "{out:?}");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let out = start(full.into());
    assert_eq!(out.status.code(), Some(1), "{out:?}");
    assert!(String::from_utf8_lossy(&out.stderr).contains("cannot be spoken to"), "{out:?}");
    // A person is told what it is.
    let ran = sandbox.awsx_on_terminal(&["mcp"]).end().exits(2);
    assert!(ran.stdout.contains("awsx agents install"), "{ran:?}");
}
