//! Guards: every command that hands something over, each guard, with a person there and without.

use std::collections::BTreeSet;

use crate::documents::commands;
use crate::fake_aws::sample::{ADMIN, READ_ONLY, SHARED};
use crate::given::SETTINGS;
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, Sandbox};
use crate::terminal::CTRL_C;

const REGISTRY: &str = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";

/// Every command that hands something over of the profile readonly, and what is on its stdin.
pub(crate) const HANDS_OVER: [(&str, &str, &str); 22] = [
    ("exec", "exec readonly FLAGS -- true", ""),
    ("env", "env readonly FLAGS", ""),
    ("use", "use --shell=bash readonly FLAGS", ""),
    ("credential-process", "credential-process readonly FLAGS", ""),
    ("console", "console readonly --print FLAGS", ""),
    ("sessions write", "sessions write readonly --as tools FLAGS", ""),
    ("token eks", "token eks --cluster demo -p readonly FLAGS", ""),
    ("token rds", "token rds --host db.local --port 5432 --user ann -p readonly FLAGS", ""),
    ("token dsql", "token dsql --host db.local -p readonly FLAGS", ""),
    ("token ecr", "token ecr -p readonly FLAGS", ""),
    (
        "token codecommit",
        "token codecommit get -p readonly FLAGS",
        "protocol=https\nhost=git-codecommit.eu-west-1.amazonaws.com\npath=v1/repos/demo\n",
    ),
    ("serve", "serve readonly --idle-timeout 1s FLAGS", ""),
    ("ssh", "ssh 127.0.0.1 readonly FLAGS -- -F /dev/null -p 1", ""),
    ("docker-credential", "docker-credential get", REGISTRY),
    ("sts get-session-token", "sts get-session-token -p readonly FLAGS", ""),
    ("sts get-federation-token", "sts get-federation-token -p readonly --name bob FLAGS", ""),
    (
        "sts get-scoped-credentials",
        "sts get-scoped-credentials -p readonly --duration 10m FLAGS",
        "",
    ),
    (
        "sts assume-role",
        "sts assume-role -p readonly --role-arn arn:aws:iam::111111111111:role/ReadOnly FLAGS",
        "",
    ),
    (
        "sts assume-root",
        "sts assume-root -p readonly --target-principal 111111111111 \
         --task-policy-arn S3UnlockBucketPolicy FLAGS",
        "",
    ),
    (
        "sts get-web-identity-token",
        "sts get-web-identity-token -p readonly --audience x --signing-algorithm ES384 FLAGS",
        "",
    ),
    (
        "sts assume-role-with-web-identity",
        "sts assume-role-with-web-identity -p readonly --web-identity-token none \
         --role-arn arn:aws:iam::111111111111:role/ReadOnly FLAGS",
        "",
    ),
    (
        "sts assume-role-with-saml",
        "sts assume-role-with-saml -p readonly --saml-assertion dGVzdA== \
         --principal-arn arn:aws:iam::111111111111:saml-provider/p \
         --role-arn arn:aws:iam::111111111111:role/ReadOnly FLAGS",
        "",
    ),
];

/// Commands that sign with it, and hand over no more than AWS's answer.
const ANSWERS: [(&str, &str); 3] = [
    ("sts get-caller-identity", "sts get-caller-identity -p readonly"),
    (
        "sts get-access-key-info",
        "sts get-access-key-info -p readonly --access-key-id AKIA2SANDBOXEXAMPLE7",
    ),
    ("sts decode-authorization-message", "sts decode-authorization-message -p readonly abc"),
];

