//! What makes awsx quick, as facts rather than times: which files it opens, and that it starts no
//! thread, makes no socket and asks no keychain where it need not. The times are those of
//! `cargo bench --bench startup`.

use crate::given::SETTINGS;
use crate::sandbox::{AWSX, CONFIG, Sandbox};

/// Every system call that opens, starts, connects or asks the kernel's keyring.
const CALLS: &str = "open,openat,socket,connect,clone,clone3,fork,vfork,execve,keyctl,add_key,\
                     request_key";

/// What awsx itself did, up to the command that it became.
#[derive(Debug)]
struct Trace {
    /// The files below the home directory, and others by their full path; the loader's are left out
    opened: Vec<String>,
    /// The names of all other calls, each once
    others: Vec<String>,
}

fn trace(sandbox: &Sandbox, args: &[&str]) -> Trace {
    let log = sandbox.home().join("planted-trace");
    let mut command = sandbox.command("strace");
    command
        .args(["-f", "-qq", "-s", "4096", "-e", "signal=none", "-e", &format!("trace={CALLS}")])
        .arg("-o")
        .arg(&log)
        .arg(AWSX)
        .args(args);
    sandbox.run(&mut command, b"", false).ok();
    let text = std::fs::read_to_string(&log).expect("strace wrote its log");
    let mut trace = Trace { opened: Vec::new(), others: Vec::new() };
    // The first line is awsx's own start; the next start, if there is one, the command's.
    let calls =
        text.lines().filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('('));
    for (name, arguments) in calls.skip(1).take_while(|(name, _)| *name != "execve") {
        if !name.starts_with("open") {
            if !trace.others.iter().any(|other| other == name) {
                trace.others.push(name.to_owned());
            }
            continue;
        }
        // A process without core dumps lets only root's strace see its strings.
        let path = arguments.split('"').nth(1).unwrap_or("(not shown)");
        let of_the_loader = path.starts_with("/etc/ld.so.") || path.contains(".so.");
        // Where the main thread's stack ends: std asks before `main`.
        if !of_the_loader && path != "/proc/self/maps" {
            let home = format!("{}/", sandbox.home().display());
            trace.opened.push(path.strip_prefix(&home).unwrap_or(path).to_owned());
        }
    }
    trace
}

impl Trace {
    fn assert_opened(&self, expected: &[&str]) {
        let fits = |(path, expected): (&String, &&str)| {
            path == "(not shown)"
                || match expected.split_once('*') {
                    Some((start, end)) => path.starts_with(start) && path.ends_with(end),
                    None => path == expected,
                }
        };
        let fits =
            self.opened.len() == expected.len() && self.opened.iter().zip(expected).all(fits);
        assert!(fits, "expected {expected:?}: {self:?}");
    }
}

const OWN: &str = ".config/awsx/config.toml";
const FILES: [&str; 2] = [".aws/config", ".aws/credentials"];
const SESSIONS: &str = ".local/state/awsx/sessions";
const RECORD: &str = ".local/state/awsx/sessions/*.rec";

/// What `exec` opens to write down that a command runs
const RUNNING: [&str; 2] = ["/proc/*/stat", ".local/state/awsx/running.jsonl"];

/// Each command that needs a session opens these files, and asks the kernel for a key.
fn assert_takes(sandbox: &Sandbox, profile: &str, opened: &[&str]) {
    for (args, more) in [
        (&["exec", profile, "--", "true"][..], &RUNNING[..]),
        (&["env", profile], &[]),
        (&["credential-process", profile], &[]),
    ] {
        let trace = trace(sandbox, args);
        trace.assert_opened(&[opened, more].concat());
        assert_eq!(trace.others, ["keyctl"], "{args:?}: {trace:?}");
    }
}

#[test]
fn commands_without_credentials_open_the_files_at_most() {
    let sandbox = Sandbox::new();
    sandbox.exec("readonly", &[]).ok();
    for (args, opened) in [
        (&["--version"][..], &[][..]),
        (&["--help"], &[]),
        (&["exec", "--help"], &[]),
        // The records' headers say until when a session is cached.
        (&["profiles"], &[FILES[0], FILES[1], SESSIONS, RECORD]),
        (&["profiles", "--json"], &[FILES[0], FILES[1], SESSIONS, RECORD]),
        (&["profiles", "--tree"], &[FILES[0], FILES[1], SESSIONS, RECORD]),
        (&["explain", "prod"], &[OWN, FILES[0], FILES[1], RECORD, RECORD]),
        (&["explain", "readonly"], &[OWN, FILES[0], FILES[1], RECORD, "/etc/localtime"]),
        (&["env", "--unset"], &[]),
    ] {
        let trace = trace(&sandbox, args);
        trace.assert_opened(opened);
        assert!(trace.others.is_empty(), "{args:?}: {trace:?}");
    }
}

