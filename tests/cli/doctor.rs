//! `awsx doctor`, in homes where something is broken.

use chrono::TimeDelta;

use crate::fake_aws::sample::{KEY_ID, SECRET_KEY};
use crate::given::sso_config;
use crate::sandbox::{AWSX, SSO_SESSION, Sandbox};

/// Where nothing is wrong.
fn sound() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config("[default]\nregion = eu-west-1\n");
    sandbox.write_mode(".aws/credentials", "", 0o600);
    sandbox.set("AWSX_BROWSER", "true");
    let own = std::path::Path::new(AWSX).parent().unwrap().display().to_string();
    sandbox.set("PATH", &format!("{own}:/usr/bin:/bin"));
    sandbox
}

#[test]
fn nothing_is_wrong() {
    let sandbox = sound();
    let ran = sandbox.awsx(&["doctor"]).ok();
    assert!(ran.stdout.lines().all(|line| line.starts_with('✓')), "{}", ran.stdout);
    assert!(ran.stdout.lines().count() <= 24, "{}", ran.stdout);
    let online = sandbox.awsx(&["doctor", "--online"]).ok().stdout;
    assert!(online.contains("✓ network      sts at http://127.0.0.1:"), "{online}");
    assert!(online.contains("✓ clock        as AWS has it"), "{online}");
}

/// What is broken, how, and what the first line says of it.
type Home = (&'static str, fn(&Sandbox), &'static str);

