//! The home of somebody who used another tool: it moves in with one command, and every profile that the tool served
//! gives the same account and the same role as before; one that cannot come along says why, and what to do.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::TimeDelta;

use crate::fake_aws::organization::Account;
use crate::fake_aws::portal::Assignment;
use crate::fake_aws::sample::{KEY_ID, MFA_SERIAL, READ_ONLY, SECRET_KEY, SSO_USER};
use crate::keys_import::{AWS_VAULT, AWS_VAULT_PASSPHRASE};
use crate::sandbox::{AWSX, CONFIG, Sandbox, keys};
use crate::sts_tokens::{SAML_ROLE, with_saml};

const CONFIG_FILE: &str = ".aws/config";
const CREDENTIALS_FILE: &str = ".aws/credentials";

/// The permission sets of the home's person, by account.
const ROLES: [(&str, &str); 5] = [
    ("222222222222", "Admin"),
    ("222222222222", "ReadOnly"),
    ("333333333333", "Audit"),
    ("000000000044", "Billing.View"),
    ("000000000044", "data+eng"),
];

#[derive(Default)]
struct Home {
    tool: &'static str,
    /// Below the home directory, with their texts
    files: &'static [(&'static str, &'static str)],
    /// Profiles, and what each gives: its account, and what its ARN has behind the account
    served: &'static [(&'static str, &'static str, &'static str)],
    /// Which of them take an MFA code
    with_code: &'static [&'static str],
    /// Whether AWS's own files served them already
    served_before: bool,
    /// What the table says of what cannot come along
    stays: &'static [&'static str],
    /// Profiles that the tool alone served, and what the error says
    fail: &'static [(&'static str, &'static str)],
}

impl Sandbox {
    /// A person with these permission sets, of which the first may assume a role.
    fn with_permission_sets(self) -> Self {
        let role = |account: &str, name: &str| {
            let path = "role/aws-reserved/sso.amazonaws.com";
            format!("arn:aws:iam::{account}:{path}/AWSReservedSSO_{name}_0123456789abcdef")
        };
        self.aws.control(|state| {
            for (id, role_name) in ROLES {
                let name = format!("account {id}");
                state.portal.accounts.push(Account { id: id.into(), name, email: String::new() });
                state.portal.assignments.push(Assignment {
                    user: SSO_USER.into(),
                    role_name: role_name.into(),
                    role: role(id, role_name),
                    seconds: 3600,
                });
            }
        });
        self.let_assume_read_only(&role(ROLES[0].0, ROLES[0].1));
        self
    }

    /// The account, and the ARN behind it.
    fn who_is(&self, profile: &str, code: Option<&str>) -> (String, String) {
        let flags: Vec<&str> = code.iter().flat_map(|code| ["--mfa-code", code]).collect();
        let who = self.awsx(&[&["whoami", profile, "--json"], &flags[..]].concat()).ok().json();
        let text = |key: &str| who[key].as_str().unwrap_or_default().to_owned();
        let (account, arn) = (text("account"), text("arn"));
        let (_, behind) = arn.split_once(&format!("{account}:")).unwrap_or_default();
        (account, behind.to_owned())
    }

    fn log_in_to_each_session(&self, said: &str) {
        let line =
            |line: &str| Some(line.split_once("`awsx login sso ")?.1.split('`').next()?.to_owned());
        for session in said.lines().filter_map(line).collect::<BTreeSet<String>>() {
            self.log_in_with(&["login", "sso", &session]);
        }
    }

    fn read_both(&self) -> [Vec<u8>; 2] {
        [CONFIG_FILE, CREDENTIALS_FILE]
            .map(|file| std::fs::read(self.home().join(file)).unwrap_or_default())
    }
}

fn settle(home: &Home, ending: &str, prepare: &dyn Fn(&Sandbox)) -> Sandbox {
    let sandbox = Sandbox::new().with_permission_sets().at_a_browser();
    sandbox.credentials("");
    // What other programs run as `awsx`.
    let own = Path::new(AWSX).parent().unwrap().display();
    sandbox.set("PATH", &format!("{own}:{}", sandbox.what_is_set("PATH")));
    for (file, text) in home.files {
        sandbox.write(
            file,
            &text.replace("$HOME", sandbox.home().to_str().unwrap()).replace('\n', ending),
        );
    }
    prepare(&sandbox);
    sandbox
}

