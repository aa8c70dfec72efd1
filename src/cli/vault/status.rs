//! `awsx vault status`

use clap::Args;
use serde_json::{Map, Value, json};

use super::contents::count;
use crate::app::App;
use crate::cli::page::page;
use crate::report::{Failure, Look, Screen};
use crate::text::{abbreviate, utc};
use crate::vault::{UnlockerKind, VaultStatus};

/// Show where the vault's key rests, and what the vault holds
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Opens nothing, asks nobody.
";
    "awsx vault status"
))]
pub(in crate::cli) struct ShowVault {
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl ShowVault {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let status = app.vault()?.status()?;
        match self.json {
            true => app.out().json(&document(&status)),
            false => app.out().show(&text(&status, app)),
        }
    }
}

/// Version 1; fields are only ever added.
fn document(status: &VaultStatus<'_>) -> Value {
    let holds: Map<String, Value> = status
        .folders
        .iter()
        .map(|folder| {
            let counts =
                json!({ "records": folder.records, "bytes": folder.bytes, "lost": folder.lost });
            (folder.name.clone(), counts)
        })
        .collect();
    json!({
        "version": 1,
        "unlocker": status.unlocker.as_str(),
        "named": status.is_named,
        "since": status.since.map(utc),
        "open": status.is_open,
        "directory": status.directory.map(|path| path.display().to_string()),
        "holds": holds,
    })
}

fn text(status: &VaultStatus<'_>, app: &App) -> Screen {
    let mut screen = app.out().screen();
    screen.look(Look::Strong, status.unlocker.as_str()).line();
    let named = match (status.is_named, status.unlocker) {
        (true, _) => Some("AWSX_VAULT".to_owned()),
        (false, UnlockerKind::Auto) => None,
        (false, _) => Some("auto, on first use".to_owned()),
    };
    let open =
        status.is_open.filter(|_| status.unlocker != UnlockerKind::Auto).map(|is_open| {
            match (is_open, status.unlocker) {
                (true, _) => "yes".to_owned(),
                (false, UnlockerKind::Passphrase) => {
                    "no: `awsx unlock` asks for the passphrase".to_owned()
                }
                (false, _) => "no".to_owned(),
            }
        });
    let bytes: u64 = status.folders.iter().map(|folder| folder.bytes).sum();
    let holds: Vec<String> = status.folders.iter().map(count).collect();
    let holds = match holds.is_empty() {
        true => "nothing".to_owned(),
        false => format!("{} ({} kB)", holds.join(", "), bytes.div_ceil(1000)),
    };
    let lost: usize = status.folders.iter().filter_map(|folder| folder.lost).sum();
    let lost = (lost > 0).then(|| match lost {
        1 => "1 of these was sealed with another key".to_owned(),
        lost => format!("{lost} of these were sealed with another key"),
    });
    for (what, said) in [
        ("key in", Some(status.unlocker.place().to_owned())),
        ("chosen by", named),
        ("since", status.since.map(|since| app.on(since))),
        ("open", open),
        ("holds", Some(holds)),
        ("lost", lost),
        ("where", status.directory.map(|path| path.display().to_string())),
    ] {
        let Some(said) = said else { continue };
        let said = abbreviate(&said, app.env.home());
        screen.look(Look::Faint, &format!("{what:<11}")).plain(&said).line();
    }
    screen
}
