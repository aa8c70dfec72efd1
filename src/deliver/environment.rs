//! Decides what changes in a child's environment: which variables are set, and which are *unset*.
//! [`super::exec()`] applies the changes, [`super::format`] writes them for a shell.

use super::nesting;
use super::overlay::Overlay;
use crate::credentials::{LiveCredentials, Secret};
use crate::env::Env;
use crate::text::utc;

/// The variables that hold the credentials which awsx hands over.
const CREDENTIALS: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
];

/// Every other variable that names or holds credentials for an AWS SDK or the AWS CLI. A child must not
/// find an inherited one beside those that awsx sets, so all of them are unset first.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>
const RIVALS: [&str; 11] = [
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CREDENTIAL_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

/// Variables of awsx that hold a secret. `AWSX_PASSPHRASE_FILE` and `AWSX_PASSPHRASE_COMMAND` only
/// say where one is, and an awsx inside the child needs them.
pub(crate) const SECRETS_OF_AWSX: [&str; 1] = ["AWSX_PASSPHRASE"];

/// aws-vault's word for whose credentials there are, which does not hold for others.
const MARK_OF_AWS_VAULT: &str = "AWS_VAULT";

/// What awsx leaves beside the credentials: whose they are, and by which key or server an inner awsx knows them.
const OF_AWSX: [&str; 4] =
    ["AWSX_PROFILE", "AWSX_ROLE", "AWSX_ACCESS_KEY_ID", "AWSX_CONTAINER_CREDENTIALS_FULL_URI"];

/// The variables by which SDKs find a server of awsx.
const SERVER: [&str; 3] =
    ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_ACCOUNT_ID"];

/// Where a command gets its credentials from while it runs.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub uri: String,
    /// What it is asked with
    pub token: Secret,
}

/// What a child learns besides the credentials.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delivery<'a> {
    /// The selected profile; becomes `AWSX_PROFILE`
    pub profile: Option<&'a str>,
    /// A role that no profile stands for: `corp/222222222222/Admin`; becomes `AWSX_ROLE`
    pub role: Option<&'a str>,
    /// Of the flag, else the environment, else the profile
    pub region: Option<&'a str>,
    /// What else the profile says of how AWS is reached: names and values
    pub variables: &'a [(String, String)],
}

/// The environment of a child that gets `live`, as a change to `env`.
pub(crate) fn environment(live: &LiveCredentials, delivery: &Delivery<'_>, env: &Env) -> Overlay {
    let mut overlay = without_credentials(env);

    overlay.set("AWS_ACCESS_KEY_ID", live.access_key_id());
    overlay.set("AWSX_ACCESS_KEY_ID", live.access_key_id());
    overlay.set_secret("AWS_SECRET_ACCESS_KEY", live.secret_access_key().clone());
    if let Some(token) = live.session_token() {
        overlay.set_secret("AWS_SESSION_TOKEN", token.clone());
    }
    if let Some(end) = live.expiration().at() {
        overlay.set("AWS_CREDENTIAL_EXPIRATION", utc(end));
    }
    if let Some(account) = live.account_id() {
        overlay.set("AWS_ACCOUNT_ID", account);
    }
    deliver(&mut overlay, delivery, env);
    overlay
}

/// The environment of a child that asks `server` for credentials, and finds no other ones.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
pub(crate) fn environment_of_server(
    server: &Server,
    account: Option<&str>,
    delivery: &Delivery<'_>,
    env: &Env,
) -> Overlay {
    let mut overlay = without_credentials(env);
    overlay.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*server.uri);
    overlay.set("AWSX_CONTAINER_CREDENTIALS_FULL_URI", &*server.uri);
    overlay.set_secret("AWS_CONTAINER_AUTHORIZATION_TOKEN", server.token.clone());
    if let Some(account) = account {
        overlay.set("AWS_ACCOUNT_ID", account);
    }
    // Where the server does not answer, the machine's own role must not answer in its place.
    let own = nesting::without_outer(env);
    nesting::set(&mut overlay, "AWS_EC2_METADATA_DISABLED", "true", &own);
    deliver(&mut overlay, delivery, env);
    overlay
}

/// The environment of a child that asks an instance metadata service at `endpoint`, and finds no other credentials.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
#[cfg(unix)]
pub(crate) fn environment_of_instance(
    endpoint: &str,
    delivery: &Delivery<'_>,
    env: &Env,
) -> Overlay {
    let mut overlay = without_credentials(env);
    let own = nesting::without_outer(env);
    for (name, value) in [
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint),
        ("AWS_EC2_METADATA_DISABLED", "false"),
        // Only the second version is spoken there.
        ("AWS_EC2_METADATA_V1_DISABLED", "true"),
    ] {
        nesting::set(&mut overlay, name, value, &own);
    }
    deliver(&mut overlay, delivery, env);
    overlay
}

