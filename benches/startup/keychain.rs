//! A real Secret Service of its own: gnome-keyring on a private D-Bus, unlocked.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

pub(crate) struct Keychain {
    bus: Child,
    service: Child,
    address: String,
    _home: tempfile::TempDir,
}

impl Keychain {
    /// # Errors
    /// `dbus-daemon` or `gnome-keyring-daemon` is not installed, or does not start.
    pub(crate) fn start() -> Result<Self> {
        let home = tempfile::Builder::new().prefix("awsx-bench-keychain-").tempdir()?;
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("dbus-daemon (package dbus)")?;
        let mut address = String::new();
        let stdout = bus.stdout.take().context("its stdout is a pipe")?;
        BufReader::new(stdout).read_line(&mut address)?;
        let address = address.trim().to_owned();
        ensure!(!address.is_empty(), "dbus-daemon did not say where it listens");

        let mut service = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("HOME", home.path())
            .env("XDG_RUNTIME_DIR", home.path())
            .env("XDG_DATA_HOME", home.path())
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("gnome-keyring-daemon (package gnome-keyring)")?;
        service.stdin.take().context("its stdin is a pipe")?.write_all(b"for a benchmark\n")?;
        let keychain = Self { bus, service, address, _home: home };
        keychain.wait()?;
        Ok(keychain)
    }

    /// Waits until the service has its name on the bus.
    #[expect(clippy::disallowed_methods, reason = "a daemon does not say when it is ready")]
    fn wait(&self) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            let asked = Command::new("dbus-send")
                .arg(format!("--bus={}", self.address))
                .args(["--dest=org.freedesktop.DBus", "--print-reply", "--type=method_call", "/"])
                .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
                .output()
                .context("dbus-send (package dbus)")?;
            if String::from_utf8_lossy(&asked.stdout).contains("boolean true") {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        anyhow::bail!("gnome-keyring-daemon did not come up")
    }

    /// How awsx finds it.
    pub(crate) fn variables(&self) -> [(String, String); 1] {
        [("DBUS_SESSION_BUS_ADDRESS".to_owned(), self.address.clone())]
    }
}

impl Drop for Keychain {
    fn drop(&mut self) {
        for child in [&mut self.service, &mut self.bus] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
