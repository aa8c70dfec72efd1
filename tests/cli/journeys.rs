//! The first hour of many kinds of people, each a story: what is typed at a shell, and what is seen.
//! Where the documents show a screen, it is from here.

use std::path::Path;
use std::process::Command;

use crate::aws_mfa::long_term;
use crate::fake_aws::fault::Fault;
use crate::fake_aws::iam::AccessKey;
use crate::fake_aws::sample::{KEY_ID, MFA_SERIAL, READ_ONLY, SECRET_KEY, USER};
use crate::pages::story::{Line, Mark, lines};
use crate::sandbox::{AWSX, CONFIG, Sandbox};
use crate::sts_tokens::{SAML_ROLE, with_saml};
use crate::terminal::{CTRL_C, Terminal};

/// What stands behind the words of `given`.
fn given(words: &str) -> Sandbox {
    match words {
        "an empty home" => {
            let sandbox = Sandbox::with_sso(2, 2).at_a_browser();
            sandbox.config("");
            sandbox.credentials("");
            sandbox
        }
        "the keys of an IAM user" => Sandbox::new().vault("passphrase"),
        "an access key that is two years old" => {
            let sandbox = Sandbox::new();
            let created = sandbox.aws.now() - chrono::TimeDelta::days(730);
            sandbox.aws.control(|state| {
                state.iam.refusals_of_new_keys = 0;
                let key = AccessKey::new(KEY_ID, SECRET_KEY, created);
                state.iam.user(USER).unwrap().keys = vec![key];
            });
            sandbox.aws.fail("UpdateAccessKey", Fault::Hang, 1);
            sandbox
        }
        "a machine that SSH leads to" => {
            let sandbox = Sandbox::not_logged_in().vault("auto");
            sandbox.unset("AWSX_BROWSER");
            sandbox.set("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22");
            sandbox
        }
        "profiles of an organization, and no login" => Sandbox::not_logged_in(),
        "an organization of many accounts" => Sandbox::with_sso(20, 2).at_a_browser(),
        "a role that may do much" => Sandbox::new().sso_profiles().logged_in(),
        "a runner with a web identity" => {
            let sandbox = Sandbox::new();
            sandbox.config("");
            sandbox.credentials("");
            let token = sandbox.write("planted/token", &sandbox.web_identity_token());
            sandbox.set("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap());
            sandbox.set("AWS_ROLE_ARN", "arn:aws:iam::222222222222:role/Ci");
            sandbox
        }
        "profiles of granted" => {
            let sandbox = Sandbox::with_sso(2, 2).at_a_browser();
            sandbox.config(
                "[profile prod/Developer]\n\
                 granted_sso_start_url = https://corp.awsapps.com/start\n\
                 granted_sso_region = eu-west-1\n\
                 granted_sso_account_id = 222222222222\n\
                 granted_sso_role_name = Developer\n\
                 credential_process = granted credential-process --profile prod/Developer\n",
            );
            sandbox
        }
        "a configuration of aws-vault" => {
            let sandbox = Sandbox::new();
            let tools = "[profile tools]\ncredential_process = aws-vault exec prod --json\n";
            sandbox.config(&format!("{CONFIG}\n{tools}"));
            sandbox
        }
        "the sections of aws-mfa" => {
            let sandbox = Sandbox::new();
            let role = CONFIG.split("\n[profile audit]").next().unwrap_or_default();
            sandbox.config(&role.replace(&format!("mfa_serial = {MFA_SERIAL}\n"), ""));
            sandbox.write_mode(".aws/credentials", &long_term("dev"), 0o600);
            sandbox
        }
        "profiles of aws-sso-cli" => {
            let sandbox = Sandbox::with_sso(2, 2).at_a_browser();
            let process =
                "aws-sso -S Default process --arn arn:aws:iam::222222222222:role/Developer";
            sandbox.config(&format!("[profile work]\ncredential_process = {process}\n"));
            sandbox.credentials("");
            sandbox.write(
                ".aws-sso/config.yaml",
                "SSOConfig:\n    Default:\n        SSORegion: eu-west-1\n        StartUrl: \
                 https://corp.awsapps.com/start\n        Accounts:\n            \"222222222222\":\n\
                 \u{20}               Roles:\n                    Developer:\n                        \
                 Profile: build\n",
            );
            sandbox
        }
        "a repository of a team" => {
            let sandbox = Sandbox::with_sso(2, 2).at_a_browser();
            sandbox.config("");
            sandbox.credentials("");
            // The browser is that of the laptop which it stands on.
            sandbox.write("newcomer/.aws/config", "");
            std::os::unix::fs::symlink("../browser", sandbox.home().join("newcomer/browser"))
                .unwrap();
            for words in [
                &["init", "-q", "shop"][..],
                &["config", "--global", "user.name", "ann"],
                &["config", "--global", "user.email", "ann@corp.example"],
            ] {
                sandbox.run(sandbox.command("git").args(words), b"", true).ok();
            }
            sandbox
        }
        "an account of saml2aws" => {
            let sandbox = at_an_identity_provider();
            let account = "[default]\nurl = https://idp.corp.example/app/aws\nprovider = Browser\n\
                           aws_profile = corp\nregion = eu-west-1\n";
            sandbox.write(".saml2aws", &format!("{account}role_arn = {SAML_ROLE}\n"));
            sandbox
        }
        "a SAML identity provider" => {
            let sandbox = at_an_identity_provider();
            let profile = "[profile corp]\nregion = eu-west-1\n\
                           saml_login_url = https://idp.corp.example/app/aws\n";
            sandbox.write("assertion.ini", &format!("{profile}role_arn = {SAML_ROLE}\n"));
            sandbox
        }
        _ => panic!("nothing is given by {words:?}"),
    }
}

/// Nothing in the AWS files, and an assertion of two roles.
fn at_an_identity_provider() -> Sandbox {
    let sandbox = Sandbox::new().at_a_browser();
    sandbox.config("");
    sandbox.credentials("");
    let provider = with_saml(&sandbox);
    let end = sandbox.aws.now() + chrono::TimeDelta::minutes(5);
    let roles = [READ_ONLY, SAML_ROLE];
    sandbox.write("planted/assertion", &provider.assertion(&roles, "ann@corp.example", end));
    sandbox
}

/// A shell of the person, on a terminal of its own.
pub(crate) fn shell(sandbox: &Sandbox) -> Terminal<'_> {
    let awsx = Path::new(AWSX).parent().unwrap().display();
    let path = awsx::for_tests::Env::capture().get("PATH").expect("PATH is set").to_owned();
    let mut bash: Command = sandbox.command("bash");
    bash.args(["--noprofile", "--norc", "--noediting", "-i"]);
    bash.env("PATH", format!("{awsx}:{path}")).env("PS1", "$ ").env("SHELL", "/bin/sh");
    Terminal::start(sandbox, bash)
}

