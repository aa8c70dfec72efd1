//! Whether a browser that awsx opens can come back to 127.0.0.1 of this machine.
//!
//! A person who names a browser in `AWSX_BROWSER` knows best: then it always can. Many desktops set
//! `BROWSER` for all programs, so it stands for a browser only where none could be found otherwise (no
//! display, a container), and not over SSH. The exception is the helper that VS Code, and what is built
//! on it, puts there: it opens the browser of the machine where the person sits, and forwards the port
//! that it finds in `redirect_uri` (`extractQueryLocalHostUriMetaDataForPortMapping` in its source).
//! Browsers of a terminal cannot show AWS's pages and count as none.

use std::path::Path;

use super::command::{self, Machine};
use crate::env::Env;

/// What `BROWSER` stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// Not set, or a browser of a terminal
    Nothing,
    Browser,
    /// VS Code's, which forwards ports
    Forwarding,
}

impl Named {
    fn by_variable(env: &Env, machine: &Machine<'_>) -> Self {
        let commands = command::commands_of_variable(env, machine);
        match commands.first().map(|command| &command.program) {
            None => Self::Nothing,
            Some(program) if Path::new(program).ends_with("helpers/browser.sh") => Self::Forwarding,
            Some(_) => Self::Browser,
        }
    }
}

struct Facts<'a> {
    env: &'a Env,
    machine: &'a Machine<'a>,
    named: Named,
}

impl Facts<'_> {
    fn any(&self, variables: &[&str]) -> bool {
        variables.iter().any(|variable| self.env.get(variable).is_some())
    }

    fn exists(&self, file: &str) -> bool {
        (self.machine.exists)(Path::new(file))
    }
}

/// What sshd sets.
const SSH: [&str; 3] = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"];

/// Whether the person sits at another machine.
pub(in crate::host) fn is_ssh(env: &Env) -> bool {
    SSH.iter().any(|variable| env.get(variable).is_some())
}

