//! An awsx that runs inside another one.
//!
//! A region that the outer awsx set is not the person's own: it must not beat the inner profile's, and
//! `env --unset` must not take away one that the person set. So awsx leaves a mark beside each such
//! variable, with the value that it set: a variable that still has this value is awsx's.

use super::overlay::Overlay;
use crate::env::Env;

const MARKED: [(&str, &str); 3] = [
    ("AWS_REGION", "AWSX_REGION"),
    ("AWS_DEFAULT_REGION", "AWSX_DEFAULT_REGION"),
    ("AWS_ENDPOINT_URL", "AWSX_ENDPOINT_URL"),
];

pub(super) fn marks() -> impl Iterator<Item = &'static str> {
    MARKED.into_iter().map(|(_, mark)| mark)
}

/// Sets `variables` to `value`, with a mark beside each that has another value in the person's own
/// environment.
pub(super) fn set(overlay: &mut Overlay, variables: &[&str], value: &str, own: &Env) {
    for (variable, mark) in MARKED.into_iter().filter(|(name, _)| variables.contains(name)) {
        overlay.set(variable, value);
        if own.get(variable) != Some(value) {
            overlay.set(mark, value);
        }
    }
}

/// The variables that an outer awsx set, and that nobody changed since.
pub(super) fn set_by_outer(env: &Env) -> impl Iterator<Item = &'static str> {
    MARKED
        .into_iter()
        .filter(|(variable, mark)| env.get(mark).is_some() && env.get(mark) == env.get(variable))
        .map(|(variable, _)| variable)
}

/// The person's own environment: without the variables that an outer awsx set beside credentials.
pub(crate) fn without_outer(env: &Env) -> Env {
    env.without(set_by_outer(env))
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
            (&[("AWS_ENDPOINT_URL", "e"), ("AWSX_ENDPOINT_URL", "e")], &["AWS_ENDPOINT_URL"]),
        ] {
            let env = Env::from_pairs(env.iter().copied());
            assert_eq!(set_by_outer(&env).collect::<Vec<_>>(), expected, "{env:?}");
            assert!(expected.iter().all(|name| !without_outer(&env).is_present(name)));
        }
    }
}
