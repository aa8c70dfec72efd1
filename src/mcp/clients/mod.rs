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

use table::Syntax;

impl Client {
    /// The text with these servers in it, or without the names of `gone`.
    pub(crate) fn edit(
        &self,
        text: &str,
        servers: &[Server],
        gone: &[&str],
    ) -> Result<String, ClientFileError> {
        let mut text = text.to_owned();
        for server in servers {
            let entry = self.form.entry(server);
            text = match self.syntax {
                Syntax::Json => jsonc::set(&text, self.key, server.name, &entry)?,
                Syntax::Toml => toml_section::set(&text, self.key, server.name, &entry)?,
            };
        }
        for name in gone {
            text = match self.syntax {
                Syntax::Json => jsonc::remove(&text, self.key, name)?,
                Syntax::Toml => toml_section::remove(&text, self.key, name)?,
            };
        }
        Ok(text)
    }

    /// What a person would write there.
    pub(crate) fn lines(&self, servers: &[Server]) -> String {
        self.edit("", servers, &[]).unwrap_or_default()
    }
}