const BAD: [Home; 17] = [
    (
        "a line that nobody reads",
        |home| home.config("[default]\nnonsense\n"),
        "files        ~/.aws/config:2: expected `key = value`",
    ),
    (
        "the same in the other file",
        |home| home.credentials("[default\n"),
        "files        ~/.aws/credentials:1: expected `]`",
    ),
    (
        "a source that is not there",
        |home| {
            home.config(
                "[profile a]\nrole_arn = arn:aws:iam::111111111111:role/a\nsource_profile = b\n",
            )
        },
        "files        ~/.aws/config:3: source_profile of profile \"a\" names \"b\"",
    ),
    (
        "a circle",
        |home| {
            home.config(
                "[profile a]\nrole_arn = arn:aws:iam::111111111111:role/a\nsource_profile = b\n\
                 [profile b]\nrole_arn = arn:aws:iam::111111111111:role/b\nsource_profile = a\n",
            );
        },
        "the source profiles form a circle",
    ),
    (
        "a directory in the place of a file",
        |home| {
            std::fs::remove_file(home.home().join(".aws/config")).unwrap();
            std::fs::create_dir(home.home().join(".aws/config")).unwrap();
        },
        "files        ~/.aws/config: ~/.aws/config is a directory",
    ),
    (
        "awsx's own settings",
        |home| drop(home.write(".config/awsx/config.toml", "auto_login = 1\n")),
        "files        ~/.config/awsx/config.toml:1: auto_login must be true or false",
    ),
    (
        "a profile that is not there",
        |home| home.set("AWS_PROFILE", "gone"),
        "environment  profile \"gone\" (named by AWS_PROFILE) is in neither",
    ),
    (
        "half a key",
        |home| home.set("AWS_ACCESS_KEY_ID", KEY_ID),
        "environment  AWS_ACCESS_KEY_ID is set, but",
    ),
    (
        "credentials that are over",
        |home| {
            home.set("AWS_ACCESS_KEY_ID", KEY_ID);
            home.set("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
            home.set("AWS_SESSION_TOKEN", "planted-token-of-the-environment");
            home.set("AWS_CREDENTIAL_EXPIRATION", "2024-01-31T12:00:00Z");
        },
        "environment  the credentials of the environment",
    ),
    (
        "authorities that are not there",
        |home| home.set("AWS_CA_BUNDLE", "/nowhere/ca.pem"),
        "environment  AWS_CA_BUNDLE names /nowhere/ca.pem",
    ),
    (
        "a proxy that is none",
        |home| home.set("HTTPS_PROXY", "socks5://127.0.0.1:1"),
        "environment  HTTPS_PROXY: is not the URL",
    ),
    (
        "an endpoint that is none",
        |home| home.set("AWS_ENDPOINT_URL", "localhost"),
        "environment  AWS_ENDPOINT_URL is not a URL",
    ),
    (
        "an unknown vault",
        |home| home.set("AWSX_VAULT", "pocket"),
        "vault        `pocket` is not a vault",
    ),
    (
        "a state directory that others can write",
        |home| drop(home.write_mode(".local/state/awsx/x", "", 0o600)),
        "is not safe to keep credentials in",
    ),
    (
        "a state directory that is a file",
        |home| {
            std::fs::remove_dir_all(home.state_dir()).unwrap();
            std::fs::write(home.state_dir(), "").unwrap();
        },
        ".local/state/awsx",
    ),
    (
        "a clock that was set back",
        |home| {
            let file = std::fs::File::create(home.state_dir().join("later")).unwrap();
            file.set_modified((home.aws.now() + TimeDelta::hours(2)).into()).unwrap();
        },
        "clock        a file below ~/.local/state/awsx is of 7",
    ),
    (
        "a byte order mark",
        |home| home.config("\u{feff}[default]\nregion = eu-west-1\n"),
        "files        ~/.aws/config:1: the file begins with a byte order mark",
    ),
];

#[test]
fn what_is_wrong_comes_first_and_ends_with_3() {
    for (docs, break_it, expected) in BAD {
        let sandbox = sound();
        break_it(&sandbox);
        if docs.ends_with("others can write") {
            use std::os::unix::fs::PermissionsExt;
            let open = std::fs::Permissions::from_mode(0o777);
            std::fs::set_permissions(sandbox.state_dir(), open).unwrap();
        }
        let ran = sandbox.awsx(&["doctor"]);
        let first = ran.stdout.lines().next().unwrap_or_default();
        assert!(first.starts_with("✗ ") && first.contains(expected), "{docs}: {ran:?}");
        assert_eq!(ran.code, 3, "{docs}");
        // Each says what to do next.
        let lines: Vec<&str> = ran.stdout.lines().collect();
        assert!(lines[1].starts_with("              "), "{docs}: {ran:?}");
        let document = sandbox.awsx(&["doctor", "--json"]).json();
        assert_eq!(document["points"][0]["state"], "bad", "{docs}");
    }
}

const DOUBTFUL: [Home; 8] = [
    (
        "a profile that keys of the environment shadow",
        |home| {
            home.config("[profile dev]\nregion = eu-west-1\n");
            home.set("AWS_PROFILE", "dev");
            home.set("AWS_ACCESS_KEY_ID", KEY_ID);
            home.set("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        },
        "environment  AWS_PROFILE=dev is shadowed by AWS_ACCESS_KEY_ID",
    ),
    (
        "two variables for one thing",
        |home| home.set_all("AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-2"),
        "environment  AWS_REGION is eu-west-1, but AWS_DEFAULT_REGION is eu-west-2",
    ),
    (
        "no files at all",
        |home| std::fs::remove_dir_all(home.home().join(".aws")).unwrap(),
        "environment  there is no profile yet",
    ),
    (
        "nobody is logged in",
        |home| home.config(&format!("[default]\nregion = eu-west-1\n{SSO_SESSION}")),
        "logins       corp: nobody is logged in",
    ),
    (
        "keys in clear text",
        |home| {
            let keys = format!(
                "[a]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"
            );
            drop(home.write_mode(".aws/credentials", &keys, 0o600));
        },
        "files        1 warning",
    ),
    (
        "an SSH session",
        |home| {
            home.unset("AWSX_BROWSER");
            home.set("SSH_CONNECTION", "127.0.0.1 1 127.0.0.1 2");
        },
        "browser      this is an SSH session",
    ),
    (
        "another program of the name, before this one",
        |home| {
            home.write_mode("bin/awsx", "#!/usr/bin/env node\n", 0o755);
            let own = std::path::Path::new(AWSX).parent().unwrap().display().to_string();
            home.set("PATH", &format!("{}/bin:{own}:/usr/bin:/bin", home.home().display()));
        },
        "is another program: ~/bin/awsx, an npm package",
    ),
    (
        "another one behind it",
        |home| {
            home.write_mode("bin/awsx", "#!/usr/bin/python3\n", 0o755);
            let own = std::path::Path::new(AWSX).parent().unwrap().display().to_string();
            home.set("PATH", &format!("{own}:{}/bin", home.home().display()));
        },
        "awsx         PATH has another program of this name: ~/bin/awsx, a Python package",
    ),
];

#[test]
fn what_may_surprise_comes_before_what_is_well() {
    for (docs, bend_it, expected) in DOUBTFUL {
        let sandbox = sound();
        bend_it(&sandbox);
        let ran = sandbox.awsx(&["doctor"]).ok();
        let first = ran.stdout.lines().next().unwrap_or_default();
        assert!(first.starts_with("! ") && first.contains(expected), "{docs}: {ran:?}");
    }
}

#[test]
fn aws_is_asked_with_online_alone() {
    let sandbox = sound();
    sandbox.aws.control(|state| state.clock_offset = TimeDelta::minutes(10));
    sandbox.awsx(&["doctor"]).ok();
    let ran = sandbox.awsx(&["doctor", "--online"]);
    let first = ran.stdout.lines().next().unwrap_or_default().to_owned();
    assert!(first.starts_with("✗ clock        this machine's clock is "), "{ran:?}");
    let seconds = first.split(' ').rev().nth(3).and_then(|word| word.parse().ok());
    assert!(seconds.is_some_and(|seconds: i64| (590..=600).contains(&seconds)), "{first}");
    assert!(first.ends_with(" s behind AWS's"), "{first}");
    sandbox.set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    sandbox.awsx(&["doctor"]).ok();
    let ran = sandbox.awsx(&["doctor", "--online"]);
    assert_eq!(ran.code, 3);
    let first = ran.stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("✗ network") && first.contains("http://127.0.0.1:1: "), "{ran:?}");
}

#[test]
fn a_login_is_shown_with_its_end() {
    let sandbox = sound().at_a_browser();
    sandbox.config(&sso_config());
    sandbox.log_in();
    let ran = sandbox.awsx(&["doctor"]).ok();
    assert!(ran.stdout.contains("✓ logins       corp: logged in "), "{ran:?}");
}

#[test]
fn a_report_names_nobody() {
    let sandbox = sound();
    sandbox.config(
        "[profile payments-prod]\nrole_arn = arn:aws:iam::222233334444:role/Boss\nsource_profile = payments\n\
         [sso-session northwind]\nsso_region = eu-west-1\nsso_start_url = https://northwind.awsapps.com/start\n",
    );
    let ran = sandbox.awsx(&["doctor", "--report"]);
    assert_eq!(ran.code, 3);
    for name in [
        "payments-prod",
        "\"payments\"",
        "northwind",
        "222233334444",
        "Boss",
        &*sandbox.home().display().to_string(),
    ] {
        assert!(!ran.stdout.contains(name), "{name}: {}", ran.stdout);
    }
    assert!(ran.stdout.contains("source_profile of profile \"profile-1\""), "{}", ran.stdout);
    assert!(ran.stdout.contains("session-1: nobody is logged in"), "{}", ran.stdout);
}