/// The guard, what it says no to, and with which exit code; where a person may be asked, the code is 4.
const GUARDS: [(&str, i32, &str); 6] = [
    ("expected_account = \"222222222222\"", 5, "of account 111111111111, but expected_account"),
    ("expected_role = [\"Admin\", \"Dev*\"]", 5, "in 111111111111, but expected_role"),
    (
        "deny_roles = \"*only\"",
        5,
        "role ReadOnly in 111111111111 is denied to profile \"readonly\"",
    ),
    ("regions = [\"us-*\"]", 5, "is for us-* alone, says regions"),
    ("confirm = true", 4, "profile \"readonly\" is to be confirmed (confirm, "),
    ("reason = true", 4, "what profile \"readonly\" is used for is not said (reason, "),
];

pub(crate) fn sandbox(guard: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(&CONFIG.replace("role/ReadOnly\n", "role/ReadOnly\nregion = eu-west-1\n"));
    sandbox.write(
        SETTINGS,
        &format!(
            "[guard.\"READ*\"]\n{guard}\n[registries]\n\"{REGISTRY}\" = \"readonly\"\n\
             [ssh]\n\"127.*\" = \"readonly\"\n"
        ),
    );
    sandbox
}

pub(crate) fn run(sandbox: &Sandbox, line: &str, flags: &str, stdin: &str) -> Ran {
    let line = line.replace("FLAGS", flags);
    let mut command = sandbox.command(AWSX);
    command.args(line.split_whitespace());
    sandbox.run(&mut command, stdin.as_bytes(), false)
}

#[test]
fn every_command_is_guarded_or_hands_nothing_over() {
    let guarded = HANDS_OVER.iter().map(|(name, ..)| *name);
    let guarded: BTreeSet<_> = guarded.chain(ANSWERS.iter().map(|(name, _)| *name)).collect();
    let others: Vec<_> = commands().into_iter().filter(|name| !guarded.contains(&**name)).collect();
    // Whoever adds a command says on which side it is.
    let hand_nothing_over = [
        "agents",
        "approve",
        "audit",
        "ci",
        "config",
        "docker-env",
        "doctor",
        // Every run of it is an exec.
        "each",
        "explain",
        "init",
        "keys",
        "lock",
        "login",
        "logout",
        // It tells, and gives nothing.
        "mcp",
        "mfa",
        "migrate",
        "profiles",
        "prompt",
        "renew",
        "scan",
        "sessions",
        "sso",
        "sts",
        "token",
        "trust",
        "unlock",
        "vault",
        "whoami",
    ];
    for name in others {
        let first = name.split(' ').next().unwrap();
        assert!(hand_nothing_over.contains(&first), "{name} is in no table");
        assert!(!["sts", "token"].contains(&first) || name == first, "{name} is in no table");
    }
}

/// Nothing is asked of AWS where a guard says no that needs no call.
#[test]
fn every_guard_holds_for_every_command() {
    for (guard, code, words) in GUARDS {
        let sandbox = sandbox(guard);
        for (name, line, stdin) in HANDS_OVER {
            let ran = run(&sandbox, line, "", stdin);
            assert!(sandbox.aws.new_operations().is_empty(), "{guard}: {name}: {ran:?}");
            let place = format!("{SETTINGS}:2)");
            let (code, words) = match guard.starts_with("reason") && name.starts_with("sts ") {
                true => (5, "is used for a reason that CloudTrail shows (reason, "),
                false => (code, words),
            };
            let ran = ran.exits(code).says(words).says(&place).says("hint: ");
            assert!(!ran.stdout.contains("ASIA") && !ran.stdout.contains("AKIA"), "{ran:?}");
        }
        assert!(sandbox.records("sessions").is_empty(), "{guard}");
    }
}

