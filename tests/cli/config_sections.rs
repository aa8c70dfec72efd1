//! `awsx config profile`, `session`, `install-process`, and `awsx config` alone.

use crate::children;
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, SSO_SESSION, Sandbox};

fn run(sandbox: &Sandbox, line: &str) -> Ran {
    sandbox.awsx(&line.split(' ').collect::<Vec<_>>())
}

#[test]
fn profiles_are_added_and_copied() {
    let sandbox = Sandbox::new();
    let role = "arn:aws:iam::111111111111:role/ReadOnly";
    let add = format!(
        "config profile add read --role-arn {role} --source-profile dev --region eu-west-3"
    );
    let lines =
        format!("[profile read]\nrole_arn = {role}\nsource_profile = dev\nregion = eu-west-3\n");
    let ran = run(&sandbox, &add).ok();
    assert_eq!(ran.stdout.replace("+ ", ""), format!("~/.aws/config\n\n{lines}"));
    assert_eq!(sandbox.read_config(), format!("{CONFIG}\n{lines}"));
    assert!(sandbox.whoami("read")["arn"].is_string());
    run(&sandbox, &add).fails(3, &["there is profile \"read\" already", "another name"]);
    run(&sandbox, "config profile copy read copy --quiet").ok();
    assert!(sandbox.read_config().ends_with(&lines.replace("read]", "copy]")));
    run(&sandbox, "config undo").ok();
    run(&sandbox, "config undo").ok();
    assert_eq!(sandbox.read_config(), CONFIG);
    for (line, code, words) in [
        (format!("add x --role-arn {role}"), 2, "whose credentials assume the role is not said"),
        (format!("add x --role-arn {role} --source-profile dve"), 3, "did you mean dev?"),
        ("add x --role-arn nonsense --source-profile dev".to_owned(), 2, "--role-arn nonsense"),
        ("add x --set aws_secret_access_key=planted".to_owned(), 2, "`awsx keys add x`"),
        ("add x --set region=a --set region=b".to_owned(), 2, "region is given twice"),
        ("add x --set nonsense".to_owned(), 2, "it is no KEY=VALUE"),
        ("add a#b".to_owned(), 2, "not all AWS tools read such a name"),
        ("copy nobody x".to_owned(), 3, "profile \"nobody\" is in neither"),
        ("copy prod dev".to_owned(), 3, "there is profile \"dev\" already"),
    ] {
        run(&sandbox, &format!("config profile {line}")).fails(code, &[words]);
    }
    sandbox.config("");
    run(&sandbox, "config profile copy dev x").fails(3, &["is in the credentials file alone"]);
}

#[test]
fn who_names_a_profile_follows_its_new_name() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_PROFILE", "dev");
    sandbox.write(
        ".config/awsx/config.toml",
        "[registries]\n\"1.dkr.ecr.eu-west-1.amazonaws.com\" = \"dev\"\n",
    );
    sandbox.config(&format!(
        "{CONFIG}\n[profile tool]\ncredential_process = awsx credential-process dev\n"
    ));
    let ran = run(&sandbox, "config profile rename dev work").ok();
    ran.prints("- [profile dev]\n")
        .prints("  [profile prod]\n- source_profile = dev\n+ source_profile = work\n")
        .prints("~/.aws/credentials\n- [dev]\n+ [work]\n")
        .says("credential_process of profile \"tool\" may name \"dev\"")
        .says("AWS_PROFILE is still dev")
        .says("config.toml:2: awsx's settings name \"dev\"");
    let expected = CONFIG.replace("profile dev", "profile work").replace("= dev\n", "= work\n");
    assert!(sandbox.read_config().starts_with(&expected));
    assert!(sandbox.read(".aws/credentials").starts_with("[work]\n"));
    sandbox.unset("AWS_PROFILE");
    sandbox.exec("readonly", &[]).ok();
    run(&sandbox, "config undo").ok();
    assert!(sandbox.read_config().starts_with(CONFIG));
    assert!(sandbox.read(".aws/credentials").starts_with("[dev]\n"));
    run(&sandbox, "config profile rename dev prod")
        .fails(3, &["there is profile \"prod\" already"]);
    run(&sandbox, "config profile rename dve x").fails(3, &["did you mean dev?"]);
}

#[test]
fn what_goes_is_shown_and_asked_for() {
    let sandbox = Sandbox::new();
    let remove = "config profile remove dev";
    let ran =
        run(&sandbox, remove).exits(4).says("`awsx config profile remove dev --yes` does not ask");
    ran.prints("- aws_secret_access_key = ***")
        .says("~/.aws/config:7: source_profile of profile \"prod\" names it");
    assert_eq!(sandbox.read_config(), CONFIG);
    let mut terminal = sandbox.awsx_on_terminal(&remove.split(' ').collect::<Vec<_>>());
    terminal.expect("Remove profile \"dev\"? [y/N]").type_line("");
    terminal.expect("nothing is written").end().ok();
    assert_eq!(sandbox.read_config(), CONFIG);
    let credentials = sandbox.read(".aws/credentials");
    run(&sandbox, &format!("{remove} --yes")).ok();
    let left = CONFIG.replace("[profile dev]\nregion = eu-west-1\n", "");
    assert_eq!((sandbox.read_config(), sandbox.read(".aws/credentials")), (left, String::new()));
    run(&sandbox, "config undo").ok();
    assert_eq!(
        (sandbox.read_config(), sandbox.read(".aws/credentials")),
        (CONFIG.to_owned(), credentials)
    );
    run(&sandbox, "config profile remove nobody --yes")
        .fails(3, &["profile \"nobody\" is in neither"]);
}

