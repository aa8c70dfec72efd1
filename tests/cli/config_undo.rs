//! `awsx config undo`, `edit` and `list`.

use crate::sandbox::{AWSX, CONFIG, Sandbox};

fn run(sandbox: &Sandbox, line: &str) -> crate::ran::Ran {
    sandbox.awsx(&line.split(' ').collect::<Vec<_>>())
}

#[test]
fn changes_are_taken_back_one_after_the_other() {
    let sandbox = Sandbox::new();
    let credentials = sandbox.read(".aws/credentials");
    run(&sandbox, "config set region eu-west-3 -p dev").ok().stderr_is(&[]);
    let first = sandbox.read_config();
    // Both files, in one step.
    sandbox.plant("a/secret/of/undo/0123456789");
    let secret = ["config", "set", "aws_session_token", "-", "-p", "prod", "--plain-text"];
    let mut command = sandbox.command(AWSX);
    sandbox.run(command.args(secret), b"a/secret/of/undo/0123456789\n", true).ok();
    run(&sandbox, "config unset aws_session_token -p prod").ok().prints("= ***");
    assert_eq!(sandbox.records("history").len(), 3);
    let ran = run(&sandbox, "config undo").ok();
    assert_eq!(ran.stdout, "~/.aws/credentials\n  [prod]\n+ aws_session_token = ***\n");
    assert!(sandbox.read(".aws/credentials").contains("a/secret/of/undo"));
    run(&sandbox, "config undo").ok().prints("- aws_session_token = ***");
    assert_eq!(sandbox.read(".aws/credentials"), credentials);
    assert_eq!(sandbox.read_config(), first);
    run(&sandbox, "config undo").ok().prints("- region = eu-west-3\n+ region = eu-west-1\n");
    assert_eq!(sandbox.read_config(), CONFIG);
    run(&sandbox, "config undo").fails(3, &["awsx changed no file within 30 days", "config edit`"]);
    assert_eq!(sandbox.records("history").len(), 0);
}

#[test]
fn a_file_that_somebody_changed_is_left_alone() {
    let sandbox = Sandbox::new();
    run(&sandbox, "config set region eu-west-3 -p dev").ok();
    let changed = sandbox.read_config() + "# mine\n";
    sandbox.config(&changed);
    run(&sandbox, "config undo")
        .fails(3, &[".aws/config was changed since awsx did", "config edit`"]);
    assert_eq!(sandbox.read_config(), changed);
    // A change that never came to be is passed over.
    sandbox.config(CONFIG);
    run(&sandbox, "config undo").fails(3, &["awsx changed no file"]);
}

#[test]
fn nobody_is_asked_for_a_passphrase_to_keep_a_version() {
    let sandbox = Sandbox::new();
    sandbox.unset("AWSX_PASSPHRASE");
    let mut terminal = sandbox.awsx_on_terminal(&["config", "set", "region", "x", "-p", "dev"]);
    terminal.expect("`awsx config undo` will not know this change").expect("`awsx unlock`");
    terminal.end().ok();
    run(&sandbox, "config set region y -p dev -q").ok().stderr_is(&[]);
    assert!(sandbox.read_config().contains("region = y\n"));
    let sandbox = Sandbox::new().without_vault();
    run(&sandbox, "config set region x -p dev").ok().says("will not know this change");
    assert!(!sandbox.state_dir().join("vault.json").exists());
}

#[test]
fn no_more_than_twenty_steps_are_kept() {
    let sandbox = Sandbox::new();
    for at in 0..23 {
        run(&sandbox, &format!("config set region eu-west-{at} -p dev")).ok();
    }
    assert_eq!(sandbox.records("history").len(), 20);
}

