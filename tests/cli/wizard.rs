//! `awsx config sso`: one profile, asked for step by step or said in flags.

use crate::sandbox::Sandbox;
use crate::sso::log_in;

const FLAGS: [&str; 7] = [
    "config",
    "sso",
    "--start-url=https://corp.awsapps.com/start",
    "--sso-region=eu-west-1",
    "--session=corp",
    "--account=222222222222",
    "--role=Developer",
];

const SESSION: &str = "\
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
";

const PROFILE: &str = "\
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Developer
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config("# mine");
    log_in(&sandbox, |text| text);
    sandbox
}

fn config(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.home().join(".aws/config")).unwrap()
}

#[test]
fn flags_say_everything() {
    let sandbox = sandbox();
    let more = ["--profile-name=team", "--region=eu-north-1", "--yes"];
    let ran = sandbox.awsx(&[&FLAGS[..], &more].concat()).ok();
    ran.says("is written; use it: `awsx exec team -- aws s3 ls`");
    let first = format!("# mine\n\n{SESSION}\n[profile team]\n{PROFILE}region = eu-north-1\n");
    assert_eq!(config(&sandbox), first);
    sandbox.awsx(&["exec", "team", "--", "true"]).ok();

    // The session is there now; a name and a region come from awsx's own settings.
    sandbox.write(
        ".config/awsx/config.toml",
        "[sso.corp]\nregion = \"eu-south-1\"\nprofile_name = \"{role_name:lower}\"\n\
         [[sso.corp.rules]]\nskip = true\n",
    );
    sandbox.awsx(&["config", "sso", "--role", "Developer", "--yes"]).ok();
    let second = format!("{first}\n[profile developer]\n{PROFILE}region = eu-south-1\n");
    assert_eq!(config(&sandbox), second);
}

#[test]
fn a_person_is_asked_for_the_rest() {
    let sandbox = sandbox();
    sandbox.aws.control(|state| state.portal.grow(2, 2));
    let mut terminal = sandbox.awsx_on_terminal(&["config", "sso"]);
    terminal.expect("Start URL: ").type_line("http://corp.awsapps.com/start");
    terminal.expect("not an https URL").expect("Start URL: ");
    terminal.type_line("https://corp.awsapps.com/start");
    terminal.expect("Region of IAM Identity Center: ").type_line("eu-west-1");
    terminal.expect("Name of the session [corp]: ").type_line("");
    terminal.expect("Account").expect("Workloads Dev 1 (500000007919)");
    terminal.type_text("dev 1").type_text("\r");
    terminal.expect("Role").expect("ReadOnly").type_text("read").type_text("\r");
    terminal.expect("Name of the profile [Workloads-Dev-1/ReadOnly]: ").type_line("a b");
    terminal.expect("not all AWS tools read such a name").expect("Name of the profile");
    terminal.type_line("work");
    terminal.expect("Region of the profile [none]: ").type_line("");
    terminal.expect("+ [profile work]").expect("Write it to ").type_line("y");
    terminal.expect("is written").ends().ok();
    let profile = "sso_session = corp\nsso_account_id = 500000007919\nsso_role_name = ReadOnly\n";
    assert_eq!(config(&sandbox), format!("# mine\n\n{SESSION}\n[profile work]\n{profile}"));

    let mut terminal = sandbox.awsx_on_terminal(&["config", "sso", "--session=corp", "--yes"]);
    terminal.expect("Account").type_text(crate::terminal::ESCAPE);
    assert_eq!(terminal.ends().code, 130);
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    let with = |more: &[&'static str]| [&FLAGS[..], more].concat();
    let but = |flag: &str| -> Vec<&'static str> {
        FLAGS.into_iter().filter(|known| !known.starts_with(flag)).chain(["--yes"]).collect()
    };
    let there = format!("{SESSION}[profile team]\n");
    for (docs, written, args, code, words) in [
        (
            "no start URL",
            "",
            but("--start-url"),
            4,
            ["nobody can be asked", "give --start-url URL"],
        ),
        ("no region", "", but("--sso-region"), 4, ["nobody can be asked", "give --sso-region REG"]),
        ("no name", "", but("--session"), 4, ["nobody can be asked", "give --session NAME"]),
        ("no account", "", but("--account"), 4, ["nobody can be asked", "give --account NAME|ID"]),
        ("not agreed", "", with(&["--region=x", "--profile-name=a"]), 4, ["nobody", "give --yes"]),
        ("no profile name", "", with(&[]), 4, ["nobody can be asked", "give --profile-name NAME"]),
        (
            "another account",
            "",
            with(&["--account=111111111111", "--yes"])
                .into_iter()
                .filter(|flag| *flag != "--account=222222222222")
                .collect(),
            2,
            ["no account of yours at sso-session \"corp\" is 111111111111", "hint: "],
        ),
        (
            "another role",
            "",
            but("--role").into_iter().chain(["--role=Admin"]).collect(),
            2,
            ["no role of yours in account 222222222222 is Admin", "awsx sso roles"],
        ),
        (
            "a name that is taken",
            &*there,
            with(&["--profile-name=team", "--yes"]),
            3,
            [".aws/config:5: profile \"team\" is there already", "another --profile-name"],
        ),
        (
            "another URL",
            &*there,
            but("--start-url").into_iter().chain(["--start-url=https://other"]).collect(),
            2,
            ["[sso-session corp] is there already, and --start-url differs", "leave the flag out"],
        ),
        (
            "not logged in",
            "",
            but("--session").into_iter().chain(["--session=lab"]).collect(),
            4,
            ["sso-session \"lab\" needs a login", "run `awsx config sso` in a terminal"],
        ),
        ("no URL", "", vec!["config", "sso", "--start-url=x"], 2, ["not an https URL", "--help"]),
    ] {
        let sandbox = sandbox();
        sandbox.aws.control(|state| state.portal.grow(1, 1));
        sandbox.config(written);
        let ran = sandbox.awsx(&args);
        assert_eq!(ran.code, code, "{docs}: {ran:?}");
        ran.fails(code, &words);
        assert_eq!(config(&sandbox), written, "{docs}");
    }
}
