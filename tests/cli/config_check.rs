//! `awsx config check`

use serde_json::Value;

use crate::fake_aws::sample::{KEY_ID, SECRET_KEY};
use crate::sandbox::{AWSX, Sandbox};

fn check(sandbox: &Sandbox) -> Value {
    let ran = sandbox.awsx(&["config", "check", "--json"]);
    let document = ran.json();
    let errors = document["errors"].as_u64().unwrap();
    assert_eq!(ran.code, if errors == 0 { 0 } else { 3 }, "{document}");
    document
}

/// `error syntax .aws/config:1`
fn found(sandbox: &Sandbox) -> Vec<String> {
    let document = check(sandbox);
    let home = format!("{}/", sandbox.home().display());
    let short = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
        let line = finding["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
        let file = text("file").replace(&home, "");
        format!("{} {} {file}{line}", text("severity"), text("code"))
    };
    document["findings"].as_array().unwrap().iter().map(short).collect()
}

#[test]
fn every_file_is_looked_at_whatever_is_wrong_with_the_others() {
    let sandbox = Sandbox::new();
    sandbox.config("[profile a\n[b]\nrole_arn = x\n");
    sandbox.write_mode(".aws/credentials", "[c]\nnonsense\n", 0o600);
    sandbox.write(".config/awsx/config.toml", "[sso.nobody]\nregoin = \"x\"\n\nauto_login = 1\n");
    let expected = [
        "error syntax .aws/config:1",
        "error missing-prefix .aws/config:2",
        "error syntax .aws/credentials:2",
        "error own-settings .config/awsx/config.toml:2",
        "error own-settings .config/awsx/config.toml:4",
    ];
    assert_eq!(found(&sandbox), expected);
    sandbox.write(".config/awsx/config.toml", "[sso.nobody]\n[registries]\n\"*\" = \"nowhere\"\n");
    std::fs::remove_file(sandbox.home().join(".aws/config")).unwrap();
    std::fs::create_dir(sandbox.home().join(".aws/config")).unwrap();
    let expected = [
        "error unreadable-file .aws/config",
        "error syntax .aws/credentials:2",
        "warning unknown-name .config/awsx/config.toml",
        "warning unknown-name .config/awsx/config.toml",
    ];
    assert_eq!(found(&sandbox), expected);
}

#[test]
fn guards_that_are_none_or_guard_nothing_are_said() {
    let sandbox = Sandbox::new();
    sandbox.config("[profile prod]\nregion = eu-west-1\nexpected_account = 1234\n");
    sandbox.write_mode(".aws/credentials", "", 0o600);
    sandbox.write(
        ".config/awsx/config.toml",
        "[guard.\"*prod*\"]\nregions = [\"eu-*\"]\n[guard.\"*live*\"]\nregions = [\"eu-*\"]\n",
    );
    let expected =
        ["error bad-guard .aws/config:3", "warning idle-guard .config/awsx/config.toml:4"];
    assert_eq!(found(&sandbox), expected);
}

#[test]
fn files_that_are_as_they_should_be() {
    let sandbox = Sandbox::new();
    sandbox.config("[default]\nregion = eu-west-1\n");
    sandbox.write_mode(".aws/credentials", "", 0o600);
    assert_eq!(found(&sandbox), [""; 0]);
    let ran = sandbox.awsx(&["config", "check"]).ok();
    assert_eq!((&*ran.stdout, &*ran.stderr), ("", "awsx: no errors, no warnings\n"));
}

