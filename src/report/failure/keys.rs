//! Access keys that are not kept.

use super::{Advice, Advise, Failure, Kind};
use crate::keys::given::NotAKey;

impl Failure {
    /// Of a key that stays where it is because of that.
    #[must_use]
    pub(crate) fn for_key(self, access_key_id: &str, name: &str, place: &str) -> Self {
        let message =
            format!("{access_key_id} of {name} stays as it is ({place}): {}", self.message);
        Self { message, ..self }
    }
}

impl Advise for NotAKey {
    fn advice(&self) -> Advice {
        Kind::Usage.with(match self {
            Self::Session => {
                "give an access key of the IAM user itself (AKIA…); awsx makes sessions of it"
            }
            Self::Unknown | Self::Document(_) => {
                "give the id and the secret, a line each, or what `aws iam create-access-key` prints"
            }
            Self::Id => "the id comes first, then the secret",
            Self::NoSecret | Self::Secret(_) => {
                "copy it again: AWS shows it once, when the key is made"
            }
        })
    }
}