fn moves_in(home: &Home, prepare: &dyn Fn(&Sandbox)) {
    let sandbox = settle(home, "\n", prepare);
    let check = |profile: &str, account: &str, role: &str| {
        let code = home.with_code.contains(&profile).then(|| sandbox.code());
        let found = sandbox.who_is(profile, code.as_deref());
        assert_eq!(found.0, account, "{} {profile}: {found:?}", home.tool);
        assert!(found.1.contains(role), "{} {profile}: {found:?} is not {role}", home.tool);
    };
    if home.served_before {
        for (profile, account, role) in home.served {
            check(profile, account, role);
        }
    }
    let before = sandbox.read_both();
    let mut ran = sandbox.awsx(&["migrate", home.tool, "--yes"]).ok();
    for words in home.stays {
        ran = ran.prints(words);
    }
    let after = sandbox.read_both();
    sandbox.log_in_to_each_session(&ran.stderr);
    for (profile, account, role) in home.served {
        check(profile, account, role);
    }
    for (profile, words) in home.fail {
        let ran = sandbox.exec(profile, &[]).says(words).says("hint: ");
        assert_ne!(ran.code, 0, "{} {profile}", home.tool);
    }
    // Once is enough, and the way back leads to the same bytes.
    let ran = sandbox.awsx(&["migrate", home.tool, "--yes"]).ok();
    assert!(!ran.stderr.contains("is written"), "{}: {}", home.tool, ran.stderr);
    assert_eq!(sandbox.read_both(), after, "{}", home.tool);
    if before != after {
        sandbox.awsx(&["config", "undo"]).ok();
        assert_eq!(sandbox.read_both(), before, "{}", home.tool);
    }
    // Of Windows' line ends all stay, and none of the others comes.
    let sandbox = settle(home, "\r\n", prepare);
    let before = sandbox.read_both();
    sandbox.awsx(&["migrate", home.tool, "--yes"]).ok();
    let [config, _] = sandbox.read_both();
    let lone = String::from_utf8(config).unwrap().replace("\r\n", "");
    assert!(!lone.contains(['\r', '\n']), "{}: {lone}", home.tool);
    if before != sandbox.read_both() {
        sandbox.awsx(&["config", "undo"]).ok();
        assert_eq!(sandbox.read_both(), before, "{}", home.tool);
    }
}

fn nothing(_: &Sandbox) {}

#[test]
fn of_granted() {
    let home = Home {
        tool: "granted",
        files: &[
            (CONFIG_FILE, include_str!("homes/granted/config")),
            (".granted/config", include_str!("homes/granted/granted")),
        ],
        served: &[
            ("default", "222222222222", "AWSReservedSSO_ReadOnly_"),
            ("Workloads/Admin", "222222222222", "AWSReservedSSO_Admin_"),
            ("old audit (eu)", "333333333333", "AWSReservedSSO_Audit_"),
            ("billing", "000000000044", "AWSReservedSSO_Billing.View_"),
            ("data", "000000000044", "AWSReservedSSO_data+eng_"),
            ("behind", "111111111111", "assumed-role/ReadOnly/"),
            ("native", "222222222222", "AWSReservedSSO_Admin_"),
        ],
        stays: &[
            "profile half",
            "the profile has role_arn too, which counts",
            "the profile has a credential_process too",
        ],
        fail: &[("half", "granted"), ("own", "/opt/own")],
        ..Home::default()
    };
    let log_in =
        |sandbox: &Sandbox| drop(sandbox.log_in_with(&["login", "sso", "--profile", "native"]));
    moves_in(&home, &log_in);
}

#[test]
fn of_aws_sso_cli() {
    let home = Home {
        tool: "aws-sso-cli",
        files: &[
            (CONFIG_FILE, include_str!("homes/aws-sso-cli/config")),
            (".aws-sso/config.yaml", include_str!("homes/aws-sso-cli/config.yaml")),
        ],
        served: &[
            ("222222222222:Admin", "222222222222", "AWSReservedSSO_Admin_"),
            ("Audit:Audit", "333333333333", "AWSReservedSSO_Audit_"),
            ("billing view", "000000000044", "AWSReservedSSO_Billing.View_"),
            ("data", "000000000044", "AWSReservedSSO_data+eng_"),
            ("behind", "111111111111", "assumed-role/ReadOnly/"),
            ("readonly", "222222222222", "AWSReservedSSO_ReadOnly_"),
        ],
        stays: &["it is assumed via", "where \"Gone\" logs in", "profile chained"],
        fail: &[("lost", "aws-sso"), ("via", "aws-sso"), ("chained", "chained")],
        ..Home::default()
    };
    moves_in(&home, &nothing);
}