#[test]
fn who_may_use_the_files_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let mode = |name: &str, mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(sandbox.home().join(name), permissions).unwrap();
    };
    sandbox.config("[default]\nregion = eu-west-1\n");
    let keys = "[a]\naws_access_key_id = AKIA2SANDBOXEXAMPLE7\naws_secret_access_key = s\n";
    for (file, text, bits, expected) in [
        (".aws/credentials", keys, 0o644, "warning others-can-read .aws/credentials"),
        (".aws/credentials", keys, 0o606, "warning others-can-write .aws/credentials"),
        (".aws/credentials", keys, 0o640, ""),
        (".aws/config", "[default]\n", 0o644, ""),
        (".aws/config", "[default]\n", 0o646, "warning others-can-write .aws/config"),
        (".aws", "", 0o757, "warning others-can-write .aws"),
        (".aws", "", 0o755, ""),
    ] {
        sandbox.write_mode(".aws/credentials", "", 0o600);
        mode(".aws/config", 0o600);
        if file != ".aws" {
            sandbox.write(file, text);
        }
        mode(file, bits);
        let said = found(&sandbox);
        let about_access: Vec<_> =
            said.iter().filter(|one| one.contains("others-can")).cloned().collect();
        assert!(
            about_access.first().map_or("", |first| first) == expected,
            "{file} {bits:o}: {said:?}"
        );
    }
}

