//! What a vault holds, in words.

use crate::app::App;
use crate::keys::in_file::BegunHeader;
use crate::keys::record::StoredKeysHeader;
use crate::login::LoginHeader;
use crate::mfa::DeviceHeader;
use crate::report::Failure;
use crate::vault::{FolderStatus, VaultStatus};

/// `5 sessions`; what a person need not know of is `3 notes`.
pub(super) fn count(folder: &FolderStatus) -> String {
    let one = match &*folder.name {
        "sessions" => "session",
        "logins" => "login",
        "keys" => "access key",
        "mfa" => "MFA device",
        "rotations" => "noted rotation",
        "imports" => "import that can be undone",
        _ => "note",
    };
    match (folder.records, one) {
        (1, one) => format!("1 {one}"),
        (count, "import that can be undone") => format!("{count} imports that can be undone"),
        (count, one) => format!("{count} {one}s"),
    }
}

/// What nobody makes again, or not without a person, by name.
pub(super) fn names(app: &App, status: &VaultStatus<'_>) -> Result<Vec<String>, Failure> {
    let vault = app.vault()?;
    let mut lines = Vec::new();
    for folder in &status.folders {
        let mut names: Vec<String> = match &*folder.name {
            "logins" => vault
                .headers::<LoginHeader>()?
                .iter()
                .map(|(_, header)| header.login().name().to_owned())
                .collect(),
            "keys" => vault
                .headers::<StoredKeysHeader>()?
                .into_iter()
                .map(|(_, header)| format!("{} ({})", header.name, header.access_key_id))
                .collect(),
            "mfa" => vault
                .headers::<DeviceHeader>()?
                .into_iter()
                .map(|(_, header)| header.serial)
                .collect(),
            "rotations" => vault
                .headers::<BegunHeader>()?
                .into_iter()
                .map(|(_, header)| header.describe())
                .collect(),
            _ => Vec::new(),
        };
        names.sort_unstable();
        let count = count(folder);
        lines.push(match names.is_empty() {
            true => count,
            false => format!("{count}: {}", names.join(", ")),
        });
    }
    Ok(lines)
}
