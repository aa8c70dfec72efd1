//! Roles of IAM Identity Center, from the token that `aws sso login` left behind.

use chrono::TimeDelta;

use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample;
use crate::sandbox::{Ran, Sandbox};
use crate::table::side_by_side;

pub(crate) const CONFIG: &str = "\
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
[profile sso]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Developer
[profile old]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 222222222222
sso_role_name = Developer
[profile behind]
role_arn = arn:aws:iam::111111111111:role/ReadOnly
source_profile = sso
duration_seconds = 7200
[profile foreign]
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Developer
";

const DEVELOPER: &str = "arn:aws:sts::222222222222:assumed-role/\
                         AWSReservedSSO_Developer_0123456789abcdef/ann@corp.example";

/// The AWS CLI's file of the `[sso-session]`, and of the start URL of the profile `old`.
fn token_files() -> [String; 2] {
    [sample::SSO_SESSION, sample::SSO_START_URL]
        .map(|(_, sha1)| format!(".aws/sso/cache/{sha1}.json"))
}

/// Writes the text that the AWS CLI would, changed.
pub(crate) fn log_in(sandbox: &Sandbox, change: impl Fn(String) -> String) {
    let text =
        sandbox.aws.control(|state| state.portal.tokens[0].cache_file(sample::SSO_START_URL.0));
    for file in token_files() {
        sandbox.write(&file, &change(text.clone()));
    }
}

/// Profiles of both kinds, and a person who ran `aws sso login`.
pub(crate) fn furnish(sandbox: &Sandbox) {
    sandbox.config(CONFIG);
    log_in(sandbox, |text| text);
    sandbox.aws.control(|state| {
        let role = state.iam.role(sample::READ_ONLY).unwrap();
        role.trust.principals.push(sample::SSO_ROLE.into());
    });
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    furnish(&sandbox);
    sandbox
}

fn exec(sandbox: &Sandbox, profile: &str) -> Ran {
    sandbox.awsx(&["exec", profile, "--", "env"])
}

fn operations(sandbox: &Sandbox) -> Vec<String> {
    sandbox.aws.calls().into_iter().map(|call| call.operation).collect()
}

#[test]
fn a_login_of_the_aws_cli_gives_the_role_and_the_session_is_kept() {
    for profile in ["sso", "old"] {
        let sandbox = sandbox();
        for _ in 0..3 {
            let ran = exec(&sandbox, profile).ok();
            assert!(ran.stdout.contains("AWS_ACCOUNT_ID=222222222222"), "{ran:?}");
            assert_eq!(ran.stderr, "");
        }
        assert_eq!(operations(&sandbox), ["GetRoleCredentials"]);
        let call = sandbox.aws.calls().remove(0);
        assert_eq!(call.access_key_id, None, "the token alone proves who asks");

        let who = sandbox.awsx(&["whoami", profile, "--json"]).ok().json();
        assert_eq!((&who["arn"], &who["source"]), (&DEVELOPER.into(), &"sso".into()));
        assert!(who["expiration"].is_string(), "{who}");
        let keys = sandbox.awsx(&["credential-process", profile]).ok().json();
        assert_eq!(keys["AccountId"], "222222222222");
        assert_eq!(sandbox.aws.count("GetRoleCredentials"), 1);

        // The session outlives the login; a new one needs a new login.
        std::fs::remove_dir_all(sandbox.home().join(".aws/sso")).unwrap();
        exec(&sandbox, profile).ok();
        let refresh = ["exec", profile, "--refresh", "--", "true"];
        sandbox
            .awsx(&refresh)
            .fails(4, &["needs a login: nobody is logged in", "hint: run `awsx login sso"]);
        assert_eq!(sandbox.aws.count("GetRoleCredentials"), 1);
    }
}

#[test]
fn fifty_that_need_the_role_make_one_call() {
    let sandbox = sandbox();
    let all: Vec<_> = (0..50).map(|_| sandbox.start(&["credential-process", "sso"])).collect();
    all.into_iter().for_each(|awsx| drop(awsx.end().ok()));
    assert_eq!(operations(&sandbox), ["GetRoleCredentials"]);
}

#[test]
fn it_is_the_source_of_another_role() {
    let sandbox = sandbox();
    for _ in 0..2 {
        let ran = exec(&sandbox, "behind").ok().says("lasts 1h instead of 2h");
        assert!(ran.stdout.contains("AWS_ACCOUNT_ID=111111111111"), "{ran:?}");
    }
    assert_eq!(operations(&sandbox), ["GetRoleCredentials", "AssumeRole"]);
    // The profile below has the same session.
    exec(&sandbox, "sso").ok();
    assert_eq!(sandbox.aws.count("GetRoleCredentials"), 1);
}

