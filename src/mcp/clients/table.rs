//! The clients, in one table, from their own documentation.

use super::entry::Form;

/// Where a file is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In the directory that a variable names, else in this one of the home directory
    Home { variable: &'static str, directory: &'static str, file: &'static str },
    /// In the home directory, or of this name in the directory that the variable names; in its directory the older
    /// place, where the file counts if it is there
    Beside {
        variable: &'static str,
        file: &'static str,
        older: Option<(&'static str, &'static str)>,
    },
    /// The one that a variable names, else the first that is there in `XDG_CONFIG_HOME`, or ~/.config
    Config { variable: &'static str, directory: &'static str, files: &'static [&'static str] },
    /// Where editors keep what a person set: below ~/.config, ~/Library/Application Support or `APPDATA`
    Editor { file: &'static str },
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Syntax {
    /// With comments, if there are any
    Json,
    Toml,
}

/// A program that starts MCP servers.
#[derive(Debug)]
pub(crate) struct Client {
    pub name: &'static str,
    pub title: &'static str,
    /// Of a person
    pub place: Place,
    /// Of a project, from its directory, if it has such
    pub project: Option<&'static str>,
    pub(super) syntax: Syntax,
    /// What holds the servers
    pub(super) key: &'static str,
    pub(super) form: Form,
    /// What starts it on a terminal
    pub program: Option<&'static str>,
}

pub(crate) const CLIENTS: &[Client] = &[
    // <https://code.claude.com/docs/en/mcp>; the older place as `claude mcp add` has it.
    Client {
        name: "claude-code",
        title: "Claude Code",
        place: Place::Beside {
            variable: "CLAUDE_CONFIG_DIR",
            file: ".claude.json",
            older: Some((".claude", ".config.json")),
        },
        project: Some(".mcp.json"),
        syntax: Syntax::Json,
        key: "mcpServers",
        form: Form::Stdio,
        program: Some("claude"),
    },
    // <https://developers.openai.com/codex/mcp>
    Client {
        name: "codex",
        title: "Codex",
        place: Place::Home { variable: "CODEX_HOME", directory: ".codex", file: "config.toml" },
        project: Some(".codex/config.toml"),
        syntax: Syntax::Toml,
        key: "mcp_servers",
        form: Form::Plain,
        program: Some("codex"),
    },
    // <https://cursor.com/docs/context/mcp>
    Client {
        name: "cursor",
        title: "Cursor",
        place: Place::Home { variable: "", directory: ".cursor", file: "mcp.json" },
        project: Some(".cursor/mcp.json"),
        syntax: Syntax::Json,
        key: "mcpServers",
        form: Form::Stdio,
        program: None,
    },
    // <https://code.visualstudio.com/docs/agents/reference/mcp-configuration>
    Client {
        name: "vscode",
        title: "VS Code",
        place: Place::Editor { file: "Code/User/mcp.json" },
        project: Some(".vscode/mcp.json"),
        syntax: Syntax::Json,
        key: "servers",
        form: Form::Stdio,
        program: None,
    },
    // <https://kiro.dev/docs/mcp/configuration>, <https://kiro.dev/docs/cli/mcp/configuration>
    Client {
        name: "kiro",
        title: "Kiro",
        place: Place::Home { variable: "", directory: ".kiro", file: "settings/mcp.json" },
        project: Some(".kiro/settings/mcp.json"),
        syntax: Syntax::Json,
        key: "mcpServers",
        form: Form::Plain,
        program: Some("kiro-cli"),
    },
    // <https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md>
    Client {
        name: "gemini-cli",
        title: "Gemini CLI",
        place: Place::Beside {
            variable: "GEMINI_CLI_HOME",
            file: ".gemini/settings.json",
            older: None,
        },
        project: Some(".gemini/settings.json"),
        syntax: Syntax::Json,
        key: "mcpServers",
        form: Form::Plain,
        program: Some("gemini"),
    },
    // <https://opencode.ai/docs/mcp-servers>
    Client {
        name: "opencode",
        title: "opencode",
        place: Place::Config {
            variable: "",
            directory: "opencode",
            files: &["opencode.json", "opencode.jsonc"],
        },
        project: Some("opencode.json"),
        syntax: Syntax::Json,
        key: "mcp",
        form: Form::Words,
        program: Some("opencode"),
    },
    // <https://docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/add-mcp-servers>
    Client {
        name: "copilot-cli",
        title: "GitHub Copilot CLI",
        place: Place::Home {
            variable: "COPILOT_HOME",
            directory: ".copilot",
            file: "mcp-config.json",
        },
        project: Some(".github/mcp.json"),
        syntax: Syntax::Json,
        key: "mcpServers",
        form: Form::Local,
        program: Some("copilot"),
    },
    // <https://ampcode.com/manual>
    Client {
        name: "amp",
        title: "Amp",
        place: Place::Config {
            variable: "AMP_SETTINGS_FILE",
            directory: "amp",
            files: &["settings.json", "settings.jsonc"],
        },
        project: Some(".amp/settings.json"),
        syntax: Syntax::Json,
        key: "amp.mcpServers",
        form: Form::Plain,
        program: Some("amp"),
    },
    // <https://docs.windsurf.com/windsurf/cascade/mcp>
    Client {
        name: "windsurf",
        title: "Windsurf",
        place: Place::Home {
            variable: "",
            directory: ".codeium/windsurf",
            file: "mcp_config.json",
        },
        project: None,
        syntax: Syntax::Json,
        key: "mcpServers",
        form: Form::Plain,
        program: None,
    },
];
