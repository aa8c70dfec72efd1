//! `awsx each`: one command with the credentials of many profiles.
//!
//! Every run is an `awsx exec` of its own, so that all that holds there holds here. What a person has to be asked is
//! asked before the first one starts, once for all of them.

mod ahead;
mod flags;
mod output;
mod pattern;
mod run;
mod selection;

use std::ffi::OsString;
use std::process::ExitCode;
use std::thread::available_parallelism;

use super::exec_command::end_with;
use crate::app::App;
use crate::host::crew::{Crew, Event};
use crate::host::own_program;
use crate::report::Failure;
use crate::report::failure::{Kind, prompt_advice};
use ahead::ask_ahead;
pub(super) use flags::Each;
use output::{Output, Shape};
use run::Run;
use selection::find_runs;

/// How the runs end when nobody waits for their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// No more are started
    Soon,
    /// Those that run are told to end
    Now,
}

impl Each {
    pub(in crate::cli) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let runs = find_runs(app, &self)?;
        self.confirm(app, &runs)?;
        let runs = ask_ahead(app, &self, runs)?;
        runs.iter().try_for_each(|run| run.check(&self.command))?;
        let program = own_program(&app.env)
            .map_err(|error| Failure::io("the path of awsx is not known", &error))?;
        let env = app.inherited.clone();
        let failed = |error| Failure::io("the commands cannot be run", &error);
        let mut crew = Crew::new(&env).map_err(failed)?;
        let shape = match (self.json, self.group) {
            (true, _) => Shape::Json,
            (false, true) => Shape::Grouped,
            (false, false) => Shape::Lines,
        };
        let mut output = Output::new(app, &runs, shape);
        let jobs = self.jobs.map_or_else(usual_jobs, usize::from);
        let (mut next, mut ending, mut was_signalled) = (0, None, false);
        loop {
            while ending.is_none() && next < runs.len() && crew.count() < jobs {
                let words = self.words(app, &runs[next]);
                crew.start(next, &program, &words).map_err(failed)?;
                next += 1;
            }
            if crew.count() == 0 {
                break;
            }
            match crew.next().map_err(failed)? {
                Event::Line { run, stream, bytes } => output.line(run, stream, bytes)?,
                Event::Ended { run, code, lasted } => {
                    output.take_end(run, code, lasted)?;
                    if code != 0 && self.fail_fast {
                        ending = ending.or(Some(Ending::Soon));
                    }
                }
                Event::Signal => {
                    was_signalled = true;
                    ending = Some(self.interrupt(app, &mut crew, ending, runs.len() - next));
                }
            }
        }
        output.tell_all(&runs[next..])?;
        let is_interrupted = was_signalled && (next < runs.len() || ending == Some(Ending::Now));
        end_with(if is_interrupted { 130 } else { output.code() })
    }

    /// A first interrupt starts no more; a second one ends those that run.
    fn interrupt(&self, app: &App, crew: &mut Crew, ending: Option<Ending>, left: usize) -> Ending {
        match ending {
            None => {
                let running = crew.count();
                app.out().instruction(&format!(
                    "{left} are not started any more; waiting for {running}, Ctrl-C ends them"
                ));
                Ending::Soon
            }
            Some(_) => {
                crew.end();
                Ending::Now
            }
        }
    }

    /// Shows what is about to run where, and asks.
    fn confirm(&self, app: &App, runs: &[Run]) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        let shown: Vec<String> = runs.iter().map(|run| format!("    {}\n", run.name())).collect();
        let line = app.out().repeat(&self.command);
        let question = format!("{}Run{line} as these {}?", shown.concat(), runs.len());
        match app.person().ask(|terminal| terminal.confirm(&question, false)) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(Failure::say("nothing was run".to_owned(), Kind::Cancelled.without_hint()))
            }
            Err(error) => {
                let hint = "add --yes, where they are meant".to_owned();
                Err(Failure::new(&error, prompt_advice(&error, hint)))
            }
        }
    }

    /// The words behind `awsx` for one of them.
    fn words(&self, app: &App, run: &Run) -> Vec<OsString> {
        let mut words: Vec<String> = ["exec", "--no-input"].map(str::to_owned).to_vec();
        words.extend(self.server.words());
        words.extend(run.region.iter().map(|region| format!("--region={region}")));
        let of_line = app.globals.region.iter().filter(|_| run.region.is_none());
        words.extend(of_line.map(|region| format!("--region={region}")));
        words.extend(run.is_confirmed.then(|| format!("--yes-i-mean={}", run.whose.name())));
        words.extend(self.guard.consent().reason.map(|reason| format!("--reason={reason}")));
        words.extend(run.whose.words());
        words.push("--".to_owned());
        let own = words.into_iter().map(OsString::from);
        own.chain(self.command.iter().map(|word| run.fill_in(word))).collect()
    }
}

fn usual_jobs() -> usize {
    available_parallelism().map_or(4, |cores| (cores.get() * 2).max(4))
}
