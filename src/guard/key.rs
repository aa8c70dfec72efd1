//! The keys of a guard, in awsx's own settings and in profiles alike: their names, and what may stand behind them.

use super::demand::Demand;
use crate::credentials::arn::is_account_id;
use crate::profile::is_region;
use crate::text::{Colour, Glob};

/// A value, as one of the two files has it.
#[derive(Debug)]
pub(crate) enum Said<'a> {
    Switch(bool),
    List(Vec<&'a str>),
    /// Of a profile, which has neither
    Line(&'a str),
}

impl Said<'_> {
    fn switch(&self) -> Option<bool> {
        match self {
            Self::Switch(switch) => Some(*switch),
            Self::List(_) => None,
            Self::Line(line) => match &*line.trim().to_ascii_lowercase() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
        }
    }

    /// One or several, none of them blank.
    pub(crate) fn items(&self) -> Option<Vec<String>> {
        let items: Vec<_> = match self {
            Self::Switch(_) => return None,
            Self::List(items) => items.iter().map(|item| item.trim().to_owned()).collect(),
            Self::Line(line) => line.split(',').map(|item| item.trim().to_owned()).collect(),
        };
        (!items.is_empty() && items.iter().all(|item| !item.is_empty())).then_some(items)
    }
}

/// A key of a guard.
#[derive(Debug)]
pub(crate) struct Key {
    pub name: &'static str,
    /// What must stand there, as a clause
    pub form: &'static str,
    /// What is demanded, if it is something; none where it is not what must stand there
    pub read: fn(&Said<'_>) -> Option<Option<Demand>>,
}

pub(crate) const KEYS: [Key; 8] = [
    Key {
        name: "expected_account",
        form: "must be an account of 12 digits in quotes, or a list of such",
        read: |said| {
            let accounts = said.items().filter(|items| items.iter().all(|id| is_account_id(id)))?;
            Some(Some(Demand::Account(accounts)))
        },
    },
    Key {
        name: "expected_role",
        form: "must be the name of a role, or a list of such",
        read: |said| Some(Some(Demand::Role(globs(said)?))),
    },
    Key {
        name: "confirm",
        form: "must be true or false",
        read: |said| Some(said.switch()?.then_some(Demand::Confirm)),
    },
    Key {
        name: "colour",
        form: "must be blue, cyan, green, magenta, red or yellow",
        read: |said| match &*said.items()? {
            [name] => Some(Some(Demand::Colour(Colour::parse(name)?))),
            _ => None,
        },
    },
    Key {
        name: "deny_roles",
        form: "must be the name of a role, or a list of such",
        read: |said| Some(Some(Demand::NoRole(globs(said)?))),
    },
    Key {
        name: "read_only",
        form: "must be true, or a list of services, such as [\"s3\", \"logs\"]",
        read: |said| match said.switch() {
            Some(is_on) => Some(is_on.then(|| Demand::Read(Vec::new()))),
            None => Some(Some(Demand::Read(said.items()?))),
        },
    },
    Key {
        name: "reason",
        form: "must be true or false",
        read: |said| Some(said.switch()?.then_some(Demand::Reason)),
    },
    Key {
        name: "regions",
        form: "must be a region, such as \"eu-west-1\" or \"eu-*\", or a list of such",
        read: |said| {
            let is_pattern = |item: &String| is_region(&item.replace(['*', '?'], "a"));
            let regions = said.items().filter(|items| items.iter().all(is_pattern))?;
            Some(Some(Demand::Region(regions.iter().map(|region| Glob::new(region)).collect())))
        },
    },
];

fn globs(said: &Said<'_>) -> Option<Vec<Glob>> {
    Some(said.items()?.iter().map(|item| Glob::new(item)).collect())
}
