//! What other processes have in their environment, as Linux shows it to whoever may trace them.

use zeroize::Zeroizing;

use crate::app::App;
use crate::state::files::read_regular;

/// Variables that are secret.
const SECRETS: [&str; 5] = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWSX_PASSPHRASE",
    "AWS_VAULT_FILE_PASSPHRASE",
];
/// Bytes of an environment that are looked at.
const LONGEST: u64 = 2 * 1024 * 1024;

/// Those that have what this process has not.
pub(super) fn find_secrets_of_others(app: &App) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut pids: Vec<u32> =
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    let found = pids.into_iter().filter(|pid| *pid != std::process::id()).filter_map(|pid| {
        let environment = read_regular(format!("/proc/{pid}/environ").as_ref(), LONGEST).ok()?;
        let name = first_secret(app, &Zeroizing::new(environment))?;
        let program = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        Some(format!("{name} of process {pid} ({})", program.trim_end()))
    });
    found.collect()
}

fn first_secret(app: &App, environment: &[u8]) -> Option<&'static str> {
    let mut variables = environment.split(|byte| *byte == 0);
    variables.find_map(|variable| {
        let (name, value) = std::str::from_utf8(variable).ok()?.split_once('=')?;
        let name = SECRETS.into_iter().find(|secret| *secret == name)?;
        let is_new = !value.is_empty() && app.inherited.get(name) != Some(value);
        is_new.then_some(name)
    })
}