/// Sets what a child learns besides the credentials.
fn deliver(overlay: &mut Overlay, delivery: &Delivery<'_>, env: &Env) {
    let own = nesting::without_outer(env);
    // Some SDKs read the one, some the other.
    if let Some(region) = delivery.region {
        nesting::set(overlay, "AWS_REGION", region, &own);
        nesting::set(overlay, "AWS_DEFAULT_REGION", region, &own);
    }
    for (variable, value) in delivery.variables {
        nesting::set(overlay, variable, value, &own);
    }
    if let Some(profile) = delivery.profile {
        overlay.set("AWSX_PROFILE", profile);
    }
    if let Some(role) = delivery.role {
        overlay.set("AWSX_ROLE", role);
    }
}

/// Takes back what [`environment`] set (`awsx env --unset`): credentials only where they are awsx's.
pub(crate) fn take_credentials_back(env: &Env) -> Overlay {
    let mut overlay = without_marks(env);
    if env.has_keys_of_awsx() {
        overlay.unset_all(&CREDENTIALS);
    }
    if env.has_server_of_awsx() {
        overlay.unset_all(&SERVER);
    }
    overlay
}

/// For a program that needs no credentials: unsets all that there may be, and awsx's own secrets.
pub(crate) fn withhold_credentials(env: &Env) -> Overlay {
    let mut overlay = without_credentials(env);
    overlay.unset_all(&SECRETS_OF_AWSX);
    overlay
}

/// Unsets all that could compete with delivered credentials or describe others, and what an outer awsx set.
fn without_credentials(env: &Env) -> Overlay {
    let mut overlay = without_marks(env);
    overlay.unset_all(&CREDENTIALS);
    overlay.unset_all(&RIVALS);
    if env.get(MARK_OF_AWS_VAULT).is_some() {
        overlay.unset(MARK_OF_AWS_VAULT);
    }
    overlay
}

