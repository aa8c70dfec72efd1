//! The profiles on the way to a source, for errors and against circles.

use crate::profile::Profile;

/// The profiles on the way, the one asked for first.
pub(super) struct Path(Vec<String>);

impl Path {
    /// The way begins at the profile asked for.
    pub(super) fn from(profile: &Profile) -> Self {
        Self(vec![profile.name().to_owned()])
    }

    /// The profile asked for.
    pub(super) fn start(&self) -> &str {
        &self.0[0]
    }

    /// The way with one more profile.
    pub(super) fn then(&self, name: &str) -> String {
        format!("{} -> {name}", self.text())
    }

    /// Goes on to a profile, unless the way was there already.
    pub(super) fn enter(&mut self, name: &str) -> bool {
        let new = self.0.iter().all(|visited| visited != name);
        if new {
            self.0.push(name.to_owned());
        }
        new
    }

    /// `a -> b`
    pub(super) fn text(&self) -> String {
        self.0.join(" -> ")
    }
}