/// Where nothing is in use, what the directory chooses is looked for in it and above.
#[test]
fn a_prompt_looks_for_the_file_of_the_directory() {
    let sandbox = Sandbox::new();
    let above = sandbox.home().ancestors().skip(1).map(|at| at.join(".awsx.toml"));
    let above = above.map(|file| file.display().to_string());
    let opened: Vec<String> = [".awsx.toml".to_owned()].into_iter().chain(above).collect();
    let trace = trace(&sandbox, &["prompt"]);
    trace.assert_opened(&opened.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(trace.others.is_empty(), "{trace:?}");
}

/// A prompt comes back after every command.
#[test]
fn a_prompt_reads_settings_alone() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_PROFILE", "readonly");
    for (args, env) in [
        (&["prompt"][..], None),
        (&["prompt", "--shell", "zsh"], Some("AWSX_ACCESS_KEY_ID")),
        (&["prompt", "--json"], None),
    ] {
        if let Some(mark) = env {
            let keys = "AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=x AWSX_PROFILE=dev";
            sandbox.set_all(keys);
            sandbox.set(mark, "A");
        }
        let trace = trace(&sandbox, args);
        trace.assert_opened(&[FILES[0], FILES[1], OWN]);
        assert!(trace.others.is_empty(), "{args:?}: {trace:?}");
    }
}

#[test]
fn a_cached_session_takes_its_record_and_the_kernels_key() {
    // A record is read once for its end, which is in clear text, and once for what is sealed.
    let files = [FILES[0], FILES[1], OWN, RECORD, RECORD];
    let with_choice = [FILES[0], FILES[1], OWN, RECORD, RECORD, ".local/state/awsx/unlocker"];
    for (vault, opened) in [("passphrase", &files[..]), ("kernel", &files), ("auto", &with_choice)]
    {
        let sandbox = Sandbox::new();
        // It would be asked if it were needed.
        sandbox.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        sandbox.set("AWSX_VAULT", vault);
        sandbox.exec("readonly", &[]).ok();
        sandbox.unset("AWSX_PASSPHRASE");
        assert_takes(&sandbox, "readonly", opened);
        sandbox.awsx(&["lock"]).ok();
    }
}

/// kubectl asks each time that it runs.
#[test]
fn a_kept_token_takes_its_record_and_the_kernels_key() {
    let sandbox = Sandbox::new();
    let args = ["token", "eks", "--cluster", "demo", "-p", "readonly"];
    sandbox.awsx(&args).ok();
    sandbox.unset("AWSX_PASSPHRASE");
    let trace = trace(&sandbox, &args);
    let record = ".local/state/awsx/tokens/*.rec";
    trace.assert_opened(&[FILES[0], FILES[1], OWN, record, record]);
    assert_eq!(trace.others, ["keyctl"], "{trace:?}");
}

/// The login behind a session is of no use to it; awsx's own settings may guard it.
#[test]
fn a_cached_session_of_a_login_takes_no_more() {
    for profile in ["sso", "old"] {
        let sandbox = Sandbox::new().sso_profiles().logged_in();
        sandbox.write(SETTINGS, "auto_login = false\n");
        sandbox.exec(profile, &[]).ok();
        // What is not opened is not missed either.
        std::fs::remove_dir_all(sandbox.home().join(".aws/sso")).unwrap();
        sandbox.unset("AWSX_PASSPHRASE");
        assert_takes(&sandbox, profile, &[FILES[0], FILES[1], OWN, RECORD, RECORD]);
    }
}

/// Its credentials are in the record of the sign-in itself.
#[test]
fn fresh_credentials_of_a_sign_in_take_its_record() {
    let sandbox = Sandbox::new().console(900, &[]);
    sandbox.write(SETTINGS, "auto_login = false\n");
    sandbox.exec("console", &[]).ok();
    sandbox.unset("AWSX_PASSPHRASE");
    let record = ".local/state/awsx/logins/*.rec";
    assert_takes(&sandbox, "console", &[FILES[0], FILES[1], OWN, record, record]);
}

#[test]
fn the_trace_sees_what_it_looks_for() {
    let sandbox = Sandbox::new();
    let trace = trace(&sandbox, &["exec", "readonly", "--", "true"]);
    for call in ["socket", "connect", "keyctl"] {
        assert!(trace.others.iter().any(|other| other == call), "{call}: {trace:?}");
    }
    sandbox.awsx(&["lock"]).ok();
}

/// Of many records each is opened and asked for its size, and nothing else is done for it.
#[test]
fn a_list_of_sessions_looks_at_its_folder_once() {
    let sandbox = Sandbox::new();
    let list = ["sessions", "list", "--json"];
    let calls = || {
        let mut command = sandbox.command("strace");
        command.args(["-f", "-qq", "-o", "planted-trace", "-e", "signal=none"]);
        command.args(["-e", "trace=%%stat,open,openat"]).arg(AWSX).args(list);
        sandbox.run(&mut command, b"", false).ok();
        sandbox.read("planted-trace").lines().count()
    };
    sandbox.exec("readonly", &[]).ok();
    let of_one = calls();
    let names: Vec<String> = (0..10).map(|n| format!("name-{n}")).collect();
    let more = names.iter().map(|name| ["exec", "readonly", "--session-name", name, "--", "true"]);
    sandbox.together(more).ok();
    assert_eq!(trace(&sandbox, &list).others, ["keyctl"]);
    assert_eq!(calls() - of_one, 2 * names.len(), "an open and a stat for each record");
}

