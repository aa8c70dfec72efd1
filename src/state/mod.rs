//! awsx's own directory: private files that are replaced at once, and locks between processes.
//! What the files hold is left to others.

#[cfg(unix)]
pub(crate) mod access;
mod file_lock;
pub(crate) mod files;
pub(crate) mod journal;
pub(crate) mod owner;
mod record;
mod state_dir;
mod turn;

pub(crate) use file_lock::FileLock;
pub(crate) use record::{encode_record, parse_record};
pub(crate) use state_dir::{StateDir, StateDirError};
pub(crate) use turn::Turn;
