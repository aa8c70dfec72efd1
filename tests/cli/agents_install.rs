//! `awsx agents install`: each client's file, what is asked, and what is left alone.

use serde_json::{Value, json};

use crate::sandbox::{AWSX, Sandbox};

/// A client, its file, and where its servers are.
const CLIENTS: [(&str, &str, &str); 8] = [
    ("claude-code", ".claude.json", "mcpServers"),
    ("codex", ".codex/config.toml", "mcp_servers"),
    ("cursor", ".cursor/mcp.json", "mcpServers"),
    ("vscode", ".config/Code/User/mcp.json", "servers"),
    ("kiro", ".kiro/settings/mcp.json", "mcpServers"),
    ("gemini-cli", ".gemini/settings.json", "mcpServers"),
    ("opencode", ".config/opencode/opencode.json", "mcp"),
    ("copilot-cli", ".copilot/mcp-config.json", "mcpServers"),
];

fn install(sandbox: &Sandbox, words: &[&str]) -> crate::ran::Ran {
    sandbox.awsx(&[&["agents", "install"], words].concat())
}

/// The servers that a file has, as JSON.
fn servers(sandbox: &Sandbox, file: &str, key: &str) -> Value {
    let text = sandbox.read(file);
    let document: Value = match file.ends_with(".toml") {
        true => serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap(),
        false => serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")),
    };
    document[key].clone()
}

