//! What a login gives now: kept in the vault, renewed in time, asked of nobody. Who logs in, and how,
//! is [`super::log_in`]'s.
//!
//! One refresh for each login, however many processes ask: AWS takes each refresh token once, so the
//! login's lock is held while it is used, and whoever waited reads the vault again first. The new
//! token replaces the old one in a single write. Where nothing can be locked, only a new token is written,
//! and who lost the race takes the winner's.
//!
//! The AWS CLI has caches of its own with refresh tokens of its own. Where awsx has no login, what is
//! in such a cache is used while it lasts, and never renewed, because that would end the AWS CLI's
//! login. A login that the person shares (`--share`) is in both: awsx writes each renewal there, and
//! takes what the AWS CLI renewed from there. The AWS CLI takes no lock, so the two can still both use
//! a refresh token at the same moment; then one of them needs a login.

use std::time::Duration;

use super::Logins;
use super::console::{ConsoleLogin, Freshness};
use super::header::LoginHeader;
use super::identity_center::{IdentityCenterLogin, RefusedToken};
use super::kind::{EndOfLogin, Kind};
use crate::credentials::{LoginSession, Secret, SessionCredentials, SessionKey, SsoLogin};
use crate::ports::CallError;
use crate::vault::{Flight, Lock, VaultError};

