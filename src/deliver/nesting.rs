//! An awsx that runs inside another one.
//!
//! A region that the outer awsx set is not the person's own: it must not beat the inner profile's, and
//! `env --unset` must not take away one that the person set. So awsx leaves a mark beside each such
//! variable, with the value that it set (`AWSX_REGION` beside `AWS_REGION`): a variable that still has this
//! value is awsx's.

use super::overlay::Overlay;
use crate::env::Env;

/// Variables of awsx that look like a mark beside a variable of somebody else (`AWS_PROFILE`, aws-vault's
/// `AWS_VAULT`), and the mark beside the credentials themselves.
const NO_MARKS: [&str; 14] = [
    "ACCESS_KEY_ID",
    "BROWSER",
    "CONFIG",
    "CONTAINER_CREDENTIALS_FULL_URI",
    "CREDENTIAL_PROCESS_CHAIN",
    "LOG",
    "NO_INPUT",
    "PASSPHRASE",
    "PASSPHRASE_COMMAND",
    "PASSPHRASE_FILE",
    "PROFILE",
    "ROLE",
    "STATE_DIR",
    "VAULT",
];

/// The marks that there are.
pub(super) fn marks(env: &Env) -> impl Iterator<Item = String> {
    names(env).map(|name| format!("AWSX_{name}"))
}

fn names(env: &Env) -> impl Iterator<Item = &str> {
    let names = env.iter().filter_map(|(name, _)| name.to_str()?.strip_prefix("AWSX_"));
    names.filter(|name| !NO_MARKS.contains(name))
}

/// Sets the variable, with a mark beside it if it has another value in the person's own environment.
pub(super) fn set(overlay: &mut Overlay, variable: &str, value: &str, own: &Env) {
    overlay.set(variable, value);
    if own.get(variable) != Some(value)
        && let Some(name) = variable.strip_prefix("AWS_")
    {
        overlay.set(&format!("AWSX_{name}"), value);
    }
}

/// The variables that an outer awsx set, and that nobody changed since.
pub(super) fn set_by_outer(env: &Env) -> impl Iterator<Item = String> {
    names(env).filter_map(|name| {
        let variable = format!("AWS_{name}");
        let value = env.get(&variable)?;
        (env.get(&format!("AWSX_{name}")) == Some(value)).then_some(variable)
    })
}

/// What an outer awsx set besides credentials and region, for a child that gets its credentials.
pub(crate) fn variables_of_outer(env: &Env) -> Vec<(String, String)> {
    set_by_outer(env)
        .filter(|name| !["AWS_REGION", "AWS_DEFAULT_REGION"].contains(&&**name))
        .filter_map(|name| {
            let value = env.get(&name)?.to_owned();
            Some((name, value))
        })
        .collect()
}

/// The person's own environment: without what an outer awsx set beside credentials, which does not hold for
/// others.
pub(crate) fn without_outer(env: &Env) -> Env {
    let variables: Vec<String> = set_by_outer(env).collect();
    env.without(variables.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_marked_and_unchanged_is_awsxs() {
        for (env, expected) in [
            (&[("AWS_REGION", "a"), ("AWSX_REGION", "a")][..], &["AWS_REGION"][..]),
            (&[("AWS_REGION", "b"), ("AWSX_REGION", "a")], &[]),
            (&[("AWS_REGION", "a")], &[]),
            (&[("AWSX_REGION", "a")], &[]),
            (&[("AWS_DEFAULT_REGION", "a"), ("AWSX_REGION", "a")], &[]),
            (
                &[("AWS_ENDPOINT_URL_S3", "e"), ("AWSX_ENDPOINT_URL_S3", "e")],
                &["AWS_ENDPOINT_URL_S3"],
            ),
            (&[("AWS_PROFILE", "p"), ("AWSX_PROFILE", "p")], &[]),
        ] {
            let env = Env::from_pairs(env.iter().copied());
            assert_eq!(set_by_outer(&env).collect::<Vec<_>>(), expected, "{env:?}");
            assert!(expected.iter().all(|name| !without_outer(&env).is_present(name)));
        }
    }
}
