//! `awsx ssh` to a real sshd: who gets what there, for how long, and what is left.

use std::path::Path;
use std::process::Command;

use crate::children;
use crate::given::{LOGGED_IN, SETTINGS, allow_at, sso_config, wait_for};
use crate::ran::Ran;
use crate::sandbox::{AWSX, PASSPHRASE, Sandbox};
use crate::terminal::{CTRL_C, Terminal};

const DEV: &str = "arn:aws:iam::111111111111:user/dev";
const READ_ONLY: &str = "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann";
const SSHD: &str = "/usr/sbin/sshd";

/// Notes where the files are over there.
const NOTE: &str = "echo $AWSX_SSH >> ~/places";

/// A home on the other machine, which has nothing of AWS, and an sshd for each connection.
pub(crate) struct Far<'a> {
    sandbox: &'a Sandbox,
}

impl<'a> Far<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox) -> Self {
        if rustix::process::geteuid().is_root() {
            // Debian makes it when the service starts.
            std::fs::create_dir_all("/run/sshd").unwrap();
        }
        let home = sandbox.home().to_str().unwrap();
        for name in ["host", "me"] {
            let file = sandbox.write(&format!("ssh/{name}"), "");
            std::fs::remove_file(&file).unwrap();
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&file);
            assert!(keygen.status().unwrap().success());
        }
        sandbox.write("far/.profile", "");
        sandbox.write_mode("planted/far", PASSPHRASE, 0o600);
        sandbox.write_mode("ssh/authorized", &sandbox.read("ssh/me.pub"), 0o600);
        sandbox.write(
            "ssh/known",
            &format!("build,build.example.com {}", sandbox.read("ssh/host.pub")),
        );
        sandbox.write(
            "ssh/config",
            &format!(
                "Host *\nIdentityFile {home}/ssh/me\nIdentitiesOnly yes\n\
                 UserKnownHostsFile {home}/ssh/known\nProxyCommand {SSHD} -i -f {home}/ssh/sshd\n"
            ),
        );
        let far = Self { sandbox };
        far.sshd("");
        far
    }

    /// The same on a loopback of its own, where the stand-in is reached through a port that the person forwards. Only
    /// the administrator of a machine can have that.
    fn apart(sandbox: &'a Sandbox) -> Option<Self> {
        let far = Self::new(sandbox);
        let mut unshare = sandbox.command("unshare");
        let ran = sandbox.run(unshare.args(["-n", "true"]), b"", true);
        if ran.code != 0 {
            return None;
        }
        sandbox.write("ssh/net", "ip link set lo up; exec \"$@\"\n");
        let at = sandbox.aws.url().strip_prefix("http://").unwrap().to_owned();
        let config = sandbox.read("ssh/config");
        let config = config.replace(SSHD, &format!("unshare -n sh ssh/net {SSHD}"));
        sandbox.write("ssh/config", &format!("{config}RemoteForward {at} {at}\n"));
        Some(far)
    }

    /// What sshd has to do besides.
    fn sshd(&self, more: &str) {
        let home = self.sandbox.home().to_str().unwrap();
        let path = self.sandbox.what_is_set("PATH");
        self.sandbox.write(
            "ssh/sshd",
            &format!(
                "HostKey {home}/ssh/host\nAuthorizedKeysFile {home}/ssh/authorized\nStrictModes no\n\
                 UsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nPidFile none\n\
                 SetEnv HOME={home}/far PATH={path} AWS_ENDPOINT_URL={} AWSX_VAULT=passphrase AWSX_PASSPHRASE_FILE={home}/planted/far \
                 AWS_METADATA_SERVICE_TIMEOUT=20\n{more}",
                self.sandbox.aws.url()
            ),
        );
    }

    /// `awsx ssh build PROFILES -- -F CONFIG MORE`
    fn words<'w>(&'w self, profiles: &[&'w str], more: &[&'w str]) -> Vec<&'w str> {
        [&["ssh", "--region", "us-east-2", "build"], profiles, &["--", "-F", "ssh/config"], more]
            .concat()
    }

    fn run(&self, profiles: &[&str], command: &str) -> Ran {
        let command = format!("{NOTE}; {command}");
        let ran = self.sandbox.awsx(&self.words(profiles, &["--", &command]));
        self.is_gone();
        ran
    }

    fn shell(&self, profiles: &[&str]) -> Terminal<'a> {
        self.sandbox.awsx_on_terminal(&self.words(profiles, &[]))
    }

    /// Nothing is left, here or there.
    fn is_gone(&self) {
        wait_for("the end of the sockets", || sockets(self.sandbox).is_empty().then_some(()));
        let places = std::fs::read_to_string(self.sandbox.home().join("far/places"));
        for place in places.unwrap_or_default().lines() {
            let place = Path::new(place).parent().unwrap();
            assert!(place.starts_with("/tmp") && place != Path::new("/tmp"), "{place:?}");
            wait_for("the end of the files", || (!place.exists()).then_some(()));
        }
    }
}

