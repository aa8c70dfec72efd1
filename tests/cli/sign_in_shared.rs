//! Sign-ins that the AWS CLI left behind, and those that awsx shares with it. What the AWS CLI itself
//! does with the latter is in `children`.

use chrono::TimeDelta;
use serde_json::json;

use crate::fake_aws::sample;
use crate::sandbox::Sandbox;
use crate::sign_in::{SESSION, TOKEN, sign_in, signed_in};

/// `printf %s ARN | sha256sum`
const FILE: &str =
    ".aws/login/cache/fb4c3a52f5095bbb97c1334ae8fd6b71ed40e705099d1cc6aae6efe6a37315c4.json";

/// A file as `aws login` leaves it.
fn left_by_the_aws_cli(sandbox: &Sandbox, seconds: i64) -> String {
    let issued =
        sandbox.aws.control(|state| state.issue_role(sample::READ_ONLY, "cli", seconds.max(900)));
    let end = sandbox.aws.control(|state| state.now()) + TimeDelta::seconds(seconds);
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
    sandbox.write(FILE, &text.to_string());
    text.to_string()
}

#[test]
fn a_sign_in_of_the_aws_cli_is_used_while_it_lasts_and_never_renewed() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("[profile console]\nlogin_session = {SESSION}\nregion = eu-west-1\n"));
    let text = left_by_the_aws_cli(&sandbox, 200);
    sandbox.plant("planted-refresh-token-of-the-aws-cli");
    let ran = sandbox.awsx(&["whoami", "console", "--json"]).ok();
    assert_eq!(ran.json()["arn"], "arn:aws:sts::111111111111:assumed-role/ReadOnly/cli");
    sandbox.awsx(&["exec", "console", "--", "true"]).ok().says("awsx cannot renew them");
    left_by_the_aws_cli(&sandbox, -1);
    let words =
        ["nobody has signed in, and the AWS CLI's in", FILE, "is over", "awsx login aws console"];
    sandbox.awsx(&["exec", "console", "--", "true"]).fails(4, &words);
    assert_eq!(sandbox.aws.count(TOKEN), 0);
    sandbox.write(FILE, &text[..text.len() - 9]);
    sandbox
        .awsx(&["exec", "console", "--", "true"])
        .fails(8, &[FILE, "is no sign-in of the AWS CLI"]);
    // Where awsx has one of its own, that one counts, and the file stays as it is.
    let text = left_by_the_aws_cli(&sandbox, 900);
    sign_in(&sandbox, &[]).ok();
    assert_eq!(sandbox.awsx(&["whoami", "console", "--json"]).ok().json()["arn"], SESSION);
    assert_eq!(std::fs::read_to_string(sandbox.home().join(FILE)).unwrap(), text);
}

#[test]
fn a_shared_sign_in_is_kept_in_step_both_ways() {
    let sandbox = signed_in(240, &["--share"]);
    let file = sandbox.home().join(FILE);
    let read =
        || -> serde_json::Value { serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap() };
    let first = read();
    assert_eq!(first["accessToken"]["accountId"], "111111111111");
    sandbox.awsx(&["exec", "console", "--", "true"]).ok();
    let second = read();
    assert_ne!(first["refreshToken"], second["refreshToken"], "renewed, and written there too");
    assert_eq!(first["dpopKey"], second["dpopKey"]);

    // The AWS CLI renews: its file is newer than what awsx has.
    let now = sandbox.awsx(&["credential-process", "console"]).ok().json();
    let mut theirs = second.clone();
    let later = sandbox.aws.control(|state| state.now()) + TimeDelta::seconds(1800);
    theirs["accessToken"]["expiresAt"] = json!(later.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    theirs["accessToken"]["accessKeyId"] = json!("ASIAOFTHEAWSCLI");
    std::fs::write(&file, theirs.to_string()).unwrap();
    assert_eq!(sandbox.awsx(&["credential-process", "console"]).ok().json(), now);
    let ran = sandbox.awsx(&["credential-process", "console", "--min-ttl", "20m"]).ok();
    assert_eq!(ran.json()["AccessKeyId"], "ASIAOFTHEAWSCLI");
    assert_eq!(sandbox.aws.count(TOKEN), 2, "the AWS CLI renewed it, not awsx");

    // `aws logout` removes the file; awsx does not bring it back.
    std::fs::remove_file(&file).unwrap();
    sandbox.awsx(&["credential-process", "console", "--refresh"]).ok();
    assert_eq!(sandbox.aws.count(TOKEN), 3);
    assert!(!file.exists());
}
