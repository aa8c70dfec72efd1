//! A token that was made from credentials, as the vault keeps it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::sweep::sweep;
use super::{Fields, Header, Record, Vault, VaultError, key_hex};
use crate::credentials::{Lifetime, Secret, SessionKey};
use crate::text::one_line;

/// What must be left of a kept token.
const MARGIN: Duration = Duration::from_secs(60);

/// What is known of a token without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenHeader {
    pub minted_at: DateTime<Utc>,
    /// When nobody takes it any longer
    pub expires_at: DateTime<Utc>,
    /// The session or the access key that it was made with
    #[serde(default, with = "key_hex")]
    pub signer: Option<SessionKey>,
    /// The login, or the record of stored keys, that those came from
    #[serde(default, with = "key_hex")]
    pub login: Option<SessionKey>,
    /// The profile that it was made for
    pub profile: Option<String>,
    /// Of a registry's password: the host of the registry that it is of
    #[serde(default)]
    pub registry: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct KeptToken {
    pub header: TokenHeader,
    pub token: Secret,
}

impl Header for TokenHeader {
    const FOLDER: &'static str = "tokens";
    const IS_CACHE: bool = true;
}

impl KeptToken {
    /// The token of this name, if enough is left of it. `since`: one that was made before does not count.
    pub(crate) fn find(
        vault: &Vault,
        key: &SessionKey,
        now: DateTime<Utc>,
        since: Option<DateTime<Utc>>,
    ) -> Result<Option<Self>, VaultError> {
        let is_good = |header: &TokenHeader| {
            let TokenHeader { minted_at, expires_at, .. } = *header;
            let lifetime = Lifetime { began: minted_at, ends: expires_at };
            since.is_none_or(|since| minted_at >= since) && lifetime.is_usable(now, MARGIN)
        };
        // The header is in the clear: what is over is not opened.
        if !vault.header(key)?.is_some_and(|header| is_good(&header)) {
            return Ok(None);
        }
        // Opening the record proves what its header says.
        Ok(vault.get::<Self>(key)?.filter(|kept| is_good(&kept.header)))
    }

    /// Keeps it in place of an older one, and removes some that are over.
    pub(crate) fn keep(&self, vault: &Vault, key: &SessionKey) -> Result<(), VaultError> {
        vault.put(key, self)?;
        sweep(vault, self.header.minted_at, |header: &TokenHeader| header.expires_at);
        Ok(())
    }
}

/// Forgets the tokens of which this holds.
pub(crate) fn forget_tokens(
    vault: &Vault,
    holds: impl Fn(&TokenHeader) -> bool,
) -> Result<(), VaultError> {
    for key in vault.keys::<TokenHeader>()? {
        // One that cannot be read is nobody's.
        if vault.header_if_readable(&key).is_none_or(|header| holds(&header)) {
            vault.remove::<TokenHeader>(&key)?;
        }
    }
    Ok(())
}

impl Record for KeptToken {
    type Header = TokenHeader;

    fn to_parts(&self) -> (TokenHeader, Fields) {
        let profile = self.header.profile.as_deref().map(one_line);
        let registry = self.header.registry.as_deref().map(one_line);
        let header = TokenHeader { profile, registry, ..self.header.clone() };
        (header, Fields::in_order([Some(self.token.clone())]))
    }

    fn from_parts(header: TokenHeader, fields: Fields) -> Option<Self> {
        let [token] = fields.into_array()?;
        Some(Self { header, token: token? })
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use chrono::{TimeDelta, TimeZone};

    use super::*;
    use crate::env::Env;
    use crate::ports::testing::{FakePerson, no_command};
    use crate::vault::UnlockerKind;

    fn at(minutes: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn key(name: &str) -> SessionKey {
        SessionKey::builder(name).build()
    }

    #[test]
    fn a_token_is_good_until_a_minute_before_its_end_and_goes_with_its_signer() {
        let person = Rc::new(FakePerson::default());
        let memory = UnlockerKind::Memory;
        let vault = Vault::new(&Env::default(), memory, person, no_command()).unwrap();
        let (signer, login) = (Some(key("session")), Some(key("login")));
        let profile = Some("p\n".to_owned());
        let header = TokenHeader {
            minted_at: at(0),
            expires_at: at(14),
            signer,
            login,
            profile,
            registry: None,
        };
        let kept = KeptToken { header, token: Secret::new("planted-token") };
        let find = |minutes, since| {
            let found = KeptToken::find(&vault, &key("t"), at(minutes), since).unwrap();
            found.map(|kept| {
                assert_eq!(kept.header.profile.as_deref(), Some("p"));
                kept.token.expose().to_owned()
            })
        };
        let there = Some("planted-token".to_owned());
        kept.keep(&vault, &key("t")).unwrap();
        for (minutes, since, expected) in [
            (0, None, &there),
            (13, None, &there),
            (14, None, &None),
            (-2, None, &None),
            (0, Some(at(0)), &there),
            (1, Some(at(1)), &None),
        ] {
            assert_eq!(&find(minutes, since), expected, "{minutes} {since:?}");
        }
        for (docs, holds, expected) in [
            ("another's", (key("other"), key("other")), &there),
            ("the signer's", (key("session"), key("other")), &None),
            ("the login's", (key("other"), key("login")), &None),
        ] {
            kept.keep(&vault, &key("t")).unwrap();
            let (signer, login) = (Some(holds.0), Some(holds.1));
            forget_tokens(&vault, |t| t.signer == signer || t.login == login).unwrap();
            assert_eq!(&find(0, None), expected, "{docs}");
        }
    }
}
