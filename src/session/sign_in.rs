//! The credentials of a `login_session`: kept in the vault with what renews them, asked of nobody. How
//! a person signs in is [`super::signing_in`]'s.
//!
//! They live for 15 minutes at most. One refresh, however many processes ask: AWS takes each refresh
//! token once, so the sign-in's lock is held while it is used, and whoever waited reads the vault
//! again first. Credentials, refresh token and key are one record, which is replaced at once.
//!
//! The AWS CLI has a cache of its own with refresh tokens of its own. Where awsx has no sign-in, the
//! credentials in that cache are used while they last; they are not renewed, because that would end
//! the AWS CLI's sign-in. A sign-in that the person shares (`--share`) is in both: awsx writes each
//! renewal there, and takes what the AWS CLI renewed from there. The AWS CLI takes no lock, so the
//! two can still both use a refresh token at the same moment; then one of them needs a sign-in.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::lock;
use super::mint::is_usable;
use super::renewal::RenewalError;
use super::sign_in_record::Kept;
use crate::client_settings::ClientSettings;
use crate::credentials::{SessionCredentials, SessionKey, SignInAnswer, SignInProof, SignInToken};
use crate::ports::{CallError, Clock, Person, SharedSignIns, SignIn};
use crate::resolve::{SIGNING_MARGIN, sign_in_key};
use crate::vault::{LoginHeader, Vault, VaultError};

/// How long AWS gives credentials.
const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// The sign-ins to AWS.
#[derive(Clone, Copy)]
pub struct SignIns<'a> {
    /// Where they rest
    pub vault: &'a Vault,
    /// Who renews them
    pub sign_in: &'a dyn SignIn,
    /// The AWS CLI's
    pub shared: &'a dyn SharedSignIns,
    /// Told when this waits
    pub person: &'a dyn Person,
    /// The time
    pub clock: &'a dyn Clock,
    /// Which AWS they are for
    pub settings: &'a ClientSettings,
}

/// What is asked of the credentials of a sign-in.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// What must be left of them; AWS gives 15 minutes
    pub margin: Duration,
    /// When the command started: what was renewed since is as new as can be
    pub started: DateTime<Utc>,
    /// `--refresh`: nothing older than that
    pub refresh: bool,
}