#[test]
fn each_client_is_told_in_its_own_file_and_forgets_it_again() {
    let sandbox = Sandbox::new();
    let program = std::fs::canonicalize(AWSX).unwrap();
    let program = program.to_str().unwrap();
    for (client, file, key) in CLIENTS {
        let ran =
            install(&sandbox, &[client, "--yes", "--profile", "dev", "--scope", "read:s3"]).ok();
        assert!(ran.stderr.contains("is written"), "{client}: {ran:?}");
        let found = servers(&sandbox, file, key);
        let (own, of_aws) = (&found["awsx"], &found["aws-mcp"]);
        let words = |entry: &Value| -> Vec<String> {
            let mut words = match &entry["command"] {
                Value::String(program) => vec![json!(program)],
                words => words.as_array().unwrap().clone(),
            };
            words.extend(entry["args"].as_array().into_iter().flatten().cloned());
            words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(words(own), [program, "mcp"], "{client}: {found}");
        let begin = [program, "exec", "--server", "dev", "--scope", "read:s3", "--", "uvx"];
        assert_eq!(words(of_aws)[..8], begin, "{client}: {found}");
        let variables = of_aws.get("env").or(of_aws.get("environment")).unwrap();
        assert_eq!(variables["AWSX_CALLER"], "agent", "{client}");
        let again =
            install(&sandbox, &[client, "--yes", "--profile", "dev", "--scope", "read:s3"]).ok();
        assert!(again.stderr.contains("has it already") && again.stdout.is_empty(), "{again:?}");
        install(&sandbox, &[client, "--yes", "--remove"]).ok();
        assert!(!sandbox.read(file).contains("awsx"), "{client}: {}", sandbox.read(file));
        let again = install(&sandbox, &[client, "--yes", "--remove"]).ok();
        assert!(again.stderr.contains("has nothing of it"), "{again:?}");
    }
}

#[test]
fn what_is_written_there_is_what_the_protocols_client_can_start() {
    let sandbox = Sandbox::new();
    install(&sandbox, &["cursor", "--yes"]).ok();
    let entry = servers(&sandbox, ".cursor/mcp.json", "mcpServers")["awsx"].clone();
    let mut command = sandbox.command(entry["command"].as_str().unwrap());
    command.args(entry["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()));
    let ping = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
    let ran = sandbox.run(&mut command, ping, true).ok();
    assert_eq!(ran.json()["result"], json!({}));
}

#[test]
fn without_a_name_it_is_for_those_that_are_here() {
    let sandbox = Sandbox::new();
    let ran = install(&sandbox, &["--yes"]).exits(2);
    assert!(ran.stderr.contains("no client that awsx knows"), "{ran:?}");
    sandbox.write(".codex/x", "");
    sandbox.write(".claude.json", "{}");
    install(&sandbox, &["--yes"]).ok();
    assert!(sandbox.read(".codex/config.toml").contains("[mcp_servers.awsx]"));
    assert!(sandbox.read(".claude.json").contains("\"awsx\""));
    assert!(!sandbox.home().join(".cursor").exists());
    let ran = install(&sandbox, &["emacs", "--yes"]).exits(2);
    assert!(ran.stderr.contains("it is none of claude-code, codex"), "{ran:?}");
}

#[test]
fn a_person_sees_it_first_and_says_yes() {
    let sandbox = Sandbox::new();
    let text = "{\n  // mine\n  \"mcpServers\": {\n    \"other\": { \"env\": { \"TOKEN\": \"planted-token-of-another-server\" } }\n  }\n}\n";
    sandbox.write(".cursor/mcp.json", text);
    // Nobody is there.
    let ran = install(&sandbox, &["cursor", "--profile", "dev"]).exits(4);
    assert!(ran.stderr.contains("run `awsx agents install cursor --profile dev --yes`"), "{ran:?}");
    assert_eq!(sandbox.read(".cursor/mcp.json"), text);
    let mut terminal = sandbox.awsx_on_terminal(&["agents", "install", "cursor"]);
    terminal.expect("[Y/n]").type_line("n");
    let ran = terminal.end().ok();
    assert!(
        ran.stdout.contains("+     \"awsx\": {") && ran.stdout.contains("nothing is written"),
        "{ran:?}"
    );
    assert!(!ran.stdout.contains("planted-token-of-another-server"), "{ran:?}");
    assert_eq!(sandbox.read(".cursor/mcp.json"), text);
    let mut terminal = sandbox.awsx_on_terminal(&["agents", "install", "cursor"]);
    terminal.expect("[Y/n]").type_line("");
    terminal.end().ok();
    let written = sandbox.read(".cursor/mcp.json");
    assert!(
        written.starts_with("{\n  // mine\n  \"mcpServers\": {\n    \"other\": { \"env\""),
        "{written}"
    );
    install(&sandbox, &["cursor", "--remove", "--yes"]).ok();
    assert_eq!(sandbox.read(".cursor/mcp.json"), text);
}

#[test]
fn a_project_has_files_of_its_own() {
    let sandbox = Sandbox::new();
    install(&sandbox, &["claude-code", "codex", "--project", "--yes"]).ok();
    assert_eq!(servers(&sandbox, ".mcp.json", "mcpServers")["awsx"]["command"], "awsx");
    assert_eq!(servers(&sandbox, ".codex/config.toml", "mcp_servers")["awsx"]["command"], "awsx");
    assert!(!sandbox.home().join(".claude.json").exists());
}

#[test]
fn what_cannot_be_changed_is_left_alone_with_the_lines_to_paste() {
    let sandbox = Sandbox::new();
    sandbox.write("elsewhere.json", "{}");
    for (text, why) in [
        (Some("{\"mcpServers\": [}"), "it is no JSON at byte 16"),
        (Some("{\"mcpServers\": []}"), "its mcpServers is no object"),
        (None, "it is a link"),
    ] {
        let path = sandbox.home().join(".cursor/mcp.json");
        let _ = std::fs::remove_file(&path);
        match text {
            Some(text) => drop(sandbox.write(".cursor/mcp.json", text)),
            None => {
                std::os::unix::fs::symlink(sandbox.home().join("elsewhere.json"), &path).unwrap()
            }
        }
        let ran = install(&sandbox, &["cursor", "kiro", "--yes"]).exits(3);
        assert!(
            ran.stderr.contains(why) && ran.stderr.contains("put these lines there yourself"),
            "{ran:?}"
        );
        assert!(
            ran.stdout.contains("\"mcpServers\": {") && ran.stdout.contains("\"mcp\""),
            "{ran:?}"
        );
        if let Some(text) = text {
            assert_eq!(sandbox.read(".cursor/mcp.json"), text);
        }
        assert_eq!(sandbox.read("elsewhere.json"), "{}");
        // The others are written all the same.
        assert!(servers(&sandbox, ".kiro/settings/mcp.json", "mcpServers")["awsx"].is_object());
    }
    let ran = install(&sandbox, &["kiro", "--yes", "--profile", "gone"]).exits(3);
    assert!(ran.stderr.contains("gone"), "{ran:?}");
    let ran = install(&sandbox, &["kiro", "--yes", "--profile", "dev", "--scope", "read:nothing"]);
    assert_ne!(ran.code, 0, "{ran:?}");
}

/// What is between awsx's entries is the person's.
#[test]
fn only_what_awsx_wrote_is_shown() {
    let sandbox = Sandbox::new();
    install(&sandbox, &["cursor", "--yes"]).ok();
    let (file, own) = (".cursor/mcp.json", "\"args\": [\n");
    let text = sandbox.read(file);
    assert!(text.contains(own), "{text}");
    let at = text.rfind("\n  }").unwrap();
    let other = ",\n    \"other\": {\n      \"command\": \"x\",\n      \"env\": { \"TOKEN\": \"planted\" }\n    }";
    sandbox.write(file, &format!("{}{other}{}", &text[..at], &text[at..]));
    let ran = install(&sandbox, &["cursor", "--yes", "--profile", "dev"]).ok();
    assert!(ran.stdout.contains("+     \"aws-mcp\": {"), "{ran:?}");
    let gone = install(&sandbox, &["cursor", "--yes", "--remove"]).ok();
    assert!(gone.stdout.contains("-     \"awsx\": {"), "{gone:?}");
    assert!(gone.stdout.contains("-     \"aws-mcp\": {"), "{gone:?}");
    for ran in [ran, gone] {
        assert!(!ran.stdout.contains("planted") && !ran.stdout.contains("other"), "{ran:?}");
    }
    assert_eq!(servers(&sandbox, file, "mcpServers")["other"]["env"]["TOKEN"], "planted");
}