/// Unsets what an outer awsx left beside credentials.
fn without_marks(env: &Env) -> Overlay {
    let mut overlay = Overlay::default();
    overlay.unset_all(&OF_AWSX);
    nesting::marks(env).chain(nesting::set_by_outer(env)).for_each(|name| overlay.unset(&name));
    overlay
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::credentials::{Expiration, SessionCredentials};

    fn live(token: Option<&str>, expires: bool, account: Option<&str>) -> LiveCredentials {
        let now = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        SessionCredentials {
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: Secret::new("planted-secret"),
            session_token: token.map(Secret::new),
            expiration: if expires { Expiration::At(now) } else { Expiration::Unstated },
            account_id: account.map(Into::into),
        }
        .live(now, Duration::ZERO)
        .unwrap()
    }

    /// The overlay's assignments as `NAME=value`.
    fn set(overlay: &Overlay) -> Vec<String> {
        overlay.assignments().map(|(n, v)| format!("{n}={}", v.expose())).collect()
    }

    const KEYS: [&str; 3] = [
        "AWSX_ACCESS_KEY_ID=ASIAEXAMPLE",
        "AWS_ACCESS_KEY_ID=ASIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY=planted-secret",
    ];

    #[test]
    fn known_values_are_set_and_all_others_unset() {
        struct Case<'a> {
            docs: &'static str,
            live: LiveCredentials,
            delivery: Delivery<'a>,
            env: &'static [(&'static str, &'static str)],
            sets: &'static [&'static str],
        }
        let none = Delivery::default();
        let endpoint = [("AWS_ENDPOINT_URL_S3".to_owned(), "http://e".to_owned())];
        let bare = || live(None, false, None);
        for case in [
            Case {
                docs: "what is unknown is not set",
                live: bare(),
                delivery: none,
                env: &[],
                sets: &[],
            },
            Case {
                docs: "all that is known",
                live: live(Some("planted-token"), true, Some("111122223333")),
                delivery: Delivery { profile: Some("dev"), region: Some("eu-west-1"), ..none },
                env: &[],
                sets: &[
                    "AWSX_PROFILE=dev",
                    "AWSX_DEFAULT_REGION=eu-west-1",
                    "AWSX_REGION=eu-west-1",
                    "AWS_ACCOUNT_ID=111122223333",
                    "AWS_CREDENTIAL_EXPIRATION=2026-01-02T03:04:05Z",
                    "AWS_DEFAULT_REGION=eu-west-1",
                    "AWS_REGION=eu-west-1",
                    "AWS_SESSION_TOKEN=planted-token",
                ],
            },
            Case {
                docs: "what the profile says of endpoints reaches the child",
                live: bare(),
                delivery: Delivery { variables: &endpoint, ..none },
                env: &[],
                sets: &["AWSX_ENDPOINT_URL_S3=http://e", "AWS_ENDPOINT_URL_S3=http://e"],
            },
            Case {
                docs: "without a mark where the person says the same",
                live: bare(),
                delivery: Delivery { variables: &endpoint, ..none },
                env: &[("AWS_ENDPOINT_URL_S3", "http://e")],
                sets: &["AWS_ENDPOINT_URL_S3=http://e"],
            },
        ] {
            let env = Env::from_pairs(case.env.iter().copied());
            let mut expected: Vec<String> =
                KEYS.iter().chain(case.sets).map(ToString::to_string).collect();
            expected.sort();
            assert_eq!(
                set(&environment(&case.live, &case.delivery, &env)),
                expected,
                "{}",
                case.docs
            );
        }
    }

    #[test]
    fn whatever_is_not_set_is_unset() {
        let overlay = environment(&live(None, false, None), &Delivery::default(), &Env::default());
        let removed: Vec<_> = overlay.removals().collect();
        for name in CREDENTIALS.into_iter().chain(RIVALS).chain(OF_AWSX) {
            let is_set = overlay.value(name).is_some();
            assert_ne!(is_set, removed.contains(&name), "{name} is neither set nor unset");
        }
        assert!(removed.contains(&"AWS_SESSION_TOKEN"), "a bare key pair with a stale token");
    }

    #[test]
    fn taking_back_covers_everything_that_was_set() {
        let endpoint = [("AWS_ENDPOINT_URL_S3".to_owned(), "http://e".to_owned())];
        let delivery =
            Delivery { profile: Some("p"), role: None, region: Some("r"), variables: &endpoint };
        let all = live(Some("t"), true, Some("1"));
        let given = environment(&all, &delivery, &Env::default());
        let inside = Env::from_pairs(given.assignments().map(|(n, v)| (n, v.expose().to_owned())));
        let back = take_credentials_back(&inside);
        assert_eq!(back.assignments().count(), 0);
        for (name, _) in given.assignments() {
            assert!(back.removals().any(|removed| removed == name), "{name} stays behind");
        }
    }

    #[test]
    fn a_server_stands_alone_and_is_taken_back() {
        let server = Server { uri: "http://127.0.0.1:1/p".into(), token: Secret::new("planted") };
        let delivery = Delivery { profile: Some("dev"), ..Delivery::default() };
        let env = Env::from_pairs([("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_PROFILE", "other")]);
        let overlay = environment_of_server(&server, Some("111122223333"), &delivery, &env);
        let expected = [
            "AWSX_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:1/p",
            "AWSX_EC2_METADATA_DISABLED=true",
            "AWSX_PROFILE=dev",
            "AWS_ACCOUNT_ID=111122223333",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN=planted",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:1/p",
            "AWS_EC2_METADATA_DISABLED=true",
        ];
        assert_eq!(set(&overlay), expected);
        for name in CREDENTIALS.into_iter().chain(RIVALS).chain(OF_AWSX) {
            let is_set = overlay.value(name).is_some();
            assert_ne!(is_set, overlay.removals().any(|removed| removed == name), "{name}");
        }
        let inside =
            Env::from_pairs(overlay.assignments().map(|(n, v)| (n, v.expose().to_owned())));
        assert_eq!(inside.profile_of_awsx(), Some("dev"));
        let back = take_credentials_back(&inside);
        for (name, _) in overlay.assignments() {
            assert!(back.removals().any(|removed| removed == name), "{name} stays behind");
        }
        let another = Env::from_pairs([
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:2/p"),
            ("AWSX_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/p"),
        ]);
        assert!(!another.has_server_of_awsx());
    }

    #[test]
    fn the_persons_own_credentials_are_not_taken_back() {
        for (docs, key, own) in [("another's key", "AKIAOTHER", true), ("awsx's", "ASIA", false)] {
            let pairs = [
                ("AWS_ACCESS_KEY_ID", key),
                ("AWSX_ACCESS_KEY_ID", "ASIA"),
                ("AWS_PROFILE", "p"),
                ("AWSX_PASSPHRASE", "planted"),
            ];
            let back = take_credentials_back(&Env::from_pairs(pairs));
            let is_taken = |name| back.removals().any(|removed| removed == name);
            assert_eq!(is_taken("AWS_ACCESS_KEY_ID"), !own, "{docs}");
            assert!(!is_taken("AWS_PROFILE") && !is_taken("AWSX_PASSPHRASE"), "{docs}");
        }
    }

    #[test]
    fn the_persons_own_region_is_not_taken_back() {
        let delivery = Delivery { region: Some("eu-west-1"), ..Delivery::default() };
        let env = Env::from_pairs([("AWS_REGION", "eu-west-1")]);
        let given = environment(&live(None, false, None), &delivery, &env);
        assert!(given.value("AWSX_REGION").is_none());
        assert!(!take_credentials_back(&env).removals().any(|name| name == "AWS_REGION"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let live = live(Some("planted-token"), true, None);
        let shown = format!("{:?}", environment(&live, &Delivery::default(), &Env::default()));
        assert!(!shown.contains("planted"), "{shown}");
    }
}
