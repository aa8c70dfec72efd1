//! Beside aws-mfa: the sections that it writes, and its sections that awsx writes.
//!
//! The real one, from PyPI, is in `target/ci` (`.ci/run`).

use serde_json::Value;

use crate::children::{boto3, sandbox as with_tools};
use crate::every_command::leave_one_key;
use crate::fake_aws::sample::{ADMIN, KEY_ID, MFA_SERIAL, READ_ONLY, SECRET_KEY, USER};
use crate::given::sso_config;
use crate::ran::Ran;
use crate::sandbox::{CONFIG, Sandbox, keys};
use crate::terminal::CTRL_C;

/// The section that aws-mfa makes its sessions of.
pub(crate) fn long_term(name: &str) -> String {
    format!(
        "[{name}-long-term]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n\
         aws_mfa_device = {MFA_SERIAL}\n"
    )
}

/// A user of aws-mfa, before its first session.
fn of_aws_mfa() -> Sandbox {
    let sandbox = with_tools();
    sandbox.config("[profile dev]\nregion = eu-west-1\n");
    sandbox.write_mode(".aws/credentials", &long_term("dev"), 0o600);
    sandbox
}

/// `aws-mfa --profile dev`, which is given the code if it asks for one.
fn aws_mfa(sandbox: &Sandbox, flags: &[&str]) -> Ran {
    let mut command = sandbox.command("aws-mfa");
    // It asks no profile for one.
    command.env("AWS_DEFAULT_REGION", "eu-west-1");
    let code = format!("{}\n", sandbox.code());
    sandbox.run(command.args(["--profile", "dev"]).args(flags), code.as_bytes(), true)
}

/// The section of a file, without its header.
fn section(sandbox: &Sandbox, name: &str) -> String {
    let text = sandbox.read(".aws/credentials");
    let header = format!("[{name}]\n");
    let at = text.find(&header).unwrap_or_else(|| panic!("no [{name}] in {text}"));
    let section = &text[at + header.len()..];
    section[..section.find("\n[").map_or(section.len(), |end| end + 1)].to_owned()
}

/// Makes the sections of sessions over.
fn end_sessions(sandbox: &Sandbox) {
    set_end(sandbox, "2026-01-02 03:04:05");
}

fn set_end(sandbox: &Sandbox, at: &str) {
    let text = sandbox.read(".aws/credentials");
    let with_end = |line: &str| match line.starts_with("expiration") {
        true => format!("expiration = {at}\n"),
        false => format!("{line}\n"),
    };
    sandbox.credentials(&text.lines().map(with_end).collect::<String>());
}

fn calls(sandbox: &Sandbox) -> [usize; 2] {
    ["GetSessionToken", "AssumeRole"].map(|operation| sandbox.aws.count(operation))
}

#[test]
fn a_session_of_aws_mfa_is_used_until_it_is_over_and_then_its_long_term_key() {
    let sandbox = of_aws_mfa();
    aws_mfa(&sandbox, &[]).ok().prints("Success!");
    assert_eq!(sandbox.whoami("dev")["arn"], USER);
    let explained = sandbox.awsx(&["explain", "dev"]).ok();
    explained.prints("dev: a session that aws-mfa wrote, until ").prints("asks     nothing");
    sandbox.exec("dev", &[]).ok().stderr_is(&[]);
    sandbox.awsx(&["profiles"]).ok().prints_each(&["session in a file", "dev-long-term"]);
    assert_eq!(calls(&sandbox), [1, 0], "aws-mfa's own");

    // Near its end, or where it does not last as long as somebody wants.
    let soon = sandbox.aws.now() + chrono::TimeDelta::minutes(3);
    set_end(&sandbox, &soon.format("%Y-%m-%d %H:%M:%S").to_string());
    let near = "awsx: the credentials of profile \"dev\" end [..]; then awsx makes new ones";
    sandbox.exec("dev", &[]).ok().stderr_is(&[near]);
    sandbox.exec("dev", &["--min-ttl", "10m"]).fails(4, &[MFA_SERIAL]);
    sandbox.awsx(&["mfa", "login", "dev"]).fails(4, &[MFA_SERIAL]);
    sandbox.awsx(&["mfa", "code", "dev"]).fails(4, &["`awsx mfa add dev` keeps it"]);

    end_sessions(&sandbox);
    let document = sandbox.explain("dev");
    assert_eq!(document["chosen"], "long-term");
    let chosen = document["steps"].as_array().unwrap().iter();
    let chosen = chosen.clone().find(|step| step["outcome"] == "taken").unwrap();
    let file = sandbox.home().join(".aws/credentials").display().to_string();
    let line = |key: &str| {
        let text = sandbox.read(".aws/credentials");
        1 + text.lines().position(|line| line.starts_with(key)).unwrap()
    };
    assert_eq!(chosen["line"], line("aws_access_key_id"));
    let over = format!(
        "the session of profile \"dev\" is over ({file}:{}); dev-long-term is its source",
        line("expiration")
    );
    assert_eq!(chosen["why"], Value::String(over));
    sandbox
        .awsx(&["explain", "dev"])
        .ok()
        .prints("dev: a session of the access keys of dev-long-term")
        .prints(&format!("asks     for the MFA code of {MFA_SERIAL}"));
    sandbox.awsx(&["profiles"]).ok().prints("dev-long-term, MFA");
    sandbox.exec("dev", &[]).fails(4, &[MFA_SERIAL]);
    sandbox.exec("dev", &["--mfa-code", &sandbox.code()]).ok().stderr_is(&[]);
    // And it is kept, under the name that people know it by.
    sandbox.exec("dev", &[]).ok().stderr_is(&[]);
    sandbox.awsx(&["sessions", "list"]).ok().prints("dev  111111111111  access keys, MFA");
    assert_eq!(calls(&sandbox), [2, 0]);
}

