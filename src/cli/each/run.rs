//! A command that runs: whose credentials it gets, and what stands for them in its arguments.

use std::ffi::{OsStr, OsString};

use crate::cli::flags::SessionFlags;
use crate::report::Failure;
use crate::text::Colour;

/// Whose credentials a run gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Profile(String),
    /// Of IAM Identity Center, without a profile
    Role {
        session: String,
        /// 12 digits
        account: String,
        /// What the account is called
        name: String,
        role: String,
    },
}

impl Whose {
    /// What guards and records call it: the profile, or `SESSION/ACCOUNT/ROLE`.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Profile(name) => name.clone(),
            Self::Role { session, account, role, .. } => format!("{session}/{account}/{role}"),
        }
    }

    pub(super) fn profile(&self) -> Option<&str> {
        match self {
            Self::Profile(name) => Some(name),
            Self::Role { .. } => None,
        }
    }

    /// The flags of the command line, with the role in the place of a profile.
    pub(super) fn session(&self, flags: SessionFlags) -> SessionFlags {
        match self {
            Self::Profile(_) => flags,
            Self::Role { session, account, role, .. } => {
                flags.with_sso_role([session, account, role].map(Clone::clone))
            }
        }
    }

    /// The same as words of `awsx exec`.
    pub(super) fn words(&self) -> Vec<String> {
        match self {
            Self::Profile(name) => vec!["-p".to_owned(), name.clone()],
            Self::Role { session, account, role, .. } => vec![
                format!("--sso={session}"),
                format!("--account={account}"),
                format!("--role={role}"),
            ],
        }
    }
}

/// A command that runs.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub whose: Whose,
    /// Of `--regions`
    pub region: Option<String>,
    /// As far as it is known without a call
    pub account: Option<String>,
    /// Where the profile's own region counts
    pub own_region: Option<String>,
    /// The person has typed its name, where a guard wants that
    pub is_confirmed: bool,
    /// That a guard gives its name
    pub colour: Option<Colour>,
    /// Who makes the session that it needs and that is not there
    pub minted_by: Option<MintedBy>,
}

/// Where sessions are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum MintedBy {
    /// The access portal of IAM Identity Center
    Portal,
    Sts,
}

impl Run {
    pub(super) fn new(whose: Whose, region: Option<String>) -> Self {
        let (account, own_region, colour, minted_by) = Default::default();
        Self { whose, region, account, own_region, is_confirmed: false, colour, minted_by }
    }

    /// What it is called: `dev`, `dev eu-west-1`, `Sandbox (222222222222)`
    pub(super) fn name(&self) -> String {
        self.in_region(match &self.whose {
            Whose::Role { account, name, .. } if !name.is_empty() => format!("{name} ({account})"),
            _ => self.whose_name().to_owned(),
        })
    }

    /// The profile, or what the account is called.
    pub(super) fn whose_name(&self) -> &str {
        match &self.whose {
            Whose::Profile(name) => name,
            Whose::Role { account, name, .. } if name.is_empty() => account,
            Whose::Role { name, .. } => name,
        }
    }

    /// What it is called in what awsx keeps.
    pub(super) fn key(&self) -> String {
        self.in_region(self.whose.name())
    }

    fn in_region(&self, name: String) -> String {
        let region = self.region.as_ref().map(|region| format!(" {region}"));
        name + &region.unwrap_or_default()
    }

    /// That of `--regions`, else the profile's own.
    pub(super) fn effective_region(&self) -> Option<&str> {
        self.region.as_deref().or(self.own_region.as_deref())
    }

    /// An argument, with what stands for the profile.
    pub(super) fn fill_in(&self, word: &OsStr) -> OsString {
        let Some(text) = word.to_str() else { return word.to_owned() };
        let filled = self.facts().into_iter().fold(text.to_owned(), |text, (name, value, _)| {
            value.map_or(text.clone(), |value| text.replace(name, value))
        });
        filled.into()
    }

    /// Sees that all that stands for the profile in these arguments is known.
    pub(super) fn check(&self, words: &[OsString]) -> Result<(), Failure> {
        let is_named = |name: &str| words.iter().any(|one| one.to_string_lossy().contains(name));
        match self.facts().into_iter().find(|(name, value, _)| value.is_none() && is_named(name)) {
            None => Ok(()),
            Some((name, _, hint)) => {
                let message =
                    format!("{name} of {} is not known before its command runs", self.name());
                Err(Failure::usage(message, hint))
            }
        }
    }

    /// What can stand in an argument, its value as far as it is known, and what helps where it is not.
    fn facts(&self) -> [(&'static str, Option<&str>, &'static str); 3] {
        [
            (
                "{profile}",
                self.whose.profile(),
                "with --sso there is none: {account_id} tells them apart",
            ),
            ("{region}", self.effective_region(), "say it with --regions"),
            (
                "{account_id}",
                self.account.as_deref(),
                "a shell finds it: `sh -c 'echo $AWS_ACCOUNT_ID'`",
            ),
        ]
    }
}
