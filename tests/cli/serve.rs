//! `awsx serve`: who gets what from it, when it renews, and what is left when it ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::children::{self, AWS_CLIS};
use crate::given::{SETTINGS, wait_for, wait_for_free};
use crate::ran::Ran;
use crate::running::Running;
use crate::sandbox::{AWSX, CONFIG, Sandbox};

const READ_ONLY: &str = "arn:aws:sts::111111111111:assumed-role/ReadOnly/";

/// A server that runs, and where.
struct Server<'a> {
    running: Running<'a>,
    port: u16,
    pid: u32,
}

/// An answer.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn read(mut stream: impl Read) -> Self {
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Sandbox {
    fn start_server<'a>(&'a self, arguments: &[&str]) -> Server<'a> {
        let mut running = self.start(&[&["serve"], arguments].concat());
        let line = running.says(" at http://");
        let (_, port) =
            line.split_once(" at http://127.0.0.1:").unwrap_or_else(|| panic!("{line}"));
        let port: u16 = port.split(';').next().unwrap().parse().unwrap();
        let servers = self.servers();
        let own = servers
            .iter()
            .find(|server| server["address"].as_str().unwrap().ends_with(&format!(":{port}")));
        let pid = own.unwrap_or_else(|| panic!("{servers:?}"))["pid"].as_u64().unwrap();
        Server { running, port, pid: pid.try_into().unwrap() }
    }

    /// What `--status` says.
    fn servers(&self) -> Vec<Value> {
        let status = self.awsx(&["serve", "--status", "--json"]).ok().json();
        status["servers"].as_array().unwrap().clone()
    }

    fn print_env(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(AWSX);
        command.args(["serve", "--print-env", "--format", "json"]).args(arguments);
        self.run(&mut command, b"", false)
    }

    /// The token and the path that a client of this profile gets.
    fn client(&self, profile: &str) -> (String, String) {
        let variables = self.print_env(&[profile]).ok().json();
        let value = |name: &str| variables[name].as_str().unwrap_or_else(|| panic!("{name}"));
        let uri = value("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        let path = uri.splitn(4, '/').nth(3).unwrap();
        (value("AWS_CONTAINER_AUTHORIZATION_TOKEN").to_owned(), format!("/{path}"))
    }

    /// Sets what `--print-env` prints for whatever runs in the sandbox.
    fn take_over(&self, profile: &str) {
        let variables = self.print_env(&[profile]).ok().json();
        for (name, value) in variables.as_object().unwrap() {
            self.set(name, value.as_str().unwrap());
        }
    }

    fn sockets(&self) -> usize {
        let found = std::fs::read_dir(self.state_dir().join("servers"));
        found.map_or(0, Iterator::count)
    }
}

impl Server<'_> {
    fn ask(&self, head: &str) -> Answer {
        let port = self.port;
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = format!("{head}\r\nHost: 127.0.0.1:{port}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        Answer::read(stream)
    }

    fn ask_for(&self, (token, path): &(String, String)) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nAuthorization: {token}"))
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Ends it as Ctrl-C does.
    fn end(self) -> Ran {
        self.signal(Signal::INT);
        self.running.end().exits(130)
    }
}

/// What was made for one client is in memory for the next one.
#[test]
fn a_full_disk_costs_the_cache_never_an_answer() {
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| state.iam.longest_session = Some(16));
    sandbox.break_disk_at(".local", "write=28");
    let server = sandbox.start_server(&["readonly"]);
    sandbox.mend_disk();
    let client = sandbox.client("readonly");
    let key = || {
        let answer = server.ask_for(&client);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["AccessKeyId"].clone()
    };
    let first = key();
    wait_for("a renewal", || (key() != first).then_some(()));
    assert_eq!(sandbox.aws.count("AssumeRole"), 2);
    assert_eq!(key(), key());
    server.end().says("No space left on device");
}

