//! The tools, in one table: what a model is told of them.

use serde_json::{Value, json};

/// What a client can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToolName {
    ListProfiles,
    Explain,
    Whoami,
    Check,
    RequestLogin,
}

pub(super) struct Tool {
    pub(super) id: ToolName,
    pub(super) name: &'static str,
    title: &'static str,
    description: &'static str,
    /// What it takes, and which of it must be there
    properties: fn() -> Value,
    required: &'static [&'static str],
    /// Whether it asks AWS
    is_online: bool,
}

fn profile() -> Value {
    json!({ "profile": { "type": "string", "description": "The name of a profile" } })
}

pub(super) const TOOLS: [Tool; 5] = [
    Tool {
        id: ToolName::ListProfiles,
        name: "list_profiles",
        title: "AWS profiles",
        description: "Lists the AWS profiles of this machine with account, role and region, whether an agent may \
                      use each, and until when a session of it is kept.",
        properties: || {
            json!({
                "query": { "type": "string", "description": "Only profiles with these words in their line" },
                "limit": { "type": "integer", "minimum": 1, "maximum": 1000, "description": "As many at most; 100 without it" },
            })
        },
        required: &[],
        is_online: false,
    },
    Tool {
        id: ToolName::Explain,
        name: "explain",
        title: "Explain a profile",
        description: "Says whose credentials a profile gives, which calls lead there, what a person would be asked \
                      for, and what is wrong. Makes no call.",
        properties: profile,
        required: &["profile"],
        is_online: false,
    },
    Tool {
        id: ToolName::Whoami,
        name: "whoami",
        title: "Who a profile is",
        description: "Asks AWS STS whose credentials a profile gives (GetCallerIdentity): account and ARN, never \
                      the credentials.",
        properties: profile,
        required: &["profile"],
        is_online: true,
    },
    Tool {
        id: ToolName::Check,
        name: "check",
        title: "Check the AWS files",
        description: "Lists what is wrong with the AWS config and credentials files, with file and line.",
        properties: || {
            json!({ "profiles": {
                "type": "array", "items": { "type": "string" }, "description": "Of these profiles alone",
            } })
        },
        required: &[],
        is_online: false,
    },
    Tool {
        id: ToolName::RequestLogin,
        name: "request_login",
        title: "Ask a person to log in",
        description: "Finds out whether a profile needs a login or an MFA code, and gives the command that a person \
                      must run in a terminal. It does not log in. Show the command to the person, and go on when \
                      they say that it is done.",
        properties: profile,
        required: &["profile"],
        is_online: true,
    },
];

impl Tool {
    /// As `tools/list` has it.
    pub(super) fn document(&self) -> Value {
        json!({
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": (self.properties)(),
                "required": self.required,
                "additionalProperties": false,
            },
            "annotations": {
                "title": self.title, "readOnlyHint": true, "openWorldHint": self.is_online,
            },
        })
    }
}
