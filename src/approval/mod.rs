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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::rc::Rc;

    use chrono::{TimeDelta, TimeZone, Utc};

    use super::grant::GrantHeader;
    use super::*;
    use crate::env::Env;
    use crate::ports::testing::{FakePerson, no_command};
    use crate::vault::{UnlockerKind, Vault};

    #[test]
    fn what_has_ended_is_removed_when_the_next_one_comes() {
        let home = tempfile::tempdir().unwrap();
        let state = ("AWSX_STATE_DIR", home.path());
        let env = Env::from_pairs([state, ("AWSX_PASSPHRASE", Path::new("p"))]);
        let nobody = Rc::new(FakePerson::default());
        let vault = Vault::new(&env, UnlockerKind::Passphrase, nobody, no_command()).unwrap();
        let begin = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
        let mut keys = Vec::new();
        for (line, now) in [("a", begin), ("b", begin + TimeDelta::hours(HOURS))] {
            let command = AgentCommand { agent: "codex", profile: "prod", directory: "/", line };
            let key = command.key();
            Grant::give(&key, ("codex", "prod"), false, &vault, now).unwrap();
            AgentRequest::new(&command, "deny".into(), now).leave(&key, &vault).unwrap();
            keys.push(key);
        }
        let granted = vault.headers::<GrantHeader>().unwrap();
        let asked = vault.headers::<RequestHeader>().unwrap();
        assert_eq!(granted.iter().map(|(key, _)| key).collect::<Vec<_>>(), [&keys[1]]);
        assert_eq!(asked.iter().map(|(key, _)| key).collect::<Vec<_>>(), [&keys[1]]);
    }
}
