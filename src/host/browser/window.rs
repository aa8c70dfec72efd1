//! A window for one of several consoles, beside those of others: a browser profile of its own, a container of
//! Firefox, or a private window.

use std::path::Path;
use std::time::Duration;

use form_urlencoded::byte_serialize;

use super::command::{self, BrowserCommand, Machine, commands_of_variable, is_web_address, start};
use crate::env::Env;
use crate::ports::NotOpened;
use crate::text::Colour;

/// How a window is opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window<'a> {
    /// The settings' command for it. `%s` stands for the address, `%p` for the name, `%c` and `%i` for colour and icon
    pub command: Option<&'a str>,
    /// What tells it from the person's other windows
    pub apart: Option<Apart<'a>>,
    /// Whether nothing of it stays
    pub is_private: bool,
    /// As a person calls it: the profile of awsx
    pub name: &'a str,
    pub colour: Option<Colour>,
    pub icon: Option<&'a str>,
}

/// Where a browser keeps what belongs to a window.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Apart<'a> {
    /// A profile in this directory
    Profile(&'a Path),
    /// A container, which an add-on of Firefox opens:
    /// <https://addons.mozilla.org/firefox/addon/open-url-in-container/>
    Container,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Chromium,
    Firefox,
}

/// Browsers by their programs, in the order of looking for one; how each opens a private window.
const BROWSERS: [(&str, Family, &str); 22] = [
    ("chromium", Family::Chromium, "--incognito"),
    ("chromium-browser", Family::Chromium, "--incognito"),
    ("google-chrome", Family::Chromium, "--incognito"),
    ("google-chrome-stable", Family::Chromium, "--incognito"),
    ("google-chrome-beta", Family::Chromium, "--incognito"),
    ("google chrome", Family::Chromium, "--incognito"),
    ("chrome", Family::Chromium, "--incognito"),
    ("brave", Family::Chromium, "--incognito"),
    ("brave-browser", Family::Chromium, "--incognito"),
    ("brave browser", Family::Chromium, "--incognito"),
    ("vivaldi", Family::Chromium, "--incognito"),
    ("vivaldi-stable", Family::Chromium, "--incognito"),
    ("microsoft-edge", Family::Chromium, "--inprivate"),
    ("microsoft-edge-stable", Family::Chromium, "--inprivate"),
    ("microsoft edge", Family::Chromium, "--inprivate"),
    ("msedge", Family::Chromium, "--inprivate"),
    ("firefox", Family::Firefox, "--private-window"),
    ("firefox-esr", Family::Firefox, "--private-window"),
    ("firefox-developer-edition", Family::Firefox, "--private-window"),
    ("librewolf", Family::Firefox, "--private-window"),
    ("waterfox", Family::Firefox, "--private-window"),
    ("zen", Family::Firefox, "--private-window"),
];

/// Where macOS has programs that no `PATH` names.
const APPLICATIONS: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
];

/// Opens the address so. `AWSX_BROWSER` counts before the settings' command.
pub(super) fn open(
    url: &str,
    window: &Window<'_>,
    env: &Env,
    machine: &Machine<'_>,
    patience: Duration,
) -> Result<(), NotOpened> {
    let is_usual = window.apart.is_none() && !window.is_private;
    if is_usual && (window.command.is_none() || env.get("AWSX_BROWSER").is_some()) {
        return command::open(url, env, machine, patience);
    }
    let not_opened =
        |program: &str, cause: &str| NotOpened { program: program.into(), cause: cause.into() };
    if !is_web_address(url) {
        return Err(not_opened("awsx", "the address is not one of http or https"));
    }
    let said = env.get("AWSX_BROWSER").map(|line| ("AWSX_BROWSER", line));
    let command = match said.or(window.command.map(|line| ("browser_command", line))) {
        Some((origin, line)) => BrowserCommand::parse(line, machine)
            .map_err(|unbalanced| not_opened(origin, &unbalanced.to_string()))?
            .ok_or_else(|| not_opened(origin, "it names no program"))?,
        None => find(window, env, machine).ok_or_else(|| {
            let cause = "no browser is found that can; browser_command of [console] names one";
            not_opened("awsx", cause)
        })?,
    };
    let (command, url) =
        window.fit(command, url).map_err(|(program, cause)| not_opened(&program, cause))?;
    start(&command, &url, env, patience).map_err(|cause| not_opened(&command.program, &cause))
}

