//! `awsx each`: one command with the credentials of many profiles.
//!
//! Every run is an `awsx exec` of its own, so that all that holds there holds here. What a person has to be asked is
//! asked before the first one starts, once for all of them.

mod ahead;
mod board;
mod files;
mod flags;
mod outcome;
mod output;
mod pattern;
mod queue;
mod record;
mod run;
mod selection;
mod work;

use std::process::ExitCode;
use std::thread::available_parallelism;

use super::exec_command::end_with;
use crate::app::App;
use crate::host::own_program;
use crate::report::Failure;
use crate::report::failure::{Kind, prompt_advice};
use ahead::ask_ahead;
use files::Files;
pub(super) use flags::Each;
use output::Output;
use run::{Run, Whose};
use selection::{find_whose, in_regions, pick};
use work::Work;

impl Each {
    pub(in crate::cli) fn run(mut self, app: &App) -> Result<ExitCode, Failure> {
        let mut all = find_whose(app, &self)?;
        if self.interactive {
            all = pick(app, all)?;
            self.name(&all);
        }
        let mut runs = in_regions(&self, all);
        if self.only_failed {
            let left = record::left(app, &self)?;
            runs.retain(|run| left.contains(&run.key()));
            if runs.is_empty() {
                app.out().notice("none of these failed the last time, so nothing is run");
                return Ok(ExitCode::SUCCESS);
            }
        }
        let directory = self.out.as_ref().map(|out| app.env.working_directory().join(out));
        let mut files = directory.map(|directory| Files::new(&directory, &runs)).transpose()?;
        self.confirm(app, &runs)?;
        let runs = ask_ahead(app, &self, runs)?;
        runs.iter().try_for_each(|run| run.check(&self.command))?;
        let program = own_program(&app.env)
            .map_err(|error| Failure::io("the path of awsx is not known", &error))?;
        files.as_mut().map_or(Ok(()), Files::make_room)?;
        let jobs = self.jobs.map_or_else(usual_jobs, usize::from);
        let mut output = Output::new(app, &self, &runs, files);
        let work = Work { app, each: &self, runs: &runs, program: &program, jobs };
        let done = work.run(&mut output);
        output.tell_all();
        record::keep(app, &self, &runs, output.outcomes());
        let signal = done?;
        end_with(signal.unwrap_or_else(|| output.code()))
    }

    /// Names these alone, as if that was typed.
    fn name(&mut self, all: &[Whose]) {
        let (mut patterns, mut accounts) = (Vec::new(), Vec::new());
        for whose in all {
            match whose {
                Whose::Profile(name) => patterns.push(name.clone()),
                Whose::Role { account, .. } => accounts.push(account.clone()),
            }
        }
        (self.patterns, self.accounts) = (patterns, accounts);
    }

    /// Shows what is about to run where, and asks; who ticked them has said so.
    fn confirm(&self, app: &App, runs: &[Run]) -> Result<(), Failure> {
        if self.yes || self.interactive {
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
}

fn usual_jobs() -> usize {
    available_parallelism().map_or(4, |cores| (cores.get() * 2).max(4))
}
