//! An IAM user's access keys that rest in the vault, and how a key is rotated.

pub(crate) mod aws_vault;
pub(crate) mod copies;
pub(crate) mod csv;
pub(crate) mod given;
pub(crate) mod home;
pub(crate) mod import;
pub(crate) mod in_file;
pub(crate) mod ini;
pub(crate) mod record;
pub(crate) mod rotate;
pub(crate) mod rotate_error;
pub(crate) mod rotated;
pub(crate) mod rotation;
pub(crate) mod subject;
pub(crate) mod undo;
