//! The list that a person picks from, as the screen shows it.

use rustix::process::Signal;

use crate::given::SETTINGS;
use crate::sandbox::{AWSX, Sandbox};
use crate::terminal::{CTRL_C, CTRL_D, CTRL_Z, ESCAPE, Terminal};

/// Runs with the profile that is picked, and says which one it is.
const PICK: [&str; 5] = ["exec", "--", "sh", "-c", "echo got $AWSX_PROFILE"];

const KEYS: &str = "Enter picks, Esc cancels; PgUp, PgDn, Home, End; Ctrl-U clears";

/// `dev`, and roles with these names.
fn with_roles(names: impl IntoIterator<Item = String>) -> Sandbox {
    let sandbox = Sandbox::new();
    let role = "role_arn = arn:aws:iam::111111111111:role/ReadOnly\nsource_profile = dev\n";
    let roles = names.into_iter().map(|name| format!("[profile {name}]\n{role}"));
    sandbox.config(&format!(
        "[profile dev]\nregion = us-east-1\n{}",
        roles.map(|role| role + "region = us-east-1\n").collect::<String>()
    ));
    sandbox
}

fn with_a_few() -> Sandbox {
    with_roles(["prod-eu", "billing-prod-42", "日本語の環境", "prod"].map(str::to_owned))
}

#[test]
fn words_narrow_the_list_and_one_line_stays() {
    let sandbox = with_a_few();
    let mut terminal = sandbox.awsx_in(12, 80, &PICK);
    terminal.expect_screen(&[
        "Profile:",
        "> dev              -             -         us-east-1  access keys",
        "  prod-eu          111111111111  ReadOnly  us-east-1  dev",
        "  billing-prod-42  111111111111  ReadOnly  us-east-1  dev",
        "  日本語の環境     111111111111  ReadOnly  us-east-1  dev",
        "  prod             111111111111  ReadOnly  us-east-1  dev",
        &format!("5 of 5   {KEYS}"),
    ]);
    terminal.type_text("no such").expect_screen(&[
        "Profile: no such",
        "  no match",
        &format!("0 of 5   {KEYS}"),
    ]);
    // Enter takes nothing then. Ctrl-U.
    terminal.type_text("\r\x15prod").expect_screen(&[
        "Profile: prod",
        "> prod             111111111111  ReadOnly  us-east-1  dev",
        "  prod-eu          111111111111  ReadOnly  us-east-1  dev",
        "  billing-prod-42  111111111111  ReadOnly  us-east-1  dev",
        &format!("3 of 5   {KEYS}"),
    ]);
    terminal.type_text("\x1b[B\x0e").expect_screen(&[
        "Profile: prod",
        "  prod             111111111111  ReadOnly  us-east-1  dev",
        "  prod-eu          111111111111  ReadOnly  us-east-1  dev",
        "> billing-prod-42  111111111111  ReadOnly  us-east-1  dev",
        &format!("3 of 5   {KEYS}"),
    ]);
    // Ctrl-W. Letters may be left out.
    terminal.type_text("\x1742 blng\r");
    terminal.expect_screen(&["Profile: billing-prod-42", "got billing-prod-42"]).end().ok();
}

#[test]
fn a_list_that_is_left_leaves_one_line() {
    for (docs, key) in [("Escape", ESCAPE), ("Ctrl-C", CTRL_C), ("Ctrl-D", CTRL_D)] {
        let sandbox = with_a_few();
        let mut terminal = sandbox.awsx_in(12, 80, &PICK);
        terminal.expect("5 of 5").type_text("eu").expect("1 of 5").type_text(key);
        terminal.expect_screen(&["Profile: eu", "error: cancelled at the prompt"]);
        let ran = terminal.end().exits(130);
        assert!(!ran.stdout.contains("got"), "{docs}: {ran:?}");
    }
}

#[test]
fn a_list_that_is_stopped_is_drawn_anew_with_its_words() {
    let sandbox = with_a_few();
    let mut command = sandbox.command("bash");
    command.args(["--norc", "--noprofile", "--noediting", "-i"]).env("PS1", "ready> ");
    let mut terminal = Terminal::start(&sandbox, command);
    let pick = format!("{AWSX} exec -- sh -c 'echo got $AWSX_PROFILE'");
    terminal.expect("ready> ").type_line(&pick).expect("5 of 5").type_text("prod\x1b[B");
    terminal.expect("> prod-eu").type_text(CTRL_Z).expect("Stopped").expect("ready> ");
    assert!(terminal.echoes(), "the shell has its terminal back");
    terminal.type_line("fg").expect("Profile: prod").expect("> prod-eu").type_text("\r");
    terminal.expect("got prod-eu").expect("ready> ").type_line("exit").end().ok();
}

