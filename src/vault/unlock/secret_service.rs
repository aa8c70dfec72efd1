//! The Secret Service (<https://specifications.freedesktop.org/secret-service/latest/>): GNOME
//! Keyring, KWallet, KeePassXC.
//!
//! Secrets cross the session bus in a *plain* session. The bus is a socket of the same user (or of root, who
//! runs the machine), who
//! may ask the service for the secret anyway; the Diffie-Hellman session of the stock stores takes
//! three quarters of their time. Items are found in any collection, made in the default one.

use std::collections::HashMap;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};

use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;
use zbus::Address;
use zbus::address::transport::{Transport, UnixSocket};
use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Message;
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Type, Value};
use zbus::{MatchRule, message};
use zeroize::Zeroizing;

use super::kind::UnlockerKind;
use crate::env::Env;
use crate::text::one_line;
use crate::vault::VaultError;

const NAME: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";

/// Where the session bus is: `DBUS_SESSION_BUS_ADDRESS`, else `$XDG_RUNTIME_DIR/bus` if it exists.
fn bus_address(env: &Env) -> Option<String> {
    if let Some(addresses) = env.get("DBUS_SESSION_BUS_ADDRESS") {
        // Several may be listed; in practice it is one.
        return addresses.split(';').next().map(|address| address.trim().to_owned());
    }
    let socket = env.path("XDG_RUNTIME_DIR")?.join("bus");
    let path = socket.to_str().filter(|_| socket.exists())?;
    Some(format!("unix:path={path}"))
}

/// The service's own errors are named; those of the bus say that there is no service.
impl From<zbus::Error> for VaultError {
    fn from(error: zbus::Error) -> Self {
        let failure = |error: zbus::Error| Self::Keychain { problem: one_line(&error.to_string()) };
        let zbus::Error::MethodError(name, _, _) = &error else { return failure(error) };
        let name = name.as_str();
        if name == "org.freedesktop.Secret.Error.IsLocked" {
            return Self::KeychainLocked { dismissed: false };
        }
        let no_service = [
            "org.freedesktop.DBus.Error.ServiceUnknown",
            "org.freedesktop.DBus.Error.NameHasNoOwner",
            "org.freedesktop.DBus.Error.UnknownObject",
            // A sandbox's filter
            "org.freedesktop.DBus.Error.AccessDenied",
        ];
        if no_service.contains(&name) || name.starts_with("org.freedesktop.DBus.Error.Spawn.") {
            return absent(format!("no Secret Service on the D-Bus session ({name})"));
        }
        failure(error)
    }
}

fn absent(reason: impl Into<String>) -> VaultError {
    VaultError::NotAvailable { unlocker: UnlockerKind::Keychain, reason: reason.into() }
}

pub(super) struct Item {
    address: String,
    service: &'static str,
    account: String,
    /// Whether the service may show its dialog to unlock or to confirm
    prompts: bool,
}

/// `(session, parameters, value, content type)`
type SecretStruct = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

impl Item {
    /// Touches nothing.
    pub(super) fn new(
        env: &Env,
        service: &'static str,
        account: String,
        prompts: bool,
    ) -> Result<Self, VaultError> {
        Ok(Self { address: address(env)?, service, account, prompts })
    }

