//! Changes to an environment.

use std::collections::BTreeMap;
use std::fmt;

use crate::credentials::Secret;

/// Changes to an environment, by variable name; `None` unsets.
#[derive(Clone, Debug, Default)]
pub struct Overlay(BTreeMap<&'static str, Option<OverlayValue>>);

#[derive(Clone)]
pub enum OverlayValue {
    Plain(String),
    /// Only the child may see it.
    Secret(Secret),
}

impl OverlayValue {
    /// The value itself. `tests/architecture.rs` lists the callers.
    pub(crate) fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }
}

impl fmt::Debug for OverlayValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => text.fmt(f),
            Self::Secret(secret) => secret.fmt(f),
        }
    }
}

impl Overlay {
    /// Sets a variable to a value that may be shown.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.insert(name, Some(OverlayValue::Plain(value.into())));
    }

    pub fn set_secret(&mut self, name: &'static str, value: Secret) {
        self.0.insert(name, Some(OverlayValue::Secret(value)));
    }

    pub fn unset(&mut self, name: &'static str) {
        self.0.insert(name, None);
    }

    /// The changes, by name; `None` unsets.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Option<&OverlayValue>)> {
        self.0.iter().map(|(name, value)| (*name, value.as_ref()))
    }

    pub(super) fn assignments(&self) -> impl Iterator<Item = (&'static str, &OverlayValue)> {
        self.iter().filter_map(|(name, value)| Some((name, value?)))
    }

    pub(super) fn removals(&self) -> impl Iterator<Item = &'static str> {
        self.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&OverlayValue> {
        self.0.get(name)?.as_ref()
    }
}