#[test]
fn each_client_gets_the_profile_of_its_token_and_no_other() {
    let sandbox = Sandbox::new();
    let server = sandbox.start_server(&["dev", "readonly"]);
    let (dev, readonly) = (sandbox.client("dev"), sandbox.client("readonly"));
    assert_eq!((&*dev.1, &*readonly.1), ("/profile/dev", "/profile/readonly"));
    for (docs, token, path, status) in [
        ("its own", &dev.0, &dev.1, 200),
        ("the other", &readonly.0, &readonly.1, 200),
        ("with another's token", &dev.0, &readonly.1, 404),
        ("with none", &String::new(), &dev.1, 401),
    ] {
        let answer = server.ask_for(&(token.clone(), path.clone()));
        assert_eq!(answer.status, status, "{docs}: {}", answer.body);
        assert_eq!(answer.body.contains("SecretAccessKey"), status == 200, "{docs}");
        assert!(answer.head.contains("cache-control: no-store"), "{docs}: {}", answer.head);
    }
    let document = server.ask_for(&dev).json();
    assert!(document["AccessKeyId"].as_str().unwrap().starts_with("ASIA"), "{document}");
    assert!(document["Token"].is_string() && document["Expiration"].is_string(), "{document}");
    // Each has a token of its own.
    assert_ne!(sandbox.client("dev").0, dev.0);
    let made = sandbox.aws.operations().len();
    (0..20).for_each(|_| assert_eq!(server.ask_for(&readonly).status, 200));
    assert_eq!(sandbox.aws.operations().len(), made, "AWS is asked once");

    let [status] = &sandbox.servers()[..] else { panic!("one runs") };
    let answered: Vec<_> = status["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap().to_owned(), one["answered"].as_u64().unwrap()))
        .collect();
    assert_eq!(answered, [("dev".to_owned(), 2), ("readonly".to_owned(), 21)]);
    sandbox.awsx(&["serve", "--status"]).ok().prints("readonly  http://127.0.0.1:");
    server.end();
}

#[test]
fn real_programs_ask_it() {
    let sandbox = children::sandbox();
    sandbox.set("AWS_REGION", "eu-west-1");
    let server = sandbox.start_server(&["readonly"]);
    sandbox.take_over("readonly");
    // They do not notice who else has come.
    let silent: Vec<TcpStream> = (0..1000)
        .map(|n| {
            let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
            let _ =
                stream.write_all(&b"GET /profile/readonly HTTP/1.1\r\nAuthorization: "[..n % 48]);
            stream
        })
        .collect();
    let who = children::javascript(&sandbox).ok().json();
    assert!(who["Arn"].as_str().unwrap().starts_with(READ_ONLY), "{who}");
    let who = children::boto3(&sandbox).ok().json();
    assert!(who["arn"].as_str().unwrap().starts_with(READ_ONLY), "{who}");
    assert_eq!(who["method"], "container-role", "{who}");
    for aws in AWS_CLIS {
        let who = children::run(&sandbox, &[aws, "sts", "get-caller-identity"]).ok().json();
        assert!(who["Arn"].as_str().unwrap().starts_with(READ_ONLY), "{aws}: {who}");
    }
    drop(silent);
    server.end();
}

/// The second version, and none before; for the AWS CLI and boto3 an instance like any other.
#[test]
fn it_is_an_instance_to_those_who_ask_for_one() {
    let sandbox = children::sandbox();
    let server = sandbox.start_server(&["dev", "--imds"]);
    let keys = "/latest/meta-data/iam/security-credentials";
    assert_eq!(server.ask(&format!("GET {keys}/ HTTP/1.1")).status, 401);
    assert_eq!(server.ask(&format!("GET {keys}/dev HTTP/1.1")).status, 401);
    let put = "PUT /latest/api/token HTTP/1.1";
    assert_eq!(server.ask(put).status, 400);
    let ttl = "X-aws-ec2-metadata-token-ttl-seconds: 60";
    assert_eq!(server.ask(&format!("{put}\r\n{ttl}\r\nX-Forwarded-For: 1.2.3.4")).status, 403);
    let token = server.ask(&format!("{put}\r\n{ttl}")).body;
    let token = format!("X-aws-ec2-metadata-token: {token}");
    for (path, expected) in [
        (format!("{keys}/"), "dev"),
        ("/latest/meta-data/placement/region".into(), "eu-west-1"),
        ("/latest/meta-data/placement/availability-zone".into(), "eu-west-1a"),
    ] {
        assert_eq!(server.ask(&format!("GET {path} HTTP/1.1\r\n{token}")).body, expected);
    }
    let document = server.ask(&format!("GET {keys}/dev HTTP/1.1\r\n{token}")).json();
    assert_eq!((&document["Code"], &document["Type"]), (&"Success".into(), &"AWS-HMAC".into()));
    let document = "/latest/dynamic/instance-identity/document";
    let document = server.ask(&format!("GET {document} HTTP/1.1\r\n{token}")).json();
    assert_eq!(document["region"], "eu-west-1");

    sandbox.take_over("dev");
    children::javascript(&sandbox).ok();
    let who = children::boto3(&sandbox).ok().json();
    assert_eq!(
        (&who["method"], &who["region"]),
        (&"iam-role".into(), &"eu-west-1".into()),
        "{who}"
    );
    for aws in AWS_CLIS {
        children::run(&sandbox, &[aws, "sts", "get-caller-identity"]).ok();
    }
    server.end();
    sandbox
        .awsx(&["serve", "dev", "readonly", "--imds"])
        .fails(2, &["an instance has one profile"]);
}

#[test]
fn nothing_is_left_when_it_ends() {
    let sandbox = Sandbox::new();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let socket = sandbox.home().join("private/s");
        let server = sandbox.start_server(&["dev", "--socket", socket.to_str().unwrap()]);
        assert_eq!(sandbox.sockets(), 1);
        let port = server.port;
        server.signal(signal);
        server.running.end().exits(128 + signal.as_raw());
        assert_eq!((sandbox.sockets(), socket.exists()), (0, false), "{signal:?}");
        wait_for_free(port);
    }
    let server = sandbox.start_server(&["dev"]);
    server.signal(Signal::KILL);
    server.running.end();
    assert_eq!(sandbox.sockets(), 1);
    assert!(sandbox.servers().is_empty());
    assert_eq!(sandbox.sockets(), 0, "what a killed one left is swept");
    sandbox.print_env(&["dev"]).fails(8, &["no server runs that has the profile \"dev\""]);
}

