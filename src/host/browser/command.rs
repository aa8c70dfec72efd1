//! Opens a browser by a command that outlives awsx.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::env::Env;
use crate::host::command_line::{self, Unbalanced};
use crate::ports::NotOpened;

/// The machine that awsx runs on, as far as a browser is concerned. Tests make their own.
pub(in crate::host) struct Machine<'a> {
    /// As `std::env::consts::OS` says it
    pub(in crate::host) os: &'a str,
    /// `/proc/version`, where there is one
    pub(in crate::host) kernel: String,
    pub(in crate::host) exists: &'a dyn Fn(&Path) -> bool,
}

impl Machine<'_> {
    pub(in crate::host) fn this() -> Self {
        // Only Linux has this file.
        let kernel = std::fs::read_to_string("/proc/version").unwrap_or_default();
        Self { os: std::env::consts::OS, kernel, exists: &|path| path.exists() }
    }

    pub(in crate::host) fn has(&self, program: &str, env: &Env) -> bool {
        env.path("PATH").is_some_and(|path| {
            std::env::split_paths(path).any(|directory| (self.exists)(&directory.join(program)))
        })
    }

    /// Whether its windows are on displays that variables name: Linux and the BSDs.
    pub(in crate::host) fn has_displays(&self) -> bool {
        !matches!(self.os, "macos" | "windows")
    }

    pub(in crate::host) fn is_wsl(&self, env: &Env) -> bool {
        self.os == "linux"
            && (env.is_present("WSL_DISTRO_NAME")
                || self.kernel.to_ascii_lowercase().contains("microsoft")
                // A kernel of one's own, and no variable, as with sudo
                || (self.exists)(Path::new("/run/WSL")))
    }
}

/// A command that opens an address. `%s` in an argument stands for the address, which else comes last.
pub(super) struct BrowserCommand {
    pub(super) program: String,
    pub(super) arguments: Vec<String>,
}

impl BrowserCommand {
    /// A program by itself, whatever is in its path; else the words of a command line. None if there
    /// are none.
    pub(super) fn parse(line: &str, machine: &Machine<'_>) -> Result<Option<Self>, Unbalanced> {
        if line.contains(' ') && (machine.exists)(Path::new(line)) {
            return Ok(Some(Self { program: line.to_owned(), arguments: vec![] }));
        }
        Ok(Self::new(command_line::words(line)?))
    }

    pub(super) fn new(words: Vec<String>) -> Option<Self> {
        let mut words = words.into_iter();
        Some(Self { program: words.next()?, arguments: words.collect() })
    }
}

/// How long a command has to fail; one that has not by then has opened the browser, or is it.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Browsers that need a terminal, and cannot run what AWS's pages consist of.
const OF_A_TERMINAL: [&str; 6] = ["www-browser", "w3m", "lynx", "links", "links2", "elinks"];

/// How each system opens an address, in the order of trying: the system, the program, its arguments.
const SYSTEMS: [(&str, &str, &[&str]); 7] = [
    ("macos", "open", &[]),
    // What `start` does, without the shell that would take `&` in an address for its own.
    ("windows", "rundll32.exe", &["url.dll,FileProtocolHandler"]),
    ("wsl", "wslview", &[]),
    // Where `appendWindowsPath` is on; the disks may be elsewhere than below /mnt
    ("wsl", "rundll32.exe", &["url.dll,FileProtocolHandler"]),
    ("wsl", "/mnt/c/Windows/System32/rundll32.exe", &["url.dll,FileProtocolHandler"]),
    ("linux", "xdg-open", &[]),
    ("linux", "gio", &["open"]),
];

/// The commands in `BROWSER`: separated as in `PATH`, tried in order, as Python's `webbrowser` has
/// it. A `&` at the end means nothing here, and browsers of a terminal are left out.
pub(super) fn commands_of_variable(env: &Env, machine: &Machine<'_>) -> Vec<BrowserCommand> {
    let separator = if cfg!(windows) { ';' } else { ':' };
    env.get("BROWSER")
        .unwrap_or_default()
        .split(separator)
        .filter_map(|line| {
            let mut command = BrowserCommand::parse(line, machine).ok()??;
            command.arguments.pop_if(|word| word == "&");
            Some(command).filter(|command| !needs_a_terminal(&command.program))
        })
        .collect()
}

