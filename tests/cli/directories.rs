//! `.awsx.toml`: when it counts, what it chooses, and who is asked before.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::fake_aws::sample;
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, Sandbox, keys};
use crate::terminal::Terminal;

const FILE: &str = "work/shop/.awsx.toml";

fn at(sandbox: &Sandbox, directory: &str, words: &[&str]) -> Command {
    let place: PathBuf = sandbox.home().join(directory);
    std::fs::create_dir_all(&place).unwrap();
    let mut command = sandbox.command(AWSX);
    command.args(words).current_dir(place);
    command
}

fn run(sandbox: &Sandbox, directory: &str, words: &[&str]) -> Ran {
    sandbox.run(&mut at(sandbox, directory, words), b"", false)
}

fn trust<'a>(sandbox: &'a Sandbox, directory: &str) -> Terminal<'a> {
    let mut terminal = Terminal::start(sandbox, at(sandbox, directory, &["trust"]));
    terminal.expect("Let it choose, here and below? [y/N]").type_line("y");
    terminal
}

/// The profile that runs below the directory.
fn chosen(sandbox: &Sandbox) -> String {
    let words = ["exec", "--", "sh", "-c", "echo ${AWSX_PROFILE-none} ${AWS_REGION-none}"];
    run(sandbox, "work/shop/src", &words).ok().stdout.trim().to_owned()
}

fn sandbox(text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let default = keys(sample::KEY_ID, sample::SECRET_KEY).replace("[dev]", "[default]");
    sandbox.credentials(&format!("{}{default}", keys(sample::KEY_ID, sample::SECRET_KEY)));
    sandbox.write(FILE, text);
    sandbox
}

#[test]
fn it_counts_once_the_person_has_seen_what_it_says() {
    let sandbox = sandbox("# hello\nprofile = \"readonly\"\nregion = \"us-west-2\"\n");
    assert_eq!(chosen(&sandbox), "default none");
    let prompt = |directory| {
        let words = ["prompt", "--format", "{profile}[ {account}][ {left}][ by {by}][ {region}]"];
        run(&sandbox, directory, &words).ok().stderr_is(&[]).stdout
    };
    assert_eq!(prompt("work/shop/src"), "");
    let unused = format!("warning: ~/{FILE} is not used: `awsx trust` shows");
    run(&sandbox, "work/shop", &["whoami"]).ok().says(&unused);
    let mut terminal = trust(&sandbox, "work/shop/src");
    terminal.expect(" is trusted until it changes");
    terminal
        .end()
        .ok()
        .prints(&format!("/{FILE} says\r\n"))
        .prints("    profile           readonly\r\n    region            us-west-2\r\n")
        .prints_no("hello");
    assert_eq!(chosen(&sandbox), "readonly us-west-2");
    run(&sandbox, "work/shop", &["whoami"]).ok().says_no("not used").prints("ReadOnly");
    run(&sandbox, "work/shop", &["env", "--format", "json"])
        .ok()
        .prints("\"AWSX_PROFILE\":\"readonly\"");
    let explained = run(&sandbox, "work/shop/src", &["explain"]).ok();
    explained.prints("(named by .awsx.toml)").prints("us-west-2");
    run(&sandbox, "work", &["whoami"]).ok().prints_no("ReadOnly").says_no(".awsx.toml");
    assert_eq!(prompt("work/shop/src"), "readonly 111111111111 by .awsx.toml us-west-2\n");
    assert_eq!(prompt("work"), "");
    let mut with_keys = at(&sandbox, "work/shop", &["prompt", "--json"]);
    let document = sandbox.run(with_keys.env("AWS_PROFILE", "dev"), b"", false).ok().json();
    assert_eq!((&document["profile"], &document["chosen_by"]), (&json!("dev"), &json!(null)));
    let document = run(&sandbox, "work/shop", &["prompt", "--json"]).ok().json();
    assert_eq!(document["chosen_by"], ".awsx.toml");
    run(&sandbox, "work/shop", &["trust"]).ok().says("is trusted already");
    run(&sandbox, "work/shop", &["trust", "--list"]).ok().prints("~/work/shop/.awsx.toml");
    // What it says now is something else.
    sandbox.write(FILE, "profile = \"readonly\"\n");
    assert_eq!(chosen(&sandbox), "default none");
    sandbox.write(FILE, "# hello\nprofile = \"readonly\"\nregion = \"us-west-2\"\n");
    assert_eq!(chosen(&sandbox), "readonly us-west-2");
    run(&sandbox, "work/shop", &["trust", "--remove"]).ok().says("is not used any more");
    run(&sandbox, "work/shop", &["trust", "--remove"]).ok().says("was not trusted");
    assert_eq!(chosen(&sandbox), "default none");
    run(&sandbox, "work/shop", &["trust", "--list"]).ok().says("no file is trusted");
}

#[test]
fn nobody_else_trusts_it() {
    let sandbox = sandbox("profile = \"readonly\"\n");
    run(&sandbox, "work/shop", &["trust"]).exits(4).says("nobody can be asked");
    run(&sandbox, "work/shop", &["trust", "--no-input"]).exits(4);
    let mut agent = at(&sandbox, "work/shop", &["trust"]);
    agent.env("CLAUDECODE", "1");
    Terminal::start(&sandbox, agent).end().exits(4).prints("an agent runs awsx");
    let mut no = Terminal::start(&sandbox, at(&sandbox, "work/shop", &["trust"]));
    no.expect("[y/N]").type_line("");
    no.end().exits(130).prints("is not used");
    assert_eq!(chosen(&sandbox), "default none");
    run(&sandbox, "elsewhere", &["trust"])
        .exits(3)
        .says("there is no .awsx.toml in ")
        .says("hint: `echo");
}