/// With a person at the terminal: what asks nobody says no all the same, and what asks is answered before anything is
/// made.
#[test]
fn every_guard_holds_where_a_person_is_there() {
    let free = sandbox("");
    for (guard, code, words) in GUARDS {
        let sandbox = sandbox(guard);
        for (name, line, stdin) in HANDS_OVER {
            let line = line.replace("FLAGS", "");
            let typed = format!("printf '%s' '{stdin}' | awsx {line} >/dev/null");
            let start = || sandbox.sh_on_terminal(&typed);
            let question = match guard {
                "confirm = true" => "Type readonly to ",
                "reason = true" if !name.starts_with("sts ") => "What readonly is used for",
                "reason = true" => {
                    start().end().exits(5).prints("is used for a reason that CloudTrail shows");
                    continue;
                }
                _ => {
                    start().end().exits(code).prints(words);
                    assert!(sandbox.aws.new_operations().is_empty(), "{guard}: {name}");
                    continue;
                }
            };
            let mut terminal = start();
            terminal.expect(question);
            assert!(sandbox.aws.new_operations().is_empty(), "{guard}: {name}");
            match guard {
                "confirm = true" => terminal.type_line("prod").end().exits(5),
                _ => terminal.type_text(CTRL_C).end().exits(130),
            };
            assert!(sandbox.aws.new_operations().is_empty(), "{guard}: {name}");
            let mut terminal = start();
            terminal.expect(question).type_line("readonly");
            let (ran, code) = (terminal.end(), run(&free, &line, "", stdin).code);
            assert_eq!(ran.code, code, "{guard}: {name}: {ran:?}");
            // A session that says why is not asked about again.
            sandbox.awsx(&["sessions", "clear", "--all"]).ok();
            sandbox.aws.new_operations();
        }
    }
}

#[test]
fn the_name_on_the_command_line_confirms() {
    let (free, guarded) = (sandbox(""), sandbox("confirm = true"));
    for (name, line, stdin) in HANDS_OVER.iter().filter(|(name, ..)| *name != "docker-credential") {
        let code = run(&free, line, "", stdin).code;
        let ran = run(&guarded, line, "--yes-i-mean readonly", stdin);
        assert_eq!(ran.code, code, "{name}: {ran:?}");
        let ran = run(&guarded, line, "--yes-i-mean prod", stdin);
        ran.exits(2).says("--yes-i-mean prod is not \"readonly\", which is asked for");
    }
    for (name, line) in ANSWERS {
        let ran = run(&guarded, line, "", "");
        assert_eq!(ran.code, run(&free, line, "", "").code, "{name}: {ran:?}");
    }
}

/// In the question, of the name that is typed; in the line of a shell; in what lists and explains profiles.
#[test]
fn a_profile_has_its_colour_where_its_name_is_shown() {
    let red = "\u{1b}[1;31mreadonly";
    for (setting, own) in [("colour = \"red\"", ""), ("", "colour = Red\n")] {
        let sandbox = sandbox(&format!("confirm = true\n{setting}"));
        sandbox.config(&CONFIG.replace("role/ReadOnly\n", &format!("role/ReadOnly\n{own}")));
        let always = |words: &[&str]| sandbox.awsx(&[&["--color", "always"], words].concat());
        always(&["profiles"]).ok().prints(red).prints("\u{1b}[1mdev  ");
        always(&["explain", "readonly"]).ok().prints(&format!("{red}\u{1b}[0m\u{1b}[1m: role "));
        sandbox
            .awsx(&["explain", "readonly"])
            .ok()
            .prints("guards   ")
            .prints("colour red (of readonly, ");
        let shell = |color: &str| {
            let words = ["--color", color, "exec", "readonly"];
            let mut terminal = sandbox.awsx_on_terminal(&words);
            terminal.expect(" to open a shell as ").type_line("readonly");
            terminal.expect("`exit` leaves it").type_line("exit 0");
            terminal.end().ok()
        };
        shell("always")
            .prints(&format!("Type {red}\u{1b}[0m to open a shell as ReadOnly in 111111111111: "))
            .prints(&format!("awsx: a shell with {red}\u{1b}[0m, account 111111111111, "));
        shell("never").prints("awsx: a shell with readonly, ").prints_no("\u{1b}[1;31m");
        // NO_COLOR is set there.
        shell("auto")
            .prints("Type readonly to open a shell as ReadOnly in ")
            .prints_no("\u{1b}[1;31m");
    }
    let sandbox = sandbox("colour = \"pink\"");
    let words = "guard.READ*.colour must be blue, cyan, green, magenta, red or yellow";
    sandbox.awsx(&["exec", "readonly", "--", "true"]).fails(3, &[words]);
    sandbox.awsx(&["config", "check"]).exits(3).prints(words);
}

