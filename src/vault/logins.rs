//! The logins of a vault: kept, found and listed as sessions are.

use super::login::{LoginHeader, StoredLogin};
use super::{Vault, VaultError, store};
use crate::credentials::SessionKey;

impl Vault {
    /// The login of this key. Without a record nothing is opened and nobody asked.
    ///
    /// # Errors
    /// The record cannot be read, or the vault not be opened.
    pub fn login(&self, key: &SessionKey) -> Result<Option<StoredLogin>, VaultError> {
        if let Some(login) = self.memory.borrow().logins.get(key) {
            return Ok(Some(login.clone()));
        }
        let Some(state) = self.durable() else { return Ok(None) };
        let Some(file) = store::login_file(state, key)? else { return Ok(None) };
        self.found(state, |opened| store::login(state, &file, opened, key))
    }

    /// Keeps a login in place of an older one, at once and whole: whatever ends the process, the
    /// record is the old one or the new one.
    ///
    /// # Errors
    /// The vault cannot be opened or the record not be written.
    pub fn keep_login(&self, key: &SessionKey, login: &StoredLogin) -> Result<(), VaultError> {
        let opened = self.opened_or_made()?;
        let (Some(state), Some(data_key)) = (self.durable(), &opened.key) else {
            self.memory.borrow_mut().logins.insert(*key, login.clone());
            return Ok(());
        };
        Ok(store::keep_login(state, data_key, key, login)?)
    }

    /// Opens the vault, and proves that there is room for the record of a login: what a person does
    /// in a browser should not be lost to a full disk.
    ///
    /// # Errors
    /// The vault cannot be opened or a record not be written.
    pub fn ready_for_login(&self) -> Result<(), VaultError> {
        let opened = self.opened_or_made()?;
        match (self.durable(), &opened.key) {
            (Some(state), Some(_)) => Ok(store::room_for_login(state)?),
            _ => Ok(()),
        }
    }

    /// What is known of a login without opening anything; not yet proved.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn login_header(&self, key: &SessionKey) -> Result<Option<LoginHeader>, VaultError> {
        if let Some(login) = self.memory.borrow().logins.get(key) {
            return Ok(Some(login.header.clone()));
        }
        let Some(state) = self.durable() else { return Ok(None) };
        Ok(self.reported(store::login_header(state, key)?))
    }

    /// All logins, those that are over included, without opening anything; not yet proved.
    ///
    /// # Errors
    /// The state directory cannot be read.
    pub fn login_headers(&self) -> Result<Vec<(SessionKey, LoginHeader)>, VaultError> {
        let mut headers: Vec<_> = {
            let memory = self.memory.borrow();
            memory.logins.iter().map(|(key, login)| (*key, login.header.clone())).collect()
        };
        if let Some(state) = self.durable() {
            for key in store::login_keys(state)? {
                let header = self.reported(store::login_header(state, &key)?);
                headers.extend(header.map(|header| (key, header)));
            }
        }
        Ok(headers)
    }

    /// Removes a login; whether there was one.
    ///
    /// # Errors
    /// The record cannot be removed.
    pub fn remove_login(&self, key: &SessionKey) -> Result<bool, VaultError> {
        let in_memory = self.memory.borrow_mut().logins.remove(key).is_some();
        let on_disk = match self.durable() {
            Some(state) => store::remove_login(state, key)?,
            None => false,
        };
        Ok(in_memory || on_disk)
    }
}
