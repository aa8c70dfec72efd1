//! A person at a real browser: a headless Chromium that awsx opens, what it shows, and what is
//! clicked in it.
//!
//! It is driven by the DevTools protocol through two named pipes: JSON messages, each ended by a NUL.
//! Its profile is the sandbox's, and no name leads it off this machine. `.ci/run` puts `chromium` into
//! `target/ci`; what is not there fails these tests.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// A bound for a hanging test; nothing is measured against it.
const PATIENCE: Duration = Duration::from_secs(90);

/// What awsx starts with the address as its last argument; `$0` is the script, and all files are beside it. Its
/// standard error is of use only where it did not start.
const SCRIPT: &str = r#"
here=$(dirname "$0")
echo $$ > "$here/pid"
exec 3<> "$here/commands" 4<> "$here/messages" 2> "$here/log"
exec "$here/chromium" --headless=new --remote-debugging-pipe --user-data-dir="$here/profile" \
    --no-sandbox --disable-gpu --disable-dev-shm-usage --password-store=basic \
    --no-first-run --no-default-browser-check --disable-background-networking --disable-sync \
    --disable-component-update --disable-default-apps --disable-breakpad --no-proxy-server \
    --host-resolver-rules='MAP * ~NOTFOUND , EXCLUDE 127.0.0.1' "$@"
"#;

/// The browser of a sandbox, and its page.
pub(crate) struct Chromium {
    directory: PathBuf,
    commands: File,
    messages: File,
    unread: Vec<u8>,
    last_id: u64,
    /// What DevTools calls the connection to the page
    page: Option<String>,
    problems: Vec<String>,
}