#[test]
fn a_list_is_drawn_for_each_new_size() {
    let sandbox = with_a_few();
    let mut terminal = sandbox.awsx_in(12, 80, &PICK);
    terminal.expect("5 of 5").type_text("prod").expect("3 of 5");
    terminal.resize(4, 14).expect_screen(&[
        "Profile: prod",
        "> prod      …",
        "  prod-eu   …",
        "3 of 5   Ent…",
    ]);
    terminal.resize(3, 12).expect_screen(&["Profile: …d", "> prod    …", "3 of 5   E…"]);
    terminal.resize(12, 40).expect_screen(&[
        "Profile: prod",
        "> prod             111111111111  ReadO…",
        "  prod-eu          111111111111  ReadO…",
        "  billing-prod-42  111111111111  ReadO…",
        "3 of 5   Enter picks, Esc cancels; PgU…",
    ]);
    terminal.type_text("\r").expect_screen(&["Profile: prod", "got prod"]).end().ok();
}

#[test]
fn ten_thousand_profiles_are_searched() {
    let sandbox = with_roles((0..10_000).map(|number| format!("team-{number}/ReadOnly")));
    let mut terminal = sandbox.awsx_in(8, 40, &PICK);
    terminal.expect_screen(&[
        "Profile:",
        "> dev                 -             - …",
        "  team-0/ReadOnly     111111111111  Re…",
        "  team-1/ReadOnly     111111111111  Re…",
        "  team-2/ReadOnly     111111111111  Re…",
        "  team-3/ReadOnly     111111111111  Re…",
        "  team-4/ReadOnly     111111111111  Re…",
        "10,001 of 10,001   Enter picks, Esc ca…",
    ]);
    terminal.type_text("\x1b[F").expect("> team-9999/ReadOnly");
    terminal.type_text("read 4242").expect_screen(&[
        "Profile: read 4242",
        "> team-4242/ReadOnly  111111111111  Re…",
        "1 of 10,001   Enter picks, Esc cancels…",
    ]);
    terminal.type_text("\r").expect("got team-4242/ReadOnly").end().ok();
}

/// Account, role, region and source, in the order of the files; those that have a word in their name first.
#[test]
fn words_are_of_all_columns() {
    let sandbox = Sandbox::new();
    let mut terminal = sandbox.awsx_in(12, 80, &PICK);
    terminal.expect("4 of 4").type_text("dev 1111").expect_screen(&[
        "Profile: dev 1111",
        "> readonly  111111111111  ReadOnly  -             dev",
        &format!("1 of 4   {KEYS}"),
    ]);
    terminal.type_text("\x15central").expect_screen(&[
        "Profile: central",
        "> prod      222222222222  Admin     eu-central-1  dev, MFA",
        &format!("1 of 4   {KEYS}"),
    ]);
    terminal.type_text("\x15au").expect_screen(&[
        "Profile: au",
        "> audit     333333333333  Audit     -             prod",
        &format!("1 of 4   {KEYS}"),
    ]);
    terminal.type_text("\x15prod").expect_screen(&[
        "Profile: prod",
        "> prod      222222222222  Admin     eu-central-1  dev, MFA",
        "  audit     333333333333  Audit     -             prod",
        &format!("2 of 4   {KEYS}"),
    ]);
    terminal.type_text(ESCAPE).end().exits(130);
}

/// The list has another screen, so that no size leaves pieces of it.
#[test]
fn the_screen_comes_back_as_it_was() {
    let sandbox = with_a_few();
    let line = "echo above; awsx exec -- sh -c 'echo got $AWSX_PROFILE'; echo below";
    let mut terminal = sandbox.sh_on_terminal(line);
    terminal.expect("5 of 5").type_text("eu").expect_screen(&[
        "Profile: eu",
        "> prod-eu          111111111111  ReadOnly  us-east-1  dev",
        &format!("1 of 5   {KEYS}"),
        "",
        "  prod-eu: role ReadOnly in 111111111111 (~/.aws/config:4)",
        "    1. access key AKIA2SANDBOXEXAMPLE7 of dev",
        "    2. sts:AssumeRole ReadOnly in 111111111111, for 1h",
        "  asks     nothing",
        "  region   us-east-1",
    ]);
    terminal.type_text("\r");
    terminal.expect_screen(&["above", "Profile: prod-eu", "got prod-eu", "below"]).end().ok();

    let mut terminal = sandbox.awsx_in(12, 80, &PICK);
    terminal.expect("5 of 5").signal(Signal::TERM).expect_screen(&["Profile:"]);
    terminal.end().exits(128 + 15);
}

