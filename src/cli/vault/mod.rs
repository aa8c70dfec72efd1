//! `awsx vault`

mod contents;
pub(super) mod move_key;
pub(super) mod passphrase;
pub(super) mod reset;
pub(super) mod status;