/// A role that lets nobody tag its sessions.
#[test]
fn a_reason_that_a_role_does_not_take_says_what_its_trust_policy_lacks() {
    let sandbox = sandbox("");
    sandbox.config(&format!("[profile shared]\nrole_arn = {SHARED}\nsource_profile = dev\n"));
    let exec =
        |flags: &[&str]| sandbox.awsx(&[&["exec", "shared"], flags, &["--", "true"]].concat());
    for flags in [&["--reason", "INC-7"][..], &["--tag", "team=blue"]] {
        let words = [
            "is not authorized to perform: sts:TagSession",
            "the trust policy of Shared in 333333333333 lacks `\"Action\": [\"sts:AssumeRole\", \"sts:TagSession\"]`",
            "without --reason, --tag, session_tags",
        ];
        exec(flags).fails(5, &words);
    }
    exec(&[]).ok();
}

#[test]
fn no_agent_confirms() {
    let sandbox = sandbox("confirm = true");
    sandbox.set("AWSX_CALLER", "agent");
    let exec = ["exec", "readonly", "--yes-i-mean", "readonly", "--", "true"];
    let words = ["an agent runs awsx (AWSX_CALLER)", "no agent can mean it"];
    sandbox.awsx(&exec).fails(4, &words);
    assert!(sandbox.aws.operations().is_empty());
}

#[test]
fn a_person_types_the_name() {
    let sandbox = sandbox("confirm = true");
    let question = "Type readonly to run sh as ReadOnly in 111111111111: ";
    let exec = "awsx exec readonly -- sh -c 'echo got $AWSX_PROFILE'";
    let mut terminal = sandbox.sh_on_terminal(&format!("{exec} </dev/null"));
    terminal.expect(question);
    assert!(sandbox.aws.operations().is_empty());
    terminal.type_line("readonly").expect("got readonly").end().ok();
    let mut terminal = sandbox.sh_on_terminal(exec);
    terminal.expect(question).type_line("readonl").end().exits(5).says("that is not \"readonly\"");
    let mut terminal = sandbox.sh_on_terminal("x=$(awsx credential-process readonly); echo ${#x}");
    terminal.expect("Type readonly to give a program its credentials as ReadOnly");
    terminal.type_line("readonly").end().ok();
    // What runs with the credentials has them: it is asked no more, unless it names the profile.
    let inner =
        "awsx exec readonly --yes-i-mean readonly -- $AWSX exec -- sh -c 'echo in $AWSX_PROFILE'";
    sandbox.sh_on_terminal(inner).expect("in readonly").end().ok();
    let inner = [
        "exec",
        "readonly",
        "--yes-i-mean",
        "readonly",
        "--",
        AWSX,
        "exec",
        "readonly",
        "--",
        "true",
    ];
    sandbox.awsx(&inner).fails(4, &["and nobody can be asked"]);
}

