//! A desktop session in a sandbox: a private D-Bus and a real gnome-keyring on it.
//!
//! The bus starts nothing by itself: no keyring of the machine's own, no dialog.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use crate::sandbox::{PASSPHRASE, Sandbox};

/// The bus, and what else belongs to the session; all of it ends with this.
pub(crate) struct Desktop<'a> {
    sandbox: &'a Sandbox,
    bus: Child,
    keyring: Option<Child>,
}

impl Sandbox {
    /// A bus with an open keyring on it, and the variables that name it.
    pub(crate) fn desktop(&self) -> Desktop<'_> {
        let run = self.home().join("run");
        std::fs::create_dir(&run).unwrap();
        std::fs::set_permissions(&run, PermissionsExt::from_mode(0o700)).unwrap();
        let address = format!("unix:path={}/bus", run.display());
        let conf = self.write(
            "run/bus.conf",
            &format!(
                "<busconfig><type>session</type><listen>{address}</listen>\
                 <policy context='default'><allow send_destination='*' eavesdrop='true'/>\
                 <allow eavesdrop='true'/><allow own='*'/></policy></busconfig>"
            ),
        );
        // Before anything starts on the bus: a keyring finds its files by these.
        self.set("XDG_RUNTIME_DIR", run.to_str().unwrap());
        self.set("DBUS_SESSION_BUS_ADDRESS", &address);
        let mut daemon = self.command("dbus-daemon");
        daemon.args(["--nofork", "--nopidfile", "--print-address", "--config-file"]).arg(conf);
        let mut bus = spawn(daemon.stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut ready = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert!(ready.starts_with("unix:"), "dbus-daemon did not start: {ready:?}");
        let mut desktop = Desktop { sandbox: self, bus, keyring: None };
        desktop.start_keyring();
        desktop
    }
}

impl Desktop<'_> {
    /// Starts gnome-keyring with its login collection open.
    pub(crate) fn start_keyring(&mut self) {
        let mut daemon = self.sandbox.command("gnome-keyring-daemon");
        daemon.args(["--foreground", "--unlock", "--components=secrets"]);
        daemon.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut keyring = spawn(&mut daemon);
        keyring.stdin.take().unwrap().write_all(PASSPHRASE.as_bytes()).unwrap();
        self.keyring = Some(keyring);
        let bus = "org.freedesktop.DBus";
        let question = ["/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"];
        while !self.send(bus, &question).contains("boolean true") {
            let ended = self.keyring.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "gnome-keyring-daemon did not start: {ended:?}");
            std::thread::yield_now();
        }
    }

    pub(crate) fn stop_keyring(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            let _ = keyring.kill();
            let _ = keyring.wait();
        }
    }

    /// Locks the collection, as a screen lock may do.
    pub(crate) fn lock_keyring(&self) {
        let collection = "array:objpath:/org/freedesktop/secrets/collection/login";
        let lock = ["/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", collection];
        let answer = self.send("org.freedesktop.secrets", &lock);
        assert!(answer.contains("collection/login"), "{answer}");
    }

    /// How many items of awsx there are.
    pub(crate) fn items(&self) -> usize {
        self.search().matches("label = ").count()
    }

    /// What the keyring shows of awsx's items.
    fn search(&self) -> String {
        let mut search = self.sandbox.command("secret-tool");
        let found = search.args(["search", "--all", "service", "awsx"]).output().unwrap();
        String::from_utf8([found.stdout, found.stderr].concat()).unwrap()
    }

    pub(crate) fn remove_items(&self) {
        let mut clear = self.sandbox.command("secret-tool");
        assert!(clear.args(["clear", "service", "awsx"]).status().unwrap().success());
    }

    /// Gives the only item another value.
    pub(crate) fn replace_item(&self, value: &str) {
        let text = self.search();
        let account = text.lines().find_map(|line| line.strip_prefix("attribute.username = "));
        let mut store = self.sandbox.command("secret-tool");
        store.args(["store", "--label", "awsx", "service", "awsx", "username", account.unwrap()]);
        let mut store = spawn(store.stdin(Stdio::piped()));
        store.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
        assert!(store.wait().unwrap().success());
    }

    fn send(&self, to: &str, message: &[&str]) -> String {
        let mut send = self.sandbox.command("dbus-send");
        send.args(["--session", "--print-reply", &format!("--dest={to}")]).args(message);
        String::from_utf8(send.output().unwrap().stdout).unwrap()
    }
}

impl Drop for Desktop<'_> {
    fn drop(&mut self) {
        self.stop_keyring();
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

fn spawn(command: &mut Command) -> Child {
    command.spawn().unwrap_or_else(|error| {
        panic!("{command:?}: {error} (the tests need dbus-daemon and gnome-keyring)")
    })
}