#[test]
fn ten_thousand_profiles_are_listed() {
    let sandbox = Sandbox::new();
    let profiles = (0..10_000).map(|n| {
        format!(
            "[profile p{n}]\nrole_arn = arn:aws:iam::{n:012}:role/Administrator\n\
             source_profile = dev\nregion = eu-central-1\noutput = json\n"
        )
    });
    sandbox.config(&(CONFIG.to_owned() + &profiles.collect::<String>()));
    let listing = sandbox.awsx(&["profiles", "--json"]).ok().json();
    let profiles = listing["profiles"].as_object().unwrap();
    assert_eq!(profiles.len(), 10_004);
    let role = "arn:aws:iam::000000009999:role/Administrator";
    assert_eq!(profiles["p9999"]["settings"]["role_arn"], role);
    assert_eq!(profiles["p9999"]["source"], "assume-role");
    assert!(profiles.values().all(|profile| profile["problems"].as_array().unwrap().is_empty()));
    for flags in [&["profiles"][..], &["profiles", "--tree"]] {
        assert_eq!(sandbox.awsx(flags).ok().stdout.lines().count(), 10_004);
    }
    assert_eq!(sandbox.explain("p9999")["plan"][1]["role_arn"], role);
    sandbox.exec("readonly", &[]).ok();
}

/// Files that somebody made to keep awsx busy: each ends, in an error for whoever asks for such a profile.
#[test]
fn no_file_keeps_awsx_busy() {
    let sandbox = Sandbox::new();
    let deep = |key: &str, settings: &str| -> String {
        (0..1_000).map(|n| format!("[profile p{n}]\n{settings}{key} = p{}\n", n + 1)).collect()
    };
    let slips: String = (0..1_000)
        .map(|n| {
            format!("[profile workload-{n:04}]\nrole_arn = arn:aws:iam::111111111111:role/r\nsource_profile = workloads-{n:04}\n")
        })
        .collect();
    for (docs, config, profile, problem) in [
        (
            "roles behind roles",
            deep("source_profile", "role_arn = arn:aws:iam::111122223333:role/a\n"),
            "p0",
            "more than 100 profiles stand one behind the other, up to \"p100\"",
        ),
        (
            "includes",
            deep("include_profile", ""),
            "p0",
            "more than 100 profiles include one another",
        ),
        (
            "slips of the pen",
            slips,
            "workload-0000",
            "names \"workloads-0000\", which does not exist",
        ),
    ] {
        sandbox.config(&format!("{CONFIG}{config}"));
        sandbox.exec(profile, &[]).fails(3, &[problem, "hint: "]);
        for args in [&["profiles"][..], &["profiles", "--json"], &["profiles", "--tree"]] {
            let ran = sandbox.awsx(args).ok();
            assert!(ran.stdout.lines().count() >= 1_000, "{docs}: {args:?}");
        }
        sandbox.exec("readonly", &[]).ok();
    }
}

#[test]
fn broken_profiles_harm_no_others() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!(
        "{CONFIG}\
         [profile circle]\nrole_arn = arn:aws:iam::111122223333:role/a\nsource_profile = other\n\
         [profile other]\nrole_arn = arn:aws:iam::111122223333:role/a\nsource_profile = circle\n\
         [profile lost]\nrole_arn = arn:aws:iam::111111111111:role/x\nsource_profile = nowhere\n\
         [profile half]\naws_access_key_id = AKIAHALF\n\
         [profile odd]\nrole_arn = arn:aws:iam::111111111111:role/x\ncredential_source = Nothing\n\
         [profile included]\ninclude_profile = included\n\
         [profile twice]\nregion = a\nregion = b # c\n[profile twice]\n"
    ));
    sandbox.exec("readonly", &[]).ok().stderr_is(&[]);
    for name in ["circle", "lost", "half", "odd", "included"] {
        sandbox.exec(name, &[]).exits(3);
    }
}

#[test]
fn stored_keys_cost_the_header_of_each_profile_on_the_way() {
    const KEYS: &str = ".local/state/awsx/keys/*.rec";
    let sandbox = Sandbox::new();
    sandbox.credentials("");
    let sandbox = sandbox.with_stored_keys();
    sandbox.exec("readonly", &[]).ok();
    // Of `readonly` there are none; those of `dev` are not opened where a session is cached.
    assert_takes(&sandbox, "readonly", &[FILES[0], FILES[1], KEYS, KEYS, OWN, RECORD, RECORD]);
}
