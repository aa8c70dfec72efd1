//! `[console]`: how browsers are opened for the console.

use crate::text::Glob;

/// What keeps the consoles of profiles apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separate {
    /// A profile of the browser for each of awsx's
    Profile,
    /// A container of Firefox
    Container,
}

/// The icons that containers of Firefox have.
/// <https://searchfox.org/mozilla-central/source/toolkit/components/contextualidentity/ContextualIdentityService.sys.mjs>
pub(super) const ICONS: [&str; 12] = [
    "fingerprint",
    "briefcase",
    "dollar",
    "cart",
    "circle",
    "gift",
    "vacation",
    "food",
    "fruit",
    "pet",
    "tree",
    "chill",
];

#[derive(Clone, Debug, Default)]
pub(crate) struct ConsolePreferences {
    pub browser_command: Option<String>,
    pub separate: Option<Separate>,
    /// By the name of the profile
    pub(super) icons: Vec<(Glob, &'static str)>,
}

impl ConsolePreferences {
    /// That of a profile; of several patterns that fit, the longest counts.
    pub(crate) fn icon(&self, profile: &str) -> Option<&'static str> {
        let fitting = self.icons.iter().filter(|(pattern, _)| pattern.matches_in_any_case(profile));
        fitting.max_by_key(|(pattern, _)| pattern.text().len()).map(|(_, icon)| *icon)
    }
}