#[test]
fn of_aws_sso_util() {
    let home = Home {
        tool: "aws-sso-util",
        files: &[(CONFIG_FILE, include_str!("homes/aws-sso-util/config"))],
        served: &[
            ("default", "222222222222", "AWSReservedSSO_Admin_"),
            ("workloads.ReadOnly.euc1", "222222222222", "AWSReservedSSO_ReadOnly_"),
            ("audit", "333333333333", "AWSReservedSSO_Audit_"),
            ("of audit", "333333333333", "AWSReservedSSO_Audit_"),
            ("behind", "111111111111", "assumed-role/ReadOnly/"),
        ],
        stays: &["it does not say all of sso_start_url"],
        fail: &[("half", "aws-sso-util")],
        ..Home::default()
    };
    moves_in(&home, &nothing);
}

#[test]
fn of_aws_vault() {
    let home = Home {
        tool: "aws-vault",
        files: &[
            (CONFIG_FILE, include_str!("homes/aws-vault/config")),
            (".awsvault/keys/dev", AWS_VAULT[0].1),
            (".awsvault/keys/sts.GetSessionToken%2CZGV2", AWS_VAULT[1].1),
        ],
        served: &[
            ("dev", "111111111111", "user/dev"),
            ("tool", "111111111111", "assumed-role/ReadOnly/"),
            ("exported", "111111111111", "assumed-role/ReadOnly/"),
            ("read only", "111111111111", "assumed-role/ReadOnly/"),
            ("prod", "222222222222", "assumed-role/Admin/"),
            ("audit", "333333333333", "assumed-role/Audit/"),
        ],
        stays: &["awsx reads no web_identity_token_process", "it names no profile"],
        fail: &[("nobody", "aws-vault")],
        ..Home::default()
    };
    moves_in(&home, &|sandbox| {
        sandbox.plant(AWS_VAULT_PASSPHRASE);
        sandbox.set("AWS_VAULT_FILE_PASSPHRASE", AWS_VAULT_PASSPHRASE);
        sandbox.write("planted/code", &sandbox.code());
    });
}

#[test]
fn of_aws_mfa() {
    let home = Home {
        tool: "aws-mfa",
        files: &[(CONFIG_FILE, CONFIG)],
        served: &[
            ("dev", "111111111111", "user/dev"),
            ("readonly", "111111111111", "assumed-role/ReadOnly/"),
        ],
        with_code: &["dev", "readonly"],
        stays: &["the access key of half"],
        fail: &[("half", "half")],
        ..Home::default()
    };
    moves_in(&home, &|sandbox| {
        let section = keys(KEY_ID, SECRET_KEY).replace("[dev]", "[dev-long-term]");
        sandbox.credentials(&format!(
            "# of work\n{section}aws_mfa_device = {MFA_SERIAL}\n\n[dev]\nassumed_role = False\n\
             aws_access_key_id = ASIA2OVEREXAMPLE0007\naws_secret_access_key = s\naws_session_token = t\n\
             aws_security_token = t\nexpiration = 2020-01-01 00:00:00\n\n\
             [half-long-term]\naws_access_key_id = AKIA2HALFEXAMPLE0007\n"
        ));
    });
}

#[test]
fn of_awsume() {
    let home = Home {
        tool: "awsume",
        files: &[
            (CONFIG_FILE, CONFIG),
            (".awsume/config.yaml", include_str!("homes/awsume/config.yaml")),
        ],
        served: &[
            ("dev", "111111111111", "user/dev"),
            ("readonly", "111111111111", "assumed-role/ReadOnly/"),
        ],
        served_before: true,
        stays: &["session made", "session autoawsume-readonly"],
        ..Home::default()
    };
    moves_in(&home, &|sandbox| {
        let key = keys(KEY_ID, SECRET_KEY);
        let session = "aws_access_key_id = ASIA2OVEREXAMPLE0007\naws_secret_access_key = planted\n\
                       aws_session_token = planted\n";
        sandbox.credentials(&format!(
            "{key}\n[made]\nmanager = awsume\n{session}region = eu-central-1\n\
             expiration = 2026-11-28 00:04:28\n\n[autoawsume-readonly]\nmanager = awsume\n{session}\
             autoawsume = true\nawsumepy_command = readonly -a\n"
        ));
    });
}