fn sockets(sandbox: &Sandbox) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(sandbox.state_dir().join("ssh"))
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default()
}

fn allow(sandbox: &Sandbox) {
    sandbox.write(SETTINGS, "[ssh]\n\"bui*\" = [\"dev\", \"read*\", \"prod\"]\n");
}

#[test]
fn programs_over_there_are_the_profile() {
    let sandbox = children::sandbox();
    allow(&sandbox);
    let far = Far::new(&sandbox);
    let who = "aws sts get-caller-identity";
    for (docs, profiles, command, arn) in [
        ("one profile", &["readonly"][..], who, READ_ONLY),
        ("version 2", &["readonly"], "aws2 sts get-caller-identity", READ_ONLY),
        ("awsx itself", &["readonly"], "awsx whoami --json", READ_ONLY),
        (
            "the second of two",
            &["readonly", "dev"],
            "sh $AWSX_SSH/dev aws sts get-caller-identity",
            DEV,
        ),
    ] {
        let said = far.run(profiles, command).ok();
        let found = said.json();
        let found = found["Arn"].as_str().or(found["arn"].as_str());
        assert_eq!(found, Some(arn), "{docs}: {said:?}");
    }
    let said = far.run(&["readonly"], "env; exit 7");
    assert_eq!(said.code, 7, "{said:?}");
    let has = |text: &str| said.stdout.contains(text);
    assert!(has("AWS_REGION=us-east-2") && has("AWS_EC2_METADATA_DISABLED=true"), "{said:?}");
    assert!(has("AWSX_PROFILE=readonly") && has("AWSX_CALLBACK_PORT="), "{said:?}");
    assert!(!has("AWS_ACCESS_KEY_ID") && !has("AWS_SECRET"), "{said:?}");
}

#[test]
fn a_person_has_a_shell_there() {
    let sandbox = Sandbox::new();
    let far = Far::new(&sandbox);
    let mut terminal = far.shell(&["readonly"]);
    terminal
        .expect(
            "Let build, and whoever administers it, use readonly while you are connected? [y/N]",
        )
        .type_line("y")
        .expect("build can use readonly while you are connected");
    terminal.type_line(NOTE);
    terminal.type_line("echo \"<$AWSX_PROFILE>\"").expect("<readonly>");
    let who = format!("{AWSX} whoami --json | grep -c ReadOnly; echo \"<\"done\">\"");
    terminal.type_line(&who).expect("<done>");
    // Interrupts go to what runs there.
    terminal.type_line("sh -c 'echo \"<\"runs\">\"; exec sleep 1000'").expect("<runs>");
    terminal.type_text(CTRL_C).type_line("echo \"<\"$?\">\"").expect("<130>");
    terminal.type_line("exit 3");
    assert_eq!(terminal.end().code, 3);
    far.is_gone();
    let mut terminal = far.shell(&["readonly"]);
    terminal.expect("[y/N]").type_line("n");
    assert_eq!(terminal.end().code, 130);
    let mut terminal = far.shell(&["readonly"]);
    terminal.expect("[y/N]").type_text(CTRL_C);
    assert_eq!(terminal.end().code, 130);
}

