//! `awsx mfa list`

use std::borrow::Cow;

use clap::Args;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::mfa::profiles_with_device;
use crate::cli::columns::{LOST, Row, show_list};
use crate::cli::page::page;
use crate::mfa::DeviceHeader;
use crate::report::{Failure, Look};
use crate::text::utc;

/// List the MFA devices whose secret is kept
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Opens nothing, asks nobody.
";
    "awsx mfa list"
))]
pub(in crate::cli) struct ListDevices {
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

struct Kept {
    header: DeviceHeader,
    /// The profiles whose mfa_serial it is
    users: Vec<String>,
    /// Whether the vault's key is gone that it was sealed with, or another vault has it
    lost: bool,
}

impl ListDevices {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let mut devices = Vec::new();
        for (header, lost) in app.vault()?.headers_with_loss::<DeviceHeader>()? {
            devices.push(Kept { users: profiles_with_device(app, &header.serial)?, header, lost });
        }
        devices.sort_by(|a, b| a.header.serial.cmp(&b.header.serial));
        if self.json {
            // Version 1; fields are only ever added.
            let devices: Vec<Value> = devices.iter().map(document).collect();
            return app.out().json(&json!({ "version": 1, "devices": devices }));
        }
        if devices.is_empty() {
            app.out().notice("no MFA device is kept; `awsx mfa add PROFILE` keeps one");
        }
        let rows: Vec<_> = devices.iter().map(|kept| row(app, kept)).collect();
        show_list(app, ["DEVICE", "ADDED", "USED BY"], &rows)
    }
}

fn document(Kept { header, users, lost }: &Kept) -> Value {
    json!({
        "serial": header.serial,
        "added_at": utc(header.added_at),
        "used_by": users,
        "lost": lost,
    })
}

fn row(app: &App, Kept { header, users, lost }: &Kept) -> Row<'static, 3> {
    let users = if users.is_empty() { "-".to_owned() } else { users.join(", ") };
    Row {
        cells: [header.serial.clone(), app.ago(header.added_at), users].map(Cow::from),
        look: Look::Plain,
        problem: lost.then(|| LOST.to_owned()),
    }
}
