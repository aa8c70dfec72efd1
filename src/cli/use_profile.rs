//! `awsx use`

use clap::Args;

use super::exec_flags::{flags_of_line, read_flags};
use super::flags::{ProfileArgument, SessionFlags};
use super::guard_flags::GuardFlags;
use super::overlay::{find_or_make, tell_of_region};
use super::page::page;
use super::pick_profile::pick_profile;
use crate::app::App;
use crate::app::guard::Handover as Gate;
use crate::app::serving::renewal_time;
use crate::app::shell::find_shell;
use crate::app::used::note_use;
use crate::host::terminal::ignore_stop;
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::shell::{Shell, Taken};

/// Take a profile's credentials into the running shell
#[derive(Debug, Args)]
#[command(
    name = "use",
    mut_arg("positional", |profile| profile.help("The profile; without one you pick")),
    help_template = page!(
        "
For a shell that has `awsx init` in its start file. What is about to end is
renewed before a command, where nobody has to be asked.
";
        "awsx use dev"
        "awsx use                  pick one"
        "awsx use -                what was in use before"
        "awsx use --none           what the shell had at first"
    )
)]
pub(super) struct UseProfile {
    #[command(flatten)]
    profile: ProfileArgument,
    /// Put back what the shell had before
    #[arg(long, exclusive = true)]
    none: bool,
    /// Whose functions evaluate what is printed
    #[arg(long, hide = true)]
    shell: Option<Shell>,
    #[command(flatten)]
    session: SessionFlags,
    #[command(flatten)]
    guard: GuardFlags,
}

impl UseProfile {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let Some(shell) = self.shell else { return Err(no_functions(app)) };
        // The shell waits for what is printed: who stopped awsx would not get it back.
        ignore_stop();
        let picked = match self.profile.name() {
            None if !self.session.names_whose() => Some(pick(app)?),
            _ => None,
        };
        let profile = picked.as_deref().or(self.profile.name());
        let gate = Gate::new("use", "hand out its credentials", self.guard.consent());
        let minted = find_or_make(app, &self.session, profile, &gate)?;
        // What a shell renews by itself, nobody has named just now.
        if let Some(named) = self.profile.name().filter(|_| !app.asks_nobody()) {
            note_use(app, named);
        }
        let handover = minted.in_environment(app);
        tell_of_region(app, &handover);
        let renewed_in = renewal_time(app, &minted.plan, &minted.live)
            .map(|at| u64::try_from((at - app.now()).num_seconds()).unwrap_or_default());
        let words = words_again(app, profile);
        let taken = Taken { overlay: &handover.overlay, renewed_in, words: &words };
        Ok(taken.write(shell, &mut app.out().stdout())?)
    }
}

/// The profile and the flags of this line.
fn words_again(app: &App, profile: Option<&str>) -> Vec<String> {
    let line: Vec<_> = app
        .line()
        .iter()
        .filter(|word| !word.to_string_lossy().starts_with("--shell="))
        .cloned()
        .collect();
    let flags = flags_of_line(&line, profile, 0);
    let is_among_them = read_flags(&flags).is_some_and(|(flags, _)| flags.target.profile.is_some());
    let profile = profile.filter(|_| !is_among_them).map(str::to_owned);
    profile.into_iter().chain(flags).collect()
}

fn pick(app: &App) -> Result<String, Failure> {
    let none = || {
        let hint = "`awsx use PROFILE`; `awsx profiles` lists them";
        Failure::usage("no profile is named, and nobody can pick one".to_owned(), hint)
    };
    pick_profile(app, "Profile")?.ok_or_else(none)
}

fn no_functions(app: &App) -> Failure {
    let shell = find_shell(&app.env, Shell::parse).unwrap_or(Shell::Bash);
    let message =
        "this shell has no functions of awsx, without which nothing changes in it".to_owned();
    let hint =
        format!("`awsx init {} --install`, and begin in a new shell with `awsx use`", shell.name());
    Failure::say(message, Kind::Usage.with(&hint))
}