#[test]
fn what_cannot_be_is_said() {
    let sandbox = Sandbox::new();
    let far = Far::new(&sandbox);
    let unnamed = far.run(&["dev"], "true");
    assert_eq!(unnamed.code, 4, "{unnamed:?}");
    assert!(unnamed.stderr.contains("`\"build\" = [\"dev\"]` below [ssh]"), "{unnamed:?}");
    allow(&sandbox);
    let audit = far.run(&["audit"], "true");
    assert_eq!(audit.code, 5, "{audit:?}");
    assert!(audit.stderr.contains("does not let build use audit"), "{audit:?}");
    for (docs, sshd, words, code, said) in [
        ("a stranger", "DenyUsers *\n", "true", 6, "ssh did not connect to build"),
        ("no port", "AllowTcpForwarding local\n", "true", 6, "build forwards no port"),
        ("no shell", "ForceCommand echo no\n", "true", 6, "build does not run `sh` over ssh"),
        ("noise", "ForceCommand echo noise; eval \"$SSH_ORIGINAL_COMMAND\"\n", "exit 9", 9, ""),
    ] {
        far.sshd(sshd);
        let ran = far.run(&["readonly"], words);
        assert_eq!(ran.code, code, "{docs}: {ran:?}");
        assert!(ran.stderr.contains(said), "{docs}: {ran:?}");
    }
    far.sshd("");
    sandbox.write("far/.aws/credentials", "[default]\naws_access_key_id = a\n");
    let rival = far.run(&["readonly"], "true").ok();
    assert!(rival.stderr.contains("of its own for the profile default"), "{rival:?}");
    for (words, code, said) in [
        ("ssh build dev -- -N", 2, "-N cannot be given to ssh here"),
        ("ssh build dev -- aws s3 ls", 2, "\"aws\" is no argument of ssh"),
        ("ssh -- -p 1", 2, "HOST"),
        ("ssh me@-x dev", 2, "arguments of ssh stand behind"),
        ("ssh build readnope", 3, "\"readnope\""),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let ran = sandbox.awsx(&words);
        assert_eq!(ran.code, code, "{words:?}: {ran:?}");
        assert!(ran.stderr.contains(said), "{words:?}: {ran:?}");
    }
}

/// What is killed leaves nothing that works, and what comes next tidies up.
#[test]
fn killed_processes_leave_nothing() {
    let sandbox = Sandbox::new();
    allow(&sandbox);
    let far = Far::new(&sandbox);
    let mut ssh = sandbox
        .start(&far.words(&["readonly"], &["--", &format!("{NOTE}; echo ready >&2; sleep 1000")]));
    ssh.says("ready");
    ssh.kill();
    far.is_gone();
    drop(ssh);
}

/// The browser comes back to the port that is forwarded.
#[test]
fn a_login_over_there_ends_in_the_browser_here() {
    let sandbox = Sandbox::new();
    allow(&sandbox);
    let Some(far) = Far::apart(&sandbox) else {
        eprintln!("no network of its own is allowed here");
        return;
    };
    sandbox.write("far/.aws/config", &sso_config());
    let mut terminal = far.shell(&["readonly"]);
    terminal.type_line(NOTE).type_line(&format!("{AWSX} login sso corp"));
    terminal.expect("to log in to sso-session \"corp\", open\r\n");
    let page = terminal.next_line();
    let ports = |text: &str| {
        text.strip_prefix("http://127.0.0.1:")
            .map(|rest| rest.split('/').next().unwrap().to_owned())
    };
    let port = ports(&page).unwrap_or_else(|| panic!("{page}"));
    terminal.expect(&format!("http://127.0.0.1:{port}/"));
    allow_at(&page);
    terminal
        .expect(LOGGED_IN)
        .type_line("echo \"<$AWSX_CALLBACK_PORT>\"")
        .expect(&format!("<{port}>"));
    terminal.type_line("AWSX_CALLBACK_PORT=x awsx login sso corp".replace("awsx", AWSX).trim());
    terminal.expect("AWSX_CALLBACK_PORT is no port").type_line("exit 0").end().ok();
    far.is_gone();
}