#[test]
fn a_profile_has_guards_of_its_own_and_those_of_all_that_it_draws_on() {
    let sandbox = Sandbox::new();
    let guard = |profile: &str, line: &str| {
        sandbox.config(&CONFIG.replace(profile, &format!("{profile}{line}\n")));
    };
    guard("[profile audit]\n", "expected_account = 222222222222");
    sandbox.exec("audit", &[]).fails(5, &[
        "the credentials of profile \"audit\" are of account 333333333333, but expected_account (",
        "/.aws/config:12) says 222222222222",
        "hint: take another profile, or correct expected_account at",
    ]);
    guard("[profile prod]\n", "expected_account = 222222222222");
    sandbox.exec("audit", &[]).exits(4).says("needs the MFA code of");
    guard("[profile prod]\n", "expected_account = 333333333333");
    sandbox
        .exec("audit", &[])
        .exits(5)
        .says("the credentials of profile \"prod\" are of account 222222222222");
    guard("[profile dev]\n", "deny_roles = Aud?t");
    sandbox
        .exec("audit", &[])
        .exits(5)
        .says("role Audit in 333333333333 is denied to profile \"dev\"");
    sandbox.exec("readonly", &[]).ok();
    let admin = ["exec", "readonly", "--role-arn", ADMIN, "--", "true"];
    guard("[profile readonly]\n", "expected_account = 111111111111");
    sandbox.awsx(&admin).exits(5).says("of account 222222222222, but expected_account");
    guard("[profile readonly]\n", "regions = eu-*, us-east-1");
    sandbox.exec("readonly", &[]).exits(5).says("no region is said").says("give --region REGION");
    sandbox.exec("readonly", &["--region", "us-east-2"]).exits(5).says("the region is us-east-2");
    sandbox.exec("readonly", &["--region", "us-east-1"]).ok();
    guard("[profile readonly]\n", "expected_account = 12");
    sandbox.exec("readonly", &[]).fails(3, &[
        "/.aws/config:17: expected_account of profile \"readonly\" must be an account of 12 digits",
    ]);
    sandbox.awsx(&["whoami", "readonly"]).ok();
}

/// Whose access keys those are, only AWS knows; it is asked once for each session.
#[test]
fn aws_is_asked_once_whose_keys_they_are_before_anything_is_made_of_them() {
    let sandbox = Sandbox::new();
    let guard = |account: &str| {
        sandbox.write(SETTINGS, &format!("[guard.dev]\nexpected_account = \"{account}\"\n"));
    };
    guard("222222222222");
    sandbox.exec("dev", &[]).fails(
        5,
        &["the credentials of profile \"dev\" are of account 111111111111, but expected_account ("],
    );
    assert_eq!(sandbox.aws.new_operations(), ["GetCallerIdentity"]);
    guard("111111111111");
    sandbox.exec("dev", &[]).ok();
    assert_eq!(sandbox.aws.new_operations(), ["GetCallerIdentity", "GetSessionToken"]);
    // What draws on it, too: of the keys, before the role is assumed.
    sandbox.exec("readonly", &[]).ok();
    assert_eq!(sandbox.aws.new_operations(), ["GetCallerIdentity", "AssumeRole"]);
    for profile in ["dev", "readonly"] {
        sandbox.exec(profile, &[]).ok();
    }
    assert!(sandbox.aws.new_operations().is_empty(), "the sessions say it");
    guard("222222222222");
    for profile in ["dev", "readonly"] {
        sandbox.exec(profile, &[]).exits(5).says("of profile \"dev\" are of account 111111111111");
    }
    assert!(sandbox.aws.new_operations().is_empty());
    // A session from before the guard says nothing, and is made anew.
    std::fs::remove_file(sandbox.home().join(SETTINGS)).unwrap();
    sandbox.exec("dev", &["--refresh"]).ok();
    guard("111111111111");
    sandbox.aws.forget_calls();
    sandbox.exec("dev", &[]).ok();
    assert_eq!(sandbox.aws.new_operations(), ["GetCallerIdentity", "GetSessionToken"]);
    sandbox.write(SETTINGS, "[guard.dev]\nexpected_role = \"*\"\n");
    sandbox
        .exec("dev", &["--no-session"])
        .exits(5)
        .says("are of no role, in 111111111111, but expected_role");
    sandbox
        .awsx(&["token", "rds", "--host", "h.local", "--port", "1", "--user", "u", "-p", "dev"])
        .exits(5);
}

