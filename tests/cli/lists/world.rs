//! What the documents presume: profiles by the names that they use, an organization, files, other programs.

use std::path::Path;

use crate::fake_aws::iam::{Role, Trust};
use crate::fake_aws::organization::Account;
use crate::fake_aws::portal::Assignment;
use crate::fake_aws::sample;
use crate::given::SETTINGS;
use crate::sandbox::{AWSX, CONFIG, PASSPHRASE, SSO_SESSION, Sandbox};

/// A role that the sample user may assume.
pub(crate) const ANY_ROLE: &str = "arn:aws:iam::123456789012:role/Audit";

/// A profile of before there were sessions.
const OLD: &str = "\
[profile old]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 222222222222
sso_role_name = Developer
";

/// Roles without MFA, by the other names of the documents.
const ROLES: [&str; 4] = ["test", "shop-dev", "prod-eu", "prod-us"];

const OWN_SETTINGS: &str = "\
audit = true

[scopes.deploy]
policy_file = \"deploy.json\"

[tags]
prod = [\"prod-*\"]
";

/// A policy.
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

/// Programs that a document has awsx start, or pipe into another: they want credentials, or only to be there.
const WITH_CREDENTIALS: [&str; 2] = ["terraform", "make"];
const OTHERS: [&str; 4] = ["psql", "dot", "kubectl", "docker"];

/// `aws` gives a key where it is asked for one; `claude` starts what it is told to.
const AWS: &str =
    "case \"$1 $2\" in \"iam create-access-key\") cat \"$HOME/planted/key.json\" ;; esac";
const CLAUDE: &str =
    "[ $# -eq 0 ] || { while [ \"$1\" != -- ]; do shift; done; shift; exec \"$@\" </dev/null; }";
const CREDENTIALS: &str = ": \"${AWS_ACCESS_KEY_ID:-${AWS_CONTAINER_CREDENTIALS_FULL_URI:?}}\"";

/// A home that has all of it, with a login of the AWS CLI, and a browser.
pub(crate) fn world() -> Sandbox {
    let sandbox = Sandbox::new();
    let role = "role_arn = arn:aws:iam::111111111111:role/ReadOnly\nsource_profile = dev\nregion = eu-west-1\n";
    let roles: String = ROLES.iter().map(|name| format!("\n[profile {name}]\n{role}")).collect();
    sandbox.config(&format!("{SSO_SESSION}\n{CONFIG}\n{OLD}{roles}"));
    sandbox.write(SETTINGS, OWN_SETTINGS);
    sandbox.write(".config/awsx/deploy.json", POLICY);
    sandbox.write("ci.json", POLICY);
    programs(&sandbox);
    organization(&sandbox);
    let trust = Trust { principals: vec![sample::USER.into()], ..Trust::default() };
    add_role(&sandbox, ANY_ROLE, trust);
    let tokens = sandbox.aws.control(|state| state.portal.tokens.clone());
    sandbox.open_browsers();
    sandbox.aws.control(|state| state.portal.tokens = tokens);
    sandbox.logged_in()
}

fn programs(sandbox: &Sandbox) {
    let program = |path: &str, body: &str| {
        sandbox.write_mode(path, &format!("#!/bin/sh -eu\n{body}\n"), 0o755);
    };
    for name in WITH_CREDENTIALS {
        program(&format!("planted/bin/{name}"), CREDENTIALS);
    }
    for name in ["check.sh", "deploy.sh"] {
        program(name, CREDENTIALS);
    }
    for name in OTHERS {
        program(&format!("planted/bin/{name}"), "exit 0");
    }
    program("planted/bin/aws", AWS);
    program("planted/bin/claude", CLAUDE);
    program("planted/bin/print-assertion", "cat \"$HOME/planted/assertion\"");
    program("planted/bin/print-token", "cat \"$HOME/planted/token\"");
    program("planted/bin/ssh", "exec /usr/bin/ssh -F \"$HOME/ssh/config\" \"$@\"");
    let awsx = Path::new(AWSX).parent().unwrap().display();
    let path = sandbox.what_is_set("PATH");
    let home = sandbox.home().display();
    sandbox.set("PATH", &format!("{home}/bin:{home}/planted/bin:{awsx}:{path}"));
    // What awsx starts finds it too.
    sandbox.unset("AWSX_PASSPHRASE");
    let passphrase = sandbox.write_mode("planted/passphrase", PASSPHRASE, 0o600);
    sandbox.set("AWSX_PASSPHRASE_FILE", passphrase.to_str().unwrap());
}

/// Accounts by the names of the documents, with the roles that they are asked for there.
fn organization(sandbox: &Sandbox) {
    const ACCOUNTS: [(&str, &str, &str); 4] = [
        ("444444444444", "dev", "Developer"),
        ("555555555555", "sandbox", "Developer"),
        ("666666666666", "prod-shop", "ReadOnly"),
        ("777777777777", "prod-data", "ReadOnly"),
    ];
    sandbox.aws.control(|state| {
        for (id, name, role) in ACCOUNTS {
            let email = format!("aws+{name}@corp.example");
            state.portal.accounts.push(Account { id: id.into(), name: name.into(), email });
            state.portal.assignments.push(Assignment {
                user: sample::SSO_USER.into(),
                role_name: role.into(),
                role: sample::SSO_ROLE.replace("222222222222", id).replace("Developer", role),
                seconds: 3600,
            });
        }
    });
}

pub(crate) fn add_role(sandbox: &Sandbox, arn: &str, trust: Trust) {
    let id = "AROA2DOCUMENTSXXXXXX".into();
    let role = Role { arn: arn.into(), id, max_session_seconds: 43_200, trust };
    sandbox.aws.control(|state| state.iam.roles.push(role));
}
