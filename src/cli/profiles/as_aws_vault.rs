//! `aws-vault list`, of what awsx keeps: the same three columns, for scripts that read them.

use clap::ValueEnum;

use crate::app::App;
use crate::keys::record::StoredKeysHeader;
use crate::login::{LoginHeader, LoginKind};
use crate::report::Failure;
use crate::vault::SessionHeader;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Listed {
    All,
    Profiles,
    Credentials,
    Sessions,
}

/// <https://byteness.github.io/aws-vault/docs/managing-credentials/>
pub(super) fn list(app: &App, listed: Listed) -> Result<String, Failure> {
    let vault = app.vault()?;
    let files = app.profiles()?;
    let profiles: Vec<&str> = files.all_names().collect();
    let keys = vault.headers::<StoredKeysHeader>()?;
    let mut keys: Vec<String> = keys.into_iter().map(|(_, header)| header.name).collect();
    keys.sort();
    let sessions = sessions(app)?;
    let lines = |words: &mut dyn Iterator<Item = &str>| {
        words.map(|word| format!("{word}\n")).collect::<String>()
    };
    Ok(match listed {
        Listed::Profiles => lines(&mut profiles.iter().copied()),
        Listed::Credentials => lines(&mut keys.iter().map(String::as_str)),
        Listed::Sessions => lines(&mut sessions.iter().map(|(_, label)| &**label)),
        Listed::All => {
            let mut rows = vec![
                ["Profile", "Credentials", "Sessions"].map(str::to_owned),
                ["=======", "===========", "========"].map(str::to_owned),
            ];
            for name in &profiles {
                let login = files.as_written(name).and_then(|profile| {
                    let session = profile.get("sso_session")?;
                    Some(format!("oidc:{}", session.value.trim()))
                });
                let is_own = |(of, label): &&(Option<String>, String)| {
                    of.as_deref() == Some(name) || login.as_ref() == Some(label)
                };
                let own: Vec<&str> =
                    sessions.iter().filter(is_own).map(|(_, label)| &**label).collect();
                let own = if own.is_empty() { "-".to_owned() } else { own.join(", ") };
                let has_keys = keys.iter().any(|key| key == name);
                let keys = if has_keys { name } else { "-" };
                rows.push([(*name).to_owned(), keys.to_owned(), own]);
            }
            let is_listed = |name: &str| profiles.contains(&name);
            rows.extend(
                keys.iter()
                    .filter(|key| !is_listed(key))
                    .map(|key| ["-".to_owned(), key.clone(), "-".to_owned()]),
            );
            table(&rows)
        }
    })
}

/// The profile of each session that is good, where it has one, and what aws-vault calls it.
fn sessions(app: &App) -> Result<Vec<(Option<String>, String)>, Failure> {
    let (vault, now) = (app.vault()?, app.now());
    let mut found = Vec::new();
    for (_, login) in vault.headers::<LoginHeader>()? {
        if login.kind == LoginKind::IdentityCenter {
            found.push((None, format!("oidc:{}", login.name.unwrap_or(login.url))));
        }
    }
    for (_, session) in vault.headers::<SessionHeader>()? {
        let left = (session.expires_at - now).num_seconds();
        if left > 0 {
            let call = session.of.call.as_deref().unwrap_or("session").replace(':', ".");
            let (hours, minutes, seconds) = (left / 3600, left / 60 % 60, left % 60);
            let left = match (hours, minutes) {
                (0, 0) => format!("{seconds}s"),
                (0, _) => format!("{minutes}m{seconds}s"),
                _ => format!("{hours}h{minutes}m{seconds}s"),
            };
            found.push((session.of.profile, format!("{call}:{left}")));
        }
    }
    found.sort();
    Ok(found)
}

/// Columns of 25 characters at least, with two blanks between them.
fn table(rows: &[[String; 3]]) -> String {
    let width = |column: usize| {
        let longest = rows.iter().map(|row| row[column].chars().count()).max();
        (longest.unwrap_or_default() + 2).max(25)
    };
    let (first, second, third) = (width(0), width(1), width(2));
    let line = |[profile, keys, sessions]: &[String; 3]| {
        format!("{profile:first$}{keys:second$}{sessions:third$}\n")
    };
    rows.iter().map(line).collect()
}