/// A token that is kept says nothing of whoever signed it.
#[test]
fn a_kept_token_is_of_somebody_too() {
    let sandbox = Sandbox::new();
    let token = ["token", "eks", "--cluster", "demo", "-p", "readonly", "--region", "eu-west-1"];
    sandbox.awsx(&token).ok();
    sandbox.write(SETTINGS, "[guard.dev]\nexpected_account = \"222222222222\"\n");
    sandbox.awsx(&token).exits(5).says("are of account 111111111111, but expected_account");
    sandbox.write(SETTINGS, "[guard.dev]\nexpected_account = \"111111111111\"\n");
    sandbox.awsx(&token).ok();
    sandbox.aws.forget_calls();
    sandbox.awsx(&token).ok();
    assert!(sandbox.aws.new_operations().is_empty());
}

#[test]
fn roles_of_the_command_line_are_guarded_by_their_names() {
    let sandbox = Sandbox::new().sso_profiles().logged_in();
    sandbox.write(SETTINGS, "[guard.\"corp/*\"]\ndeny_roles = \"Dev*\"\n");
    let words = ["--sso", "corp", "--account", "222222222222", "--role", "Developer", "--", "true"];
    sandbox
        .awsx(&[&["exec"], &words[..]].concat())
        .exits(5)
        .says("role Developer in 222222222222 is denied");
    let assume = ["sts", "assume-role", "-p", "dev", "--role-arn", READ_ONLY];
    let sandbox = Sandbox::new();
    sandbox.write(SETTINGS, "[guard.dev]\ndeny_roles = \"ReadOnly\"\n");
    sandbox
        .awsx(&assume)
        .exits(5)
        .says("role ReadOnly in 111111111111 is denied to profile \"dev\"");
    assert!(sandbox.aws.operations().is_empty());
    let inner = ["exec", "dev", "--", AWSX, "exec", "--role-arn", READ_ONLY, "--", "true"];
    sandbox.awsx(&inner).exits(5).says("is denied to profile \"dev\"");
}

