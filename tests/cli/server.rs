//! `awsx exec --server`: who asks the server, what becomes of a session that ends, and that nothing stays behind.

mod person;
mod programs;
mod renewal;
mod signals;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use crate::given::{wait_for, wait_for_free};
use crate::ran::Ran;
use crate::running::Running;
use crate::sandbox::{AWSX, Sandbox};

/// The command waits for this file, as long as its sandbox is there.
const UNTIL: &str = "while test -d planted && ! test -e planted/enough; do sleep 0.02; done";

/// A server, as its command knows it.
#[derive(Clone, Debug)]
struct Address {
    port: u16,
    path: String,
    token: String,
}

impl Address {
    /// From the lines of `env`.
    fn read(lines: &str) -> Self {
        let value = |name: &str| {
            let found = lines.lines().find_map(|line| line.trim_end().strip_prefix(name));
            found.unwrap_or_else(|| panic!("{name} is not in {lines}")).to_owned()
        };
        let uri = value("AWS_CONTAINER_CREDENTIALS_FULL_URI=");
        let (port, path) = uri
            .strip_prefix("http://127.0.0.1:")
            .and_then(|rest| rest.split_once('/'))
            .unwrap_or_else(|| panic!("{uri}"));
        let token = value("AWS_CONTAINER_AUTHORIZATION_TOKEN=");
        Self { port: port.parse().unwrap(), path: format!("/{path}"), token }
    }

    /// The status and the document; none where nobody listens.
    fn ask(&self) -> Option<(u16, serde_json::Value)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let Self { port, path, token } = self;
        let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n");
        let request = format!("{head}Authorization: {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.get(9..12)?.parse().ok()?, serde_json::from_str(body).ok()?))
    }

    /// The key that is handed over.
    fn key(&self) -> String {
        let (status, document) = self.ask().expect("the server runs");
        assert_eq!(status, 200, "{document}");
        document["AccessKeyId"].as_str().unwrap().to_owned()
    }
}

impl Sandbox {
    /// `awsx exec --server PROFILE -- sh -c LINE`, which runs until its input ends, and where its server is.
    /// LINE comes behind `env`.
    fn serve<'a>(&'a self, profile: &str, line: &str) -> Served<'a> {
        let file = self.home().join("planted/server");
        std::fs::create_dir_all(self.home().join("planted")).unwrap();
        let _ = std::fs::remove_file(&file);
        let line = self.marked(&format!(
            "env > planted/server.new; mv planted/server.new planted/server; {line}"
        ));
        let mut command = self.command(AWSX);
        command.args(["exec", "--server", profile, "--", "sh", "-c", &line]);
        let running = Running::start(self, &mut command, b"", true);
        let lines = wait_for("the command", || std::fs::read_to_string(&file).ok());
        let address = Address::read(&lines);
        self.plant(&address.token);
        Served { sandbox: self, running, address }
    }

    /// A line of a shell by which [`Self::processes`] knows who runs it.
    fn marked(&self, line: &str) -> String {
        format!("{line} # {}", self.home().display())
    }

    /// The processes that were started with a word that has the path of this home.
    fn processes(&self) -> Vec<PathBuf> {
        let home = self.home().as_os_str().as_encoded_bytes();
        let is_of_home = |process: &PathBuf| {
            let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
            line.windows(home.len()).any(|part| part == home)
        };
        let all = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
        all.filter(|path| path.join("cmdline").exists()).filter(is_of_home).collect()
    }

    fn nothing_runs(&self) {
        wait_for("the end of all processes", || self.processes().is_empty().then_some(()));
    }

    /// Waits until nothing of a server is left: no process, port, or file that says whom it waits for.
    fn nothing_is_left(&self, address: &Address) {
        self.nothing_runs();
        wait_for_free(address.port);
        assert!(self.records("waiting").is_empty());
    }
}

/// A command with its server.
struct Served<'a> {
    sandbox: &'a Sandbox,
    running: Running<'a>,
    address: Address,
}

impl Served<'_> {
    fn end(self) -> Ran {
        let ran = self.running.end();
        self.sandbox.nothing_is_left(&self.address);
        ran
    }
}