#[test]
fn of_yawsso() {
    let home = Home {
        tool: "yawsso",
        files: &[(CONFIG_FILE, include_str!("homes/yawsso/config"))],
        served: &[
            ("new", "222222222222", "AWSReservedSSO_Admin_"),
            ("behind", "111111111111", "assumed-role/ReadOnly/"),
        ],
        stays: &["session old", "a session, which ends by itself"],
        ..Home::default()
    };
    moves_in(&home, &|sandbox| {
        sandbox.credentials(
            "[old]\nregion = eu-west-1\naws_access_key_id = ASIA2OVEREXAMPLE0007\n\
             aws_secret_access_key = planted\naws_session_token = planted\naws_security_token = planted\n\
             aws_session_expiration = 2026-11-28T07:04:47+00:00+0000\n",
        );
        sandbox.log_in();
    });
}

#[test]
fn of_aws2_wrap() {
    let home = Home {
        tool: "aws2-wrap",
        files: &[(CONFIG_FILE, include_str!("homes/aws2-wrap/config"))],
        served: &[
            ("sso", "222222222222", "AWSReservedSSO_Admin_"),
            ("wrapped", "222222222222", "AWSReservedSSO_Admin_"),
            ("other", "333333333333", "AWSReservedSSO_Audit_"),
            ("behind", "111111111111", "assumed-role/ReadOnly/"),
        ],
        stays: &["it names no profile that awsx"],
        fail: &[("nobody", "aws2-wrap")],
        ..Home::default()
    };
    moves_in(&home, &|sandbox| sandbox.log_in());
}

#[test]
fn of_saml2aws() {
    let home = Home {
        tool: "saml2aws",
        files: &[
            (CONFIG_FILE, include_str!("homes/saml2aws/config")),
            (".saml2aws", include_str!("homes/saml2aws/saml2aws")),
        ],
        served: &[
            ("saml", "222222222222", "assumed-role/TestSaml/"),
            ("corp", "222222222222", "assumed-role/TestSaml/"),
            ("process", "222222222222", "assumed-role/TestSaml/"),
        ],
        stays: &["it has no role_arn", "~/.saml2aws has no account \"gone\""],
        fail: &[("lost", "saml2aws")],
        ..Home::default()
    };
    moves_in(&home, &|sandbox| {
        let end = sandbox.aws.now() + TimeDelta::minutes(5);
        let assertion = with_saml(sandbox).assertion(&[READ_ONLY, SAML_ROLE], "ann", end);
        sandbox.plant(&assertion[assertion.len() / 2..]);
        sandbox.write("planted/assertion", &assertion);
        sandbox.write_mode("bin/assertion", "#!/bin/sh\ncat \"$HOME/planted/assertion\"\n", 0o755);
    });
}

#[test]
fn of_atmos() {
    let home = Home {
        tool: "atmos",
        files: &[
            (CONFIG_FILE, "# mine\n"),
            (".atmos/atmos.yaml", include_str!("homes/atmos/atmos.yaml")),
        ],
        served: &[
            ("admin", "222222222222", "AWSReservedSSO_Admin_"),
            ("billing", "000000000044", "AWSReservedSSO_Billing.View_"),
        ],
        stays: &[
            "it is aws/assume-role",
            "it is aws/user",
            "does not say start_url, region, account.id",
        ],
        fail: &[("byname", "byname")],
        ..Home::default()
    };
    moves_in(&home, &nothing);
}

#[test]
fn of_leapp() {
    let home = Home {
        tool: "leapp",
        files: &[
            (CONFIG_FILE, include_str!("homes/leapp/config")),
            (".Leapp/Leapp-lock.json", "sealed"),
        ],
        served: &[("native", "222222222222", "AWSReservedSSO_Admin_")],
        stays: &[
            "only Leapp opens what it keeps",
            "profile default: by Leapp",
            "profile of work: by Leapp",
        ],
        fail: &[("default", "leapp"), ("of work", "leapp")],
        ..Home::default()
    };
    moves_in(&home, &|sandbox| sandbox.log_in());
}

#[test]
fn of_one_password() {
    let home = Home {
        tool: "1password",
        files: &[
            (CONFIG_FILE, CONFIG),
            (
                ".config/op/plugins.sh",
                "export OP_PLUGIN_ALIASES_SOURCED=1\nalias aws=\"op plugin run -- aws\"\n",
            ),
        ],
        stays: &["only 1Password opens its items"],
        fail: &[("dev", "dev"), ("readonly", "dev")],
        ..Home::default()
    };
    moves_in(&home, &nothing);
}
