//! Sign-ins that the AWS CLI left behind, and those that awsx shares with it. What the AWS CLI itself
//! does with the latter is in `children`.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::fake_aws::sample;
use crate::given::{CONSOLE_TOKEN, SHARED_SIGN_IN, console_profile};
use crate::sandbox::Sandbox;

/// Writes the file as `aws login` leaves it.
fn leave_sign_in(sandbox: &Sandbox, seconds: i64) -> String {
    let issued =
        sandbox.aws.control(|state| state.issue_role(sample::READ_ONLY, "cli", seconds.max(900)));
    let end = sandbox.aws.now() + TimeDelta::seconds(seconds);
    let text = json!({
        "accessToken": {
            "accessKeyId": issued.access_key_id,
            "secretAccessKey": issued.secret_access_key,
            "sessionToken": issued.session_token,
            "accountId": "111111111111",
            "expiresAt": end.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        },
        "tokenType": "aws_sigv4",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "refreshToken": "planted-refresh-token-of-the-aws-cli",
        "idToken": "planted-id-token-of-the-aws-cli",
        "dpopKey": "planted-key-of-the-aws-cli",
    });
    sandbox.write(SHARED_SIGN_IN, &text.to_string());
    text.to_string()
}

#[test]
fn the_aws_clis_sign_in_is_used_and_never_renewed() {
    let sandbox = Sandbox::new();
    sandbox.config(&console_profile());
    let text = leave_sign_in(&sandbox, 200);
    sandbox.plant("planted-refresh-token-of-the-aws-cli");
    let arn = "arn:aws:sts::111111111111:assumed-role/ReadOnly/cli";
    assert_eq!(sandbox.whoami("console")["arn"], arn);
    let ends = "awsx: the credentials of profile \"console\" end [..] (in [..]), and awsx cannot renew them";
    sandbox.exec("console", &[]).ok().stderr_is(&[ends]);
    leave_sign_in(&sandbox, -1);
    let words = ["nobody has signed in, and the AWS CLI's in", SHARED_SIGN_IN, "is over"];
    sandbox.exec("console", &[]).fails(4, &words).says("awsx login aws console");
    assert_eq!(sandbox.aws.count(CONSOLE_TOKEN), 0);
    sandbox.write(SHARED_SIGN_IN, &text[..text.len() - 9]);
    sandbox.exec("console", &[]).fails(4, &[SHARED_SIGN_IN, "is no sign-in of the AWS CLI"]);
    // Where awsx has one of its own, that one counts, and the file stays as it is.
    let text = leave_sign_in(&sandbox, 900);
    sandbox.sign_in(&[]).ok();
    assert_eq!(sandbox.whoami("console")["arn"], sample::USER);
    assert_eq!(sandbox.read(SHARED_SIGN_IN), text);
}

#[test]
fn a_shared_sign_in_follows_whoever_renews_it() {
    let sandbox = Sandbox::new().console(200, &["--share"]);
    let read = || -> Value { serde_json::from_str(&sandbox.read(SHARED_SIGN_IN)).unwrap() };
    let first = read();
    assert_eq!(first["accessToken"]["accountId"], "111111111111");
    sandbox.exec("console", &[]).ok();
    let second = read();
    assert_ne!(first["refreshToken"], second["refreshToken"], "renewed, and written there too");
    assert_eq!(first["dpopKey"], second["dpopKey"]);

    // The AWS CLI renews: its file is newer than what awsx has.
    let now = sandbox.awsx(&["credential-process", "console"]).ok().json();
    let mut theirs = second.clone();
    let later = sandbox.aws.now() + TimeDelta::seconds(1800);
    theirs["accessToken"]["expiresAt"] = json!(later.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    theirs["accessToken"]["accessKeyId"] = json!("ASIAOFTHEAWSCLI");
    let file = sandbox.write(SHARED_SIGN_IN, &theirs.to_string());
    assert_eq!(sandbox.awsx(&["credential-process", "console"]).ok().json(), now);
    let ran = sandbox.awsx(&["credential-process", "console", "--min-ttl", "20m"]).ok();
    assert_eq!(ran.json()["AccessKeyId"], "ASIAOFTHEAWSCLI");
    assert_eq!(sandbox.aws.count(CONSOLE_TOKEN), 2, "the AWS CLI renewed it, not awsx");

    // `aws logout` removes the file; awsx does not bring it back.
    std::fs::remove_file(&file).unwrap();
    sandbox.awsx(&["credential-process", "console", "--refresh"]).ok();
    assert_eq!(sandbox.aws.count(CONSOLE_TOKEN), 3);
    assert!(!file.exists());
}