/// The system's own commands, those that are there. Without a display, those of Linux would open a
/// browser of the terminal.
pub(super) fn commands_of_system(env: &Env, machine: &Machine<'_>) -> Vec<BrowserCommand> {
    let is_there = |program: &str| match program.starts_with('/') {
        true => (machine.exists)(Path::new(program)),
        false => machine.has(program, env),
    };
    SYSTEMS
        .iter()
        .filter(|(system, program, _)| match *system {
            // They are part of the system.
            "macos" | "windows" => machine.os == *system,
            "wsl" => machine.is_wsl(env) && is_there(program),
            _ => machine.has_displays() && has_display(env) && is_there(program),
        })
        .map(|(_, program, arguments)| BrowserCommand {
            program: (*program).to_owned(),
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
        })
        .collect()
}

/// Whether programs of Linux and the BSDs have somewhere to show a window.
pub(super) fn has_display(env: &Env) -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|variable| env.get(variable).is_some())
}

fn needs_a_terminal(program: &str) -> bool {
    Path::new(program).file_name().is_some_and(|name| OF_A_TERMINAL.iter().any(|own| name == *own))
}

/// Opens the address with the first command that does not fail within `patience`. The error names the
/// first that was tried.
pub(super) fn open(
    url: &str,
    env: &Env,
    machine: &Machine<'_>,
    patience: Duration,
) -> Result<(), NotOpened> {
    let not_opened =
        |program: &str, cause: &str| NotOpened { program: program.into(), cause: cause.into() };
    if !is_web_address(url) {
        return Err(not_opened("awsx", "the address is not one of http or https"));
    }
    let commands: Vec<_> = match env.get("AWSX_BROWSER") {
        // A person who names one wants this one or none.
        Some(line) => match BrowserCommand::parse(line, machine) {
            Ok(command) => command.into_iter().collect(),
            Err(unbalanced) => return Err(not_opened("AWSX_BROWSER", &unbalanced.to_string())),
        },
        None => {
            let of_variable = commands_of_variable(env, machine);
            of_variable.into_iter().chain(commands_of_system(env, machine)).collect()
        }
    };
    let mut first = None;
    for command in &commands {
        match start(command, url, env, patience) {
            Ok(()) => return Ok(()),
            Err(cause) => first = first.or(Some(not_opened(&command.program, &cause))),
        }
    }
    Err(first.unwrap_or_else(|| not_opened("xdg-open", "it is not there")))
}

/// Whether it is an address of the web, written as one: no blank or control character, and nothing
/// that a program takes for an option.
pub(super) fn is_web_address(url: &str) -> bool {
    let schemes = ["https://", "http://"];
    schemes.iter().any(|scheme| url.starts_with(scheme))
        && url.chars().all(|c| c.is_ascii_graphic())
}