impl Chromium {
    /// Makes it the browser that awsx opens in this sandbox, once.
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci/bin/chromium");
        assert!(program.exists(), "{} is needed: `.ci/run` makes it", program.display());
        // Below `planted`, which is not searched for secrets: a history holds the addresses that the
        // browser was at, and with them codes that are used up.
        let script = sandbox.write("planted/chromium/open.sh", SCRIPT);
        let directory = script.parent().unwrap().to_owned();
        std::os::unix::fs::symlink(program, directory.join("chromium")).unwrap();
        let pipe = |name: &str, options: &mut OpenOptions| {
            let path = directory.join(name);
            mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
            // Waits for nobody at the other end.
            options.custom_flags(OFlags::NONBLOCK.bits().try_into().unwrap()).open(path).unwrap()
        };
        let commands = pipe("commands", OpenOptions::new().read(true).write(true));
        let messages = pipe("messages", OpenOptions::new().read(true));
        sandbox.set("AWSX_BROWSER", &format!("sh {}", script.display()));
        Self {
            directory,
            commands,
            messages,
            unread: Vec::new(),
            last_id: 0,
            page: None,
            problems: Vec::new(),
        }
    }

    /// Opens a file, as awsx opens an address.
    pub(crate) fn opens(&mut self, sandbox: &Sandbox, file: &Path) -> &mut Self {
        let mut browser = sandbox.command("setsid");
        browser.args(["-f", "sh"]).arg(self.directory.join("open.sh"));
        browser.arg(format!("file://{}", file.display()));
        assert!(browser.status().unwrap().success());
        self
    }

    /// Waits until the page that awsx has opened, or what it led to, has this heading.
    pub(crate) fn shows(&mut self, heading: &str) -> &mut Self {
        self.meet();
        let loaded =
            "document.readyState === 'complete' && document.querySelector('h1')?.innerText";
        // Either it is so, or the load event is still to come.
        while self.evaluate(loaded).is_none_or(|found| found != heading) {
            self.take_message();
        }
        self
    }

    /// What the page answers to an expression of JavaScript.
    pub(crate) fn finds(&mut self, expression: &str) -> Value {
        self.evaluate(expression)
            .unwrap_or_else(|| panic!("{expression} has no value; {:?}", self.problems))
    }

    /// Clicks in the middle of the element, with the mouse.
    pub(crate) fn clicks(&mut self, selector: &str) -> &mut Self {
        let middle = self.finds(&format!(
            "(() => {{ const at = document.querySelector('{selector}').getBoundingClientRect();
                return [at.x + at.width / 2, at.y + at.height / 2]; }})()"
        ));
        for event in ["mousePressed", "mouseReleased"] {
            let (x, y) = (&middle[0], &middle[1]);
            let click = json!({ "type": event, "x": x, "y": y, "button": "left", "clickCount": 1 });
            // A page that the click has left answers no more.
            let _ = self.answer("Input.dispatchMouseEvent", click);
        }
        self
    }

    /// Types an address.
    pub(crate) fn goes_to(&mut self, url: &str) -> &mut Self {
        self.answer("Page.navigate", json!({ "url": url })).unwrap();
        self
    }

    /// Where "back" and "forward" lead, and the page itself.
    pub(crate) fn history(&mut self) -> Vec<String> {
        let history = self.answer("Page.getNavigationHistory", json!({})).unwrap();
        let entries = history["entries"].as_array().unwrap();
        entries.iter().map(|entry| entry["url"].as_str().unwrap().to_owned()).collect()
    }

    /// Closes it; what its console has told of errors and warnings, also what a policy forbade.
    pub(crate) fn closes(mut self) -> Vec<String> {
        // What came before this answer has been told.
        self.finds("true");
        self.page = None;
        let (_, process) = self.process().expect("it has just answered");
        let _ = self.answer("Browser.close", json!({}));
        self.wait_for_end(&process);
        std::mem::take(&mut self.problems)
    }

    /// Connects to the first page, if that is still to be done.
    fn meet(&mut self) {
        if self.page.is_some() {
            return;
        }
        self.answer("Target.setDiscoverTargets", json!({ "discover": true })).unwrap();
        let target = loop {
            let targets = self.answer("Target.getTargets", json!({})).unwrap();
            let mut targets = targets["targetInfos"].as_array().unwrap().iter();
            if let Some(page) = targets.find(|target| {
                let url = target["url"].as_str().unwrap();
                let is_opened = ["http:", "file:"].iter().any(|scheme| url.starts_with(scheme));
                target["type"] == "page" && is_opened
            }) {
                break page["targetId"].clone();
            }
            self.take_message();
        };
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = self.answer("Target.attachToTarget", attach).unwrap();
        self.page = Some(attached["sessionId"].as_str().unwrap().to_owned());
        // `Log` and `Runtime` also tell what was before they were asked.
        for domain in ["Page", "Runtime", "Log"] {
            self.answer(&format!("{domain}.enable"), json!({})).unwrap();
        }
    }

    /// The value of an expression, or nothing where the page is changing under it.
    fn evaluate(&mut self, expression: &str) -> Option<Value> {
        let ask = json!({ "expression": expression, "returnByValue": true });
        let mut answer = self.answer("Runtime.evaluate", ask).ok()?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            panic!("{expression}: {thrown}");
        }
        Some(answer["result"]["value"].take())
    }

    /// What DevTools answers to a command, which is the page's once there is one.
    fn answer(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.last_id += 1;
        let mut command = json!({ "id": self.last_id, "method": method, "params": params });
        if let Some(page) = &self.page {
            command["sessionId"] = json!(page);
        }
        self.commands.write_all(format!("{command}\0").as_bytes()).unwrap();
        loop {
            let mut message = self.take_message();
            if message["id"] == self.last_id {
                return match message.get_mut("error") {
                    Some(error) => Err(error.take()),
                    None => Ok(message["result"].take()),
                };
            }
        }
    }

    /// The next message; a problem is noted.
    fn take_message(&mut self) -> Value {
        let message = self.next_message().unwrap_or_else(|| {
            let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            panic!("Chromium is gone: {log}")
        });
        self.problems.extend(problem(&message));
        message
    }

    /// The next message, or nothing once the browser has ended.
    fn next_message(&mut self) -> Option<Value> {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == 0) {
                let message: Vec<u8> = self.unread.drain(..=end).collect();
                return Some(serde_json::from_slice(&message[..end]).unwrap());
            }
            wait_for(PollFd::new(&self.messages, PollFlags::IN));
            let mut chunk = [0; 65536];
            match self.messages.read(&mut chunk) {
                Ok(0) => return None,
                Ok(count) => self.unread.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The browser's process, where awsx has started one that was not waited for yet.
    fn process(&self) -> Option<(Pid, OwnedFd)> {
        let text = std::fs::read_to_string(self.directory.join("pid")).ok()?;
        let pid = Pid::from_raw(text.trim().parse().ok()?)?;
        Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?))
    }

    /// Until the end it writes into its profile.
    fn wait_for_end(&self, process: &OwnedFd) {
        wait_for(PollFd::new(process, PollFlags::IN));
        std::fs::remove_file(self.directory.join("pid")).unwrap();
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Where a test failed it may still run; awsx has made it the leader of a group.
        if let Some((pid, process)) = self.process() {
            let _ = kill_process_group(pid, Signal::KILL);
            self.wait_for_end(&process);
        }
    }
}

/// What a message tells of errors and warnings in the page: its own, or the browser's about it.
fn problem(message: &Value) -> Option<String> {
    let told = &message["params"];
    match message["method"].as_str()? {
        "Log.entryAdded" => {
            let entry = &told["entry"];
            let text = || format!("{}: {}", entry["source"], entry["text"]).replace('"', "");
            ["error", "warning"].iter().any(|level| entry["level"] == *level).then(text)
        }
        "Runtime.consoleAPICalled" => {
            let is_one = ["error", "warning", "assert"].iter().any(|kind| told["type"] == *kind);
            is_one.then(|| told.to_string())
        }
        "Runtime.exceptionThrown" => Some(told.to_string()),
        _ => None,
    }
}

fn wait_for(file: PollFd<'_>) {
    let patience = Timespec::try_from(PATIENCE).unwrap();
    let ready = poll(&mut [file], Some(&patience)).unwrap();
    assert_ne!(ready, 0, "Chromium did nothing for {PATIENCE:?}");
}
