//! `awsx each`: who runs, what is printed, what is asked, and what is left when it is interrupted.

use std::path::Path;

use serde_json::Value;

use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample;
use crate::given::wait_for;
use crate::ran::Ran;
use crate::sandbox::Sandbox;
use crate::terminal::{CTRL_C, Terminal};

fn each(sandbox: &Sandbox, line: &str) -> Ran {
    let (words, script) = line.split_once(" -- ").unwrap();
    let words: Vec<&str> = words.split(' ').chain(["--"]).collect();
    let script: Vec<&str> = match script.strip_prefix("sh: ") {
        Some(script) => vec!["sh", "-c", script],
        None => script.split(' ').collect(),
    };
    let mut command = sandbox.command(crate::sandbox::AWSX);
    command.arg("each").args(words).args(script);
    sandbox.run(&mut command, b"", false)
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn every_profile_that_is_meant_runs_it() {
    let sandbox = Sandbox::new();
    let ran =
        each(&sandbox, "readonly d* --yes -- sh: echo $AWSX_PROFILE; echo to-stderr >&2").ok();
    assert_eq!(lines(&ran.stdout), ["dev      | dev", "readonly | readonly"]);
    assert!(ran.stderr.contains("dev      | to-stderr\n"), "{ran:?}");
    ran.says("awsx: 2 of 2 ended with 0\n");
    let ran =
        each(&sandbox, "dev --yes --regions eu-west-1,us-east-2 -- sh: echo $AWS_REGION").ok();
    assert_eq!(
        lines(&ran.stdout),
        ["dev eu-west-1 | eu-west-1", "dev us-east-2 | us-east-2"],
        "{ran:?}"
    );
    let ran = each(&sandbox, "dev readonly -y --group -- sh: echo a; echo b").ok();
    for block in ["dev\na\nb\n", "readonly\na\nb\n"] {
        assert!(ran.stdout.contains(block), "{ran:?}");
    }
    let ran =
        each(&sandbox, "readonly --yes --region eu-west-3 -- echo {profile}/{account_id}/{region}");
    assert_eq!(ran.ok().stdout, "readonly | readonly/111111111111/eu-west-3\n");
    // A line without an end, and bytes that are no text.
    let ran = each(&sandbox, "dev --yes -- sh: printf 'a\\nb'").ok();
    assert_eq!(ran.stdout, "dev | a\ndev | b\n");
}

#[test]
fn profiles_are_meant_by_tags_and_by_regular_expressions() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".config/awsx/config.toml",
        "[tags]\nmine = [\"d*\", \"readonly\"]\nlost = \"nobody\"\n",
    );
    let ran = each(&sandbox, "tag:mine --yes -- sh: echo $AWSX_PROFILE").ok();
    assert_eq!(lines(&ran.stdout), ["dev      | dev", "readonly | readonly"]);
    let ran = each(&sandbox, "/^re.d/ /^.ev$/ tag:mine -y -- sh: echo $AWSX_PROFILE").ok();
    assert_eq!(lines(&ran.stdout), ["dev      | dev", "readonly | readonly"]);
    each(&sandbox, "tag:mnie -y -- true")
        .exits(3)
        .says("no tag mnie")
        .says("there are: tag:lost, tag:mine");
    each(&sandbox, "tag:lost -y -- true").exits(3).says("no profile has the tag lost");
    each(&sandbox, "/(/ -y -- true").exits(2).says("/(/ is no regular expression: ");
    each(&sandbox, "/x/ -y -- true").exits(3).says("no profile is called /x/");
    // What is the name of a profile means that one.
    let config = sandbox.read(".aws/config");
    sandbox.write(
        ".aws/config",
        &format!(
            "{config}[profile tag:mine]\nsource_profile = dev\n\
        role_arn = arn:aws:iam::222222222222:role/Reader\n"
        ),
    );
    sandbox.write(".config/awsx/config.toml", "");
    each(&sandbox, "tag:mine -y -- true").says("tag:mine");
    each(&sandbox, "tag:x -y -- true").exits(3).says("write `x = [\"x-*\"]` below [tags]");
    sandbox.write(".config/awsx/config.toml", "[tags]\nmine = 1\n");
    each(&sandbox, "tag:x -y -- true").exits(3).says("config.toml:2:8: tags.mine must be");
}

