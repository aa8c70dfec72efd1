//! Why a session that is running is used: it is asked once for each.

use serde::{Deserialize, Serialize};

use crate::credentials::{Secret, SessionKey};
use crate::vault::{Fields, Header, Record, Vault, VaultError};

/// The last reason of a session, by what that would be called without one.
pub(crate) struct KeptReason(pub String);

/// Nothing of it is in the clear.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReasonHeader {}

impl KeptReason {
    fn key(session: &SessionKey) -> SessionKey {
        SessionKey::builder("reason").upstream(session).build()
    }

    pub(crate) fn find(vault: &Vault, session: &SessionKey) -> Result<Option<Self>, VaultError> {
        vault.get(&Self::key(session))
    }

    pub(crate) fn keep(&self, vault: &Vault, session: &SessionKey) -> Result<(), VaultError> {
        vault.put(&Self::key(session), self)
    }
}

impl Header for ReasonHeader {
    const FOLDER: &'static str = "notes";
    const IS_CACHE: bool = true;
}

impl Record for KeptReason {
    type Header = ReasonHeader;

    fn to_parts(&self) -> (ReasonHeader, Fields) {
        (ReasonHeader {}, Fields::in_order([Some(Secret::new(&*self.0))]))
    }

    fn from_parts(_: ReasonHeader, fields: Fields) -> Option<Self> {
        let [text] = fields.into_array()?;
        Some(Self(text?.expose().to_owned()))
    }
}
