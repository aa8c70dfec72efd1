//! An IAM user's access keys that rest in the vault.

pub(crate) mod given;
pub(crate) mod record;
