//! `list_profiles`

use serde_json::{Value, json};

use crate::app::App;
use crate::app::agents::check_profile;
use crate::cli::profiles::{names_with_words, profiles_document};
use crate::report::Failure;

/// As many profiles without a limit.
const USUAL: u64 = 100;
const MOST: u64 = 1000;

/// What a model needs to choose a profile. No setting is among it: who wants one asks for an explanation.
const FIELDS: [&str; 8] =
    ["account_id", "role", "region", "source", "from", "mfa", "cached_until", "problems"];

pub(super) fn list(app: &App, query: &str, limit: Option<u64>) -> Result<Value, Failure> {
    let limit = limit.unwrap_or(USUAL);
    if limit == 0 || limit > MOST {
        let hint = format!("ask for 1 to {MOST}, and for fewer profiles with a query");
        return Err(Failure::usage(format!("limit {limit} is out of bounds"), &hint));
    }
    let mut names = names_with_words(app, query)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = names.len().saturating_sub(limit);
    names.truncate(limit);
    let document = profiles_document(app, |name| names.iter().any(|one| one == name))?;
    // The rule is one for all of them, so that a file that cannot be read is told once.
    app.preferences()?;
    let profile = |name: &String| {
        let entry = &document["profiles"][name];
        let mut profile = json!({ "name": name, "allowed": check_profile(app, name).is_ok() });
        for field in FIELDS {
            profile[field] = entry[field].clone();
        }
        profile
    };
    Ok(json!({
        "version": 1,
        "profiles": names.iter().map(profile).collect::<Vec<_>>(),
        "more": more,
    }))
}
