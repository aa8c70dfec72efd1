//! `awsx agents install`: each client's file, what is asked, and what is left alone.

use serde_json::{Value, json};

use crate::sandbox::{AWSX, Sandbox};

/// A client, its file, and where its servers are.
const CLIENTS: [(&str, &str, &str); 10] = [
    ("claude-code", ".claude.json", "mcpServers"),
    ("codex", ".codex/config.toml", "mcp_servers"),
    ("cursor", ".cursor/mcp.json", "mcpServers"),
    ("vscode", ".config/Code/User/mcp.json", "servers"),
    ("kiro", ".kiro/settings/mcp.json", "mcpServers"),
    ("gemini-cli", ".gemini/settings.json", "mcpServers"),
    ("opencode", ".config/opencode/opencode.json", "mcp"),
    ("copilot-cli", ".copilot/mcp-config.json", "mcpServers"),
    ("amp", ".config/amp/settings.json", "amp.mcpServers"),
    ("windsurf", ".codeium/windsurf/mcp_config.json", "mcpServers"),
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
    for (text, why) in [
        ("{\"mcpServers\": [}", "it is no JSON at byte 16"),
        ("{\"mcpServers\": []}", "its mcpServers is no object"),
    ] {
        sandbox.write(".cursor/mcp.json", text);
        let ran = install(&sandbox, &["cursor", "kiro", "--yes"]).exits(3);
        assert!(
            ran.stderr.contains(why) && ran.stderr.contains("put these lines there yourself"),
            "{ran:?}"
        );
        assert!(
            ran.stdout.contains("\"mcpServers\": {") && ran.stdout.contains("\"mcp\""),
            "{ran:?}"
        );
        assert_eq!(sandbox.read(".cursor/mcp.json"), text);
        // The others are written all the same.
        assert!(servers(&sandbox, ".kiro/settings/mcp.json", "mcpServers")["awsx"].is_object());
    }
    let ran = install(&sandbox, &["kiro", "--yes", "--profile", "gone"]).exits(3);
    assert!(ran.stderr.contains("gone"), "{ran:?}");
    let ran = install(&sandbox, &["kiro", "--yes", "--profile", "dev", "--scope", "read:nothing"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    let ran = install(&sandbox, &["windsurf", "--project", "--yes"]).exits(2);
    assert!(ran.stderr.contains("Windsurf has no file of a project"), "{ran:?}");
}

/// Dot-files are links where they are kept in one place; in a project somebody else may have laid one.
#[test]
fn a_persons_link_stays_one_and_none_leads_out_of_a_project() {
    let sandbox = Sandbox::new();
    sandbox.write("dotfiles/mcp.json", "{}\n");
    sandbox.write(".cursor/x", "");
    let home = sandbox.home();
    let link = home.join(".cursor/mcp.json");
    std::os::unix::fs::symlink("../dotfiles/mcp.json", &link).unwrap();
    let ran = install(&sandbox, &["cursor", "--yes"]).ok();
    assert!(ran.stdout.contains("mcp.json, which is ~/dotfiles/mcp.json\n"), "{ran:?}");
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(servers(&sandbox, "dotfiles/mcp.json", "mcpServers")["awsx"].is_object());
    install(&sandbox, &["cursor", "--yes", "--remove"]).ok();
    assert_eq!(sandbox.read("dotfiles/mcp.json"), "{\n  \"mcpServers\": {}\n}\n");

    let elsewhere = tempfile::tempdir().unwrap();
    for (lay, client) in [(".mcp.json", "claude-code"), (".vscode", "vscode"), (".amp", "amp")] {
        let target = match lay {
            ".amp" => elsewhere.path().join("gone"),
            ".vscode" => elsewhere.path().to_path_buf(),
            _ => elsewhere.path().join("mcp.json"),
        };
        std::os::unix::fs::symlink(target, home.join(lay)).unwrap();
        let ran = install(&sandbox, &[client, "--project", "--yes"]).exits(3);
        assert!(ran.stderr.contains("behind a link that leads out of the project"), "{ran:?}");
    }
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

/// Claude Code, Codex and people write such entries.
#[test]
fn another_server_of_the_name_stays_and_so_does_what_others_say_of_awsxs() {
    let sandbox = Sandbox::new();
    let json = "{\n  \"mcpServers\": {\n    \"aws-mcp\": { \"command\": \"uvx\", \"args\": [\"own\"] }\n  }\n}\n";
    let toml = "[mcp_servers.aws-mcp]\nurl = \"https://example.com\"\n";
    for (client, file, text) in
        [("cursor", ".cursor/mcp.json", json), ("codex", ".codex/config.toml", toml)]
    {
        sandbox.write(file, text);
        let ran = install(&sandbox, &[client, "--profile", "dev", "--yes"]).exits(3);
        assert!(ran.stderr.contains("its aws-mcp is another server"), "{ran:?}");
        let again = format!("`awsx agents install {client} --profile dev`");
        assert!(ran.stderr.contains(&again) && ran.stdout.is_empty(), "{ran:?}");
        assert_eq!(sandbox.read(file), text);
        install(&sandbox, &[client, "--yes"]).ok();
        install(&sandbox, &[client, "--yes", "--remove"]).ok();
        assert_eq!(sandbox.read(file), text);
    }
    // As Codex writes it anew when it adds another.
    sandbox.write(
        ".codex/config.toml",
        "[mcp_servers.aws-mcp]\ncommand = \"/old/awsx\"\nargs = []\nstartup_timeout_sec = 9.0\n\n\
         [mcp_servers.aws-mcp.env]\nAWSX_CALLER = \"agent\"\n\n[mcp_servers.other]\ncommand = \"y\"\n",
    );
    install(&sandbox, &["codex", "--profile", "dev", "--yes"]).ok();
    let text = sandbox.read(".codex/config.toml");
    assert!(text.contains("startup_timeout_sec = 9.0\n") && text.contains("\"dev\""), "{text}");
    install(&sandbox, &["codex", "--remove", "--yes"]).ok();
    let text = sandbox.read(".codex/config.toml");
    assert_eq!(text, "[mcp_servers.other]\ncommand = \"y\"\n");
    // As Claude Code and a person have it.
    let own = "{ \"mcpServers\": { \"awsx\": { \"command\": \"awsx\", \"args\": [\"mcp\"], \"env\": {}, \"disabled\": true } } }";
    sandbox.write(".claude.json", own);
    install(&sandbox, &["claude-code", "--yes"]).ok();
    let found = servers(&sandbox, ".claude.json", "mcpServers");
    assert_eq!((&found["awsx"]["env"], &found["awsx"]["disabled"]), (&json!({}), &json!(true)));
}

#[test]
fn variables_and_older_files_say_where_a_client_keeps_its_own() {
    for (variable, value, client, file) in [
        ("CLAUDE_CONFIG_DIR", "~/c", "claude-code", "c/.claude.json"),
        ("CODEX_HOME", "~/c", "codex", "c/config.toml"),
        ("GEMINI_CLI_HOME", "~/c", "gemini-cli", "c/.gemini/settings.json"),
        ("COPILOT_HOME", "~/c", "copilot-cli", "c/mcp-config.json"),
        ("AMP_SETTINGS_FILE", "~/c/amp.json", "amp", "c/amp.json"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.set(variable, value);
        install(&sandbox, &[client, "--yes"]).ok();
        assert!(sandbox.read(file).contains("awsx"), "{client}");
    }
    let sandbox = Sandbox::new();
    for file in [".claude/.config.json", ".config/opencode/opencode.jsonc"] {
        sandbox.write(file, "{}");
    }
    install(&sandbox, &["claude-code", "opencode", "--yes"]).ok();
    assert!(sandbox.read(".claude/.config.json").contains("awsx"));
    assert!(sandbox.read(".config/opencode/opencode.jsonc").contains("awsx"));
    assert!(!sandbox.home().join(".claude.json").exists());
}

#[test]
fn a_file_that_cannot_be_written_stops_no_other() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let path = sandbox.write(".cursor/mcp.json", "{}\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    let ran = install(&sandbox, &["cursor", "kiro", "--yes"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("mcp.json is write-protected"), "{ran:?}");
    assert_eq!(sandbox.read(".cursor/mcp.json"), "{}\n");
    assert!(servers(&sandbox, ".kiro/settings/mcp.json", "mcpServers")["awsx"].is_object());
}

/// A client writes its file while a person reads the question.
#[test]
fn a_file_that_changed_meanwhile_stays_and_an_interrupt_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write(".cursor/mcp.json", "{}\n");
    let mut terminal = sandbox.awsx_on_terminal(&["agents", "install", "cursor"]);
    terminal.expect("[Y/n]");
    sandbox.write(".cursor/mcp.json", "{ \"new\": 1 }\n");
    terminal.type_line("y");
    let ran = terminal.end().exits(3);
    assert!(ran.stdout.contains("was changed while you were asked"), "{ran:?}");
    let mut terminal = sandbox.awsx_on_terminal(&["agents", "install", "cursor"]);
    terminal.expect("[Y/n]").type_line("\x03");
    assert_ne!(terminal.end().code, 0);
    assert_eq!(sandbox.read(".cursor/mcp.json"), "{ \"new\": 1 }\n");
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