impl SignIns<'_> {
    /// The session's credentials, renewed if need be.
    ///
    /// # Errors
    /// [`RenewalError`]; [`CallError::SignInNeeded`] where a person must sign in.
    pub fn credentials(
        &self,
        session: &str,
        need: Need,
    ) -> Result<SessionCredentials, RenewalError> {
        let problem = match self.own(session, need)? {
            Ok(credentials) => return Ok(credentials),
            Err(problem) => problem,
        };
        let needed = |problem| CallError::SignInNeeded { session: session.to_owned(), problem };
        let now = self.clock.now();
        match self.shared.read(session)?.and_then(|token| token.credentials) {
            Some(credentials) if credentials.is_fresh(now, Duration::ZERO) => {
                tracing::info!(login_session = session, "the AWS CLI's sign-in");
                Ok(credentials)
            }
            Some(_) => Err(needed(format!(
                "{problem}, and the AWS CLI's in {} is over",
                self.shared.place(session)
            ))
            .into()),
            None => Err(needed(problem).into()),
        }
    }

    /// The credentials of awsx's own sign-in; else what is wrong, in words.
    fn own(
        &self,
        session: &str,
        need: Need,
    ) -> Result<Result<SessionCredentials, String>, RenewalError> {
        let key = self.key(session);
        if let Some(credentials) = self.good(&key, need)? {
            return Ok(Ok(credentials));
        }
        let absent = || Ok(Err("nobody has signed in".to_owned()));
        if self.vault.login_header(&key)?.is_none() {
            return absent();
        }
        self.vault.open_existing()?;
        let _used_once = self.lock(&key)?;
        if let Some(credentials) = self.good(&key, need)? {
            return Ok(Ok(credentials));
        }
        let stored = self.vault.login(&key)?;
        let Some(mut kept) = stored.as_ref().and_then(Kept::of) else { return absent() };
        if kept.shared {
            kept = self.in_step(session, kept)?;
            if let Some(credentials) = good(&kept, self.clock.now(), need) {
                return Ok(Ok(credentials));
            }
        }
        self.renewed(session, kept)
    }

    /// Keeps a new sign-in in place of an older one.
    ///
    /// # Errors
    /// The vault fails, or the AWS CLI's cache cannot be written.
    pub fn keep(
        &self,
        session: &str,
        token: SignInToken,
        url: String,
        region: String,
        shared: bool,
    ) -> Result<LoginHeader, RenewalError> {
        let now = self.clock.now();
        let kept = Kept { token, url, region, logged_in_at: now, refreshed_at: now, shared };
        let _one_at_a_time = self.lock(&self.key(session))?;
        self.store(session, &kept)?;
        Ok(kept.stored(session).header)
    }

    /// The name of the sign-in in the vault.
    pub(super) fn key(&self, session: &str) -> SessionKey {
        sign_in_key(session, self.settings)
    }

    /// Held while the sign-in's record is read and replaced.
    pub(super) fn lock(&self, key: &SessionKey) -> Result<Option<lock::Guard>, VaultError> {
        lock::or_go_on(self.vault, self.person, |state| {
            let waiting = "waiting for another awsx that is renewing the same sign-in";
            lock::login(state, key, || self.person.tell(waiting))
        })
    }

    /// The kept credentials, if nothing needs to be done for them. A header that has expired costs no
    /// keychain.
    fn good(&self, key: &SessionKey, need: Need) -> Result<Option<SessionCredentials>, VaultError> {
        let now = self.clock.now();
        let header = self.vault.login_header(key)?;
        let end = header.as_ref().and_then(|header| header.expires_at);
        match (header, end) {
            (Some(header), Some(end)) if is_good(header.refreshed_at, end, now, need) => {
                let stored = self.vault.login(key)?;
                Ok(stored.as_ref().and_then(Kept::of).and_then(|kept| good(&kept, now, need)))
            }
            _ => Ok(None),
        }
    }

    /// The sign-in with what the AWS CLI renewed meanwhile. A file that is gone ends the sharing: who
    /// removed it (`aws logout`) does not want it back.
    fn in_step(&self, session: &str, kept: Kept) -> Result<Kept, RenewalError> {
        let end = |token: &SignInToken| token.credentials.as_ref()?.expiration.at();
        let kept = match self.shared.read(session) {
            Ok(Some(token)) if end(&token) > end(&kept.token) => {
                let now = self.clock.now();
                let began = end(&token).map_or(now, |end| (end - LIFETIME).min(now));
                let region = token.region.clone().unwrap_or(kept.region);
                Kept { region, refreshed_at: began, token, ..kept }
            }
            Ok(None) => Kept { shared: false, ..kept },
            Ok(Some(_)) => return Ok(kept),
            Err(problem) => {
                self.person.tell(&format!("the AWS CLI's sign-in is left alone: {problem}"));
                return Ok(kept);
            }
        };
        self.vault.keep_login(&self.key(session), &kept.stored(session))?;
        Ok(kept)
    }

    /// New credentials from the refresh token; else what is wrong, in words.
    fn renewed(
        &self,
        session: &str,
        mut kept: Kept,
    ) -> Result<Result<SessionCredentials, String>, RenewalError> {
        let Some(refresh_token) = kept.token.refresh_token.clone() else {
            return Ok(Err("AWS renews the last one no longer".to_owned()));
        };
        // Where nothing can be written, the new refresh token would be lost, and the sign-in with it.
        self.vault.keep_login(&self.key(session), &kept.stored(session))?;
        let proof = SignInProof::Refresh { refresh_token: &refresh_token };
        let SignInToken { client_id, dpop_key, .. } = &kept.token;
        match self.sign_in.token(&kept.region, client_id, dpop_key, &proof) {
            Ok(answer) => {
                tracing::info!(login_session = session, "renewed");
                kept.token = with_answer(kept.token, answer);
                kept.refreshed_at = self.clock.now();
                self.store(session, &kept)?;
                Ok(Ok(kept.token.credentials.expect("an answer has credentials")))
            }
            Err(CallError::Refused { code, message, .. }) if let Some(why) = over(&code) => {
                kept.token.refresh_token = None;
                self.vault.keep_login(&self.key(session), &kept.stored(session))?;
                Ok(Err(match message.is_empty() {
                    true => format!("{why} ({code})"),
                    false => format!("{why}: {message} ({code})"),
                }))
            }
            // Later, then; what is left of the credentials will do.
            Err(error @ CallError::Unreachable { .. }) => {
                let lasting = kept
                    .token
                    .credentials
                    .filter(|credentials| credentials.is_fresh(self.clock.now(), SIGNING_MARGIN));
                match lasting {
                    Some(credentials) => {
                        self.person.tell(&format!("not renewed: {error}"));
                        Ok(Ok(credentials))
                    }
                    None => Err(error.into()),
                }
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Stores the sign-in, here first and then where it is shared.
    fn store(&self, session: &str, kept: &Kept) -> Result<(), RenewalError> {
        self.vault.keep_login(&self.key(session), &kept.stored(session))?;
        if kept.shared {
            self.shared.write(session, &kept.token)?;
        }
        Ok(())
    }
}

fn good(kept: &Kept, now: DateTime<Utc>, need: Need) -> Option<SessionCredentials> {
    let credentials = kept.token.credentials.as_ref()?;
    let end = credentials.expiration.at()?;
    is_good(kept.refreshed_at, end, now, need).then(|| credentials.clone())
}

fn is_good(
    refreshed_at: DateTime<Utc>,
    end: DateTime<Utc>,
    now: DateTime<Utc>,
    need: Need,
) -> bool {
    let is_new = refreshed_at >= need.started;
    // What another awsx got meanwhile is as new as what this one would get.
    let margin = if is_new { Duration::ZERO } else { need.margin };
    (is_new || !need.refresh) && end > now && is_usable(refreshed_at, end, now, margin)
}

/// What AWS's refusal of a refresh token says, where only a new sign-in helps,
/// <https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html>
fn over(code: &str) -> Option<&'static str> {
    match code {
        "TOKEN_EXPIRED" | "invalid_grant" => Some("AWS renews the last one no longer"),
        "USER_CREDENTIALS_CHANGED" => Some("the password was changed since the last one"),
        _ => None,
    }
}

/// The token after a refresh, which answers neither `idToken` nor account.
fn with_answer(token: SignInToken, answer: SignInAnswer) -> SignInToken {
    let account_id = token.credentials.and_then(|credentials| credentials.account_id);
    SignInToken {
        credentials: Some(SessionCredentials {
            account_id: answer.credentials.account_id.or(account_id),
            ..answer.credentials
        }),
        refresh_token: Some(answer.refresh_token),
        id_token: answer.id_token.or(token.id_token),
        ..token
    }
}

#[cfg(test)]
mod tests;
