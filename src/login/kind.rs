//! What differs between the two places where a person logs in.

use std::fmt::Debug;

use chrono::{DateTime, Utc};

use super::{LoginHeader, Logins};
use crate::credentials::{Login, Secret, SessionKey};
use crate::ports::{AwsCliCache, CallError, Clock};
use crate::resolve::login_key;
use crate::vault::{Record, VaultError};

/// A login of one of the two kinds, as the vault keeps it.
pub(super) trait Kind: Record<Header = LoginHeader> + Clone {
    /// What names the login
    type Name: Clone + Debug;
    /// What it gives: an access token, or credentials
    type Current;
    /// What is asked of that
    type Need;
    /// What renews it
    type Proof;
    /// What the AWS CLI's cache has of it
    type Shared;

    /// The refusals of a refresh token that end a login. Any other is for a passing reason.
    const ENDS: &'static [EndOfLogin];
    /// Said where another awsx renews the same login
    const WAITING: &'static str;
    /// Whether the command gets what the login gives, so that the person should know of its end
    const IS_HANDED_OVER: bool;

    fn login(name: &Self::Name) -> Login;

    fn why_absent(need: &Self::Need) -> String;

    fn key(name: &Self::Name, logins: &Logins<'_>) -> SessionKey {
        login_key(&Self::login(name), logins.settings)
    }

    fn login_needed(name: &Self::Name, problem: String) -> CallError {
        CallError::LoginNeeded { login: Box::new(Self::login(name)), problem }
    }

    fn header(&self) -> LoginHeader;

    /// Whether a login with this header gives what is needed without being renewed.
    fn is_current(header: &LoginHeader, need: &Self::Need, now: DateTime<Utc>) -> bool;

    /// What it gives, as far as it is not what `need` rules out.
    fn give(&self, need: &Self::Need) -> Option<Self::Current>;

    /// What it gives while it cannot be renewed; `None` if too little is left of that.
    fn give_the_rest(&self, now: DateTime<Utc>) -> Option<Self::Current>;

    /// Whether only a new token will do.
    fn must_be_new(_: &Self::Need) -> bool {
        false
    }

    /// Drops what `need` says that AWS refused; whether there was such a thing.
    fn drop_refused(&mut self, _: &Self::Need) -> bool {
        false
    }

    fn refresh_token(&self) -> Option<&Secret>;

    /// What it can be renewed with.
    fn proof(&self, now: DateTime<Utc>) -> Option<Self::Proof>;

    /// The login with a new token. AWS takes each refresh token once.
    fn renew(
        &self,
        proof: Self::Proof,
        name: &Self::Name,
        logins: &Logins<'_>,
    ) -> Result<Self, CallError>;

    /// Drops the refresh token, which AWS will not take any more.
    fn end(&mut self);

    /// Why it gives nothing and cannot be renewed.
    fn why_over(&self, need: &Self::Need, clock: &dyn Clock) -> String;

    /// Shares it with the AWS CLI from now on, or no longer.
    fn set_shared(&mut self, shared: bool);

    fn cache<'a>(
        logins: &Logins<'a>,
    ) -> &'a dyn AwsCliCache<Name = Self::Name, Token = Self::Shared>;

    /// The login with what the AWS CLI renewed meanwhile; `None` if that is not newer.
    fn with_newer(
        &self,
        shared: Self::Shared,
        need: &Self::Need,
        now: DateTime<Utc>,
    ) -> Option<Self>;

    /// `None` where it has nothing to share.
    fn to_shared(&self) -> Option<Self::Shared>;

    /// What the AWS CLI's own login gives, which is never renewed: that would end it there.
    /// `problem` says why awsx has nothing.
    fn of_the_aws_cli(
        name: &Self::Name,
        need: &Self::Need,
        problem: String,
        logins: &Logins<'_>,
    ) -> Result<Self::Current, CallError>;

    /// Whether nobody has to log in (any more).
    fn is_logged_in(name: &Self::Name, logins: &Logins<'_>) -> Result<bool, VaultError>;
}

/// A refusal that ends a login.
pub(super) struct EndOfLogin {
    pub(super) code: &'static str,
    /// What AWS's message begins with, where the code alone does not tell
    pub(super) message: &'static str,
    /// As a clause
    pub(super) meaning: &'static str,
}

impl EndOfLogin {
    pub(super) const fn by_code(code: &'static str, meaning: &'static str) -> Self {
        Self { code, message: "", meaning }
    }

    /// Why a login is over, in words; `None` if the refusal does not end it.
    pub(super) fn explain(ends: &[Self], refusal: &CallError) -> Option<String> {
        let CallError::Refused { code, message, .. } = refusal else { return None };
        let is_it = |end: &&Self| end.code == code && message.starts_with(end.message);
        let meaning = ends.iter().find(is_it)?.meaning;
        Some(match message.is_empty() {
            true => format!("{meaning} ({code})"),
            false => format!("{meaning}: {message} ({code})"),
        })
    }
}