    /// The secret; `None` where there is no such item.
    pub(super) fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let session = Session::open(&self.address)?;
        let Some(item) = self.find_unlocked(&session)? else { return Ok(None) };
        session.secret(&item).map(Some)
    }

    /// Makes the item, or replaces its secret.
    pub(super) fn write(&self, secret: &[u8]) -> Result<(), VaultError> {
        let session = Session::open(&self.address)?;
        let collection = session.default_collection()?.ok_or_else(|| {
            absent("the Secret Service has no default collection to keep the key in")
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
        session.wait_for_answer(&prompt, self.prompts)
    }

    /// Removes the item, if there is one.
    pub(super) fn remove(&self) -> Result<(), VaultError> {
        let session = Session::open(&self.address)?;
        let Some(item) = self.find_unlocked(&session)? else { return Ok(()) };
        let prompt: OwnedObjectPath = session.call(&item, ITEM, "Delete", &())?;
        session.wait_for_answer(&prompt, self.prompts)
    }

    /// The attributes that the stock stores use too.
    fn attributes(&self) -> HashMap<&str, &str> {
        HashMap::from([("service", self.service), ("username", &*self.account)])
    }

    fn find_unlocked(&self, session: &Session) -> Result<Option<OwnedObjectPath>, VaultError> {
        let (unlocked, locked) = session.find(&self.attributes())?;
        if let Some(item) = first(unlocked) {
            return Ok(Some(item));
        }
        if let Some(item) = first(locked) {
            session.unlock(&item, self.prompts)?;
            return Ok(Some(item));
        }
        // Some services do not look into what is locked: the item may be there.
        let Some(collection) = session.default_collection()? else { return Ok(None) };
        if !session.is_locked(&collection)? {
            return Ok(None);
        }
        session.unlock(&collection, self.prompts)?;
        let (unlocked, _) = session.find(&self.attributes())?;
        Ok(first(unlocked))
    }
}

/// One of several items with these attributes: the same one every time.
fn first(items: Vec<OwnedObjectPath>) -> Option<OwnedObjectPath> {
    items.into_iter().min_by(|a, b| a.as_str().cmp(b.as_str()))
}

/// Connects to a bus that the same user or root runs: whoever runs it is given the key.
fn connect(address: &str) -> Result<UnixStream, String> {
    let address: Address = address.parse().map_err(|error: zbus::Error| error.to_string())?;
    let Transport::Unix(unix) = address.transport() else {
        return Err("it is no socket of this machine".to_owned());
    };
    let socket = match unix.path() {
        UnixSocket::File(path) => SocketAddr::from_pathname(path),
        UnixSocket::Abstract(name) => SocketAddr::from_abstract_name(name.as_encoded_bytes()),
        _ => return Err("it names no socket".to_owned()),
    };
    let stream = socket.and_then(|socket| UnixStream::connect_addr(&socket));
    let stream = stream.map_err(|error| error.to_string())?;
    let peer = socket_peercred(&stream).map_err(|error| error.to_string())?;
    match peer.uid.is_root() || peer.uid == geteuid() {
        true => Ok(stream),
        false => Err(format!("user {} runs it", peer.uid.as_raw())),
    }
}

fn address(env: &Env) -> Result<String, VaultError> {
    bus_address(env).ok_or_else(|| absent("no D-Bus session (DBUS_SESSION_BUS_ADDRESS is not set)"))
}

/// A connection with an open session; both end when this is dropped.
pub(super) struct Session {
    bus: Connection,
    path: OwnedObjectPath,
}

impl Session {
    /// That of the bus which the environment names.
    pub(super) fn of(env: &Env) -> Result<Self, VaultError> {
        Self::open(&address(env)?)
    }

    fn open(address: &str) -> Result<Self, VaultError> {
        let no_bus =
            |problem: &str| absent(one_line(&format!("no D-Bus session at {address}: {problem}")));
        let socket = connect(address).map_err(|problem| no_bus(&problem))?;
        let bus = Builder::async_io_unix_stream(socket)
            .build()
            .map_err(|error| no_bus(&error.to_string()))?;
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
    ) -> Result<R, VaultError>
    where
        R: serde::de::DeserializeOwned + Type,
    {
        let reply = self.bus.call_method(Some(NAME), path, Some(interface), method, arguments)?;
        Ok(reply.body().deserialize()?)
    }

    /// The items with these attributes: unlocked ones, locked ones.
    fn find(
        &self,
        attributes: &HashMap<&str, &str>,
    ) -> Result<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>), VaultError> {
        self.call(SERVICE_PATH, SERVICE, "SearchItems", &(attributes,))
    }

    fn default_collection(&self) -> Result<Option<OwnedObjectPath>, VaultError> {
        let path: OwnedObjectPath = self.call(SERVICE_PATH, SERVICE, "ReadAlias", &("default",))?;
        Ok(Some(path).filter(|path| path.as_str() != "/"))
    }

    pub(super) fn collections(&self) -> Result<OwnedValue, VaultError> {
        self.property(SERVICE_PATH, SERVICE, "Collections")
    }

    pub(super) fn items(&self, collection: &ObjectPath<'_>) -> Result<OwnedValue, VaultError> {
        self.property(collection, COLLECTION, "Items")
    }

    pub(super) fn secret(&self, item: &ObjectPath<'_>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (_, _, secret, _): SecretStruct = self.call(item, ITEM, "GetSecret", &(&self.path,))?;
        Ok(Zeroizing::new(secret))
    }

    pub(super) fn is_locked(&self, collection: &ObjectPath<'_>) -> Result<bool, VaultError> {
        let locked = self.property(collection, COLLECTION, "Locked")?;
        Ok(bool::try_from(locked).map_err(zbus::Error::from)?)
    }

    fn property(&self, path: &str, interface: &str, name: &str) -> Result<OwnedValue, VaultError> {
        self.call(path, "org.freedesktop.DBus.Properties", "Get", &(interface, name))
    }

    pub(super) fn unlock(&self, object: &ObjectPath<'_>, prompts: bool) -> Result<(), VaultError> {
        let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.call(SERVICE_PATH, SERVICE, "Unlock", &(vec![object],))?;
        self.wait_for_answer(&prompt, prompts)
    }

    /// Shows the service's dialog, if it wants one, and waits for its end.
    fn wait_for_answer(&self, prompt: &ObjectPath<'_>, allowed: bool) -> Result<(), VaultError> {
        if prompt.as_str() == "/" {
            return Ok(());
        }
        if !allowed {
            return Err(VaultError::KeychainLocked { dismissed: false });
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
        if dismissed { Err(VaultError::KeychainLocked { dismissed }) } else { Ok(()) }
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