/// A role in the accounts of a login, without a profile.
#[test]
fn accounts_of_a_login_need_no_profiles() {
    let sandbox = Sandbox::with_sso(3, 1).logged_in();
    sandbox.plant(sample::SSO_TOKEN);
    let (ids, names, role) = sandbox.aws.control(|state| {
        let mut accounts: Vec<_> = state.portal.accounts[1..].to_vec();
        accounts.sort_by(|a, b| a.name.cmp(&b.name));
        let role = state.portal.assignments.last().unwrap().role_name.clone();
        let ids: Vec<_> = accounts.iter().map(|account| account.id.clone()).collect();
        let names: Vec<_> = accounts.iter().map(|account| account.name.clone()).collect();
        (ids, names, role)
    });
    let line = format!("--sso corp --role {role} --yes");
    let ran = each(&sandbox, &format!("{line} --json -- sh: echo $AWS_ACCOUNT_ID $AWSX_ROLE")).ok();
    let mut documents: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents.len(), 3, "{ran:?}");
    documents.sort_by_key(|document| {
        ids.iter().position(|id| document["account"] == id.as_str()).unwrap()
    });
    for (document, id) in documents.iter().zip(&ids) {
        let whole = format!("corp/{id}/{role}");
        assert_eq!((&document["profile"], &document["role"]), (&Value::Null, &(&*whole).into()));
        assert_eq!(document["stdout"], format!("{id} {whole}\n"), "{document}");
    }
    // Their names are what is shown, and what a glob is held against; so are their ids.
    let name = names[0].to_uppercase().replace(' ', "?");
    let ran =
        each(&sandbox, &format!("{line} --accounts {name},{} -- echo {{account_id}}", ids[1]));
    let mut ran = ran.ok().prints_no(&format!("| {}\n", ids[2]));
    for (name, id) in names.iter().zip(&ids).take(2) {
        ran = ran.prints(&format!("{name} ({id})")).prints(&format!("| {id}\n"));
    }
    each(&sandbox, &format!("{line} --accounts x* -- true"))
        .exits(3)
        .says("no account like x* of sso-session \"corp\" has the role")
        .says("`awsx sso roles corp` lists them");
    each(&sandbox, "--sso corp --role Nope -y -- true").exits(3).says("no account of sso-session");
    each(&sandbox, "--sso crop --role Nope -y -- true").exits(3).says("[sso-session crop]");
    each(&sandbox, "--sso corp -y -- true").exits(2).says("--role");
    each(&sandbox, "dev --sso corp --role a -y -- true").exits(2);
    each(&sandbox, "--accounts a -y -- true").exits(2);
    each(&sandbox, &format!("{line} -- echo {{profile}}")).exits(2).says("{account_id} tells them");
    // One whose roles are not known is not left out.
    sandbox.aws.control(|state| state.portal.grow(1, 1));
    sandbox.aws.fail("ListAccountRoles", Fault::INTERNAL, 100);
    each(&sandbox, &format!("{line} -- true")).says("could not be listed");
}