/// What is typed behind the choice is the command's.
#[test]
fn a_list_reads_no_further_than_the_choice() {
    let sandbox = with_a_few();
    let words = ["exec", "--", "sh", "-c", "read line; echo \"got $line\""];
    let mut terminal = sandbox.awsx_on_terminal(&words);
    terminal.expect("5 of 5").type_text("eu\rfor the command\n");
    terminal.expect("got for the command").end().ok();
}

/// NO_COLOR is set there.
#[test]
fn a_list_is_bold_only_where_that_is_wanted() {
    let sandbox = with_a_few();
    for (flags, is_bold) in [(&["--color", "always"][..], true), (&[], false)] {
        let mut terminal = sandbox.awsx_on_terminal(&[flags, &PICK].concat());
        let ran = terminal.expect("5 of 5").type_text(ESCAPE).end().exits(130);
        assert_eq!(ran.stdout.contains("\x1b[1m> dev "), is_bold, "{ran:?}");
        assert_eq!(ran.stdout.contains("\x1b[2m"), is_bold, "{ran:?}");
    }
}

/// How long a session lasts, who has to log in, and what `explain` says; what is in use is chosen.
#[test]
fn what_is_known_of_a_profile_is_shown() {
    let sandbox = Sandbox::new();
    sandbox.exec("readonly", &[]).ok();
    sandbox.set("AWS_PROFILE", "readonly");
    let mut terminal = sandbox.awsx_in(20, 80, &["use", "--shell=bash"]);
    terminal.expect_on_screen("> readonly  1h left     111111111111  ReadOnly  -             dev");
    terminal
        .expect_on_screen("  prod                  222222222222  Admin     eu-central-1  dev, MFA");
    terminal.expect_on_screen("  readonly: role ReadOnly in 111111111111 (");
    terminal.expect_on_screen("  asks     nothing").type_text("prod");
    terminal.expect_on_screen("> prod                  222222222222");
    terminal.expect_on_screen("  asks     for the MFA code of arn:aws:iam::111111111111:mfa/dev");
    // A smaller screen has no room for it.
    terminal.resize(19, 80).expect_screen(&[
        "Profile: prod",
        "> prod                  222222222222  Admin     eu-central-1  dev, MFA",
        "  audit                 333333333333  Audit     -             prod",
        &format!("2 of 4   {KEYS}"),
    ]);
    terminal.type_text(ESCAPE).end().exits(130);

    let sandbox = Sandbox::not_logged_in();
    let mut terminal = sandbox.awsx_in(12, 80, &["use", "--shell=bash"]);
    terminal.expect_on_screen("> sso      no login    222222222222  Developer  -  sso corp");
    terminal.type_text(ESCAPE).end().exits(130);
    sandbox.log_in();
    let mut terminal = sandbox.awsx_in(12, 80, &["use", "--shell=bash"]);
    terminal.expect_on_screen("> sso                  222222222222  Developer  -  sso corp");
    terminal.type_text(ESCAPE).end().exits(130);
}

/// Nothing is asked of the network, and no vault is opened for it.
#[test]
fn a_list_opens_nothing() {
    let sandbox = Sandbox::new().with_locked_vault();
    let calls = sandbox.aws.calls().len();
    let mut terminal = sandbox.awsx_in(20, 80, &["use", "--shell=bash"]);
    terminal.expect_on_screen("  readonly  1h left     111111111111").type_text("read");
    terminal.expect_on_screen("  asks     nothing").type_text(ESCAPE).end().exits(130);
    assert_eq!(sandbox.aws.calls().len(), calls);
}

/// Where the cursor cannot be moved, a name is typed, or words that only one line has.
#[test]
fn a_dumb_terminal_asks_for_words() {
    let sandbox = with_a_few();
    let line = "TERM=dumb awsx exec -- sh -c 'echo got $AWSX_PROFILE'";
    let mut terminal = sandbox.sh_on_terminal(line);
    terminal.expect("Profile, or words of it: ").type_line("prdeu");
    // Letters alone take nothing.
    terminal.expect("prod-eu").expect("Profile, or words of it: ").type_line("42");
    terminal.expect("got billing-prod-42").end().ok();
}

/// The names in the order of the list of `awsx use`, which is left.
fn order(sandbox: &Sandbox, directory: &str) -> Vec<String> {
    let place = sandbox.home().join(directory);
    std::fs::create_dir_all(&place).unwrap();
    let mut command = sandbox.command(AWSX);
    command.args(["use", "--shell=bash"]).current_dir(place);
    let mut terminal = Terminal::start_in(sandbox, command, Some((12, 80)));
    terminal.expect(" of ").type_text(ESCAPE);
    let shown = terminal.end().exits(130).stdout;
    let lines = shown.lines().filter(|line| line.contains("access keys") || line.contains("dev"));
    let names = lines.map(|line| line.trim_start_matches(['>', '*', ' ']).split("  ").next());
    names.map(|name| name.unwrap_or_default().to_owned()).collect()
}