#[test]
fn it_ends_when_nobody_asks_any_more() {
    let sandbox = Sandbox::new();
    let server = sandbox.start_server(&["dev", "--idle-timeout", "1s"]);
    server.running.end().exits(0);
    assert_eq!(sandbox.sockets(), 0);
}

#[test]
fn a_changed_file_counts_at_once() {
    let sandbox = Sandbox::new();
    let server = sandbox.start_server(&["readonly", "dev"]);
    let (client, dev) = (sandbox.client("readonly"), sandbox.client("dev"));
    let key = || server.ask_for(&client).json()["AccessKeyId"].clone();
    let first = key();
    assert_eq!(key(), first);
    let changed = CONFIG.replace("role/ReadOnly", "role/Elsewhere");
    sandbox.config(&changed);
    wait_for("what the new role gives", || {
        let answer = server.ask_for(&client);
        let is_refused = answer.status == 503 && !answer.body.contains("made anew");
        is_refused.then(|| assert!(answer.body.contains("Elsewhere"), "{}", answer.body))
    });
    assert_eq!(server.ask_for(&dev).status, 200, "the other is as it was");
    let gone = CONFIG.split("[profile readonly]").next().unwrap();
    sandbox.config(gone);
    wait_for("a refusal", || {
        let answer = server.ask_for(&client);
        answer.body.contains("is in neither").then(|| assert_eq!(answer.status, 503))
    });
    sandbox.config(CONFIG);
    let again = wait_for("the first role", || {
        let answer = server.ask_for(&client);
        (answer.status == 200).then(|| answer.json()["AccessKeyId"].clone())
    });
    assert_eq!(again, first, "the session is in the vault");
    server.end();
}