#[test]
fn what_came_of_each_is_told() {
    let sandbox = Sandbox::new();
    let script = "sh: case $AWSX_PROFILE in dev) exit 3;; *) kill -TERM $$;; esac";
    let ran = each(&sandbox, &format!("dev readonly --yes -- {script}")).exits(143);
    ran.says("awsx: 0 of 2 ended with 0; not dev (3), readonly (143)\n");
    let ran =
        each(&sandbox, "dev readonly --yes --json -- sh: echo hi; printf '\\377' >&2; exit 2");
    let ran = ran.exits(2);
    let documents: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents.len(), 2);
    for document in documents {
        assert_eq!((&document["version"], &document["exit_code"]), (&1.into(), &2.into()));
        assert_eq!(
            (&document["stdout"], &document["stderr"]),
            (&"hi\n".into(), &"\u{fffd}".into())
        );
        assert_eq!((&document["is_text"], &document["is_cut"]), (&false.into(), &false.into()));
        assert!(document["duration_ms"].is_u64() && document["profile"].is_string(), "{document}");
        let is_known = document["profile"] == "readonly";
        assert_eq!(document["account"] == "111111111111", is_known, "{document}");
    }
    // What awsx says of one that it cannot make is that one's.
    let ran = each(&sandbox, "prod readonly --yes -- true").exits(4);
    ran.says("prod     | error: ").says("not prod (4)");
    let ran = each(&sandbox, "dev readonly --yes -j 1 --fail-fast -- false").exits(1);
    ran.says("not dev (1); not started: readonly");
    let ran = each(&sandbox, "dev --yes -- no-such-program").exits(127);
    ran.says("dev | error: ");
}

#[test]
fn nothing_runs_that_was_not_meant() {
    let sandbox = Sandbox::new();
    each(&sandbox, "dev -- true").exits(4).says("add --yes");
    each(&sandbox, "dve --yes -- true")
        .exits(3)
        .says("no profile is called dve")
        .says("did you mean dev?");
    each(&sandbox, "x* --yes -- true").exits(3).says("`awsx profiles` lists all");
    each(&sandbox, "dev --regions nowhere --yes -- true").exits(2);
    each(&sandbox, "dev --jobs 0 --yes -- true").exits(2);
    let mut terminal = sandbox.sh_on_terminal("awsx each readonly dev -- echo ran");
    terminal.expect("    readonly\r\n    dev\r\nRun echo ran as these 2? [y/N]").type_line("n");
    terminal.end().exits(130).prints("nothing was run").prints_no("| ran");
    assert!(sandbox.aws.operations().is_empty());
    each(&sandbox, "dev --yes -- echo {account_id}")
        .exits(2)
        .says("{account_id} of dev is not known");
    each(&sandbox, "readonly --yes -- echo {region}").exits(2).says("say it with --regions");
    assert!(sandbox.aws.operations().is_empty());
}

#[test]
fn a_code_is_asked_for_once() {
    let sandbox = Sandbox::new();
    let mut terminal =
        sandbox.sh_on_terminal("awsx each prod audit dev -- sh -c 'echo $AWSX_PROFILE'");
    terminal.expect("Run sh").type_line("y").expect("MFA code").type_line(&sandbox.code());
    let ran = terminal.expect("3 of 3 ended with 0").end().ok();
    assert_eq!(ran.stdout.matches("MFA code").count(), 1, "{ran:?}");
    for line in ["prod  | prod\r\n", "audit | audit\r\n", "dev   | dev\r\n"] {
        assert!(ran.stdout.contains(line), "{ran:?}");
    }
    let mut terminal = sandbox.sh_on_terminal("awsx each audit -y -- true");
    terminal.end().ok().prints("1 of 1 ended with 0").prints_no("MFA");
}

#[test]
fn guards_hold_for_each() {
    let sandbox = crate::guard::sandbox("confirm = true");
    each(&sandbox, "dev readonly --yes -- true").exits(4).says("not readonly (4)");
    let mut terminal = sandbox.sh_on_terminal("awsx each dev readonly --yes -- true");
    terminal.expect("Type readonly to run true").type_line("readonly");
    terminal.expect("2 of 2 ended with 0").end().ok();
}

/// What a profile says that needs nobody.
const SILENT: &str = "source_profile = dev\nrole_arn = arn:aws:iam::111111111111:role/ReadOnly\n";

/// A command that leaves its process number, and that of a child of its own.
const LASTS: &str = "echo $$ > $AWSX_PROFILE.pid; sleep 1000 & echo $! > $AWSX_PROFILE.child; wait";

