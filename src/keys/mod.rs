//! An IAM user's access keys that rest in the vault.

pub(crate) mod aws_vault;
pub(crate) mod csv;
pub(crate) mod given;
pub(crate) mod import;
pub(crate) mod ini;
pub(crate) mod record;
pub(crate) mod rotate;
pub(crate) mod rotation;
pub(crate) mod undo;
