//! Whose credentials a shell has, by the variables that awsx and others leave in it.

use chrono::{DateTime, Utc};

use super::request::{SelectedBy, SelectedProfile};
use crate::env::Env;

/// What programs find that are started there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InUse {
    /// The profile that awsx took them from, or that the person names
    pub profile: Option<String>,
    /// `SESSION/ACCOUNT/ROLE` of `--sso`
    pub role: Option<String>,
    /// Of keys that lie in the environment
    pub access_key_id: Option<String>,
    /// 12 digits
    pub account_id: Option<String>,
    /// When keys of the environment end, as far as it says that
    pub ends: Option<DateTime<Utc>>,
}

impl InUse {
    /// Keys of the environment, else the profile that it names, else a server of awsx; in the order of AWS's chain.
    pub(crate) fn of(env: &Env) -> Option<Self> {
        let text = |name: &str| env.get(name).map(|value| value.trim().to_owned());
        let of_awsx = || Self {
            profile: text("AWSX_PROFILE"),
            role: text("AWSX_ROLE"),
            account_id: text("AWS_ACCOUNT_ID"),
            ..Self::default()
        };
        let key = text("AWS_ACCESS_KEY_ID").filter(|_| env.get("AWS_SECRET_ACCESS_KEY").is_some());
        if let Some(key) = key {
            let whose = match env.has_keys_of_awsx() {
                true => of_awsx(),
                false => Self { account_id: text("AWS_ACCOUNT_ID"), ..Self::default() },
            };
            let ends = text("AWS_CREDENTIAL_EXPIRATION")
                .and_then(|end| Some(DateTime::parse_from_rfc3339(&end).ok()?.to_utc()));
            return Some(Self { access_key_id: Some(key), ends, ..whose });
        }
        let selected = SelectedProfile::of_environment(env);
        match selected.by {
            SelectedBy::Default => {
                (env.has_server_of_awsx() || env.has_instance_of_awsx()).then(of_awsx)
            }
            _ => Some(Self { profile: Some(selected.name), ..Self::default() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_say_whose_they_are() {
        const KEYS: &str = "AWS_ACCESS_KEY_ID=ASIA AWS_SECRET_ACCESS_KEY=planted ";
        const SERVER: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://a AWSX_CONTAINER_CREDENTIALS_FULL_URI=http://a ";
        const INSTANCE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://a AWSX_EC2_METADATA_SERVICE_ENDPOINT=http://a ";
        const OF_AWSX: &str = "AWSX_ACCESS_KEY_ID=ASIA AWSX_PROFILE=dev AWS_ACCOUNT_ID=1 \
                               AWS_CREDENTIAL_EXPIRATION=2026-01-02T03:04:05Z ";
        let own = |profile: &str| InUse {
            profile: Some(profile.to_owned()),
            account_id: Some("1".to_owned()),
            ..InUse::default()
        };
        let of_profile = |name: &str| InUse { account_id: None, ..own(name) };
        let keys = InUse { access_key_id: Some("ASIA".to_owned()), ..InUse::default() };
        let ends = DateTime::from_timestamp(1_767_323_045, 0);
        for (docs, variables, expected) in [
            ("nothing", String::new(), None),
            ("a mark alone", OF_AWSX.to_owned(), None),
            ("half a pair", "AWS_ACCESS_KEY_ID=ASIA".to_owned(), None),
            (
                "awsx's keys",
                format!("{KEYS}{OF_AWSX}"),
                Some(InUse { access_key_id: Some("ASIA".to_owned()), ends, ..own("dev") }),
            ),
            (
                "another's",
                format!("{KEYS}AWSX_ACCESS_KEY_ID=A AWSX_PROFILE=dev"),
                Some(keys.clone()),
            ),
            (
                "before a profile, with an end that is none",
                format!("{KEYS}AWS_PROFILE=prod AWS_CREDENTIAL_EXPIRATION=soon"),
                Some(keys),
            ),
            ("a name", "AWS_PROFILE=prod AWS_ACCOUNT_ID=1".to_owned(), Some(of_profile("prod"))),
            ("the older name", "AWS_DEFAULT_PROFILE=prod".to_owned(), Some(of_profile("prod"))),
            ("a server", format!("{SERVER}{OF_AWSX}"), Some(own("dev"))),
            ("a name before it", format!("{SERVER}AWS_PROFILE=prod"), Some(of_profile("prod"))),
            ("an instance", format!("{INSTANCE}{OF_AWSX}"), Some(own("dev"))),
            (
                "another's server",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://a AWSX_PROFILE=dev".to_owned(),
                None,
            ),
            (
                "a role",
                format!("{SERVER}AWSX_ROLE=corp/1/Admin"),
                Some(InUse { role: Some("corp/1/Admin".to_owned()), ..InUse::default() }),
            ),
        ] {
            let pairs = variables.split(' ').filter_map(|pair| pair.split_once('='));
            assert_eq!(InUse::of(&Env::from_pairs(pairs)), expected, "{docs}");
        }
    }
}
