//! Changes to an environment.

use std::collections::BTreeMap;

use crate::credentials::Secret;

/// Changes to an environment, by variable name; `None` unsets. Only the child may see the values.
#[derive(Clone, Debug, Default)]
pub struct Overlay(BTreeMap<String, Option<Secret>>);

impl Overlay {
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.set_secret(name, Secret::new(value));
    }

    pub fn set_secret(&mut self, name: &str, value: Secret) {
        self.0.insert(name.to_owned(), Some(value));
    }

    pub fn unset(&mut self, name: &str) {
        self.0.insert(name.to_owned(), None);
    }

    pub(crate) fn unset_all(&mut self, names: &[&str]) {
        names.iter().for_each(|name| self.unset(name));
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Secret>)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_ref()))
    }

    pub(super) fn assignments(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.iter().filter_map(|(name, value)| Some((name, value?)))
    }

    pub(super) fn removals(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)?.as_ref()
    }
}