#[test]
fn an_editor_gets_a_copy_and_what_it_leaves_is_checked() {
    let sandbox = Sandbox::new();
    let edit = |editor: &str, file: &str| {
        sandbox.set("EDITOR", editor);
        run(&sandbox, &format!("config edit{file}"))
    };
    let ran = edit("sed -i s/eu-west-1/eu-west-2/", "").ok();
    assert_eq!(
        ran.stdout,
        "~/.aws/config\n  [profile dev]\n- region = eu-west-1\n+ region = eu-west-2\n"
    );
    let before = sandbox.read_config();
    assert_eq!(before, CONFIG.replace("eu-west-1", "eu-west-2"));
    edit("true", "").ok().says("nothing is changed");
    edit("sed -i s/]//", "").fails(3, &[".aws/config:2: expected `]`", "hint: close the bracket"]);
    edit("false", "").fails(3, &["the editor false: it ended with", "nothing is written"]);
    edit("no-such-editor", "").fails(3, &["the editor no-such-editor:", "set VISUAL or EDITOR"]);
    edit("'open", "").fails(3, &["open quote"]);
    sandbox.set("VISUAL", "sed -i $a#credentials");
    edit("false", " credentials").ok().prints("~/.aws/credentials\n");
    sandbox.unset("VISUAL");
    // Somebody else is faster.
    sandbox.write("other.sh", "echo '# theirs' >> ~/.aws/config; echo '# mine' >> \"$1\"\n");
    edit("sh other.sh", "").fails(3, &["was changed while you were asked", "what you wrote is in"]);
    assert_eq!(sandbox.read_config(), before.clone() + "# theirs\n");
    sandbox.config(&before);
    sandbox.set("EDITOR", "sed -i s/]//");
    let mut terminal = sandbox.awsx_on_terminal(&["config", "edit"]);
    terminal.expect("expected `]`").expect("Edit it again?").type_line("n");
    terminal.end().exits(3);
    assert_eq!(sandbox.read_config(), before);
    run(&sandbox, "config edit --no-input").fails(4, &["an editor needs somebody"]);
    // The usual one is for a person: without a terminal it would wait for nobody.
    sandbox.unset("EDITOR");
    run(&sandbox, "config edit").fails(4, &["an editor needs somebody"]);
    sandbox.set("EDITOR", "true");
    sandbox.set("CLAUDECODE", "1");
    run(&sandbox, "config edit").exits(4).says("input_needed");
    sandbox.unset("CLAUDECODE");
    // Of the copy that was kept, one.
    assert_eq!(sandbox.records("edits").len(), 1);
}

#[test]
fn settings_are_listed_with_what_they_hide() {
    let sandbox = Sandbox::new();
    sandbox.unset("AWS_ENDPOINT_URL");
    sandbox.config(
        "[profile dev]\nregion = eu-west-1\nregion = eu-west-2\noutput = json\ns3 =\n  max_queue_size = 5\n\
         include_profile = base\n[profile base]\ncli_pager = cat\n[sso-session corp]\nsso_region = x\n",
    );
    sandbox.credentials("[dev]\naws_secret_access_key = planted\noutput = text\n");
    sandbox.set("AWS_REGION", "eu-west-3");
    sandbox.set("AWS_PROFILE", "dev");
    let ran = run(&sandbox, "config list --region eu-west-4").ok();
    let lines: Vec<Vec<_>> =
        ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let expected = [
        "profile dev AWS_PROFILE",
        "region eu-west-4 --region",
        "eu-west-3 AWS_REGION, hidden",
        "eu-west-2 ~/.aws/config:3, hidden",
        "eu-west-1 ~/.aws/config:2, hidden",
        "output text ~/.aws/credentials:3",
        "json ~/.aws/config:4, hidden",
    ];
    for line in expected {
        let words: Vec<_> = line.split_whitespace().collect();
        assert!(lines.contains(&words), "{line}: {}", ran.stdout);
    }
    ran.prints("max_queue_size = 5").prints("cli_pager").prints("***").prints_no("planted");
    let document = run(&sandbox, "config list --json").ok().json();
    let region = &document["settings"]["region"];
    assert_eq!(
        (&document["profile"], &document["selected_by"]),
        (&"dev".into(), &"AWS_PROFILE".into())
    );
    assert_eq!(
        (&region["variable"], &region["value"]),
        (&"AWS_REGION".into(), &"eu-west-3".into())
    );
    assert_eq!(region["hides"][0]["line"], 3);
    run(&sandbox, "config list --sso-session corp").ok().prints("sso_region  x  ~/.aws/config:11");
    run(&sandbox, "config list --services nobody").fails(3, &["there is no [services nobody]"]);
    run(&sandbox, "config list -p nobody").fails(3, &["profile \"nobody\""]);
}
