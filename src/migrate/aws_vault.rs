//! aws-vault: its settings in the config file work as they are; what it keeps goes into the vault.
//! <https://github.com/ByteNess/aws-vault/blob/main/USAGE.md>

use super::finding::{Fate, Finding, KeySource, Tool};
use super::looked::{Looked, OwnFile};
use super::other_profile::by_other_profile;
use super::process::Process;
use super::sso::Sessions;
use crate::profile::{FileKind, Profile};

/// What no AWS tool reads but aws-vault, and awsx.
const DIALECT: [&str; 6] = [
    "include_profile",
    "mfa_process",
    "session_tags",
    "transitive_session_tags",
    "source_identity",
    "web_identity_token_process",
];

pub(super) fn find(looked: &Looked<'_>, _: Option<&OwnFile>, _: &mut Sessions) -> Vec<Finding> {
    let mut found = Vec::new();
    for profile in looked.all_profiles() {
        let process = Process::of(&profile);
        let is_own = |process: &Process| {
            process.runs("aws-vault", "exec") || process.runs("aws-vault", "export")
        };
        if let Some(process) = process.filter(is_own) {
            // `credential_process = aws-vault exec NAME --json`
            let other = process.argument("exec").or(process.argument("export"));
            found.push(by_other_profile(
                Tool::AwsVault,
                &profile,
                &process,
                other,
                "its access key in the vault",
            ));
        } else {
            found.extend(dialect(&profile));
        }
    }
    if let Some(store) = looked.store {
        let (what, fate) = match &store.backend {
            Ok(backend) => (
                format!("access keys in its {backend} store"),
                Fate::Keys(KeySource::AwsVault(backend)),
            ),
            Err(backend) => (
                format!("access keys in its {backend} store"),
                Fate::stays("awsx does not open that store", &*store.hand_over),
            ),
        };
        found.push(Finding { tool: Tool::AwsVault, place: store.place.clone(), what, fate });
    }
    found
}

fn dialect(profile: &Profile) -> Option<Finding> {
    let keys = DIALECT.iter().filter_map(|key| profile.get_in(FileKind::Config, key));
    let keys: Vec<_> = keys.collect();
    let names: Vec<&str> = keys.iter().map(|setting| &*setting.key).collect();
    Some(Finding {
        tool: Tool::AwsVault,
        place: keys.first()?.location.to_string(),
        what: format!("profile {}: {}", profile.name(), names.join(", ")),
        fate: match names.contains(&"web_identity_token_process") {
            true => Fate::stays(
                "awsx reads no web_identity_token_process",
                "write the token to a file, and set web_identity_token_file",
            ),
            false => Fate::Works("as it is".to_owned()),
        },
    })
}
