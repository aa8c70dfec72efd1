//! What signs a request, whoever it came from.

use super::{LongTermCredentials, SessionCredentials, SigningKeys};

/// An access key with or without a session token.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    /// Without a session token: an IAM user's key
    LongTerm(LongTermCredentials),
    /// With a session token
    Session(SessionCredentials),
}

impl Keys {
    /// `AccessKeyId`
    pub(crate) fn access_key_id(&self) -> &str {
        self.signing_keys().access_key_id
    }

    /// The keys that sign a request.
    pub(crate) fn signing_keys(&self) -> SigningKeys<'_> {
        match self {
            Self::LongTerm(keys) => keys.into(),
            Self::Session(session) => session.into(),
        }
    }
}