/// Each with the command that helps, and without a call that could not.
#[test]
fn a_login_that_is_missing_or_over_is_said_with_what_to_run() {
    let over = |sandbox: &Sandbox| {
        sandbox.aws.control(|state| {
            state.portal.tokens[0].expires_at = state.now() - TimeDelta::minutes(1);
        });
        log_in(sandbox, |text| text);
    };
    let none = |sandbox: &Sandbox| {
        std::fs::remove_dir_all(sandbox.home().join(".aws/sso")).unwrap();
    };
    let half = |sandbox: &Sandbox| log_in(sandbox, |text| text[..text.len() / 2].to_owned());
    let empty = |sandbox: &Sandbox| log_in(sandbox, |_| String::new());
    // Logged out in the browser, which no file tells.
    let refused = |sandbox: &Sandbox| sandbox.aws.control(|state| state.portal.tokens.clear());
    type SetUp<'a> = &'a (dyn Fn(&Sandbox) + Sync);
    let rows: [(&str, SetUp<'_>, &str, usize); 5] = [
        ("no token", &none, "nobody is logged in\nhint", 0),
        ("over", &over, ".json expired at ", 0),
        ("cut off", &half, ".json holds no usable token: not JSON (line 1, column ", 0),
        ("being written", &empty, ".json holds no usable token: not JSON (line 1, column 0)", 0),
        ("refused", &refused, "AWS does not accept the access token: Session token not found", 1),
    ];
    side_by_side(
        &rows,
        |row| row.0,
        |&(docs, set_up, why, calls)| {
            for (profile, words) in [
                ("sso", ["sso-session \"corp\" needs a login", "awsx login sso corp`"]),
                (
                    "old",
                    ["https://corp.awsapps.com/start needs a login", "login sso --profile old`"],
                ),
            ] {
                let sandbox = sandbox();
                sandbox.plant(sample::SSO_TOKEN);
                set_up(&sandbox);
                let words = [&words[..], &[why, "hint: run `awsx login sso"]].concat();
                sandbox.awsx(&["exec", profile, "-vv", "--", "true"]).fails(4, &words);
                assert_eq!(sandbox.aws.calls().len(), calls, "{docs}");
            }
            // For a role behind it, it is the source's login that is needed.
            let sandbox = sandbox();
            sandbox.plant(sample::SSO_TOKEN);
            set_up(&sandbox);
            exec(&sandbox, "behind")
                .fails(4, &["profile \"sso\": sso-session \"corp\" needs a login"]);
        },
    );
}

#[test]
fn a_role_that_is_not_assigned_is_refused() {
    let sandbox = sandbox();
    for _ in 0..2 {
        let words =
            ["profile \"foreign\"", "ForbiddenException: No access", "check sso_account_id"];
        exec(&sandbox, "foreign").fails(5, &words);
    }
    assert_eq!(
        sandbox.aws.count("GetRoleCredentials"),
        2,
        "a refusal is not tried again, nor kept"
    );
}

#[test]
fn throttling_is_waited_out() {
    let sandbox = sandbox();
    let throttle = |times| {
        sandbox.aws.control(|state| {
            state.fail("GetRoleCredentials", Fault::TOO_MANY_REQUESTS, times);
        });
    };
    throttle(2);
    exec(&sandbox, "sso").ok();
    assert_eq!(sandbox.aws.count("GetRoleCredentials"), 3);
    throttle(3);
    let ran = sandbox.awsx(&["exec", "sso", "--refresh", "--", "true"]);
    ran.fails(6, &["profile \"sso\": sso:GetRoleCredentials", "3 attempt(s)", "throttled"]);
    sandbox.awsx(&["exec", "sso", "--", "true"]).ok();
}

/// The portal has an endpoint of its own, and a session of one portal is no other's.
#[test]
fn the_portals_endpoint_can_be_configured() {
    let sandbox = sandbox();
    let nobody = "http://127.0.0.1:1";
    sandbox.set("AWS_ENDPOINT_URL", nobody);
    exec(&sandbox, "sso").fails(6, &["sso:GetRoleCredentials", nobody]);
    sandbox.set("AWS_ENDPOINT_URL_SSO", sandbox.aws.url());
    exec(&sandbox, "sso").ok();
    exec(&sandbox, "sso").ok();
    exec(&sandbox, "behind").fails(6, &["sts:AssumeRole", nobody]);
    assert_eq!(operations(&sandbox), ["GetRoleCredentials"]);
    sandbox.set("AWS_ENDPOINT_URL_SSO", nobody);
    exec(&sandbox, "sso").fails(6, &["sso:GetRoleCredentials", nobody]);

    sandbox.unset("AWS_ENDPOINT_URL_SSO");
    sandbox.unset("AWS_ENDPOINT_URL");
    let url = sandbox.aws.url();
    sandbox.config(&format!(
        "{}[services here]\nsso =\n  endpoint_url = {url}/\n",
        CONFIG.replace("[profile old]", "services = here\n[profile old]")
    ));
    exec(&sandbox, "sso").ok();
    assert_eq!(sandbox.aws.count("GetRoleCredentials"), 2);
}

/// How long it lasts is the permission set's matter.
#[test]
fn what_cannot_be_asked_for_is_said() {
    let sandbox = sandbox();
    let ran = sandbox.awsx(&["exec", "sso", "--duration", "1h", "--", "true"]).ok();
    ran.says("--duration has no effect: the permission set says");
    let ran = sandbox.awsx(&["exec", "sso", "--min-ttl", "9h", "--", "true"]);
    ran.fails(8, &["profile \"sso\" end at ", "before the 9h that --min-ttl asks for", "hint: "]);
    sandbox.awsx(&["exec", "sso", "--min-ttl", "7h", "--", "true"]).ok();
    let ran = sandbox.awsx(&["exec", "sso", "--session-name", "x", "--", "true"]);
    ran.fails(2, &["--session-name applies to a role session"]);
}

/// The AWS CLI's files are its own: read, and left as they are.
#[test]
fn the_token_file_is_only_read() {
    let sandbox = sandbox();
    let read = || token_files().map(|file| std::fs::read(sandbox.home().join(file)).unwrap());
    let before = read();
    exec(&sandbox, "sso").ok();
    sandbox.aws.control(|state| state.portal.tokens.clear());
    sandbox.awsx(&["exec", "old", "--refresh", "--", "true"]).fails(4, &["needs a login"]);
    assert_eq!(read(), before);
    let files = crate::sandbox::files_below(&sandbox.home().join(".aws"));
    assert_eq!(files.len(), 2 + before.len(), "{files:?}");
}