#[test]
fn profiles_are_ticked_in_a_list() {
    let sandbox = Sandbox::new();
    let mut terminal = sandbox.sh_on_terminal("awsx each -i -- sh -c 'echo $AWSX_PROFILE'");
    terminal.expect("Profiles: ").type_text("dev\t\u{15}readonly\t");
    let ran = terminal.expect("2 ticked").type_text("\r").expect("2 of 2 ended").end().ok();
    assert!(ran.stdout.contains("readonly | readonly\r\n"), "{ran:?}");
    // Only what the patterns mean; what was ticked is a line like any other.
    let mut terminal = sandbox.sh_on_terminal("awsx each -i 'd*' 'r*' -- sh -c 'exit 3'");
    terminal.expect("Profiles: ").type_text("\u{14}\r").expect("0 of 2 ended");
    terminal.end().exits(3).prints_no("Run sh");
    each(&sandbox, "dev readonly -y --only-failed -- sh: exit 0").exits(2);
    each(&sandbox, "dev readonly -y --only-failed -- sh: exit 3").exits(3);
    let mut terminal = sandbox.sh_on_terminal("awsx each -i -- true");
    terminal.expect("Profiles: ").type_text("\u{1b}\u{1b}");
    terminal.end().exits(130);
    each(&sandbox, "-i -- true").exits(4).says("name them, instead of -i");
    each(&sandbox, "-i --only-failed -- true").exits(2);
}

/// Each is a line of columns, and is told once more in the last one.
#[test]
fn a_table_says_what_came_of_each() {
    let sandbox = Sandbox::new();
    let script = "sh: case $AWSX_PROFILE in dev) exit 3;; esac";
    let ran = each(&sandbox, &format!("dev readonly --regions eu-west-1 -y -- {script}"));
    let ran = ran.exits(3);
    let lines: Vec<Vec<&str>> =
        ran.stderr.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0][..4], ["dev", "-", "eu-west-1", "3"], "{ran:?}");
    assert_eq!(lines[1][..4], ["readonly", "111111111111", "eu-west-1", "0"], "{ran:?}");
    assert_eq!((lines[0].len(), lines.len()), (5, 3), "{ran:?}");
    for quiet in ["--json", "--quiet"] {
        let ran = each(&sandbox, &format!("dev readonly {quiet} -y -- {script}")).exits(3);
        assert!(ran.stderr.lines().count() <= 1, "{ran:?}");
    }
    // Of many, those that failed.
    let profiles: String =
        (0..40).map(|number| format!("[profile p{number:02}]\n{SILENT}")).collect();
    sandbox.config(&profiles);
    let script = "sh: case $AWSX_PROFILE in p07|p31) exit 1;; esac";
    let ran = each(&sandbox, &format!("p* -y -- {script}")).exits(1);
    assert_eq!(ran.stderr.lines().count(), 3, "{ran:?}");
    ran.says("p07 ").says("p31 ").says("38 of 40 ended with 0; not p07 (1), p31 (1)");
}

#[test]
fn what_failed_is_tried_again() {
    let sandbox = Sandbox::new();
    sandbox.write("flaky", "echo $AWSX_PROFILE >> tries; [ $(grep -c $AWSX_PROFILE tries) -ge 3 ]");
    let ran = each(&sandbox, "readonly -y --retry 2 --json -- sh flaky").ok();
    let document: Value = serde_json::from_str(ran.stdout.trim()).unwrap();
    assert_eq!((&document["tries"], &document["exit_code"]), (&3.into(), &0.into()));
    ran.says("awsx: readonly ended with 1; again in 1.0s (try 2 of 3)")
        .says("again in 2.0s (try 3 of 3)");
    std::fs::remove_file(sandbox.home().join("tries")).unwrap();
    let ran = each(&sandbox, "dev readonly -y --retry 1 -- sh flaky").exits(1);
    ran.says("2 tries").says("0 of 2 ended with 0");
    // No other try would find it.
    each(&sandbox, "dev -y --retry 9 -- no-such-program").exits(127).says_no("again in");
}

