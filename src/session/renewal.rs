//! Why a kept login gives nothing: what a renewal of either kind of login can end in.

use crate::ports::CallError;
use crate::vault::VaultError;

/// Why there is no token, or there are no credentials.
#[derive(Debug, thiserror::Error)]
pub enum RenewalError {
    /// A call failed, or a person must log in: [`CallError::LoginNeeded`],
    /// [`CallError::SignInNeeded`].
    #[error(transparent)]
    Call(#[from] CallError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
