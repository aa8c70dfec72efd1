//! The flags of a server that awsx keeps beside something.

use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::flags::{SessionFlags, read_duration};

/// What the sessions are that it hands over.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ServerFlags {
    /// How long a session lasts before it is renewed
    #[arg(long, value_name = "D", value_parser = read_duration)]
    duration: Option<Duration>,
    /// Narrow what the sessions may do, as of `awsx exec`
    #[arg(long, value_name = "SCOPE", value_parser = NonEmptyStringValueParser::new())]
    scope: Option<String>,
}

impl ServerFlags {
    /// How the sessions are made.
    pub(super) fn session(&self) -> SessionFlags {
        SessionFlags::of_server(self.duration, self.scope.clone())
    }

    /// The same for `awsx renew`: as flags of `awsx exec`.
    pub(super) fn words(&self) -> Vec<String> {
        let duration = self.duration.map(|duration| format!("--duration={}s", duration.as_secs()));
        let scope = self.scope.as_ref().map(|scope| format!("--scope={scope}"));
        duration.into_iter().chain(scope).collect()
    }
}