#[test]
fn a_later_run_goes_on_with_what_failed() {
    let sandbox = Sandbox::new();
    let line = "dev readonly --regions eu-west-1,us-east-1 -y";
    let script = "sh: test -e $AWSX_PROFILE.ok -o $AWS_REGION = eu-west-1";
    each(&sandbox, &format!("{line} --only-failed -- {script}")).exits(2).says("no such line");
    each(&sandbox, &format!("{line} -- {script}")).exits(1);
    sandbox.write("dev.ok", "");
    let again = || each(&sandbox, &format!("{line} --only-failed --json -- {script}"));
    let ran = again().exits(1).says("1 of 2 ended with 0");
    assert_eq!(ran.stdout.matches("us-east-1").count(), 2, "{ran:?}");
    sandbox.write("readonly.ok", "");
    again().ok().says("1 of 1 ended with 0");
    again().ok().says("none of these failed the last time").prints_no("{");
    // What the words were is nowhere.
    let path = sandbox.state_dir().join("each.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("test -e") && text.contains("\"version\":1"), "{text}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // One that cannot be read is none.
    std::fs::write(&path, "{").unwrap();
    again().exits(2).says("run it without --only-failed");
    each(&sandbox, &format!("{line} -- {script}")).ok();
    // Those that were not started are left.
    each(&sandbox, "dev readonly -y -j 1 --fail-fast -- false").exits(1);
    each(&sandbox, "dev readonly -y -j 1 --fail-fast --only-failed -- false")
        .exits(1)
        .says("not started: readonly");
    let memory = || {
        let mut command = sandbox.command(crate::sandbox::AWSX);
        command.args(["each", "dev", "-y", "--only-failed", "--", "true"]);
        sandbox.run(command.env("AWSX_VAULT", "memory"), b"", false)
    };
    memory().exits(2);
}

#[test]
fn what_each_prints_has_files_of_its_own() {
    let sandbox = Sandbox::new();
    let line = "dev readonly -y --out results";
    let ran = each(&sandbox, &format!("{line} -- sh: echo $AWSX_PROFILE; echo e >&2")).ok();
    assert_eq!(ran.stdout, "");
    assert_eq!(sandbox.read("results/dev.out"), "dev\n");
    assert_eq!(sandbox.read("results/readonly.out"), "readonly\n");
    assert_eq!(sandbox.read("results/dev.err"), "e\n");
    let ran = each(&sandbox, &format!("{line} --json -- sh: printf '\\377'")).ok();
    let document: Value = serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap();
    let file = document["stdout_file"].as_str().unwrap();
    assert_eq!(std::fs::read(file).unwrap(), b"\xff");
    assert!(document.get("stdout").is_none(), "{document}");
    // What somebody else has put there stays.
    std::fs::create_dir(sandbox.home().join("other")).unwrap();
    sandbox.write("other/dev.err", "mine");
    each(&sandbox, "dev -y --out other -- true")
        .exits(2)
        .says("other/dev.err is there, and awsx did");
    assert_eq!(sandbox.read("other/dev.err"), "mine");
    each(&sandbox, "dev -y --out other/dev.err -- true").exits(1).says("cannot be written");
    each(&sandbox, "dev -y --out a --group -- true").exits(2);
}

/// What has no place any more ends.
#[test]
fn a_full_disk_ends_all_of_them() {
    let sandbox = Sandbox::new();
    sandbox.write("lasts", &format!("echo out; {LASTS}"));
    let mut command = sandbox.command("sh");
    let line = "exec \"$0\" each dev readonly -j 2 -y -- sh lasts > /dev/full";
    command.args(["-c", line, crate::sandbox::AWSX]);
    let ran = sandbox.run(&mut command, b"", false).exits(1);
    ran.says("the output could not be written: No space left").says("0 of ");
    for name in ["dev", "readonly"] {
        let Ok(pid) = std::fs::read_to_string(sandbox.home().join(format!("{name}.child"))) else {
            continue;
        };
        wait_for_end(pid.trim());
    }
}