#[test]
fn what_is_said_otherwise_comes_first() {
    let sandbox = sandbox("profile = \"readonly\"\nregion = \"us-west-2\"\nscope = \"read:s3\"\n");
    trust(&sandbox, "work/shop").end().ok();
    for (docs, words, variables, arn) in [
        ("the directory", &["whoami"][..], &[][..], ":assumed-role/ReadOnly/"),
        ("the command line", &["whoami", "dev"], &[], ":user/dev"),
        ("AWS_PROFILE", &["whoami"], &[("AWS_PROFILE", "dev")], ":user/dev"),
        (
            "keys",
            &["whoami"],
            &[("AWS_ACCESS_KEY_ID", sample::KEY_ID), ("AWS_SECRET_ACCESS_KEY", sample::SECRET_KEY)],
            ":user/dev",
        ),
    ] {
        let mut command = at(&sandbox, "work/shop", words);
        command.envs(variables.iter().copied());
        let ran = sandbox.run(&mut command, b"", false).ok();
        assert!(ran.stdout.contains(arn), "{docs}: {ran:?}");
        let is_chosen = docs == "the directory";
        assert_eq!(ran.stdout.contains("read:s3"), is_chosen, "{docs}: {ran:?}");
    }
    // A program asks for what its own settings name, wherever it runs.
    run(&sandbox, "work/shop", &["credential-process"]).ok();
    assert_eq!(sandbox.aws.count("GetScopedCredentials"), 0);
    let region = ["exec", "--region", "eu-north-1", "--", "printenv", "AWS_REGION"];
    run(&sandbox, "work/shop", &region).ok().prints("eu-north-1");
    let mut command = at(&sandbox, "work/shop", &["exec", "--", "printenv", "AWS_DEFAULT_REGION"]);
    command.env("AWS_DEFAULT_REGION", "eu-west-3");
    sandbox.run(&mut command, b"", false).ok().prints("eu-west-3");
    // The nearest counts, and it alone.
    sandbox.write("work/shop/deep/.awsx.toml", "region = \"eu-south-1\"\n");
    trust(&sandbox, "work/shop/deep").end().ok();
    run(&sandbox, "work/shop/deep", &["whoami"]).ok().prints(":user/dev").prints("eu-south-1");
}

#[test]
fn another_account_is_refused() {
    for (account, code) in [("111111111111", 0), ("222222222222", 5)] {
        for profile in ["profile = \"readonly\"\n", ""] {
            let sandbox = sandbox(&format!("{profile}expected_account = \"{account}\"\n"));
            trust(&sandbox, "work/shop").end().ok();
            let ran = run(&sandbox, "work/shop", &["exec", "--", "true"]).exits(code);
            let place = format!("/{FILE}:{}", 1 + profile.lines().count());
            assert_eq!(ran.stderr.contains(&place), code == 5, "{ran:?}");
        }
    }
}

#[test]
fn mistakes_are_said_with_their_place() {
    for (text, words) in [
        ("profile = \"nobody\"\n", "\"nobody\""),
        ("profil = \"dev\"\n", ".awsx.toml:1:1: profil is not a setting of awsx"),
        ("profile =\n", ".awsx.toml:1:"),
        ("", "says nothing"),
    ] {
        let sandbox = sandbox(text);
        if text.contains("nobody") {
            trust(&sandbox, "work/shop").end().ok();
            let ran = run(&sandbox, "work/shop", &["exec", "--", "true"]).exits(3).says(words);
            ran.says("named by .awsx.toml").says("`awsx trust --remove`");
        } else {
            run(&sandbox, "work/shop", &["trust"]).exits(3).says(words);
        }
    }
    let sandbox = sandbox("profile = \"dev\"\n");
    let file = sandbox.home().join(FILE);
    std::fs::write(&file, vec![b'#'; 70_000]).unwrap();
    run(&sandbox, "work/shop", &["whoami"]).ok().says("warning: ").says("larger than 64 KiB");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    run(&sandbox, "work/shop", &["whoami"]).ok().says("it is no regular file");
}

fn git(directory: &Path, words: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=a", "-c", "user.email=a@b", "-C"]).arg(directory).args(words);
    assert!(git.output().unwrap().status.success(), "{words:?}");
}

#[test]
fn worktrees_share_trust_and_other_repositories_do_not() {
    let sandbox = sandbox("profile = \"readonly\"\n");
    sandbox.config(&format!("{CONFIG}[profile default]\n"));
    let shop = sandbox.home().join("work/shop");
    git(&shop, &["init", "--quiet"]);
    git(&shop, &["add", "."]);
    git(&shop, &["commit", "--quiet", "-m", "a"]);
    git(&shop, &["worktree", "add", "--quiet", "../second"]);
    git(&shop, &["clone", "--quiet", ".", "../clone"]);
    trust(&sandbox, "work/shop").end().ok();
    for (directory, is_trusted) in
        [("work/shop", true), ("work/second", true), ("work/clone", false)]
    {
        let ran = run(&sandbox, directory, &["whoami"]).ok();
        assert_eq!(ran.stdout.contains("ReadOnly"), is_trusted, "{directory}: {ran:?}");
    }
}