/// A browser that can do it: the first of `BROWSER` that is known, else one that is there.
fn find(window: &Window<'_>, env: &Env, machine: &Machine<'_>) -> Option<BrowserCommand> {
    let can = |program: &str| {
        let needs_firefox = matches!(window.apart, Some(Apart::Container)) && !window.is_private;
        family(program).is_some_and(|(family, _)| !needs_firefox || family == Family::Firefox)
    };
    let of_variable = commands_of_variable(env, machine).into_iter().find(|one| can(&one.program));
    let is_there = |program: &&str| match program.starts_with('/') {
        true => machine.os == "macos" && (machine.exists)(Path::new(program)),
        false => machine.has(program, env),
    };
    of_variable.or_else(|| {
        let names = BROWSERS.iter().map(|(name, ..)| *name).chain(APPLICATIONS);
        let program = names.filter(|program| can(program)).find(is_there)?;
        BrowserCommand::new(vec![program.to_owned()])
    })
}

/// What browser a program is, and how that opens a private window.
fn family(program: &str) -> Option<(Family, &'static str)> {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    let (_, family, private) = BROWSERS.iter().find(|(known, ..)| *known == name)?;
    Some((*family, private))
}

impl Window<'_> {
    /// The command that opens the window, and the address that it gets; else the program, and why it cannot.
    fn fit(
        &self,
        mut command: BrowserCommand,
        url: &str,
    ) -> Result<(BrowserCommand, String), (String, &'static str)> {
        let own = command.arguments.iter().any(|word| word.contains("%p"));
        let colour = self.colour.map(Colour::name).unwrap_or_default();
        for word in &mut command.arguments {
            let filled = word.replace("%p", self.name).replace("%c", colour);
            *word = filled.replace("%i", self.icon.unwrap_or_default());
        }
        let browser = family(&command.program);
        let fail = |command: &BrowserCommand, cause| Err((command.program.clone(), cause));
        let mut more = Vec::new();
        if self.is_private {
            match browser {
                Some((_, private)) => more.push(private.to_owned()),
                None => return fail(&command, "awsx does not know how it opens a private window"),
            }
        }
        let mut address = url.to_owned();
        match (self.apart, browser) {
            (None, _) => {}
            // The command itself tells them apart.
            (Some(_), _) if own => {}
            (Some(Apart::Profile(directory)), Some((Family::Chromium, _))) => {
                more.extend(self.profile_of_chromium(directory));
            }
            (Some(Apart::Profile(directory)), Some((Family::Firefox, _))) => {
                let directory = directory.display().to_string();
                more.splice(0..0, ["--new-instance".to_owned(), "--profile".to_owned(), directory]);
            }
            // There are none in a private window.
            (Some(Apart::Container), Some((Family::Firefox, _))) if self.is_private => {}
            (Some(Apart::Container), Some((Family::Firefox, _))) => address = self.container(url),
            (Some(Apart::Container), Some((Family::Chromium, _))) => {
                return fail(&command, "it has no containers; Firefox has");
            }
            (Some(_), None) => {
                return fail(
                    &command,
                    "awsx does not know how it keeps consoles apart; %p in the command stands for the \
                                       profile's name",
                );
            }
        }
        // Behind what the person wrote, before an address that stands there.
        let at = command.arguments.iter().position(|word| word.contains("%s"));
        let at = at.unwrap_or(command.arguments.len());
        command.arguments.splice(at..at, more);
        Ok((command, address))
    }

    fn profile_of_chromium(&self, directory: &Path) -> Vec<String> {
        let mut more = vec![
            format!("--user-data-dir={}", directory.display()),
            "--no-first-run".to_owned(),
            "--no-default-browser-check".to_owned(),
            format!("--window-name={}", self.name),
        ];
        more.extend(self.colour.map(|colour| {
            let (red, green, blue) = match colour {
                Colour::Red => (200, 40, 40),
                Colour::Green => (40, 150, 70),
                Colour::Yellow => (230, 190, 40),
                Colour::Blue => (40, 90, 200),
                Colour::Magenta => (170, 60, 170),
                Colour::Cyan => (30, 160, 170),
            };
            format!("--install-autogenerated-theme={red},{green},{blue}")
        }));
        more
    }

    /// As the add-on takes it.
    fn container(&self, url: &str) -> String {
        let encode =
            |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        // What Firefox calls them.
        let colour = self.colour.map(|colour| match colour {
            Colour::Red => "red",
            Colour::Green => "green",
            Colour::Yellow => "yellow",
            Colour::Blue => "blue",
            Colour::Magenta => "purple",
            Colour::Cyan => "turquoise",
        });
        let colour = colour.map(|colour| format!("&color={colour}")).unwrap_or_default();
        let icon = self.icon.map(|icon| format!("&icon={icon}")).unwrap_or_default();
        format!("ext+container:name={}&url={}{colour}{icon}", encode(self.name), encode(url))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:1/a";

    fn show(line: &str, window: &Window<'_>) -> String {
        let machine = Machine { os: "linux", kernel: String::new(), exists: &|_| false };
        let command = BrowserCommand::parse(line, &machine).expect("it has no quote");
        let command = command.expect("it has words");
        match window.fit(command, URL) {
            Ok((command, url)) => {
                let words = [vec![command.program], command.arguments, vec![url]].concat();
                words.join("|")
            }
            Err((program, cause)) => format!("{program}: {cause}"),
        }
    }

    #[test]
    fn each_browser_has_its_own_way() {
        let directory = Path::new("/d");
        let usual = Window { name: "prod 1", ..Window::default() };
        let profile = Window { apart: Some(Apart::Profile(directory)), ..usual.clone() };
        let red = Window { colour: Some(Colour::Red), icon: Some("tree"), ..profile.clone() };
        let container = Window { apart: Some(Apart::Container), ..red.clone() };
        let private = Window { is_private: true, ..usual.clone() };
        let chromium =
            "--user-data-dir=/d|--no-first-run|--no-default-browser-check|--window-name=prod 1";
        for (line, window, expected) in [
            ("/usr/bin/chromium", &profile, format!("/usr/bin/chromium|{chromium}|{URL}")),
            (
                "google-chrome --x",
                &red,
                format!("google-chrome|--x|{chromium}|--install-autogenerated-theme=200,40,40|{URL}"),
            ),
            ("brave %s --y", &profile, format!("brave|{chromium}|%s|--y|{URL}")),
            ("firefox", &profile, format!("firefox|--new-instance|--profile|/d|{URL}")),
            (
                "firefox",
                &container,
                "firefox|ext+container:name=prod%201&url=http%3A%2F%2F127.0.0.1%3A1%2Fa&color=red&icon=tree".into(),
            ),
            ("chromium", &container, "chromium: it has no containers; Firefox has".into()),
            ("firefox-esr", &private, format!("firefox-esr|--private-window|{URL}")),
            ("msedge.exe", &private, format!("msedge.exe|--inprivate|{URL}")),
            (
                "firefox",
                &Window { is_private: true, ..container.clone() },
                format!("firefox|--private-window|{URL}"),
            ),
            ("netscape", &private, "netscape: awsx does not know how it opens a private window".into()),
            ("netscape", &usual, format!("netscape|{URL}")),
            ("netscape --as %p --in %c/%i %s", &red, format!("netscape|--as|prod 1|--in|red/tree|%s|{URL}")),
        ] {
            assert_eq!(show(line, window), expected, "{line}");
        }
        assert!(show("netscape", &profile).contains("%p in the command"));
    }

    #[test]
    fn a_browser_is_found_that_can_do_it() {
        let exists = |path: &Path| {
            ["chromium", "firefox"].iter().any(|name| path == Path::new("/usr/bin").join(name))
        };
        let machine = Machine { os: "linux", kernel: String::new(), exists: &exists };
        let container = Window { apart: Some(Apart::Container), ..Window::default() };
        let private = Window { is_private: true, ..Window::default() };
        for (docs, window, variable, expected) in [
            ("the first", &private, "", Some("chromium")),
            ("one of BROWSER", &private, "netscape:/opt/firefox", Some("/opt/firefox")),
            ("one with containers", &container, "/opt/chromium", Some("firefox")),
        ] {
            let env = Env::from_pairs([("PATH", "/usr/bin"), ("BROWSER", variable)]);
            let found = find(window, &env, &machine).map(|command| command.program);
            assert_eq!(found.as_deref(), expected, "{docs}");
        }
        assert!(find(&private, &Env::default(), &machine).is_none());
    }
}