fn act(name: &str, story: &str) {
    let mut lines = lines(story);
    let first = lines.next().filter(|line| line.mark == Mark::Given);
    let sandbox = given(first.unwrap_or_else(|| panic!("{name} begins with what is given")).text);
    let mut terminal = shell(&sandbox);
    for Line { mark, text } in lines {
        match mark {
            Mark::Given => panic!("{name}: once is enough"),
            Mark::Command => {
                terminal.expect("$ ").type_line(text).expect(text);
            }
            Mark::Answer => {
                let assertion = || sandbox.read("planted/assertion");
                terminal.type_line(&match text {
                    "{assertion}" => assertion(),
                    text => text.replace("{code}", &sandbox.code()),
                });
            }
            Mark::Interrupt => {
                terminal.type_text(CTRL_C);
            }
            Mark::Seen => {
                terminal.expect(text);
            }
            Mark::Browser if text == "confirm" => {
                let code = terminal.next_line();
                assert!(sandbox.aws.control(|state| state.oidc.approve(code.trim())), "{code}");
            }
            Mark::Browser => drop(sandbox.allow()),
        }
    }
    terminal.expect("$ ").type_line("exit 0").end().ok();
}

macro_rules! stories {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            act(stringify!($name), include_str!(concat!("journeys/", stringify!($name), ".txt")));
        }
    )* };
}

stories! {
    a_laptop_and_an_organization
    an_iam_user_with_mfa
    an_old_access_key
    a_job_of_ci
    a_machine_far_away
    a_developer_of_containers
    an_operator_of_many_accounts
    a_program_with_an_sdk
    an_agent
    a_company_with_its_own_login
    a_team
    from_aws_mfa
    from_aws_sso_cli
    from_aws_vault
    from_granted
    from_saml2aws
    from_the_aws_cli
}