#[test]
fn sessions_are_added_renamed_and_removed() {
    let sandbox = Sandbox::new();
    sandbox.config("");
    let add =
        "config session add corp --start-url https://corp.awsapps.com/start --sso-region eu-west-1";
    run(&sandbox, add).fails(4, &["--yes"]);
    run(&sandbox, &format!("{add} --yes")).ok().says("`awsx login sso corp` logs in");
    assert!(sandbox.read_config().starts_with(SSO_SESSION));
    run(&sandbox, &format!("{add} --yes")).fails(3, &["there is [sso-session corp] already"]);
    let block = "# >>> awsx sso corp\n[profile b]\nsso_session = corp\n# <<< awsx sso corp\n";
    let text = format!("{SSO_SESSION}\n[profile a]\nsso_session = corp\n\n{block}");
    sandbox.config(&text);
    run(&sandbox, "config session rename corp work")
        .ok()
        .says("`awsx login sso work` logs in under");
    let renamed = text.replace("sso-session corp", "sso-session work");
    let renamed = renamed.replace("sso_session = corp", "sso_session = work");
    assert_eq!(sandbox.read_config(), renamed.replace("awsx sso corp", "awsx sso work"));
    let ran = run(&sandbox, "config session remove work").exits(4);
    ran.says("config session remove work --yes`");
    run(&sandbox, "config session remove work --yes")
        .ok()
        .says("~/.aws/config:6: sso_session of profile \"a\" names it")
        .says("`awsx logout work`");
    assert!(!sandbox.read_config().contains("sso-session work"));
    run(&sandbox, "config session remove nobody").fails(3, &["there is no [sso-session nobody]"]);
}

#[test]
fn other_tools_take_credentials_from_awsx() {
    let sandbox = children::sandbox();
    let install = |words: &str| run(&sandbox, &format!("config install-process {words}"));
    install("readonly").ok().says("`AWS_PROFILE=readonly-awsx aws sts get-caller-identity`");
    let line = format!("credential_process = {AWSX} credential-process readonly\n");
    assert!(sandbox.read_config().ends_with(&format!("\n\n[profile readonly-awsx]\n{line}")));
    sandbox.set("WHO_PROFILE", "readonly-awsx");
    sandbox.set("AWS_DEFAULT_REGION", "eu-west-1");
    let arn = "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann";
    assert_eq!(children::boto3(&sandbox).ok().json()["arn"], arn);
    assert_eq!(children::aws_cli(&sandbox, "aws2", "readonly-awsx").ok().json()["Arn"], arn);
    install("readonly").fails(3, &["there is profile \"readonly-awsx\" already"]);
    install("readonly-awsx").fails(3, &["takes its credentials from awsx already, as readonly"]);
    install("readonly-awsx --replace").fails(3, &["`awsx config install-process readonly`"]);
    install("readonly --remove").ok();
    assert_eq!(sandbox.read_config(), CONFIG);
    install("readonly --remove").fails(3, &["has no readonly-awsx"]);
    // In its place, with its keys.
    let before = (sandbox.read_config(), sandbox.read(".aws/credentials"));
    install("dev --replace").ok();
    let config = sandbox.read_config();
    assert!(config.contains("[profile dev-original]\nregion = eu-west-1\n"), "{config}");
    assert!(config.contains("[profile dev]\ncredential_process = "), "{config}");
    assert!(config.ends_with("credential-process dev-original\nregion = eu-west-1\n"), "{config}");
    sandbox.set("WHO_PROFILE", "dev");
    let dev = "arn:aws:iam::111111111111:user/dev";
    let who = children::boto3(&sandbox).ok().json();
    assert_eq!((&who["arn"], &who["method"]), (&dev.into(), &"custom-process".into()));
    assert_eq!(sandbox.whoami("readonly")["arn"], arn);
    install("dev --replace").fails(3, &["as dev-original"]);
    install("dev --remove").ok();
    assert_eq!((sandbox.read_config(), sandbox.read(".aws/credentials")), before);
    // Several at once.
    install("--all")
        .ok()
        .prints("[profile prod-awsx]")
        .prints("[profile audit-awsx]")
        .prints_no("[profile dev-awsx]");
    install("--all --remove").ok();
    assert_eq!(sandbox.read_config(), before.0);
    install("").exits(2);
}

#[test]
fn config_alone_leads_on() {
    let sandbox = Sandbox::new();
    run(&sandbox, "config").fails(4, &["nobody can be asked", "`awsx config sso`"]);
    let mut terminal = sandbox.awsx_on_terminal(&["config"]);
    terminal.expect("What kind of profile").expect("Access key").type_line("Role");
    terminal.expect("Name of the profile").type_line("team");
    terminal.expect("ARN of the role:").type_line("arn:aws:iam::333333333333:role/Team");
    terminal.expect("Which profile assumes it").type_line("dev");
    terminal.expect("MFA device").type_line("");
    terminal.expect("Region of the profile").type_line("eu-west-3");
    terminal.expect("+ [profile team]").end().ok();
    assert!(sandbox.read_config().ends_with(
        "[profile team]\nrole_arn = arn:aws:iam::333333333333:role/Team\nsource_profile = dev\nregion = eu-west-3\n"
    ));
}
