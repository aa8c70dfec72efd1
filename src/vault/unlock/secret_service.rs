//! The Secret Service (<https://specifications.freedesktop.org/secret-service/latest/>) as a
//! `keyring-core` store: GNOME Keyring, KWallet, KeePassXC.
//!
//! Secrets cross the session bus in a *plain* session. The bus is a socket of the same user, who
//! may ask the service for the secret anyway; the Diffie-Hellman session of the stock stores takes
//! three quarters of their time. Items are found in any collection, made in the default one.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::api::{Credential, CredentialApi, CredentialStoreApi};
use keyring_core::{Entry, Error};
use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Message;
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Type, Value};
use zbus::{MatchRule, message};

use super::error::UnlockError;
use super::kind::UnlockerKind;
use crate::env::Env;

const NAME: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";

/// Where the session bus is: `DBUS_SESSION_BUS_ADDRESS`, else `$XDG_RUNTIME_DIR/bus` if it exists.
pub(super) fn bus_address(env: &Env) -> Option<String> {
    if let Some(addresses) = env.get("DBUS_SESSION_BUS_ADDRESS") {
        // Several may be listed; in practice it is one.
        return addresses.split(';').next().map(|address| address.trim().to_owned());
    }
    let socket = env.path("XDG_RUNTIME_DIR")?.join("bus");
    let path = socket.to_str().filter(|_| socket.exists())?;
    Some(format!("unix:path={path}"))
}

/// The service on one bus.
#[derive(Debug)]
pub(super) struct SecretService {
    pub address: String,
    /// Whether the service may show its dialog to unlock or to confirm
    pub prompts: bool,
}

/// What went wrong; travels inside a `keyring-core` error.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("{reason}")]
    Absent { reason: String },
    #[error("locked")]
    Locked { dismissed: bool },
    #[error("the Secret Service failed")]
    Bus(#[from] zbus::Error),
}

impl Problem {
    pub(super) fn into_unlock_error(self) -> UnlockError {
        match self {
            Self::Absent { reason } => {
                UnlockError::NotAvailable { unlocker: UnlockerKind::Keychain, reason }
            }
            Self::Locked { dismissed } => UnlockError::KeychainLocked { dismissed },
            Self::Bus(error) => UnlockError::Keychain { problem: error.to_string() },
        }
    }

    fn absent(reason: impl Into<String>) -> Self {
        Self::Absent { reason: reason.into() }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::PlatformFailure(Box::new(problem))
    }
}

/// The service's own errors are named; those of the bus say that there is no service.
fn problem(error: zbus::Error) -> Problem {
    let zbus::Error::MethodError(name, _, _) = &error else { return Problem::Bus(error) };
    let name = name.as_str();
    if name == "org.freedesktop.Secret.Error.IsLocked" {
        return Problem::Locked { dismissed: false };
    }
    let no_service = [
        "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.UnknownObject",
        // A sandbox's filter
        "org.freedesktop.DBus.Error.AccessDenied",
    ];
    if no_service.contains(&name) || name.starts_with("org.freedesktop.DBus.Error.Spawn.") {
        return Problem::absent(format!("no Secret Service on the D-Bus session ({name})"));
    }
    Problem::Bus(error)
}

impl CredentialStoreApi for SecretService {
    fn vendor(&self) -> String {
        "awsx: Secret Service".into()
    }

    fn id(&self) -> String {
        self.address.clone()
    }