/// What runs, in a line that goes.
#[test]
fn a_line_says_what_runs() {
    let sandbox = Sandbox::new();
    sandbox.write("lasts", "echo said; while ! test -e on; do sleep 0.1; done; exit 4");
    let line = "awsx each dev readonly prod -j 2 -y --no-input -- sh lasts";
    let mut terminal = sandbox.sh_on_terminal(line);
    terminal.expect("dev      | said").expect("0 of 3 ended, 2 running, ");
    terminal.expect(": dev, readonly");
    sandbox.write("on", "");
    let ran = terminal.expect("0 of 3 ended with 0").end().exits(4);
    assert!(ran.stdout.contains("\r\u{1b}[K"), "{ran:?}");
    let mut dumb = sandbox.sh_on_terminal(&format!("TERM=dumb {line}"));
    let ran = dumb.expect("0 of 3 ended with 0").end().exits(4);
    assert!(!ran.stdout.contains("\u{1b}[K"), "{ran:?}");
    // Behind another job it would be in that one's way.
    let slow = "set -m; awsx each dev -y -- sleep 1 & wait; echo front";
    let ran = sandbox.sh_on_terminal(slow).expect("front").end();
    assert!(!ran.stdout.contains("\u{1b}[K"), "{ran:?}");
}

/// Who ends awsx itself ends all of it.
#[test]
fn what_a_supervisor_ends_leaves_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("lasts", LASTS);
    let mut running = sandbox.start(&["each", "dev", "readonly", "-y", "--", "sh", "lasts"]);
    let all = ["dev.pid", "dev.child", "readonly.pid", "readonly.child"];
    let pids = all.map(|name| started(&sandbox, name));
    running.signal("TERM");
    running.end().exits(143).says("not dev (143), readonly (143)");
    pids.iter().for_each(|pid| wait_for_end(pid));
}

fn started(sandbox: &Sandbox, name: &str) -> String {
    wait_for("the start", || {
        let text = std::fs::read_to_string(sandbox.home().join(name)).ok()?;
        text.ends_with('\n').then(|| text.trim().to_owned())
    })
}

fn is_gone(pid: &str) -> bool {
    let state = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    state.map_or(true, |stat| stat.rsplit(')').next().unwrap().trim_start().starts_with('Z'))
}

fn wait_for_end(pid: &str) {
    wait_for("the end", || is_gone(pid).then_some(()));
}

fn two_that_last(sandbox: &Sandbox) -> Terminal<'_> {
    sandbox.write("lasts", LASTS);
    sandbox.sh_on_terminal("awsx each dev readonly prod -j 2 -y --no-input -- sh ~/lasts")
}

#[test]
fn an_interrupt_starts_no_more_and_a_second_one_ends_all() {
    let sandbox = Sandbox::new();
    let mut terminal = two_that_last(&sandbox);
    let all = ["dev.pid", "dev.child", "readonly.pid", "readonly.child"];
    let pids = all.map(|name| started(&sandbox, name));
    terminal.type_text(CTRL_C).expect("1 are not started any more; waiting for 2");
    assert!(pids.iter().all(|pid| !is_gone(pid)));
    terminal.type_text(CTRL_C);
    terminal.end().exits(130).prints("not started: prod");
    pids.iter().for_each(|pid| wait_for_end(pid));
}

/// One that talks on, and heeds nothing.
#[test]
fn what_does_not_end_is_killed() {
    let sandbox = Sandbox::new();
    sandbox.write("stays", "trap '' TERM; echo $$ > stays.pid; while :; do echo on; done");
    let mut terminal = sandbox.sh_on_terminal("awsx each dev -y --json -- sh ~/stays");
    let pid = started(&sandbox, "stays.pid");
    terminal.type_text(CTRL_C).expect("Ctrl-C ends them").type_text(CTRL_C);
    terminal.end().exits(130);
    wait_for_end(&pid);
}

#[test]
fn a_command_does_not_outlive_an_awsx_that_is_killed() {
    let sandbox = Sandbox::new();
    sandbox.write("lasts", LASTS);
    let home = sandbox.home().join("lasts");
    let words = ["each", "dev", "-y", "--", "sh", home.to_str().unwrap()];
    let mut running = sandbox.start(&words);
    let pid = started(&sandbox, "dev.pid");
    let child = started(&sandbox, "dev.child");
    running.kill();
    wait_for_end(&pid);
    // Its own children are its own.
    let _ = std::process::Command::new("kill").arg(child).status();
}
