//! What is known of the credentials that a shell has.

use chrono::{DateTime, TimeDelta, Utc};

use crate::credentials::Margin;
use crate::text::Colour;

/// All that a template can show. Only what is known is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segment {
    pub profile: Option<String>,
    /// `SESSION/ACCOUNT/ROLE` of `--sso`
    pub sso_role: Option<String>,
    /// Of keys that lie in the environment
    pub access_key_id: Option<String>,
    /// 12 digits
    pub account_id: Option<String>,
    /// What the account is called
    pub account_name: Option<String>,
    /// The name of the role
    pub role: Option<String>,
    pub region: Option<String>,
    pub ends: Option<DateTime<Utc>>,
    /// The file that chooses it for the next command, where nothing is in use
    pub chosen_by: Option<&'static str>,
    /// Of the name of the profile or the role
    pub colour: Option<Colour>,
}

/// How near the end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Lasting,
    /// So near that awsx would make new ones
    Ending,
    Ended,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lasting => "lasting",
            Self::Ending => "ending",
            Self::Ended => "ended",
        }
    }

    /// In which what is left is shown.
    pub(super) fn colour(self) -> Option<Colour> {
        match self {
            Self::Lasting => None,
            Self::Ending => Some(Colour::Yellow),
            Self::Ended => Some(Colour::Red),
        }
    }
}

impl Segment {
    /// The profile, else the role of `--sso`, else the access key; of a server that knows neither, that it is one.
    pub(super) fn name(&self) -> &str {
        let names = [&self.profile, &self.sso_role, &self.access_key_id];
        names.into_iter().flatten().next().map_or("server", String::as_str)
    }

    /// What is left, and how near the end is; none where nothing ends, or nobody says when.
    pub(crate) fn left(&self, now: DateTime<Utc>) -> Option<(TimeDelta, State)> {
        // The environment does not say when they began.
        let margin = TimeDelta::from_std(Margin::DELIVERY.of_unknown()).unwrap_or_default();
        let left = self.ends? - now;
        let state = match left {
            left if left <= TimeDelta::zero() => State::Ended,
            left if left < margin => State::Ending,
            _ => State::Lasting,
        };
        Some((left, state))
    }
}