    fn build(
        &self,
        service: &str,
        user: &str,
        _: Option<&HashMap<&str, &str>>,
    ) -> keyring_core::Result<Entry> {
        let Self { address, prompts } = self;
        let (service, account) = (service.to_owned(), user.to_owned());
        let item = Item { address: address.clone(), prompts: *prompts, service, account };
        Ok(Entry::new_with_credential(Arc::new(item)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// One item, by its attributes.
#[derive(Debug)]
struct Item {
    address: String,
    prompts: bool,
    service: String,
    account: String,
}

/// `(session, parameters, value, content type)`
type SecretStruct = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

impl CredentialApi for Item {
    fn set_secret(&self, secret: &[u8]) -> keyring_core::Result<()> {
        let session = Session::open(&self.address)?;
        let collection = session.default_collection()?.ok_or_else(|| {
            Problem::absent("the Secret Service has no default collection to keep the key in")
        })?;
        if session.is_locked(&collection)? {
            session.unlock(&collection, self.prompts)?;
        }
        let label = format!("{}: {}", self.service, self.account);
        let properties: HashMap<&str, Value<'_>> = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", label.into()),
            ("org.freedesktop.Secret.Item.Attributes", self.attributes().into()),
        ]);
        let secret = (&session.path, Vec::<u8>::new(), secret, "text/plain");
        let (_, prompt): (OwnedObjectPath, OwnedObjectPath) =
            session.call(&collection, COLLECTION, "CreateItem", &(properties, secret, true))?;
        session.wait_for_answer(&prompt, self.prompts)?;
        Ok(())
    }

    fn get_secret(&self) -> keyring_core::Result<Vec<u8>> {
        let session = Session::open(&self.address)?;
        let item = self.find_unlocked(&session)?;
        let (_, _, secret, _): SecretStruct =
            session.call(&item, ITEM, "GetSecret", &(&session.path,))?;
        Ok(secret)
    }

    fn delete_credential(&self) -> keyring_core::Result<()> {
        let session = Session::open(&self.address)?;
        let item = self.find_unlocked(&session)?;
        let prompt: OwnedObjectPath = session.call(&item, ITEM, "Delete", &())?;
        session.wait_for_answer(&prompt, self.prompts)?;
        Ok(())
    }

    fn get_credential(&self) -> keyring_core::Result<Option<Arc<Credential>>> {
        self.find_unlocked(&Session::open(&self.address)?).map(|_| None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        Some((self.service.clone(), self.account.clone()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Item {
    /// The attributes that the stock stores use too.
    fn attributes(&self) -> HashMap<&str, &str> {
        HashMap::from([("service", &*self.service), ("username", &*self.account)])
    }

    /// The item, unlocked.
    fn find_unlocked(&self, session: &Session) -> keyring_core::Result<OwnedObjectPath> {
        let (unlocked, locked) = session.find(&self.attributes())?;
        if let Some(item) = first(unlocked) {
            return Ok(item);
        }
        if let Some(item) = first(locked) {
            session.unlock(&item, self.prompts)?;
            return Ok(item);
        }
        // Some services do not look into what is locked: the item may be there.
        let Some(collection) = session.default_collection()? else { return Err(Error::NoEntry) };
        if !session.is_locked(&collection)? {
            return Err(Error::NoEntry);
        }
        session.unlock(&collection, self.prompts)?;
        let (unlocked, _) = session.find(&self.attributes())?;
        first(unlocked).ok_or(Error::NoEntry)
    }
}

/// One of several items with these attributes: the same one every time.
fn first(items: Vec<OwnedObjectPath>) -> Option<OwnedObjectPath> {
    items.into_iter().min_by(|a, b| a.as_str().cmp(b.as_str()))
}

/// A connection with an open session; both end when this is dropped.
struct Session {
    bus: Connection,
    path: OwnedObjectPath,
}

impl Session {
    fn open(address: &str) -> Result<Self, Problem> {
        let bus = Builder::address(address)
            .and_then(Builder::build)
            .map_err(|error| Problem::absent(format!("no D-Bus session at {address}: {error}")))?;
        let mut session = Self { bus, path: ObjectPath::from_static_str_unchecked("/").into() };
        let (_, path): (OwnedValue, OwnedObjectPath) =
            session.call(SERVICE_PATH, SERVICE, "OpenSession", &("plain", Value::from("")))?;
        session.path = path;
        Ok(session)
    }

    fn call<R>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        arguments: &(impl serde::Serialize + DynamicType),
    ) -> Result<R, Problem>
    where
        R: serde::de::DeserializeOwned + Type,
    {
        self.bus
            .call_method(Some(NAME), path, Some(interface), method, arguments)
            .and_then(|reply| reply.body().deserialize())
            .map_err(problem)
    }

    /// The items with these attributes: unlocked ones, locked ones.
    fn find(
        &self,
        attributes: &HashMap<&str, &str>,
    ) -> Result<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>), Problem> {
        self.call(SERVICE_PATH, SERVICE, "SearchItems", &(attributes,))
    }

    fn default_collection(&self) -> Result<Option<OwnedObjectPath>, Problem> {
        let path: OwnedObjectPath = self.call(SERVICE_PATH, SERVICE, "ReadAlias", &("default",))?;
        Ok(Some(path).filter(|path| path.as_str() != "/"))
    }

    fn is_locked(&self, collection: &ObjectPath<'_>) -> Result<bool, Problem> {
        let locked: OwnedValue = self.call(
            collection,
            "org.freedesktop.DBus.Properties",
            "Get",
            &(COLLECTION, "Locked"),
        )?;
        Ok(bool::try_from(locked).map_err(zbus::Error::from)?)
    }

    fn unlock(&self, object: &ObjectPath<'_>, prompts: bool) -> Result<(), Problem> {
        let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.call(SERVICE_PATH, SERVICE, "Unlock", &(vec![object],))?;
        self.wait_for_answer(&prompt, prompts)
    }

    /// Shows the service's dialog, if it wants one, and waits for its end.
    fn wait_for_answer(&self, prompt: &ObjectPath<'_>, allowed: bool) -> Result<(), Problem> {
        if prompt.as_str() == "/" {
            return Ok(());
        }
        if !allowed {
            return Err(Problem::Locked { dismissed: false });
        }
        let completed = MatchRule::builder()
            .msg_type(message::Type::Signal)
            .sender(NAME)?
            .interface(PROMPT)?
            .member("Completed")?
            .path(prompt)?
            .build();
        // Listens before it asks, so that a quick answer is not missed.
        let mut signals = MessageIterator::for_match_rule(completed, &self.bus, None)?;
        self.call::<()>(prompt, PROMPT, "Prompt", &("",))?;
        let signal: Message = signals.next().ok_or(zbus::Error::InvalidReply)??;
        let (dismissed, _): (bool, OwnedValue) = signal.body().deserialize()?;
        if dismissed { Err(Problem::Locked { dismissed }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_is_where_the_environment_says() {
        let runtime = tempfile::tempdir().unwrap();
        let path = runtime.path().to_str().unwrap();
        let address = |pairs: &[(&str, &str)]| bus_address(&Env::from_pairs(pairs.iter().copied()));
        assert_eq!(address(&[]), None);
        assert_eq!(address(&[("XDG_RUNTIME_DIR", path)]), None, "no socket there");
        std::fs::write(runtime.path().join("bus"), "").unwrap();
        let expected = Some(format!("unix:path={path}/bus"));
        assert_eq!(address(&[("XDG_RUNTIME_DIR", path)]), expected);
        let set = [("XDG_RUNTIME_DIR", path), ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/a;tcp:b")];
        assert_eq!(address(&set), Some("unix:path=/a".into()));
    }
}
