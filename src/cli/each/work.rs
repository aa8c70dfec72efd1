//! Runs the commands: which one is next, what happens meanwhile, and how it ends.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::time::{Duration, Instant};

use super::flags::Each;
use super::outcome::length;
use super::output::Output;
use super::queue::{Next, Queue};
use super::run::Run;
use crate::app::App;
use crate::host::crew::{Crew, Event};
use crate::report::Failure;

/// Exit codes of shells for what cannot be run or is not there, which no other try changes.
/// <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02>
const NOT_RUN: [i32; 2] = [126, 127];

/// How the runs end when nobody waits for their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// No more are started
    Soon,
    /// Those that run are told to end
    Now,
}

/// All of it.
pub(super) struct Work<'a> {
    pub app: &'a App,
    pub each: &'a Each,
    pub runs: &'a [Run],
    /// Of awsx
    pub program: &'a str,
    pub jobs: usize,
}

impl Work<'_> {
    /// Runs all that is left in the queue. The signal that ended it early, as an exit code.
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<Option<i32>, Failure> {
        let crew = Crew::new(&self.app.inherited).map_err(no_run)?;
        let queue = Queue::new(self.runs, Instant::now());
        let running = BTreeSet::new();
        let mut state =
            State { work: self, crew, queue, output, running, ending: None, signal: None };
        let done = state.go_on();
        if done.is_err() {
            state.end_all().map_err(no_run)?;
        }
        done.map(|()| state.signal_that_counts())
    }

    /// The words behind `awsx` for one of them.
    fn words(&self, run: &Run) -> Vec<OsString> {
        let Self { app, each, .. } = self;
        let mut words: Vec<String> = ["exec", "--no-input"].map(str::to_owned).to_vec();
        words.extend(each.server.words());
        words.extend(run.region.iter().map(|region| format!("--region={region}")));
        let of_line = app.globals.region.iter().filter(|_| run.region.is_none());
        words.extend(of_line.map(|region| format!("--region={region}")));
        words.extend(run.is_confirmed.then(|| format!("--yes-i-mean={}", run.whose.name())));
        words.extend(each.guard.consent().reason.map(|reason| format!("--reason={reason}")));
        words.extend(run.whose.words());
        words.push("--".to_owned());
        let own = words.into_iter().map(OsString::from);
        own.chain(each.command.iter().map(|word| run.fill_in(word))).collect()
    }
}

/// What changes while they run.
struct State<'w, 'a, 'o> {
    work: &'w Work<'w>,
    crew: Crew,
    queue: Queue<'w>,
    output: &'o mut Output<'a>,
    running: BTreeSet<usize>,
    ending: Option<Ending>,
    /// 128 and the number of the last one
    signal: Option<i32>,
}

impl State<'_, '_, '_> {
    fn go_on(&mut self) -> Result<(), Failure> {
        loop {
            let waits_until = self.start_those_due()?;
            if self.running.is_empty() && waits_until.is_none() {
                return Ok(());
            }
            let until = waits_until.into_iter().chain(self.output.due()).min();
            match self.crew.next(until).map_err(no_run)? {
                None => {}
                Some(Event::Line { run, stream, bytes }) => self.output.line(run, stream, bytes)?,
                Some(Event::Ended { run, code, lasted }) => self.take_end(run, code, lasted)?,
                Some(Event::Signal { code, is_interrupt }) => self.take_signal(code, is_interrupt),
            }
            let note = if self.ending.is_some() { "no more are started" } else { "" };
            self.output.refresh(self.running.iter().copied(), note);
        }
    }

    /// Starts as many as there may be; when another one can be.
    fn start_those_due(&mut self) -> Result<Option<Instant>, Failure> {
        while self.ending.is_none() && self.running.len() < self.work.jobs {
            match self.queue.next(Instant::now()) {
                Next::Run(run) => {
                    self.output.begin(run)?;
                    let words = self.work.words(&self.work.runs[run]);
                    self.crew.start(run, self.work.program, &words).map_err(no_run)?;
                    self.running.insert(run);
                }
                Next::Wait(until) => return Ok(Some(until)),
                Next::Nothing => break,
            }
        }
        Ok(None)
    }

    fn take_end(&mut self, run: usize, code: i32, lasted: Duration) -> Result<(), Failure> {
        self.running.remove(&run);
        let now = Instant::now();
        self.queue.take_end(run, code, now);
        let (tries, most) =
            (self.output.outcomes()[run].tries, 1 + u32::from(self.work.each.retry));
        let is_tried_again =
            code != 0 && tries < most && self.ending.is_none() && !NOT_RUN.contains(&code);
        if is_tried_again {
            let wait = length(self.queue.repeat(run, tries, now));
            let tries = format!("try {} of {most}", tries + 1);
            self.output.take_try(run, code, lasted, [wait, tries]);
            return Ok(());
        }
        if code != 0 && self.work.each.fail_fast {
            self.ending = self.ending.or(Some(Ending::Soon));
        }
        self.output.take_end(run, code, lasted)
    }

    /// A first interrupt starts no more; a second one ends those that run, and so does what nobody types.
    fn take_signal(&mut self, code: i32, is_interrupt: bool) {
        let is_first = self.signal.replace(code).is_none();
        if is_first && is_interrupt && self.ending != Some(Ending::Now) {
            let (left, running) = (self.queue.count(), self.running.len());
            self.output.instruction(&format!(
                "{left} are not started any more; waiting for {running}, Ctrl-C ends them"
            ));
            self.ending = Some(Ending::Soon);
        } else {
            self.crew.end();
            self.ending = Some(Ending::Now);
        }
    }

    /// Ends those that run. What they print has no place any more.
    fn end_all(&mut self) -> io::Result<()> {
        self.crew.end();
        while self.crew.count() > 0 {
            if let Some(Event::Ended { run, code, lasted }) = self.crew.next(None)? {
                self.output.note_end(run, code, lasted);
            }
        }
        Ok(())
    }

    /// A signal that changed nothing is no reason to end as after one.
    fn signal_that_counts(&self) -> Option<i32> {
        self.signal.filter(|_| self.queue.count() > 0 || self.ending == Some(Ending::Now))
    }
}

fn no_run(error: io::Error) -> Failure {
    Failure::io("the commands cannot be run", &error)
}