#[test]
fn the_long_term_key_alone_is_enough() {
    let sandbox = of_aws_mfa();
    sandbox.config("");
    sandbox.set("AWS_REGION", "eu-west-1");
    sandbox.exec("dev", &["--mfa-code", &sandbox.code()]).ok().stderr_is(&[]);
    sandbox.awsx(&["profiles"]).ok().prints("dev            -  -  -  dev-long-term, MFA");
    sandbox.awsx(&["mfa", "login", "dev"]).ok().says("the MFA session of dev holds until");
    sandbox.exec("dve", &[]).fails(3, &["profile \"dve\"", "did you mean \"dev\"?"]);
    assert_eq!(calls(&sandbox), [1, 0]);
}

/// `dev` was a role: nobody finds themselves as its user.
#[test]
fn a_role_of_aws_mfa_is_assumed_again() {
    let sandbox = of_aws_mfa();
    aws_mfa(&sandbox, &["--assume-role", ADMIN]).ok().prints("Success!");
    let explained = "dev: role Admin in 222222222222, as aws-mfa wrote it, until ";
    sandbox.awsx(&["explain", "dev"]).ok().prints(explained);
    let admin = |sandbox: &Sandbox| {
        let arn = sandbox.whoami("dev")["arn"].as_str().unwrap().to_owned();
        assert!(arn.starts_with("arn:aws:sts::222222222222:assumed-role/Admin/"), "{arn}");
    };
    admin(&sandbox);
    sandbox.awsx(&["profiles"]).ok().prints("222222222222  Admin");
    end_sessions(&sandbox);
    sandbox.awsx(&["explain", "dev"]).ok().prints("dev: role Admin in 222222222222");
    sandbox.exec("dev", &["--mfa-code", &sandbox.code()]).ok().stderr_is(&[]);
    admin(&sandbox);
    assert_eq!(calls(&sandbox), [1, 2]);
    // Without the key nobody is, and the way out leads to the role.
    let alone = section(&sandbox, "dev");
    sandbox.credentials(&format!("[dev]\n{alone}"));
    let hint = format!("`awsx keys add dev` keeps the access key with which {ADMIN} is assumed");
    let over = "~/.aws/credentials:8: the session of profile \"dev\" that aws-mfa wrote is over";
    sandbox.exec("dev", &[]).fails(8, &[over, &hint]);
    sandbox
        .awsx(&["profiles"])
        .ok()
        .prints("! the session that aws-mfa wrote is over (~/.aws/credentials:8)");
    sandbox.set("AWS_ACCESS_KEY_ID", KEY_ID);
    sandbox.set("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    sandbox.awsx(&["keys", "add", "dev", "--env"]).ok();
    sandbox.unset("AWS_ACCESS_KEY_ID");
    sandbox.unset("AWS_SECRET_ACCESS_KEY");
    let stored = sandbox.awsx(&["explain", "dev"]).ok();
    stored.prints("dev: role Admin in 222222222222").prints("as with aws-mfa; without that line");
}

/// `awsx sessions write`
fn write(sandbox: &Sandbox, words: &[&str]) -> Ran {
    sandbox.awsx(&[&["sessions", "write"], words].concat())
}

/// The keys of a section, and what of the values is no secret.
fn shape(section: &str) -> Vec<String> {
    let line = |line: &str| {
        let (key, value) = line.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
        let kept = ["assumed_role", "assumed_role_arn"].contains(&key);
        if kept { format!("{key} = {value}") } else { key.to_owned() }
    };
    section.trim_end().lines().map(line).collect()
}

/// boto3 with the profile of this name.
fn arn_of_boto3(sandbox: &Sandbox, profile: &str) -> String {
    sandbox.set("WHO_PROFILE", profile);
    sandbox.set("AWS_DEFAULT_REGION", "eu-west-1");
    boto3(sandbox).ok().json()["arn"].as_str().unwrap().to_owned()
}

/// What awsx writes is as aws-mfa writes it, but for the mark behind it, and aws-mfa leaves it alone.
#[test]
fn aws_mfa_takes_what_awsx_wrote_for_its_own() {
    let role = &["--assume-role", ADMIN][..];
    for flags in [&[][..], role] {
        let theirs = of_aws_mfa();
        aws_mfa(&theirs, flags).ok();
        let ours = of_aws_mfa();
        let assume_role = if flags.is_empty() { "" } else { &format!("assume_role = {ADMIN}\n") };
        let given = format!("{}{assume_role}", long_term("dev"));
        ours.write_mode(".aws/credentials", &given, 0o600);
        let said = write(&ours, &["dev", "--mfa-code", &ours.code()]).ok();
        said.stderr_is(&[
            "awsx: [dev] of ~/.aws/credentials has a session of dev until [..]",
            "warning: it stands there in clear text; `awsx sessions write --remove dev` takes it out",
        ]);
        let mut expected = shape(&section(&theirs, "dev"));
        expected.push("awsx_session".to_owned());
        assert_eq!(shape(&section(&ours, "dev")), expected);

        let ran = aws_mfa(&ours, flags).ok();
        ran.prints("Your credentials are still valid").prints_no("Enter AWS MFA code");
        let arn = ours.whoami("dev")["arn"].as_str().unwrap().to_owned();
        assert_eq!(arn_of_boto3(&ours, "dev"), arn);
        // To awsx itself it is nothing new.
        assert_eq!(ours.explain("dev")["chosen"], "long-term");
        ours.exec("dev", &[]).ok().stderr_is(&[]);
        write(&ours, &["--remove", "dev"])
            .ok()
            .stderr_is(&["awsx: ~/.aws/credentials has the session in [dev] no longer"]);
        assert_eq!(ours.read(".aws/credentials"), given);
        write(&ours, &["--remove", "dev"])
            .ok()
            .stderr_is(&["awsx: ~/.aws/credentials has no session in [dev]"]);
    }
}

/// Each tool goes on where the other one ended.
#[test]
fn awsx_and_aws_mfa_take_turns() {
    let sandbox = of_aws_mfa();
    aws_mfa(&sandbox, &[]).ok();
    let theirs = section(&sandbox, "dev");
    let valid = "awsx: [dev] has a session that aws-mfa wrote, until [..]; `awsx sessions write dev \
                 --refresh` writes a new one";
    write(&sandbox, &["dev"]).ok().stderr_is(&[valid]);
    assert_eq!(section(&sandbox, "dev"), theirs);
    write(&sandbox, &["dev", "--refresh"]).fails(4, &[MFA_SERIAL]);
    write(&sandbox, &["dev", "--refresh", "--mfa-code", &sandbox.code()]).ok().says("clear text");
    let ours = section(&sandbox, "dev");
    assert!(ours != theirs && ours.contains("awsx_session"), "{ours}");
    // aws-mfa knows nothing of the mark, which does not stand for what it writes.
    aws_mfa(&sandbox, &["--force"]).ok().prints("Success!");
    assert!(section(&sandbox, "dev").contains("awsx_session"));
    assert_eq!(sandbox.explain("dev")["chosen"], "credentials-file");
    end_sessions(&sandbox);
    write(&sandbox, &["dev"]).ok().says("has a session of dev until");
    assert_eq!(section(&sandbox, "dev"), ours, "the cached one");
    write(&sandbox, &["--remove", "dev"]).ok().says("no longer");
    assert_eq!(sandbox.read(".aws/credentials").trim_end(), long_term("dev").trim_end());
}

#[test]
fn what_others_wrote_stays() {
    let sandbox = Sandbox::new();
    let foreign =
        format!("{}[role]\nrole_arn = {ADMIN}\nsource_profile = dev\n", keys(KEY_ID, SECRET_KEY));
    sandbox.credentials(&foreign);
    let stays = |words: &[&str], code, said: &[&str]| {
        write(&sandbox, words).fails(code, said);
        assert_eq!(sandbox.read(".aws/credentials"), foreign, "{words:?}");
        assert!(sandbox.aws.calls().is_empty(), "{words:?}");
    };
    stays(
        &["dev"],
        3,
        &[
            "~/.aws/credentials:2: aws_access_key_id of [dev] is neither awsx's nor aws-mfa's",
            "hint: `awsx sessions write dev --as dev-session` leaves it alone",
        ],
    );
    stays(&["readonly", "--as", "dev"], 3, &["`awsx sessions write readonly --as dev-session`"]);
    stays(&["readonly", "--as", "role"], 3, &["role_arn of [role] is neither awsx's"]);
    stays(
        &["readonly", "--as", "prod"],
        3,
        &[
            "profile \"prod\" has credentials of its own: role_arn (~/.aws/config:6)",
            "hint: `awsx sessions write readonly --as prod-session` leaves it alone",
        ],
    );
    let remove = "hint: `awsx keys import dev --remove` takes an access key out";
    stays(&["--remove", "dev"], 3, &["is neither awsx's nor aws-mfa's", remove]);
    stays(&["--remove", "role"], 3, &["hint: awsx takes out only what it, or aws-mfa, wrote"]);
    stays(
        &["readonly", "--role-arn", ADMIN],
        2,
        &[
            "it is somebody else than profile \"readonly\"",
            "hint: give it another name: --as SECTION",
        ],
    );
    stays(&["dev", "--as", "x", "--no-session"], 2, &["leaves nothing to write but access keys"]);
    stays(
        &["--as", "x"],
        2,
        &["whose session is meant is not said", "name the profile before --as"],
    );
    stays(
        &["--sso", "corp"],
        2,
        &["no section of the credentials file is named", "name it with --as SECTION"],
    );
    stays(&["dev", "--as", "two words"], 2, &["not all AWS tools read such a name"]);
    stays(&["--remove", "dev", "--refresh"], 2, &["exclude each other"]);
    stays(&[], 2, &["PROFILE"]);
    stays(&["nope"], 3, &["profile \"nope\" (named on the command line) is in neither"]);
    // An access key beside a session, in one section or in two of that name.
    write(&sandbox, &["readonly"]).ok();
    let twice = format!(
        "{}\n{}",
        keys(KEY_ID, SECRET_KEY).replace("[dev]", "[readonly]"),
        sandbox.read(".aws/credentials")
    );
    sandbox.credentials(&twice);
    for words in [&["readonly"][..], &["--remove", "readonly"]] {
        write(&sandbox, words)
            .fails(3, &["~/.aws/credentials:2: aws_access_key_id of [readonly] is"]);
        assert_eq!(sandbox.read(".aws/credentials"), twice);
    }
}

#[test]
fn a_section_of_another_name_is_a_profile_of_its_own() {
    let sandbox = with_tools();
    write(&sandbox, &["readonly", "--as", "tools"]).ok().says("[tools] of ~/.aws/credentials has");
    let arn = sandbox.whoami("readonly")["arn"].clone();
    sandbox.set("AWS_REGION", "eu-west-1");
    assert_eq!(sandbox.whoami("tools")["arn"], arn);
    assert_eq!(arn_of_boto3(&sandbox, "tools"), arn.as_str().unwrap());
    sandbox
        .awsx(&["explain", "tools"])
        .ok()
        .prints("tools: role ReadOnly in 111111111111, as `awsx sessions write` wrote it, until ");
    end_sessions(&sandbox);
    let at = "the session of profile \"tools\" that `awsx sessions write` wrote is over";
    let again = "hint: `awsx sessions write readonly --as tools` writes a new one";
    sandbox.exec("tools", &[]).fails(8, &["~/.aws/credentials:12: ", at, again]);
    write(&sandbox, &["readonly", "--as", "tools"]).ok();
    sandbox.exec("tools", &[]).ok();
    // Nothing to copy onto itself.
    write(&sandbox, &["tools", "--refresh"]).ok().stderr_is(&[
        "awsx: [tools] has a session that `awsx sessions write` wrote, until [..]; there is no access key here \
         to make another of",
    ]);
    // With flags that nobody wrote down, the words would lead to somebody else.
    write(&sandbox, &["dev", "--as", "tools", "--role-arn", READ_ONLY]).ok();
    end_sessions(&sandbox);
    let hint = "hint: write it with `awsx sessions write` again, and the flags that it had";
    sandbox.exec("tools", &[]).fails(8, &[at, hint]);
    write(&sandbox, &["--remove", "tools"]).ok();
    assert_eq!(sandbox.read(".aws/credentials"), keys(KEY_ID, SECRET_KEY));
}

#[test]
fn a_role_of_identity_center_is_written_too() {
    let sandbox = Sandbox::new().logged_in();
    sandbox.config(&sso_config());
    sandbox.credentials("");
    write(&sandbox, &["sso"]).ok().says("has a session of sso until");
    let written = shape(&section(&sandbox, "sso"));
    assert_eq!(&written[..2], ["assumed_role = True", "aws_access_key_id"]);
    let role = ["--sso", "corp", "--account", "222222222222", "--role", "Developer"];
    write(&sandbox, &[&role[..], &["--as", "tools"]].concat()).ok();
    end_sessions(&sandbox);
    let again = "hint: `awsx sessions write --sso corp --account 222222222222 --role Developer --as tools` writes";
    sandbox.exec("tools", &[]).fails(8, &["is over", again]);
}

/// The file keeps its place, its other bytes and its line ends, and is for nobody else.
#[test]
fn the_file_is_changed_with_care() {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::new();
    let at = |name: &str| sandbox.home().join(name);
    let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
    let stored = format!("# mine\r\n{}", keys(KEY_ID, SECRET_KEY).replace('\n', "\r\n"));
    sandbox.write_mode(".aws/real/credentials", &stored, 0o644);
    fs::remove_file(at(".aws/credentials")).unwrap();
    symlink(at(".aws/real/credentials"), at(".aws/credentials")).unwrap();
    let told = "awsx: others could read ~/.aws/credentials; now only you can";
    write(&sandbox, &["readonly"]).ok().says(told);
    let text = sandbox.read(".aws/credentials");
    let (before, after) = text.split_at(stored.len());
    assert_eq!(before, stored);
    assert!(after.starts_with("\r\n[readonly]\r\nassumed_role = True\r\n"), "{after}");
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    assert!(at(".aws/credentials").is_symlink());
    assert_eq!(mode(".aws/real/credentials"), 0o600);
    write(&sandbox, &["readonly", "--refresh"]).ok().says_no("others could");
    write(&sandbox, &["--remove", "readonly"]).ok();
    assert_eq!(sandbox.read(".aws/real/credentials"), stored);
    assert_eq!(fs::read_dir(at(".aws/real")).unwrap().count(), 1, "nothing else stays");

    // Write-protected: said before anybody is asked for a code.
    sandbox.write_mode(".aws/real/credentials", &stored, 0o444);
    let hint = "hint: `chmod u+w ~/.aws/real/credentials` allows it";
    write(&sandbox, &["prod"]).fails(3, &["~/.aws/real/credentials is write-protected", hint]);
    // A full disk: it stays as it was.
    sandbox.write_mode(".aws/real/credentials", &stored, 0o600);
    for (faults, cause) in
        [("write=28", "No space left on device"), ("create=30", "Read-only file system")]
    {
        sandbox.break_disk_at(".aws/real", faults);
        write(&sandbox, &["readonly"]).fails(3, &["cannot write ~/.aws/credentials", cause]);
        sandbox.mend_disk();
        assert_eq!(sandbox.read(".aws/real/credentials"), stored, "{faults}");
    }
    // None there yet.
    fs::remove_file(at(".aws/credentials")).unwrap();
    sandbox.set("AWS_SHARED_CREDENTIALS_FILE", at(".aws/none/yet").to_str().unwrap());
    sandbox.config(&format!("{CONFIG}[profile base]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"));
    write(&sandbox, &["base"]).ok().says(
        "warning: to the AWS CLI and the SDKs the session comes before aws_access_key_id (~/.aws/config:20) of \
         profile \"base\", also when it is over; `awsx sessions write base --as base-session` leaves it alone",
    );
    assert_eq!((mode(".aws/none/yet"), mode(".aws/none")), (0o600, 0o700));
    sandbox.exec("base", &[]).ok().stderr_is(&[]);
}

#[test]
fn many_at_once_write_one_session_each_whole() {
    let sandbox = Sandbox::new();
    let mut commands = vec![vec!["sessions", "write", "readonly"]; 6];
    commands.push(vec!["sessions", "write", "dev", "--as", "tools"]);
    commands.push(vec!["sessions", "write", "--remove", "gone"]);
    sandbox.together(commands).ok();
    assert_eq!(calls(&sandbox), [1, 1]);
    let text = sandbox.read(".aws/credentials");
    for name in ["[readonly]", "[tools]", "[dev]"] {
        assert_eq!(text.matches(name).count(), 1, "{text}");
    }
    assert_eq!(shape(&section(&sandbox, "readonly")).len(), 8);
    assert_eq!(shape(&section(&sandbox, "tools")).len(), 7);
}

/// Nobody is somebody else, and nobody has to ask for a code again.
#[test]
fn keys_that_are_moved_into_the_vault_lead_where_they_led() {
    for (docs, assume_role, profile) in [
        ("a role behind it", String::new(), "behind"),
        ("the role that aws-mfa assumes", format!("assume_role = {ADMIN}\n"), "dev"),
    ] {
        let sandbox = of_aws_mfa();
        sandbox.credentials(&format!("{}{assume_role}", long_term("dev")));
        if assume_role.is_empty() {
            let behind = format!("[profile behind]\nrole_arn = {ADMIN}\nsource_profile = dev\n");
            sandbox.config(&format!("{behind}[profile dev]\nregion = eu-west-1\n"));
            sandbox.set("AWS_REGION", "eu-west-1");
        }
        sandbox.exec(profile, &["--mfa-code", &sandbox.code()]).ok();
        sandbox.awsx(&["keys", "import", "dev", "--remove", "--yes"]).ok().says("no longer");
        assert!(!sandbox.read(".aws/credentials").contains(KEY_ID), "{docs}");
        let explained = sandbox.awsx(&["explain", profile]).ok();
        explained
            .prints("role Admin in 222222222222")
            .prints("the stored keys of dev")
            .prints("asks     nothing");
        sandbox.exec(profile, &[]).ok();
        assert_eq!(calls(&sandbox), [1, 1], "{docs}: what was cached still counts");
        sandbox.awsx(&["keys", "import", "--undo"]).ok();
        sandbox.exec(profile, &[]).ok();
        assert_eq!(calls(&sandbox), [1, 1], "{docs}: and after that");
    }
}

#[test]
fn a_person_may_think_better_of_it() {
    let sandbox = of_aws_mfa();
    let before = sandbox.read(".aws/credentials");
    let mut terminal = sandbox.awsx_on_terminal(&["sessions", "write", "dev"]);
    terminal.expect(&format!("MFA code for {MFA_SERIAL} (dev)")).type_text(CTRL_C).end().exits(130);
    assert_eq!(sandbox.read(".aws/credentials"), before);
    let mut terminal = sandbox.awsx_on_terminal(&["sessions", "write", "dev"]);
    terminal.expect("MFA code").type_line(&sandbox.code());
    terminal.expect("[dev] of ~/.aws/credentials has a session of dev until").end().ok();
}

#[test]
fn the_long_term_key_is_rotated_where_it_stands() {
    let sandbox = of_aws_mfa();
    leave_one_key(&sandbox);
    sandbox.plant(SECRET_KEY);
    aws_mfa(&sandbox, &[]).ok();
    let session = section(&sandbox, "dev");
    let rotate = ["keys", "rotate", "dev", "--from-file"];
    sandbox.awsx(&rotate).ok().says(&format!("{KEY_ID} is deleted"));
    assert_eq!(section(&sandbox, "dev"), session, "of the old key, until it is over");
    let long_term = section(&sandbox, "dev-long-term");
    assert!(!long_term.contains(KEY_ID) && long_term.contains("aws_access_key_id = AKIA"));
    end_sessions(&sandbox);
    sandbox.exec("dev", &["--mfa-code", &sandbox.code()]).ok().stderr_is(&[]);
}