pub(super) fn start(
    command: &BrowserCommand,
    url: &str,
    env: &Env,
    patience: Duration,
) -> Result<(), String> {
    let BrowserCommand { program, arguments } = command;
    let mut command = Command::new(program);
    command
        .args(arguments.iter().map(|word| word.replace("%s", url)))
        .env_clear()
        .envs(env.iter())
        // Its output would end up in that of awsx, or between a prompt and its answer.
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if !arguments.iter().any(|word| word.contains("%s")) {
        command.arg(url);
    }
    ignore_signals_of_terminal(&mut command);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "it is not found".to_owned(),
        _ => format!("it cannot be started: {error}"),
    })?;
    let (sender, receiver) = mpsc::channel();
    // A thread, because waiting has no time limit; it ends with the command or with awsx.
    std::thread::spawn(move || {
        // Nobody receives it after the time limit.
        let _ = sender.send(child.wait());
    });
    match receiver.recv_timeout(patience) {
        Ok(Ok(status)) if !ExitStatus::success(&status) => Err(format!("it failed with {status}")),
        Ok(Err(error)) => Err(format!("it cannot be waited for: {error}")),
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

/// Ctrl-C in the terminal ends awsx, and not the browser.
#[cfg(unix)]
fn ignore_signals_of_terminal(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(windows)]
fn ignore_signals_of_terminal(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    std::os::windows::process::CommandExt::creation_flags(command, CREATE_NEW_PROCESS_GROUP);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_opened() {
        for (docs, url, expected) in [
            ("https", "https://oidc.us-east-1.amazonaws.com/authorize?a=1&b=%20", true),
            ("http", "http://127.0.0.1:4000/", true),
            ("a file", "file:///etc/passwd", false),
            ("an option", "--version", false),
            ("another scheme", "javascript:alert(1)", false),
            ("a line end", "https://a/\nb", false),
            ("a blank", "https://a/ b", false),
            ("an escape sequence", "https://a/\u{1b}[2J", false),
            ("not ASCII", "https://ä/", false),
            ("nothing", "", false),
        ] {
            assert_eq!(is_web_address(url), expected, "{docs}");
        }
        let error = open("file:///x", &Env::default(), &Machine::this(), PATIENCE).unwrap_err();
        assert_eq!(
            error.to_string(),
            "awsx did not open the browser: the address is not one of http or https"
        );
    }

    #[cfg(unix)]
    #[test]
    fn browser_is_a_list_of_commands() {
        for (docs, value, expected) in [
            ("one", "firefox", "firefox"),
            ("with an argument", "firefox --new-tab %s", "firefox|--new-tab|%s"),
            ("several", "firefox:/opt/a b", "firefox,/opt/a|b"),
            ("of a terminal", "w3m:/usr/bin/lynx:firefox", "firefox"),
            ("in the background", "firefox %s &", "firefox|%s"),
            ("empty parts", ":firefox: :", "firefox"),
            ("an open quote", "'firefox:chromium", "chromium"),
            (
                "a program by itself",
                "/c/Program Files/chrome.exe:x",
                "/c/Program Files/chrome.exe,x",
            ),
            (
                "the same and more",
                "/c/Program Files/chrome.exe -x",
                "/c/Program|Files/chrome.exe|-x",
            ),
            ("nothing", "", ""),
        ] {
            let exists = |path: &Path| path.ends_with("Program Files/chrome.exe");
            let machine = Machine { os: "linux", kernel: String::new(), exists: &exists };
            let commands = commands_of_variable(&Env::from_pairs([("BROWSER", value)]), &machine);
            let words = |command: &BrowserCommand| {
                [std::slice::from_ref(&command.program), &command.arguments].concat().join("|")
            };
            let shown: Vec<String> = commands.iter().map(words).collect();
            assert_eq!(shown.join(","), expected, "{docs}");
        }
    }

    #[cfg(unix)]
    mod started {
        use std::fs;

        use super::*;

        /// A bound for a hanging test; nothing is measured against it.
        const LONG: Duration = Duration::from_secs(60);
        const WSL1: &str = "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)";
        const WSL2: &str = "Linux version 5.15.167.4-microsoft-standard-WSL2";
        const OWN: &str = "Linux version 6.6.36-mine";
        const URL: &str = "https://example.com/authorize?state=a'b&c=$HOME;d=`x`";

        /// Runs `script` by `sh` as the browser, with `arguments`; what it wrote to `$OUT`.
        fn outcome(
            script: &str,
            arguments: &[&str],
            env: &[(&str, &str)],
            patience: Duration,
        ) -> (Result<(), String>, String) {
            let directory = tempfile::tempdir().unwrap();
            let at = |name: &str| directory.path().join(name).display().to_string();
            fs::write(at("browser.sh"), script).unwrap();
            let out = at("out");
            let own = [("PATH", "/usr/bin:/bin"), ("OUT", &out)];
            let env = Env::from_pairs(own.into_iter().chain(env.iter().copied()));
            let file = at("browser.sh");
            let arguments = [&*file].into_iter().chain(arguments.iter().copied());
            let arguments = arguments.map(str::to_owned).collect();
            let command = BrowserCommand { program: "sh".to_owned(), arguments };
            let outcome = start(&command, URL, &env, patience);
            (outcome, fs::read_to_string(out).unwrap_or_default())
        }

        #[test]
        fn the_address_takes_the_place_of_percent_s() {
            let record = r#"printf '%s\n' "$@" > "$OUT""#;
            for (docs, arguments, expected) in [
                ("at the end", &["--new"][..], format!("--new\n{URL}\n")),
                ("in its place", &["%s", "--new"], format!("{URL}\n--new\n")),
                ("within a word", &["--app=%s"], format!("--app={URL}\n")),
            ] {
                let (outcome, recorded) = outcome(record, arguments, &[], LONG);
                assert_eq!((outcome, recorded), (Ok(()), expected), "{docs}");
            }
        }

        #[test]
        fn the_browser_gets_no_terminal() {
            let script = r#"cat > "$OUT"; echo planted; echo planted >&2
                for fd in 0 1 2; do readlink /proc/$$/fd/$fd; done >> "$OUT"
                [ "$(cut -d' ' -f5 /proc/$$/stat)" = $$ ] && echo own group >> "$OUT""#;
            if cfg!(target_os = "linux") {
                let (outcome, recorded) = outcome(script, &[], &[], LONG);
                assert_eq!(outcome, Ok(()));
                // Its standard input, and the group; the output of `readlink` is the file's.
                assert!(recorded.starts_with("/dev/null\n"), "{recorded}");
                assert!(recorded.ends_with("own group\n"), "{recorded}");
            }
        }

        #[test]
        fn a_command_that_fails_at_once_is_an_error() {
            let (failed, _) = outcome("exit 3", &[], &[], LONG);
            assert_eq!(failed.unwrap_err(), "it failed with exit status: 3");
            let command =
                BrowserCommand { program: "/no/such/browser".to_owned(), arguments: vec![] };
            let missing = start(&command, URL, &Env::default(), LONG);
            assert_eq!(missing.unwrap_err(), "it is not found");
            // It ends once its file is removed.
            let runs_on = "while [ -e \"$0\" ]; do sleep 0.05; done";
            let (running, _) = outcome(runs_on, &[], &[], Duration::from_millis(1));
            assert_eq!(running, Ok(()));
        }

        /// WSL without WSLg: the opener of Windows gets the address as one argument, whatever is in it, and no
        /// shell reads it.
        #[test]
        fn wsl_opens_a_browser_of_windows() {
            for (docs, release, variable, marker, programs, expected) in [
                ("wslview", WSL2, "", false, &["wslview", "rundll32.exe"][..], "wslview|"),
                ("WSL 1", WSL1, "", false, &["wslview"], "wslview|"),
                ("a kernel of one's own", OWN, "Ubuntu", false, &["wslview"], "wslview|"),
                ("the same, under sudo", OWN, "", true, &["wslview"], "wslview|"),
                (
                    "without wslu",
                    WSL2,
                    "",
                    false,
                    &["rundll32.exe", "xdg-open"],
                    "rundll32.exe|url.dll,FileProtocolHandler|",
                ),
                ("no Linux of Windows", OWN, "", false, &["wslview"], ""),
                ("no program of Windows", WSL2, "", false, &[], ""),
            ] {
                let directory = tempfile::tempdir().unwrap();
                let out = directory.path().join("out").display().to_string();
                for program in programs {
                    let file = directory.path().join(program);
                    let record = "#!/bin/sh\nprintf '%s|' \"${0##*/}\" \"$@\" > \"$OUT\"\n";
                    fs::write(&file, record).unwrap();
                    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
                    fs::set_permissions(&file, mode).unwrap();
                }
                let exists = |path: &Path| match path.to_str() {
                    Some("/run/WSL") => marker,
                    _ => path.starts_with(directory.path()) && path.exists(),
                };
                let machine = Machine { os: "linux", kernel: release.to_owned(), exists: &exists };
                let path = directory.path().to_str().unwrap();
                let all = [("PATH", path), ("OUT", &out), ("WSL_DISTRO_NAME", variable)];
                let env = all.into_iter().filter(|(_, value)| !value.is_empty());
                let outcome = open(URL, &Env::from_pairs(env), &machine, LONG);
                let recorded = fs::read_to_string(&out).unwrap_or_default();
                match expected {
                    "" => assert!(outcome.is_err() && recorded.is_empty(), "{docs}: {recorded}"),
                    before => assert_eq!(recorded, format!("{before}{URL}|"), "{docs}"),
                }
            }
        }

        #[test]
        fn the_first_command_that_does_not_fail_counts() {
            let directory = tempfile::tempdir().unwrap();
            let out = directory.path().join("out").display().to_string();
            let recorder = format!("sh -c 'echo $0 $PLANTED > {out}' %s");
            let machine = Machine { os: "macos", kernel: String::new(), exists: &|_| false };
            let broken = "/no/such/browser".to_owned();
            for (docs, variable, value, expected) in [
                ("AWSX_BROWSER", "AWSX_BROWSER", recorder.clone(), Ok(())),
                ("the second of BROWSER", "BROWSER", format!("{broken}:{recorder}"), Ok(())),
                (
                    "AWSX_BROWSER or none",
                    "AWSX_BROWSER",
                    broken,
                    Err("/no/such/browser did not open the browser: it is not found"),
                ),
                (
                    "an open quote",
                    "AWSX_BROWSER",
                    "'planted".into(),
                    Err("AWSX_BROWSER did not open the browser: a quote is not closed, or the \
                         last character is a backslash"),
                ),
            ] {
                let env = Env::from_pairs([
                    ("PATH", "/usr/bin:/bin"),
                    ("PLANTED", "planted"),
                    (variable, &value),
                ]);
                let outcome = open("https://a/", &env.without(["PLANTED"]), &machine, LONG);
                match expected {
                    Ok(()) => {
                        outcome.unwrap();
                        assert_eq!(fs::read_to_string(&out).unwrap(), "https://a/\n", "{docs}");
                        fs::remove_file(&out).unwrap();
                    }
                    Err(expected) => {
                        assert_eq!(outcome.unwrap_err().to_string(), expected, "{docs}");
                    }
                }
            }
        }
    }
}