#[test]
fn a_socket_is_for_the_person_alone() {
    let sandbox = Sandbox::new();
    let path = sandbox.home().join("private/s");
    let server = sandbox.start_server(&["dev", "--socket", path.to_str().unwrap()]);
    let mode = |path: &Path| path.symlink_metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let (token, target) = sandbox.client("dev");
    for (host, status) in [("localhost:2222", 200), ("127.0.0.1", 200), ("evil.example:2222", 400)]
    {
        let mut stream = UnixStream::connect(&path).unwrap();
        let head =
            format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        assert_eq!(Answer::read(stream).status, status, "{host}");
    }
    server.end();
    let open = sandbox.home().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
    let ran = sandbox.awsx(&["serve", "dev", "--socket", open.join("s").to_str().unwrap()]);
    ran.fails(1, &["no socket can be made at", "others may open"]);
    assert_eq!(sandbox.sockets(), 0);
}

#[test]
fn two_run_at_once() {
    let sandbox = Sandbox::new();
    let first = sandbox.start_server(&["dev"]);
    let taken = first.port.to_string();
    sandbox
        .awsx(&["serve", "dev", "--port", &taken])
        .fails(3, &["cannot be listened on", "--port"]);
    let second = sandbox.start_server(&["dev", "readonly"]);
    assert_eq!(sandbox.servers().len(), 2);
    let of_first = sandbox.print_env(&[]).fails(2, &["several profiles are served"]);
    drop(of_first);
    let readonly = sandbox.client("readonly");
    assert_eq!(second.ask_for(&readonly).status, 200);
    assert_eq!(first.ask_for(&readonly).status, 401);
    second.end();
    let only = sandbox.print_env(&[]).ok().json();
    assert_eq!(only["AWSX_PROFILE"], "dev");
    first.end();
}

/// The person confirms when it begins, and when somebody is let in.
#[test]
fn guards_hold_for_it_and_for_its_clients() {
    let sandbox = Sandbox::new();
    sandbox.write(
        SETTINGS,
        "audit = true\n[guard.readonly]\nconfirm = true\n[agents]\ndeny = \"dev\"\n",
    );
    sandbox.awsx(&["serve", "readonly"]).fails(4, &["is to be confirmed"]);
    let server = sandbox.start_server(&["readonly", "dev", "--yes-i-mean", "readonly"]);
    sandbox.print_env(&["readonly"]).fails(4, &["is to be confirmed"]);
    sandbox.print_env(&["readonly", "--yes-i-mean", "readonly"]).ok();
    sandbox.print_env(&["dev"]).ok();
    sandbox.set("AWSX_CALLER", "agent");
    sandbox.print_env(&["dev"]).fails(5, &["agent"]);
    sandbox.unset("AWSX_CALLER");
    let audit = sandbox.awsx(&["audit", "--json"]).ok().json();
    let by: Vec<_> = audit["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!("{} {}", one["command"].as_str().unwrap(), one["profile"].as_str().unwrap())
        })
        .collect();
    assert_eq!(by, ["serve readonly", "serve dev", "serve readonly", "serve dev"]);
    server.end();
}

#[test]
fn no_address_is_served_that_sdks_refuse() {
    let sandbox = Sandbox::new();
    for address in ["0.0.0.0", "172.17.0.1", "192.168.1.1", "::", "169.254.169.254"] {
        let ran = sandbox.awsx(&["serve", "dev", "--address", address]);
        ran.fails(2, &["SDKs send http to no address such as", "169.254.170.2"]);
    }
    sandbox
        .awsx(&["serve", "dev", "--imds", "--address", "169.254.170.2"])
        .fails(2, &["169.254.169.254"]);
}

#[test]
fn a_unit_runs_the_same_line() {
    let sandbox = Sandbox::new();
    let ran = sandbox.awsx(&["serve", "dev", "my profile", "--install=systemd"]).ok();
    ran.prints("awsx serve dev \"my profile\"\n").says("systemctl --user enable --now awsx-serve");
    let ran = sandbox.awsx(&["serve", "dev", "--install=launchd"]).ok();
    ran.prints("<string>dev</string>").says("launchctl bootstrap");
}
