//! Whose registry a password is of.

use crate::app::App;
use crate::cli::profiles::names_in_account;
use crate::preferences::Preferences;
use crate::report::failure::{Failure, Kind};
use crate::text::abbreviate;
use crate::token::registry::{PrivateRegistry, Registry};
use crate::vault::KeptToken;

/// Refuses the password of another account's registry. It may open this one too, if that lets it; but then a rule has
/// to say that it is meant.
pub(in crate::cli) fn check_account(
    app: &App,
    kept: &KeptToken,
    registry: &PrivateRegistry,
    host: &str,
) -> Result<(), Failure> {
    let own = kept.header.registry.as_deref().and_then(Registry::of_host);
    let own = match own {
        Some(Registry::Private(own)) if own.account_id == registry.account_id => return Ok(()),
        Some(Registry::Private(own)) => format!("of {}", own.account_id),
        Some(Registry::Public) | None => "of an unknown account".to_owned(),
    };
    let names = names_in_account(app, &registry.account_id)?;
    let profile = names.first().map_or("PROFILE", String::as_str);
    Err(Failure::say(
        format!("{host} is the registry of {}, and the credentials are {own}", registry.account_id),
        Kind::Refused.with(format!(
            "write `\"{host}\" = \"{profile}\"` below [registries] in {}, or name the profile: \
             `awsx token ecr --registry {host} -p {profile}`",
            settings_file(app)
        )),
    ))
}

/// Where awsx's own settings are.
pub(in crate::cli) fn settings_file(app: &App) -> String {
    let path = Preferences::path(&app.env).unwrap_or_default().display().to_string();
    abbreviate(&path, app.env.home()).into_owned()
}