/// How recently and how often, here above all; favourites before all of them.
#[test]
fn what_is_used_comes_first() {
    let sandbox = with_roles(["a", "b", "c", "d"].map(str::to_owned));
    assert_eq!(order(&sandbox, "work"), ["dev", "a", "b", "c", "d"]);
    let take = |profile: &str, directory: &str| {
        let mut command = sandbox.command(AWSX);
        let place = sandbox.home().join(directory);
        std::fs::create_dir_all(&place).unwrap();
        command.args(["use", "--shell=bash", profile]).current_dir(place);
        sandbox.run(&mut command, b"", false).ok();
    };
    for _ in 0..2 {
        take("c", "work");
    }
    take("b", "play");
    assert_eq!(order(&sandbox, "work"), ["c", "b", "dev", "a", "d"]);
    assert_eq!(order(&sandbox, "play"), ["b", "c", "dev", "a", "d"]);
    // What is picked counts too; what a program takes does not, nor does a name for `exec`.
    let mut terminal = sandbox.awsx_in(12, 80, &PICK);
    terminal.expect("5 of 5").type_text("d\r").expect("got d").end().ok();
    sandbox.exec("a", &[]).ok();
    assert_eq!(order(&sandbox, "elsewhere")[3..], ["dev", "a"]);
    sandbox.write(SETTINGS, "favourites = [\"a\", \"b*\"]\n[tags]\nshop = \"c\"\n");
    assert_eq!(order(&sandbox, "play")[..3], ["a", "b", "c"]);
    let mut terminal = sandbox.awsx_in(12, 80, &PICK);
    terminal.expect("> * a ").expect("    c ").expect("5 of 5").type_text("tag:shop");
    terminal.expect(">   c ").expect("dev  tag:shop");
    terminal.type_text(ESCAPE).end().exits(130);
    let file = sandbox.state_dir().join("used.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // A broken one counts as absent.
    std::fs::write(&file, "{\"version\":1,").unwrap();
    assert_eq!(order(&sandbox, "play"), ["a", "b", "dev", "c", "d"]);
}

/// `picker` in awsx's own settings.
#[test]
fn a_program_of_the_person_picks() {
    let sandbox = with_a_few();
    let pick = |picker: &str| {
        sandbox.write(SETTINGS, &format!("picker = {picker:?}\n"));
        // In the order of the files.
        std::fs::remove_file(sandbox.state_dir().join("used.json")).ok();
        sandbox.awsx_on_terminal(&PICK).end()
    };
    for (picker, got) in [
        ("grep 42", "got billing-prod-42"),
        ("grep '^prod ' | awk '{ print $1 }'", "got prod"),
        ("head -n 1", "got dev"),
        ("tail -n 2 | head -n 1", "got 日本語の環境"),
        ("test -z \"$AWSX_PASSPHRASE\" && head -n 1", "got dev"),
    ] {
        pick(picker).ok().prints(got);
    }
    pick("cat >/dev/null; exit 130").exits(130).prints("error: cancelled at the prompt");
    pick("grep nothing-like-it").exits(130).prints("error: cancelled at the prompt");
    pick("echo else").exits(3).prints("error: what `echo else` printed is none of the lines");
    pick("exec no-such-picker").exits(3).prints("error: `exec no-such-picker` cannot be run");
    // A real one, which has the terminal.
    sandbox.write(SETTINGS, "picker = \"fzf\"\n");
    let mut terminal = sandbox.awsx_in(12, 80, &PICK);
    terminal.expect_on_screen("billing-prod-42  111111111111  ReadOnly").expect_on_screen("5/5");
    terminal.type_text("42 blng").expect_on_screen("1/5").type_text("\r");
    terminal.expect("got billing-prod-42").end().ok();
    for key in [ESCAPE, CTRL_C] {
        let mut terminal = sandbox.awsx_in(12, 80, &PICK);
        terminal.expect_on_screen("5/5").type_text("prod").expect_on_screen("3/5").type_text(key);
        terminal.end().exits(130).prints("error: cancelled at the prompt");
    }
    // No directory chooses what runs.
    let place = sandbox.write("work/.awsx.toml", "picker = \"touch planted\"\n");
    let mut command = sandbox.command(AWSX);
    command.arg("trust").current_dir(place.parent().unwrap());
    sandbox.run(&mut command, b"", true).fails(3, &["picker"]);
}