/// The age of a key is known where the vault has the same one; nobody is asked for it.
#[test]
fn keys_in_clear_text_have_the_age_that_the_vault_knows() {
    let sandbox = Sandbox::new();
    let message = || {
        let document = check(&sandbox);
        let findings = document["findings"].as_array().unwrap();
        let key = findings.iter().find(|finding| finding["code"] == "key-in-clear-text").unwrap();
        key["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(message(), "the access key of profile \"dev\" stands there in clear text");
    let json = format!(
        r#"{{"AccessKey":{{"UserName":"dev","AccessKeyId":"{KEY_ID}","Status":"Active","SecretAccessKey":"{SECRET_KEY}","CreateDate":"2024-01-31T12:00:00+00:00"}}}}"#
    );
    let mut add = sandbox.command(AWSX);
    sandbox.run(add.args(["keys", "add", "dev", "--stdin"]), json.as_bytes(), true).ok();
    let calls = sandbox.aws.calls().len();
    let said = message();
    assert!(said.starts_with("the access key of profile \"dev\", made "), "{said}");
    assert!(said.ends_with(" ago, stands there in clear text"), "{said}");
    assert_eq!(sandbox.aws.calls().len(), calls);
}

#[test]
fn what_is_plain_is_mended_and_shown() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let config = "# mine\n[prod]\nregion = eu-west-1 # home\n[profile two words]\noutput = json\n";
    sandbox.config(config);
    let keys = "[ a ]\naws_access_key_id = \"AKIA2SANDBOXEXAMPLE7\"\naws_secret_access_key = planted-in-a-file\n";
    sandbox.write_mode(".aws/credentials", keys, 0o646);
    sandbox.plant("planted-in-a-file");
    let ran = sandbox.awsx(&["config", "check", "--fix"]);
    assert_eq!(
        sandbox.read_config(),
        "# mine\n[profile prod]\n# home\nregion = eu-west-1\n[profile \"two words\"]\noutput = json\n"
    );
    let expected = keys.replace("[ a ]", "[a]").replace('"', "");
    assert_eq!(sandbox.read(".aws/credentials"), expected);
    let mode = |name: &str| {
        std::fs::metadata(sandbox.home().join(name)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode(".aws/credentials"), 0o600);
    for line in ["- [prod]", "+ [profile prod]", "+ # home", "- [profile two words]", "+ [a]"] {
        assert!(ran.stdout.lines().any(|said| said == line), "{line}: {}", ran.stdout);
    }
    assert_eq!(
        found(&sandbox),
        ["warning quoted-section .aws/config:5", "warning key-in-clear-text .aws/credentials:2"]
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    let before = sandbox.read_config();
    sandbox.awsx(&["config", "check", "--fix"]).ok();
    assert_eq!(sandbox.read_config(), before);
}

#[test]
fn each_finding_that_is_called_plain_is_gone_after_it() {
    let sandbox = Sandbox::new();
    sandbox.config(
        "[prod]\nregion = x # y\n[dev]\nregion: eu-west-1\n[profile \"q\"]\n  output = json\n",
    );
    sandbox.write_mode(".aws/credentials", "", 0o600);
    let plain = |document: &Value| -> Vec<String> {
        let findings = document["findings"].as_array().unwrap().iter();
        let plain = findings.filter(|finding| finding["fixable"] == true);
        plain.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    let codes = ["missing-prefix", "comment-after-value", "missing-prefix", "colon-for-equals"];
    let codes = [&codes[..], &["quoted-section", "indented-line"]].concat();
    assert_eq!(plain(&check(&sandbox)), codes);
    sandbox.awsx(&["config", "check", "--fix"]).ok();
    assert_eq!(found(&sandbox), ["warning unknown-region .aws/config:3"]);
}

/// The members that the standard asks for, as code hosts read them.
#[test]
fn code_hosts_read_it() {
    let sandbox = Sandbox::new();
    sandbox
        .config("[profile a]\nsource_profile = b\nrole_arn = arn:aws:iam::123456789012:role/r\n");
    sandbox.write_mode(".aws/credentials", "[k]\nnonsense\n", 0o600);
    sandbox.set("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/a b");
    let ran = sandbox.awsx(&["config", "check", "--sarif"]);
    assert_eq!(ran.code, 3);
    let document = ran.json();
    assert_eq!(document["version"], "2.1.0");
    assert!(document["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let run = &document["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "awsx");
    let rules = driver["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 1);
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty());
        assert!(["error", "warning"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], ".aws/config");
        assert_eq!(place["region"]["startLine"], 2);
    }
}

#[test]
fn what_a_tool_cannot_read_is_said_with_its_source() {
    let sandbox = Sandbox::new();
    sandbox.config(
        "[profile web]\nlogin_session = arn:aws:iam::111111111111:user/ann\n\
         [profile behind]\nrole_arn = arn:aws:iam::111111111111:role/a\nsource_profile = web\n\
         [profile keys]\nmfa_serial = arn:aws:iam::111111111111:mfa/ann\n\
         [profile code]\nrole_arn = arn:aws:iam::111111111111:role/a\nsource_profile = keys\n\
         mfa_serial = arn:aws:iam::111111111111:mfa/ann\n\
         [profile more]\ninclude_profile = web\n",
    );
    let keys =
        format!("[keys]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n");
    sandbox.write_mode(".aws/credentials", &keys, 0o600);
    // The lines of login_session and mfa_serial, and what only awsx reads.
    for (tool, of_web, of_code) in [
        ("terraform", Some("error"), Some("error")),
        ("boto3", Some("warning"), None),
        ("cdk", None, None),
        ("java", None, Some("error")),
        ("go", None, Some("warning")),
        ("js", None, Some("warning")),
    ] {
        let document = sandbox.awsx(&["config", "check", "--for", tool, "--json"]).json();
        let findings = document["findings"].as_array().unwrap();
        let at = |line: u64| {
            let found =
                findings.iter().find(|f| f["code"] == "unread-by-tool" && f["line"] == line);
            found.map(|finding| finding["severity"].as_str().unwrap())
        };
        assert_eq!((at(2), at(11)), (of_web, of_code), "{tool}: {document}");
        assert_eq!(at(7), None, "no tool asks for the code of a user's own keys");
        let only = findings.iter().find(|finding| finding["code"] == "only-awsx").unwrap();
        assert_eq!(only["severity"], "error", "{tool}");
        if of_web.is_some() {
            let web =
                findings.iter().find(|f| f["line"] == 2 && f["code"] == "unread-by-tool").unwrap();
            assert_eq!(web["profiles"], serde_json::json!(["web", "behind"]), "{tool}");
        }
    }
    // Of one profile alone.
    sandbox.awsx(&["config", "check", "--for", "terraform", "keys"]).exits(0);
    sandbox.awsx(&["config", "check", "--for", "terraform", "behind"]).exits(3);
    sandbox.awsx(&["config", "check", "behind"]).exits(0);
    sandbox.awsx(&["config", "check", "nobody"]).fails(3, &["profile \"nobody\"", "awsx profiles"]);
}
