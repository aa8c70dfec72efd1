//! The AWS CLI's own caches of logins, which other tools read too: [`TokenCache`] implements
//! `SharedTokens`, [`LoginCache`] implements `SharedSignIns`. Whether they are read or written is decided
//! elsewhere.

pub(crate) mod login_cache;
pub(crate) mod sso_cache;

use std::io;
use std::path::Path;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::state::{files, owner};

pub(crate) use login_cache::LoginCache;
pub(crate) use sso_cache::TokenCache;

/// Bytes of a file, at most: tokens and registrations have a few thousand characters.
const ROOM: usize = 64 * 1024;

fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    files::read_regular(path, ROOM as u64).map(Zeroizing::new)
}

/// What is wrong with a file, and what helps.
fn problem(path: &Path, error: &io::Error) -> String {
    match owner::remedy(path, files::directory(path), error) {
        Some(remedy) => format!("{error}; {remedy}"),
        None => error.to_string(),
    }
}

fn to_json(document: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *text, document).expect("texts become JSON");
    text
}