/// How often, and how far apart, a login is read that another process may be about to write.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Why a kept login gives nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    /// A call failed, or a person must log in: [`CallError::LoginNeeded`].
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl Logins<'_> {
    /// Makes a call with the access token of a login at IAM Identity Center. If AWS does not accept
    /// it, the token is dropped, and the call made once more with a new one, if there is one to be
    /// had without a person.
    pub(crate) fn with_token<T>(
        &self,
        login: &SsoLogin,
        call: impl Fn(&Secret) -> Result<T, CallError>,
    ) -> Result<T, LoginError> {
        let token = self.current::<IdentityCenterLogin>(login, &None)?;
        let problem = match call(&token) {
            Err(CallError::LoginNeeded { problem, .. }) => problem,
            answer => return Ok(answer?),
        };
        let refused = Some(RefusedToken { token, problem });
        let again = self.current::<IdentityCenterLogin>(login, &refused)?;
        Ok(call(&again)?)
    }

    /// The credentials of a login at the console.
    pub(crate) fn credentials(
        &self,
        session: &LoginSession,
        need: Freshness,
    ) -> Result<SessionCredentials, LoginError> {
        self.current::<ConsoleLogin>(session, &need)
    }

    /// What a login gives: awsx's own, else the AWS CLI's.
    fn current<K: Kind>(&self, name: &K::Name, need: &K::Need) -> Result<K::Current, LoginError> {
        match self.current_of_awsx::<K>(name, need) {
            Err(LoginError::Call(CallError::LoginNeeded { problem, .. })) => {
                Ok(K::of_the_aws_cli(name, need, problem, self)?)
            }
            settled => settled,
        }
    }

    /// What awsx's own login gives, renewed if need be.
    pub(super) fn current_of_awsx<K: Kind>(
        &self,
        name: &K::Name,
        need: &K::Need,
    ) -> Result<K::Current, LoginError> {
        let key = K::key(name, self);
        let is_current = |header: &LoginHeader| K::is_current(header, need, self.clock.now());
        let absent = || K::login_needed(name, K::why_absent(need)).into();
        let look = || match self.vault.header::<LoginHeader>(&key)? {
            None => Err(absent()),
            // The header is in the clear, so an expired record is rejected without opening the vault.
            Some(header) if !is_current(&header) => Ok(None),
            Some(_) => {
                let kept = self.vault.get::<K>(&key)?.filter(|kept| is_current(&kept.header()));
                Ok(kept.and_then(|kept| kept.give(need)))
            }
        };
        let renew = |flight: &Flight| match self.vault.get::<K>(&key)? {
            Some(kept) => self.renew(name, kept, need, flight),
            None => Err(absent()),
        };
        self.vault.once(Lock::Login(&key), K::WAITING, look, renew)
    }

    /// Renews a login, or takes what the AWS CLI renewed. Where AWS cannot be asked, what is left of
    /// the login is given.
    fn renew<K: Kind>(
        &self,
        name: &K::Name,
        mut kept: K,
        need: &K::Need,
        flight: &Flight,
    ) -> Result<K::Current, LoginError> {
        let key = K::key(name, self);
        if kept.drop_refused(need) && flight.is_only_one {
            self.store(name, &kept)?;
        }
        let kept = self.take_newer(name, kept, need)?;
        let now = self.clock.now();
        if K::is_current(&kept.header(), need, now)
            && let Some(current) = kept.give(need)
        {
            return Ok(current);
        }
        let rest = kept.give_the_rest(now);
        let needed = |problem| K::login_needed(name, problem).into();
        let Some(proof) = kept.proof(now) else {
            return rest.ok_or_else(|| needed(kept.why_over(need, self.clock)));
        };
        // Where nothing can be written, the new refresh token would be lost, and the login with it.
        if let Err(error) = self.rehearse(&key, &kept, flight) {
            return rest.ok_or(error.into());
        }
        match flight.make(|| kept.renew(proof, name, self)) {
            Ok(renewed) => {
                tracing::info!("the login of {} is renewed", K::login(name));
                self.store(name, &renewed)?;
                renewed.give(need).ok_or_else(|| needed(kept.why_over(need, self.clock)))
            }
            Err(error) => {
                if let Some(problem) = EndOfLogin::explain(K::ENDS, &error) {
                    if let Some(newer) = self.find_newer(&key, &kept, flight)? {
                        return newer.give(need).ok_or_else(|| needed(problem));
                    }
                    let mut kept = kept;
                    kept.end();
                    if flight.is_only_one {
                        self.store(name, &kept)?;
                    }
                    return kept.give_the_rest(now).ok_or_else(|| needed(problem));
                }
                let is_refused = matches!(error, CallError::Refused { .. });
                match rest {
                    // The refresh failed for now. Use what there is while it lasts.
                    Some(rest) if !(is_refused && K::must_be_new(need)) => {
                        if K::IS_HANDED_OVER {
                            self.person.tell(&format!("not renewed: {error}"));
                        }
                        Ok(rest)
                    }
                    _ => Err(error.into()),
                }
            }
        }
    }

    /// Fails where a new token could not be kept. Without a lock the record is left as it is: it may be
    /// another process's new one.
    fn rehearse<K: Kind>(
        &self,
        key: &SessionKey,
        kept: &K,
        flight: &Flight,
    ) -> Result<(), VaultError> {
        match flight.is_only_one {
            true => self.vault.put(key, kept),
            false => self.vault.make_room::<LoginHeader>(),
        }
    }

    /// The login as another process has renewed it, which is why AWS no longer takes this one's refresh
    /// token. Without a lock that process may not have written it yet.
    fn find_newer<K: Kind>(
        &self,
        key: &SessionKey,
        kept: &K,
        flight: &Flight,
    ) -> Result<Option<K>, VaultError> {
        let token = |kept: &K| kept.refresh_token().map(|token| token.expose().to_owned());
        for look in 0..LOOKS {
            if let Some(found) = self.vault.get::<K>(key)?
                && found.refresh_token().is_some()
                && token(&found) != token(kept)
            {
                return Ok(Some(found));
            }
            if flight.is_only_one || look + 1 == LOOKS {
                break;
            }
            self.clock.sleep(BETWEEN_LOOKS);
        }
        Ok(None)
    }

    /// The login with what the AWS CLI renewed meanwhile, if the two are kept in step. A file that is
    /// gone (`aws sso logout`, `aws logout`) ends that: whoever removed it does not want it back.
    fn take_newer<K: Kind>(
        &self,
        name: &K::Name,
        mut kept: K,
        need: &K::Need,
    ) -> Result<K, VaultError> {
        if !kept.header().shared {
            return Ok(kept);
        }
        let cache = K::cache(self);
        if !cache.has(name) {
            kept.set_shared(false);
        } else {
            match cache.read(name) {
                Ok(Some(shared)) => match kept.with_newer(shared, need, self.clock.now()) {
                    Some(newer) => kept = newer,
                    None => return Ok(kept),
                },
                // The file has nothing that is still good.
                Ok(None) | Err(CallError::LoginNeeded { .. }) => return Ok(kept),
                Err(problem) => {
                    let noun = K::login(name).words().noun;
                    self.person.tell(&format!("the AWS CLI's {noun} is left alone: {problem}"));
                    return Ok(kept);
                }
            }
        }
        self.vault.put(&K::key(name, self), &kept)?;
        Ok(kept)
    }

    /// Keeps a login, here first and then where it is shared. That it cannot be shared is said, and
    /// is no reason to go without it here.
    pub(super) fn store<K: Kind>(&self, name: &K::Name, kept: &K) -> Result<(), VaultError> {
        self.vault.put(&K::key(name, self), kept)?;
        if kept.header().shared
            && let Err(error) = self.share(name, kept)
        {
            self.person.tell(&format!("the new token is not in the AWS CLI's cache: {error}"));
        }
        Ok(())
    }

    /// Writes a login into the AWS CLI's cache.
    pub(super) fn share<K: Kind>(&self, name: &K::Name, kept: &K) -> Result<(), CallError> {
        match kept.to_shared() {
            Some(shared) => K::cache(self).write(name, &shared),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