#[test]
fn settings_that_are_mistakes_hand_nothing_over() {
    for (text, problem) in [
        (
            "[guard.x]\nexpected_acount = \"1\"",
            "config.toml:2:1: guard.x.expected_acount is not a setting",
        ),
        ("[gaurd.x]\nconfirm = true", "config.toml:1:2: gaurd is not a setting of awsx"),
        ("[guard.x]\nconfirm = \"yes\"", "config.toml:2:11: guard.x.confirm must be true or false"),
        ("[guard", "config.toml:1:"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(SETTINGS, text);
        for line in [
            "exec dev -- true",
            "env dev",
            "credential-process dev",
            "token rds --host h --port 1 --user u -p dev",
        ] {
            run(&sandbox, line, "", "").exits(3).says(problem);
        }
        sandbox.awsx(&["whoami", "dev"]).ok().says("warning: ").says(problem);
    }
}

#[test]
fn explain_shows_what_guards_and_what_would_come_of_it() {
    let sandbox =
        sandbox("confirm = true\nexpected_account = [\"222222222222\", \"333333333333\"]");
    let ran = sandbox.awsx(&["explain", "readonly"]);
    ran.prints_each(&[
        "asks     for the name of the profile, typed",
        "guards   confirm (of readonly, ~/.config/awsx/config.toml:2)",
        "         expected_account 222222222222, 333333333333 (of readonly, ~/.config/awsx/config.toml:3)",
    ])
    .fails(5, &["of account 111111111111, but expected_account"]);
    let guards = sandbox.awsx(&["explain", "prod", "--json"]).ok().json()["guards"].take();
    assert_eq!(guards, serde_json::json!([]));
    let json = sandbox.awsx(&["explain", "readonly", "--json"]).exits(5).json();
    assert_eq!(json["guards"][1]["values"], serde_json::json!(["222222222222", "333333333333"]));
    assert_eq!(
        (&json["guards"][1]["key"], &json["guards"][1]["line"]),
        (&"expected_account".into(), &3.into())
    );
    assert_eq!(json["asks"], serde_json::json!(["confirm"]));
}

/// Each command that hands something over reads alone, or is refused before AWS is asked.
#[test]
fn what_reads_alone_is_narrowed_or_not_handed_over() {
    let sandbox = sandbox("read_only = true");
    for (name, line, stdin) in HANDS_OVER {
        let ran = run(&sandbox, line, "", stdin);
        let asked = sandbox.aws.calls();
        sandbox.aws.forget_calls();
        if name.starts_with("sts ") || name == "token eks" {
            assert!(asked.is_empty(), "{name}: {ran:?}");
            ran.exits(5)
                .says("profile \"readonly\" is to read alone (read_only, ")
                .says("`awsx exec`");
        } else if name != "exec" {
            // The session that exec made.
            assert!(asked.iter().all(|call| call.operation != "AssumeRole"), "{name}: {ran:?}");
        } else {
            let roles: Vec<_> =
                asked.iter().filter(|call| call.operation == "AssumeRole").collect();
            assert!(
                format!("{roles:?}").contains("arn:aws:iam::aws:policy/ReadOnlyAccess"),
                "{roles:?}"
            );
        }
    }
    let exec = |flags: &[&str]| sandbox.exec("readonly", flags);
    exec(&["--scope", "read:s3"]).ok();
    exec(&["--scope", "{}"])
        .exits(5)
        .says("scope {} may do more than read_only of profile \"readonly\"");
    exec(&["--no-session"]).exits(5).says("--no-session hands over the access keys themselves");
    sandbox
        .awsx(&["explain", "readonly"])
        .ok()
        .prints("narrowed to read")
        .prints("guards   read_only");
    sandbox.write(SETTINGS, "[guard.dev]\nread_only = true\n");
    sandbox.exec("dev", &[]).exits(3).says("config.toml:2: scope read needs a role to assume");
    sandbox.write(SETTINGS, "[guard.dev]\nread_only = [\"s3\", \"logs\"]\n");
    sandbox.exec("dev", &[]).ok();
    let narrowed = sandbox.aws.calls().pop().unwrap();
    assert_eq!(narrowed.operation, "GetScopedCredentials");
    assert!(format!("{narrowed:?}").contains("s3:"), "{narrowed:?}");
}

#[test]
fn a_reason_is_asked_once_a_session_and_sent_to_aws() {
    let sandbox = sandbox("reason = true");
    let question = "What readonly is used for, which CloudTrail shows: ";
    let exec = "awsx exec readonly -- true";
    let mut terminal = sandbox.sh_on_terminal(exec);
    terminal.expect(question).type_line("#12").expect("blanks and _.:/=+-@ alone");
    terminal.expect(question).type_line("ticket 12").end().ok();
    let role = sandbox.aws.calls().pop().unwrap();
    assert_eq!(role.operation, "AssumeRole");
    assert!(format!("{role:?}").contains("ticket 12"), "{role:?}");
    sandbox.aws.forget_calls();
    // It runs, and says why.
    sandbox.exec("readonly", &[]).ok();
    sandbox.awsx(&["credential-process", "readonly"]).ok();
    sandbox.exec("readonly", &["--reason", "ticket 12"]).ok();
    assert!(sandbox.aws.new_operations().is_empty());
    sandbox.exec("readonly", &["--reason", "ticket 13"]).ok();
    assert_eq!(sandbox.aws.new_operations(), ["AssumeRole"]);
    sandbox.exec("readonly", &["--refresh"]).exits(4).says("add --reason TEXT");
    sandbox.awsx(&["sessions", "clear", "readonly"]).ok();
    sandbox.exec("readonly", &[]).exits(4);
    sandbox
        .exec("readonly", &["--reason", "x"])
        .fails(2, &["--reason x: it is not 2 to 256 characters"]);
    sandbox
        .exec("readonly", &["--reason", "xx", "--scope-note", "yy"])
        .exits(2)
        .says("exclude each other");
    sandbox.exec("readonly", &["--scope-note", "ticket 14"]).ok();
    sandbox.aws.forget_calls();
    // Who assumes no role says it as the description of a scope.
    sandbox.exec("dev", &["--reason", "ticket 15"]).ok();
    let call = sandbox.aws.calls().pop().unwrap();
    assert_eq!(call.operation, "GetScopedCredentials");
    assert!(format!("{call:?}").contains("ticket 15"), "{call:?}");
    sandbox.awsx(&["explain", "readonly"]).ok().prints("asks     what it is used for");
}

fn journal(sandbox: &Sandbox) -> Vec<serde_json::Value> {
    let json = sandbox.awsx(&["audit", "--json"]).ok().json();
    json["entries"].as_array().unwrap().clone()
}

/// A line for each command that hands something over, and none for those that do not.
#[test]
fn every_handover_is_written_down() {
    let sandbox = sandbox("");
    let settings = sandbox.read(SETTINGS);
    sandbox.write(SETTINGS, &format!("audit = true\n{settings}"));
    sandbox.awsx(&["audit"]).ok().says("nothing was handed over");
    for (name, line, stdin) in HANDS_OVER {
        let before = journal(&sandbox).len();
        let ran = run(&sandbox, line, "", stdin);
        let entries = journal(&sandbox);
        // Nobody is there for ssh, which is found out when the session is made.
        let is_made = ran.code == 0 || name == "ssh";
        assert_eq!(entries.len(), before + usize::from(is_made), "{name}: {ran:?}");
        if is_made {
            let entry = entries.last().unwrap();
            assert_eq!((&entry["command"], &entry["profile"]), (&name.into(), &"readonly".into()));
            assert!(entry["until"].is_string() || name == "sts get-web-identity-token", "{entry}");
        }
    }
    for (_, line) in ANSWERS {
        let before = journal(&sandbox).len();
        run(&sandbox, line, "", "");
        assert_eq!(journal(&sandbox).len(), before, "{line}");
    }
    sandbox.set("CLAUDECODE", "1");
    sandbox
        .awsx(&["exec", "dev", "--scope", "read:s3", "--", "/bin/true", "planted-argument"])
        .ok();
    let entry = journal(&sandbox).pop().unwrap();
    for (field, value) in [
        ("profile", "dev"),
        ("command", "exec"),
        ("program", "true"),
        ("agent", "claude-code"),
        ("scope", "read:s3"),
        ("account", "111111111111"),
    ] {
        assert_eq!(entry[field], value, "{entry}");
    }
    let file = sandbox.state_dir().join("audit.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("planted-argument"), "{text}");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    sandbox
        .awsx(&["audit", "--since", "1h"])
        .ok()
        .prints("exec true (claude-code)")
        .prints("ReadOnly");
    // What cannot be written down is not handed over.
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let ran =
        sandbox.awsx(&["env", "readonly"]).fails(7, &["audit.jsonl cannot be written", "hint: "]);
    assert!(!ran.stdout.contains("ASIA"), "{ran:?}");
}

#[test]
fn many_processes_write_whole_lines() {
    let sandbox = sandbox("");
    sandbox.write(SETTINGS, "audit = true\n");
    sandbox.exec("readonly", &[]).ok();
    let args = ["exec", "readonly", "--", "true"];
    sandbox.together((0..30).map(|_| args)).ok();
    assert_eq!(journal(&sandbox).len(), 31);
    // A line that was torn costs no other one.
    let file = sandbox.state_dir().join("audit.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text[..text.len() - 20]).unwrap();
    sandbox.exec("readonly", &[]).ok();
    sandbox.awsx(&["audit", "--json"]).ok().says("one line of the journal cannot be read");
    assert_eq!(journal(&sandbox).len(), 31);
}
