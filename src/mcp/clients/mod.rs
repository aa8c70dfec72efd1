//! How clients are told of MCP servers: each has a file of its own, in which no other byte changes.

mod entry;
mod error;
mod jsonc;
mod objects;
mod table;
mod toml_section;

pub(crate) use entry::Server;
pub(crate) use error::ClientFileError;
pub(crate) use table::{CLIENTS, Client, Place};

use entry::starts_awsx;
use serde_json::Value;
use table::Syntax;

impl Client {
    /// The text with these servers in it, or without the names of `gone`. A server that is not awsx stays, whatever its
    /// name.
    pub(crate) fn edit(
        &self,
        text: &str,
        servers: &[Server],
        gone: &[&str],
    ) -> Result<String, ClientFileError> {
        let mut text = text.to_owned();
        for server in servers {
            if self.find(&text, server.name)?.is_some_and(|entry| !starts_awsx(&entry)) {
                return Err(ClientFileError::Foreign(server.name));
            }
            let entry = self.form.entry(server);
            text = match self.syntax {
                Syntax::Json => jsonc::set(&text, self.key, server.name, &entry)?,
                Syntax::Toml => toml_section::set(&text, self.key, server.name, &entry)?,
            };
        }
        for name in gone {
            if self.find(&text, name)?.is_none_or(|entry| !starts_awsx(&entry)) {
                continue;
            }
            text = match self.syntax {
                Syntax::Json => jsonc::remove(&text, self.key, name)?,
                Syntax::Toml => toml_section::remove(&text, self.key, name)?,
            };
        }
        Ok(text)
    }

    fn find(&self, text: &str, name: &str) -> Result<Option<Value>, ClientFileError> {
        match self.syntax {
            Syntax::Json => jsonc::find(text, self.key, name),
            Syntax::Toml => toml_section::find(text, self.key, name),
        }
    }

    /// What a person would write there.
    pub(crate) fn lines(&self, servers: &[Server]) -> String {
        self.edit("", servers, &[]).unwrap_or_default()
    }
}
