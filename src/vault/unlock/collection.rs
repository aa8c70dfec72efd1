//! A collection of the Secret Service that another program keeps its items in.

use zbus::zvariant::{OwnedObjectPath, OwnedValue};
use zeroize::Zeroizing;

use super::keychain::ask;
use super::secret_service::Session;
use crate::env::Env;
use crate::ports::Person;
use crate::vault::{PATIENCE, VaultError};

const COLLECTIONS: &str = "/org/freedesktop/secrets/collection/";

/// The secrets of a collection; `None` where there is no such collection. The service may ask the person to unlock it.
pub(crate) fn read_collection(
    env: &Env,
    person: &dyn Person,
    name: &str,
) -> Result<Option<Vec<Zeroizing<Vec<u8>>>>, VaultError> {
    let asks = person.allows_dialogs();
    let (env, name) = (env.clone(), name.to_owned());
    ask(person, PATIENCE, asks, move || read(&env, &name, asks))
}

fn read(
    env: &Env,
    name: &str,
    prompts: bool,
) -> Result<Option<Vec<Zeroizing<Vec<u8>>>>, VaultError> {
    let session = Session::of(env)?;
    let is_meant = |path: &OwnedObjectPath| {
        path.strip_prefix(COLLECTIONS).is_some_and(|escaped| unescape(escaped) == name.as_bytes())
    };
    let collections = paths(session.collections()?)?;
    let Some(collection) = collections.into_iter().find(is_meant) else { return Ok(None) };
    if session.is_locked(&collection)? {
        session.unlock(&collection, prompts)?;
    }
    let items = paths(session.items(&collection)?)?;
    items.iter().map(|item| session.secret(item)).collect::<Result<_, _>>().map(Some)
}

fn paths(value: OwnedValue) -> Result<Vec<OwnedObjectPath>, VaultError> {
    Ok(Vec::try_from(value).map_err(zbus::Error::from)?)
}

/// A name as services write it in a path, where `_2d` is `-`.
fn unescape(path: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        (bytes, rest) = match escaped.filter(|_| first == b'_') {
            Some(byte) => ([bytes, vec![byte]].concat(), &after[2..]),
            None => ([bytes, vec![first]].concat(), after),
        };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_paths_are_unescaped() {
        for (path, name) in [
            ("awsvault", "awsvault"),
            ("aws_2dvault", "aws-vault"),
            ("_c3_a4", "ä"),
            ("a_b", "a_b"),
            ("a_", "a_"),
            ("_zz", "_zz"),
        ] {
            assert_eq!(unescape(path), name.as_bytes(), "{path}");
        }
    }
}
