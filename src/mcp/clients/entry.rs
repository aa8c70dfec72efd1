//! A server, as each client writes it.

use std::path::Path;

use serde_json::{Value, json};

use crate::text::is_awsx;

/// A program that a client starts and speaks to.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub name: &'static str,
    pub program: String,
    pub arguments: Vec<String>,
    /// Variables that it gets
    pub variables: Vec<(&'static str, &'static str)>,
}

/// How a client writes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// `command` and `args`
    Plain,
    /// The same with `"type": "stdio"`
    Stdio,
    /// The same with `"type": "local"` and all of its tools
    Local,
    /// One list of words
    Words,
}

/// Whether an entry starts awsx, in whichever form.
pub(super) fn starts_awsx(entry: &Value) -> bool {
    let command = &entry["command"];
    let program = command.get(0).unwrap_or(command).as_str();
    program.is_some_and(|program| is_awsx(Path::new(program)))
}

impl Form {
    pub(super) fn entry(self, server: &Server) -> Value {
        let Server { program, arguments, variables, .. } = server;
        let mut entry = match self {
            Self::Plain => json!({ "command": program, "args": arguments }),
            Self::Stdio => json!({ "type": "stdio", "command": program, "args": arguments }),
            Self::Local => {
                json!({ "type": "local", "command": program, "args": arguments, "tools": ["*"] })
            }
            Self::Words => {
                let words: Vec<&String> = [program].into_iter().chain(arguments).collect();
                json!({ "type": "local", "command": words })
            }
        };
        if !variables.is_empty() {
            let key = if matches!(self, Self::Words) { "environment" } else { "env" };
            entry[key] = variables.iter().map(|(name, value)| (*name, *value)).collect();
        }
        entry
    }
}
