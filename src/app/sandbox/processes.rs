//! What other processes have in their environment, and below their root, as Linux shows it to whoever may trace them.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::app::App;
use crate::state::files::read_prefix;

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
    let found = others().into_iter().filter_map(|pid| {
        let environment = read_prefix(format!("/proc/{pid}/environ").as_ref(), LONGEST).ok()?;
        let name = first_secret(app, &Zeroizing::new(environment))?;
        let program = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        Some(format!("{name} of process {pid} ({})", program.trim_end()))
    });
    found.collect()
}

/// The roots of others, as long as they can be looked into, that are not this process's own: each of them once.
pub(super) fn other_roots() -> Vec<PathBuf> {
    let which = |root: &Path| fs::metadata(root).ok().map(|root| (root.dev(), root.ino()));
    let mut seen: HashSet<_> = which(Path::new("/")).into_iter().collect();
    let roots = others().into_iter().map(|pid| PathBuf::from(format!("/proc/{pid}/root")));
    roots.filter(|root| which(&root.join(".")).is_some_and(|root| seen.insert(root))).collect()
}

fn others() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut pids: Vec<u32> =
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    pids.retain(|pid| *pid != std::process::id());
    pids
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
