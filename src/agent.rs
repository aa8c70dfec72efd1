//! Whether an agent runs awsx: a program that acts for a person who does not watch each command.

use crate::env::Env;

/// A program that runs awsx for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    /// As session names and the settings file write it: `claude-code`
    pub name: &'static str,
    /// Why nobody is asked: `an agent runs awsx (CLAUDECODE)`
    pub reason: &'static str,
}

/// What an agent sets for what it runs: a variable, its value or `None` for any, and whose it is. All but the last one
/// are those by which version 2 of the AWS CLI knows agents (`awscli/botocore/useragent.py`).
#[rustfmt::skip]
const AGENTS: [(&str, Option<&str>, Agent); 11] = [
    ("CLAUDECODE", Some("1"), Agent { name: "claude-code", reason: "an agent runs awsx (CLAUDECODE)" }),
    ("GEMINI_CLI", Some("1"), Agent { name: "gemini-cli", reason: "an agent runs awsx (GEMINI_CLI)" }),
    ("CODEX_THREAD_ID", None, Agent { name: "codex", reason: "an agent runs awsx (CODEX_THREAD_ID)" }),
    ("KIRO_SESSION_ID", None, Agent { name: "kiro", reason: "an agent runs awsx (KIRO_SESSION_ID)" }),
    ("OPENCODE", None, Agent { name: "opencode", reason: "an agent runs awsx (OPENCODE)" }),
    ("ANTIGRAVITY_AGENT", None, Agent { name: "antigravity", reason: "an agent runs awsx (ANTIGRAVITY_AGENT)" }),
    ("AMP_CURRENT_THREAD_ID", None, Agent { name: "amp", reason: "an agent runs awsx (AMP_CURRENT_THREAD_ID)" }),
    ("PI_CODING_AGENT", Some("true"), Agent { name: "pi", reason: "an agent runs awsx (PI_CODING_AGENT)" }),
    ("COPILOT_CLI", Some("1"), Agent { name: "copilot-cli", reason: "an agent runs awsx (COPILOT_CLI)" }),
    ("CURSOR_AGENT", Some("1"), Agent { name: "cursor", reason: "an agent runs awsx (CURSOR_AGENT)" }),
    ("AWSX_CALLER", Some("agent"), Agent { name: "agent", reason: "an agent runs awsx (AWSX_CALLER)" }),
];

impl Agent {
    /// The first of the table that the environment names.
    pub(crate) fn of(env: &Env) -> Option<Self> {
        let is_set = |(name, value, _): &&(&str, Option<&str>, Self)| {
            env.get(name).is_some_and(|found| value.is_none_or(|value| value == found))
        };
        AGENTS.iter().find(is_set).map(|(.., agent)| *agent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_known_by_its_variable_and_value() {
        for (variable, value, expected) in [
            ("CLAUDECODE", "1", Some("claude-code")),
            ("CLAUDECODE", "0", None),
            ("CLAUDECODE", "", None),
            ("GEMINI_CLI", "1", Some("gemini-cli")),
            ("GEMINI_CLI", "true", None),
            ("CODEX_THREAD_ID", "0198", Some("codex")),
            ("KIRO_SESSION_ID", "x", Some("kiro")),
            ("OPENCODE", "1", Some("opencode")),
            ("ANTIGRAVITY_AGENT", "1", Some("antigravity")),
            ("AMP_CURRENT_THREAD_ID", "T-1", Some("amp")),
            ("PI_CODING_AGENT", "true", Some("pi")),
            ("PI_CODING_AGENT", "1", None),
            ("COPILOT_CLI", "1", Some("copilot-cli")),
            ("CURSOR_AGENT", "1", Some("cursor")),
            ("CURSOR_TRACE_ID", "x", None),
            ("AWSX_CALLER", "agent", Some("agent")),
            ("AWSX_CALLER", "person", None),
        ] {
            let found = Agent::of(&Env::from_pairs([(variable, value)]));
            assert_eq!(found.map(|agent| agent.name), expected, "{variable}={value}");
            assert!(found.is_none_or(|agent| agent.reason.contains(variable)), "{variable}");
        }
    }

    #[test]
    fn the_page_has_the_table() {
        let page = include_str!("../docs/agents.md");
        for (variable, value, Agent { name, .. }) in AGENTS {
            let value = value.map_or_else(|| "any".to_owned(), |value| format!("`{value}`"));
            let row = format!("| `{variable}` | {value} | `{name}`");
            assert!(page.contains(&row), "{row}");
        }
    }
}
