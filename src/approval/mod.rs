//! What a person lets an agent do that awsx's own settings deny to agents: a refused command leaves a request, a
//! person answers it, and the same command goes through, once or for a while.

mod grant;
mod request;

pub(crate) use grant::Grant;
pub(crate) use request::{AgentRequest, RequestHeader};

use crate::credentials::SessionKey;

/// How long a request waits for its answer, and how long the longer grant holds, in hours.
pub(crate) const HOURS: i64 = 1;

/// A command of an agent, as it names itself: the same line, in the same directory, for the same profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AgentCommand<'a> {
    /// `claude-code`
    pub agent: &'a str,
    pub profile: &'a str,
    pub directory: &'a str,
    /// As a shell would take it; its arguments may be secrets
    pub line: &'a str,
}

impl AgentCommand<'_> {
    /// Names it, without showing it.
    pub(crate) fn key(&self) -> SessionKey {
        let Self { agent, profile, directory, line } = self;
        SessionKey::builder("command of an agent")
            .field("agent", agent)
            .field("profile", profile)
            .field("directory", directory)
            .field("line", line)
            .build()
    }
}
