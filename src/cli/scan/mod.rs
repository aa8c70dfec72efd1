//! `awsx scan`

mod install_hook;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::app::App;
use crate::app::scan::outcome::{FoundKey, Owner, Scanned};
use crate::app::scan::{Source, scan};
use crate::cli::page::page;
use crate::report::failure::{Failure, Kind, word};
use crate::report::{Look, Screen};

/// Find keys of AWS in files, in what is staged, in a history
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Access key ids, secret access keys, session tokens, API keys of Bedrock; exit
code 1 if there is one. What git ignores does not count, unless it is tracked,
or named. Patterns of what is allowed: secrets.allowed of git's settings, and
the lines of .gitallowed. Nothing is opened and nobody asked.
";
    "awsx scan                     what is in this directory"
    "awsx scan --staged            what the next commit will have"
    "awsx scan --history           what any commit added"
    "awsx scan --install-hook      before each commit"
))]
pub(super) struct Scan {
    /// Files and directories; without one the working directory
    #[arg(value_name = "PATH", conflicts_with_all = ["staged", "history", "stdin", "install_hook"])]
    paths: Vec<PathBuf>,
    /// What the next commit will have
    #[arg(long, conflicts_with_all = ["history", "stdin", "install_hook"])]
    staged: bool,
    /// What each commit added; without REV of all branches
    #[arg(long, value_name = "REV", num_args = 0..=1, conflicts_with_all = ["stdin", "install_hook"])]
    history: Option<Option<String>>,
    /// What is piped
    #[arg(long, conflicts_with = "install_hook")]
    stdin: bool,
    /// Look at what git ignores, too
    #[arg(long, conflicts_with_all = ["staged", "history", "stdin", "install_hook"])]
    ignored: bool,
    /// Have git run `awsx scan --staged` before each commit
    #[arg(long, conflicts_with = "json")]
    install_hook: bool,
    /// Take that hook out again
    #[arg(long, requires = "install_hook")]
    remove: bool,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Scan {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        if self.install_hook {
            return install_hook::run(app, self.remove);
        }
        let json = self.json;
        let source = self.source();
        let scanned = scan(app, &source)?;
        match json {
            true => app.out().json(&document(&scanned))?,
            false => app.out().show(&lines(app.out().screen(), &scanned))?,
        }
        for (path, cause) in scanned.unread.iter().skip(1) {
            app.out().warning(&format!("{} could not be read: {cause}", path.display()));
        }
        if !scanned.found.is_empty() {
            return Err(failure_of(&scanned, &source));
        }
        if let Some(failure) = scanned.failure() {
            return Err(failure);
        }
        app.out().notice(&match scanned.commits {
            Some(commits) => format!("no key in {}", count(commits, "commit")),
            None => format!("no key in {}", count(scanned.files as u64, "file")),
        });
        Ok(())
    }

    fn source(self) -> Source {
        match self {
            Self { staged: true, .. } => Source::Staged,
            Self { history: Some(revision), .. } => Source::History { revision },
            Self { stdin: true, .. } => Source::Stdin,
            Self { paths, ignored, .. } => Source::Paths { paths, ignored },
        }
    }
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// As many digits of a commit tell it apart.
const SHORT: usize = 12;

fn lines(mut screen: Screen, scanned: &Scanned) -> Screen {
    for FoundKey { commit, path, hit } in &scanned.found {
        let commit =
            commit.iter().map(|commit| format!("{}:", commit.get(..SHORT).unwrap_or(commit)));
        let place = format!("{}{path}:{}:", commit.collect::<String>(), hit.line);
        // A name of a file must not be a line of its own.
        screen.look(Look::Strong, &place.replace('\n', "\\n"));
        screen.plain(&format!(" {} {}", hit.kind.name(), hit.masked));
        match owner(scanned, hit.known) {
            Some(Owner::Stored(name)) => {
                screen.look(Look::Bad, &format!(" (kept as \"{name}\")"));
            }
            Some(Owner::InFile(name)) => {
                screen.look(Look::Bad, &format!(" (of profile \"{name}\")"));
            }
            None => {}
        }
        screen.line();
    }
    screen
}

fn owner(scanned: &Scanned, known: Option<usize>) -> Option<&Owner> {
    scanned.owners.get(known?)
}

/// Version 1; fields are only ever added.
fn document(scanned: &Scanned) -> serde_json::Value {
    let key = |FoundKey { commit, path, hit }: &FoundKey| {
        let owner = owner(scanned, hit.known);
        let (stored, profile) = match owner {
            Some(Owner::Stored(name)) => (Some(name), None),
            Some(Owner::InFile(name)) => (None, Some(name)),
            None => (None, None),
        };
        json!({
            "kind": hit.kind,
            "commit": commit,
            "path": path,
            "line": hit.line,
            "last_line": hit.last_line,
            "masked": hit.masked,
            "kept_as": stored,
            "profile": profile,
        })
    };
    let keys: Vec<_> = scanned.found.iter().map(key).collect();
    let unread: Vec<_> =
        scanned.unread.iter().map(|(path, _)| path.display().to_string()).collect();
    json!({
        "version": 1,
        "keys": keys,
        "files": scanned.files,
        "commits": scanned.commits,
        "unread": unread,
    })
}

/// What to do about what was found.
fn failure_of(scanned: &Scanned, source: &Source) -> Failure {
    let number = scanned.found.len() as u64;
    let verb = if number == 1 { "is" } else { "are" };
    let place = match source {
        Source::Staged => "in what is staged",
        Source::History { .. } => "in the history",
        Source::Stdin => "on stdin",
        Source::Paths { .. } => "in clear text",
    };
    let known: BTreeSet<String> = scanned
        .found
        .iter()
        .filter_map(|found| owner(scanned, found.hit.known))
        .map(|owner| match owner {
            Owner::Stored(name) => format!("`awsx keys rotate {}`", word(name)),
            Owner::InFile(name) => format!("`awsx keys rotate {} --from-file`", word(name)),
        })
        .collect();
    let rotate = match known.len() {
        0 => "if AWS takes it, have its owner put another in its place: `awsx keys add NAME`, then `awsx keys rotate NAME`".to_owned(),
        _ => {
            let commands: Vec<_> = known.into_iter().collect();
            format!("{} puts another in its place", commands.join(", "))
        }
    };
    let then = match source {
        Source::History { .. } => {
            "who has a clone has the key, so that to rewrite the history is not enough"
        }
        _ => "what is no key, allow with a pattern in .gitallowed",
    };
    Failure::say(
        format!("{} {verb} {place}", count(number, "key")),
        Kind::KeysFound.with(format!("{rotate}; {then}")),
    )
}
