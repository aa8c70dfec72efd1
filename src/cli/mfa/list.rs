//! `awsx mfa list`

use std::borrow::Cow;

use clap::Args;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::mfa::profiles_with_device;
use crate::cli::columns::{Cells, Columns};
use crate::cli::page::page;
use crate::mfa::DeviceHeader;
use crate::report::{Failure, Look};
use crate::text::utc;
use crate::vault::UnlockerKind;

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
        let vault = app.vault()?;
        let looks = vault.unlocker_kind() != UnlockerKind::Keychain;
        let mut devices = Vec::new();
        for (key, header) in vault.headers::<DeviceHeader>()? {
            let users = profiles_with_device(app, &header.serial)?;
            devices.push(Kept {
                users,
                lost: looks && vault.is_lost::<DeviceHeader>(&key),
                header,
            });
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
        show(app, &devices)
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

/// One line for each; with a header where a person looks at it.
fn show(app: &App, devices: &[Kept]) -> Result<(), Failure> {
    let header = ["DEVICE", "ADDED", "USED BY"].map(Cow::from);
    let header = (app.out().is_seen() && !devices.is_empty()).then_some(header);
    let cells = |kept: &Kept| -> Cells<'static, 3> {
        let users = if kept.users.is_empty() { "-".to_owned() } else { kept.users.join(", ") };
        [kept.header.serial.clone(), app.ago(kept.header.added_at), users].map(Cow::from)
    };
    let lines: Vec<_> = devices.iter().map(cells).collect();
    let columns = Columns::new(header.iter().chain(&lines));
    let mut screen = app.out().screen();
    if let Some(header) = &header {
        let (first, rest) = columns.align(header);
        screen.look(Look::Faint, &(first + &rest)).line();
    }
    for (kept, cells) in devices.iter().zip(&lines) {
        let (first, rest) = columns.align(cells);
        let remark = if kept.lost { "  ! the vault's key that sealed it is gone" } else { "" };
        screen.look(Look::Strong, &first).plain(&rest).look(Look::Bad, remark).line();
    }
    app.out().show(&screen)
}