type Holds = fn(&Facts<'_>) -> bool;

/// The reasons, as clauses; the first that holds is told.
const OBSTACLES: [(&str, Holds); 8] = [
    // A shell in a web page: nothing forwards a port from there to 127.0.0.1 of the person.
    ("this is AWS CloudShell", |facts| facts.env.get("AWS_EXECUTION_ENV") == Some("CloudShell")),
    // In VS Code on a desktop its helper would do, in a web page it would not; both look the same.
    ("this is a GitHub codespace", |facts| facts.env.flag("CODESPACES")),
    // Also with X11 forwarding: the browser of the far side is seldom the one where the person is
    // logged in. Who wants it has `AWSX_BROWSER=xdg-open`.
    ("this is an SSH session, where AWSX_BROWSER counts and BROWSER does not", |facts| {
        facts.named == Named::Browser && is_ssh(facts.env)
    }),
    ("this is an SSH session", |facts| facts.named == Named::Nothing && is_ssh(facts.env)),
    // Its 127.0.0.1 is not that of the machine around it.
    ("this is a container", |facts| {
        facts.named == Named::Nothing
            && (facts.exists("/.dockerenv")
                || facts.exists("/run/.containerenv")
                || facts.any(&["KUBERNETES_SERVICE_HOST"]))
    }),
    // A browser of Windows comes back to 127.0.0.1 of WSL: Windows forwards it.
    ("this is WSL, and no browser of Windows can be started from it", |facts| {
        facts.named == Named::Nothing
            && facts.machine.is_wsl(facts.env)
            && !command::has_display(facts.env)
            && command::commands_of_system(facts.env, facts.machine).is_empty()
    }),
    // Linux and the BSDs: their browsers need one.
    ("there is no display", |facts| {
        facts.named == Named::Nothing
            && facts.machine.has_displays()
            && !facts.machine.is_wsl(facts.env)
            && !command::has_display(facts.env)
    }),
    ("there is no xdg-open or gio that would open a browser", |facts| {
        facts.named == Named::Nothing
            && command::commands_of_system(facts.env, facts.machine).is_empty()
    }),
];

/// Why no browser that awsx could open can come back to it, as a clause.
pub(super) fn obstacle(env: &Env, machine: &Machine<'_>) -> Option<&'static str> {
    if env.get("AWSX_BROWSER").is_some() {
        return None;
    }
    let facts = Facts { env, machine, named: Named::by_variable(env, machine) };
    OBSTACLES.iter().find(|(_, holds)| holds(&facts)).map(|(clause, _)| *clause)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LINUX: &str = "Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)";
    const WSL: &str = "Linux version 5.15.167.4-microsoft-standard-WSL2";
    const HELPER: &str = "/home/me/.vscode-server/bin/1/bin/helpers/browser.sh";
    const XDG: &str = "/usr/bin/xdg-open";
    const RUNDLL: &str = "/mnt/c/Windows/System32/rundll32.exe";

    #[test]
    fn obstacles_are_named() {
        struct Case {
            docs: &'static str,
            os: &'static str,
            kernel: &'static str,
            env: &'static [(&'static str, &'static str)],
            files: &'static [&'static str],
            expected: Option<&'static str>,
        }
        let desktop = Case {
            docs: "a desktop",
            os: "linux",
            kernel: LINUX,
            env: &[("DISPLAY", ":0")],
            files: &[XDG],
            expected: None,
        };
        let wsl = Case { docs: "", os: "linux", kernel: WSL, env: &[], files: &[], expected: None };
        let cases = [
            Case { docs: "Wayland alone", env: &[("WAYLAND_DISPLAY", "wayland-0")], ..desktop },
            Case { docs: "macOS", os: "macos", kernel: "", env: &[], files: &[], expected: None },
            Case { docs: "Windows", os: "windows", kernel: "", env: &[], ..desktop },
            Case { docs: "no display", env: &[], expected: Some("there is no display"), ..desktop },
            Case { docs: "no display, but BROWSER", env: &[("BROWSER", "firefox")], ..desktop },
            Case {
                docs: "a browser of a terminal is none",
                env: &[("BROWSER", "w3m:lynx %s")],
                expected: Some("there is no display"),
                ..desktop
            },
            Case {
                docs: "a display and no opener",
                files: &[],
                expected: Some("there is no xdg-open or gio that would open a browser"),
                ..desktop
            },
            Case { docs: "gio alone", files: &["/usr/bin/gio"], ..desktop },
            Case {
                docs: "SSH",
                env: &[("DISPLAY", ":0"), ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")],
                expected: Some("this is an SSH session"),
                ..desktop
            },
            Case {
                docs: "SSH to a Mac",
                os: "macos",
                env: &[("SSH_TTY", "/dev/ttys001")],
                expected: Some("this is an SSH session"),
                ..desktop
            },
            Case {
                docs: "SSH with BROWSER",
                env: &[("SSH_CLIENT", "10.0.0.1 1 22"), ("BROWSER", "firefox")],
                expected: Some(
                    "this is an SSH session, where AWSX_BROWSER counts and BROWSER does not",
                ),
                ..desktop
            },
            Case {
                docs: "SSH in VS Code",
                env: &[("SSH_CLIENT", "10.0.0.1 1 22"), ("BROWSER", HELPER)],
                ..desktop
            },
            Case {
                docs: "SSH with AWSX_BROWSER",
                env: &[("SSH_TTY", "/dev/pts/1"), ("AWSX_BROWSER", "xdg-open")],
                ..desktop
            },
            Case {
                docs: "Docker",
                files: &[XDG, "/.dockerenv"],
                expected: Some("this is a container"),
                ..desktop
            },
            Case {
                docs: "Podman",
                files: &[XDG, "/run/.containerenv"],
                expected: Some("this is a container"),
                ..desktop
            },
            Case {
                docs: "Kubernetes",
                env: &[("DISPLAY", ":0"), ("KUBERNETES_SERVICE_HOST", "10.96.0.1")],
                expected: Some("this is a container"),
                ..desktop
            },
            Case {
                docs: "a dev container in VS Code",
                env: &[("BROWSER", HELPER)],
                files: &["/.dockerenv"],
                ..desktop
            },
            Case {
                docs: "a codespace, whatever BROWSER is",
                env: &[("CODESPACES", "true"), ("BROWSER", HELPER)],
                expected: Some("this is a GitHub codespace"),
                ..desktop
            },
            Case {
                docs: "CloudShell",
                env: &[("AWS_EXECUTION_ENV", "CloudShell")],
                expected: Some("this is AWS CloudShell"),
                ..desktop
            },
            Case {
                docs: "WSL without Windows's programs",
                expected: Some("this is WSL, and no browser of Windows can be started from it"),
                ..wsl
            },
            Case {
                docs: "WSL without them, and with an opener that has no display",
                files: &[XDG],
                expected: Some("this is WSL, and no browser of Windows can be started from it"),
                ..wsl
            },
            Case { docs: "WSL with them", files: &[RUNDLL], ..wsl },
            Case { docs: "WSL with wslview", files: &["/usr/bin/wslview"], ..wsl },
            Case { docs: "WSL with a display", env: &[("DISPLAY", ":0")], files: &[XDG], ..wsl },
            Case {
                docs: "a container on WSL",
                files: &[RUNDLL, "/.dockerenv"],
                expected: Some("this is a container"),
                ..wsl
            },
            desktop,
        ];
        for Case { docs, os, kernel, env, files, expected } in cases {
            let path = [("PATH", "/usr/bin")];
            let env = Env::from_pairs(path.into_iter().chain(env.iter().copied()));
            let exists = |path: &Path| files.iter().any(|file| Path::new(file) == path);
            let machine = Machine { os, kernel: kernel.into(), exists: &exists };
            assert_eq!(obstacle(&env, &machine), expected, "{docs}");
        }
    }
}
