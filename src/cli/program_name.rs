//! What awsx is called by: the names of programs that it stands for.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::app::App;
use crate::app::shims::flag_of_profile;
use crate::env::Env;
use crate::report::failure::Failure;
use crate::report::{Globals, Out};
use crate::shims::{self, Outcome, Refusal, Translated};

/// What docker calls the program that answers for "awsx".
const DOCKER_HELPER: &str = "docker-credential-awsx";

/// What is to be done.
pub(super) enum Called {
    /// A line of awsx
    Line(Line),
    /// A text for stdout
    Page(String),
    Refused(Failure),
}

/// A line of awsx, and what goes with it where another program's name stood before it.
#[derive(Default)]
pub(super) struct Line {
    pub(super) args: Vec<OsString>,
    /// What the command finds in its environment that is run
    pub(super) for_child: Vec<(&'static str, String)>,
    notices: Vec<String>,
}

/// What the program's own name makes of the line: `docker-credential-awsx get` is `awsx docker-credential get`, and a line
/// of a tool that awsx stands for is one of awsx in other words.
pub(super) fn line_by_name(mut args: Vec<OsString>, env: &Env) -> Called {
    let name = args.first().and_then(|program| Path::new(program).file_stem());
    match name.and_then(OsStr::to_str) {
        None | Some("awsx") => {}
        Some(DOCKER_HELPER) => args.insert(1, "docker-credential".into()),
        Some(name) => {
            if let Some(peer) = shims::find(name) {
                return match shims::translate(peer, &args[1..], env) {
                    Ok(Outcome::Line(line)) => finish(line, env),
                    Ok(Outcome::Page(text)) => Called::Page(text),
                    Err(refusal) => Called::Refused(failure_of(&refusal)),
                };
            }
        }
    }
    Called::Line(Line { args, ..Line::default() })
}

/// With what depends on the profile.
fn finish(translated: Translated, env: &Env) -> Called {
    let Translated { line, child, notices, by_profile } = translated;
    let mut args: Vec<OsString> = std::iter::once("awsx".into()).chain(line).collect();
    if let Some(by_profile) = by_profile {
        let app = App::new(args.clone(), env.clone(), Globals::default());
        match flag_of_profile(&app, &by_profile) {
            Ok(flag) => {
                let at = args.iter().position(|word| word == "--").unwrap_or(args.len());
                args.splice(at..at, flag.map(OsString::from));
            }
            Err(failure) => return Called::Refused(failure),
        }
    }
    Called::Line(Line { args, for_child: child, notices })
}

fn failure_of(Refusal { message, hint }: &Refusal) -> Failure {
    Failure::usage(message.clone(), hint)
}

impl Line {
    /// Says what of the line was left out.
    pub(super) fn tell(&self, out: &Out) {
        self.notices.iter().for_each(|notice| out.notice(notice));
    }
}
