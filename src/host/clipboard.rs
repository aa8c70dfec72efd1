//! The clipboard of the person: that of the desktop, by its own programs, else that of the terminal, wherever
//! that is.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::browser::{Machine, is_ssh};
use super::output::{collect, end};
use crate::credentials::Secret;
use crate::env::Env;

/// How long a program may take: it is given a text, and keeps it in the background.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the terminal is, for a program whose streams go elsewhere.
#[cfg(unix)]
const TERMINAL: &str = "/dev/tty";
#[cfg(windows)]
const TERMINAL: &str = "CONOUT$";

/// A program of a desktop.
struct Desktop {
    system: &'static str,
    program: &'static str,
    /// Its arguments to keep what it reads
    copy: &'static [&'static str],
    /// Those to forget it; where there are none it keeps nothing
    clear: &'static [&'static str],
    /// What prints it
    paste: Option<(&'static str, &'static [&'static str])>,
}

/// In the order of trying.
#[rustfmt::skip]
const DESKTOPS: [Desktop; 6] = [
    Desktop { system: "macos", program: "pbcopy", copy: &[], clear: &[], paste: Some(("pbpaste", &[])) },
    Desktop { system: "windows", program: "clip.exe", copy: &[], clear: &[], paste: None },
    Desktop { system: "wsl", program: "clip.exe", copy: &[], clear: &[], paste: None },
    Desktop {
        system: "wayland",
        program: "wl-copy",
        copy: &[],
        clear: &["--clear"],
        paste: Some(("wl-paste", &["--no-newline"])),
    },
    Desktop {
        system: "x11",
        program: "xclip",
        copy: &["-selection", "clipboard", "-in"],
        clear: &[],
        paste: Some(("xclip", &["-selection", "clipboard", "-out"])),
    },
    Desktop {
        system: "x11",
        program: "xsel",
        copy: &["--clipboard", "--input"],
        clear: &["--clipboard", "--delete"],
        paste: Some(("xsel", &["--clipboard", "--output"])),
    },
];

/// Where a text is copied to.
pub(crate) struct Clipboard {
    env: Env,
    desktop: Option<&'static Desktop>,
}

impl Clipboard {
    /// That of this machine's desktop, or of the terminal; none where there is neither. Programs run in this environment
    /// without the variables `withheld`. Over SSH the person sits at the terminal.
    pub(crate) fn find<'a>(env: &Env, withheld: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let env = env.without(withheld);
        let desktop = find_desktop(&env, &Machine::this());
        let has_terminal = || std::fs::File::options().write(true).open(TERMINAL).is_ok();
        (desktop.is_some() || has_terminal()).then_some(Self { env, desktop })
    }

    /// Whose it is, as a clause.
    pub(crate) fn whose(&self) -> &'static str {
        match self.desktop {
            Some(_) => "the clipboard",
            None => "the clipboard of your terminal",
        }
    }

    /// What went wrong is said in words.
    pub(crate) fn copy(&self, text: &Secret) -> Result<(), String> {
        match self.desktop {
            Some(desktop) => self.run(desktop.program, desktop.copy, text.expose()).map(drop),
            None => tell_terminal(text.expose()),
        }
    }

    /// Forgets it, unless something else was copied since.
    pub(crate) fn clear(&self, text: &Secret) -> Result<(), String> {
        let Some(desktop) = self.desktop else { return tell_terminal("") };
        let is_other = desktop.paste.is_some_and(|(program, arguments)| {
            let found = self.run(program, arguments, "");
            found.is_ok_and(|found| found.trim_ascii_end() != text.expose().as_bytes())
        });
        match is_other {
            true => Ok(()),
            false if desktop.clear.is_empty() => {
                self.run(desktop.program, desktop.copy, "").map(drop)
            }
            false => self.run(desktop.program, desktop.clear, "").map(drop),
        }
    }

    /// What a program prints that reads `input`.
    fn run(
        &self,
        program: &str,
        arguments: &[&str],
        input: &str,
    ) -> Result<Zeroizing<Vec<u8>>, String> {
        let failure = |cause: &str| format!("{program} {cause}");
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(self.env.iter())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failure(&format!("cannot be started: {error}")))?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that does not read it fails, or says what it has.
            let _ = stdin.write_all(input.as_bytes());
        }
        let outcome = collect(&mut child, PATIENCE);
        if outcome.is_err() {
            end(&mut child);
        }
        match outcome.map_err(|cause| failure(&cause))? {
            (status, output) if status.success() => Ok(output),
            (status, _) => Err(failure(&format!("failed with {status}"))),
        }
    }
}

fn find_desktop(env: &Env, machine: &Machine<'_>) -> Option<&'static Desktop> {
    if is_ssh(env) {
        return None;
    }
    let has = |variable| env.get(variable).is_some();
    DESKTOPS.iter().find(|desktop| match desktop.system {
        // Part of the system
        "macos" | "windows" => machine.os == desktop.system,
        "wsl" => machine.is_wsl(env) && machine.has(desktop.program, env),
        "wayland" => has("WAYLAND_DISPLAY") && machine.has(desktop.program, env),
        _ => has("DISPLAY") && machine.has(desktop.program, env),
    })
}

/// Has the terminal keep a text, or forget what it keeps where there is none: OSC 52, which goes through SSH.
/// <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h3-Operating-System-Commands>
fn tell_terminal(text: &str) -> Result<(), String> {
    let encoded = Zeroizing::new(STANDARD.encode(text));
    let sequence = Zeroizing::new(format!("\x1b]52;c;{}\x07", *encoded));
    let terminal = std::fs::File::options().write(true).open(TERMINAL);
    terminal
        .and_then(|mut terminal| terminal.write_all(sequence.as_bytes()))
        .map_err(|error| format!("the terminal cannot be written to: {error}"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn each_desktop_has_its_program() {
        for (docs, os, env, programs, expected) in [
            ("macOS", "macos", &[][..], &[][..], Some("pbcopy")),
            ("Windows", "windows", &[], &[], Some("clip.exe")),
            ("WSL", "linux", &[("WSL_DISTRO_NAME", "d")], &["clip.exe"], Some("clip.exe")),
            (
                "Wayland",
                "linux",
                &[("WAYLAND_DISPLAY", "w")],
                &["wl-copy", "xclip"],
                Some("wl-copy"),
            ),
            ("Wayland without its own", "linux", &[("WAYLAND_DISPLAY", "w")], &["xclip"], None),
            (
                "both displays",
                "linux",
                &[("WAYLAND_DISPLAY", "w"), ("DISPLAY", ":0")],
                &["xclip"],
                Some("xclip"),
            ),
            ("X11", "linux", &[("DISPLAY", ":0")], &["xsel"], Some("xsel")),
            ("X11 without programs", "linux", &[("DISPLAY", ":0")], &[], None),
            ("no display", "linux", &[], &["xclip", "wl-copy"], None),
            (
                "SSH with X11",
                "linux",
                &[("DISPLAY", ":10"), ("SSH_CONNECTION", "a 1 b 22")],
                &["xclip"],
                None,
            ),
            ("SSH to a Mac", "macos", &[("SSH_TTY", "t")], &[], None),
        ] {
            let path = [("PATH", "/usr/bin")];
            let env = Env::from_pairs(path.into_iter().chain(env.iter().copied()));
            let exists =
                |path: &Path| programs.iter().any(|name| path == Path::new("/usr/bin").join(name));
            let machine = Machine { os, kernel: String::new(), exists: &exists };
            let found = find_desktop(&env, &machine).map(|desktop| desktop.program);
            assert_eq!(found, expected, "{docs}");
        }
    }
}
