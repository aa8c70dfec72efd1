//! Runs cases side by side and says what each took.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::usage::cpu_of_children;

/// What a case may take, in ms.
#[derive(Clone, Copy)]
pub(crate) enum Budget {
    None,
    /// More than another case, named
    Beside(&'static str, f64),
    /// In all
    Whole(f64),
}

pub(crate) struct Case {
    name: &'static str,
    budget: Budget,
    command: Command,
    /// What stands on its stdin
    input: Option<PathBuf>,
    /// Process start to process end, ms
    times: Vec<f64>,
    /// Of the process, on whatever it became: ms of processor time
    cpu: Vec<f64>,
}

impl Case {
    pub(crate) fn new(name: &'static str, budget: Budget, mut command: Command) -> Self {
        crate::silent(&mut command);
        Self { name, budget, command, input: None, times: Vec::new(), cpu: Vec::new() }
    }

    /// The same with this file on stdin.
    pub(crate) fn with_input(self, input: PathBuf) -> Self {
        Self { input: Some(input), ..self }
    }

    fn run(&mut self) -> Result<()> {
        if let Some(input) = &self.input {
            self.command.stdin(File::open(input)?);
        }
        let cpu = cpu_of_children();
        let start = Instant::now();
        let status = self.command.spawn()?.wait()?;
        let time = start.elapsed();
        ensure!(status.success(), "{}: {status}", self.name);
        self.times.push(time.as_secs_f64() * 1e3);
        self.cpu.push((cpu_of_children() - cpu).as_secs_f64() * 1e3);
        Ok(())
    }

    /// How much more than `other` this took, by rounds: what slows a whole round is left out.
    fn difference(&self, other: &Self) -> f64 {
        median(self.times.iter().zip(&other.times).map(|(own, other)| own - other).collect())
    }
}

/// Runs every case `rounds` times, one after the other in each round. The first case is what the
/// others are compared with.
pub(crate) fn measure(mut cases: Vec<Case>, rounds: usize) -> Result<Vec<Row>> {
    // A first round warms the file cache.
    for round in 0..=rounds {
        for case in &mut cases {
            case.run()?;
            if round == 0 {
                case.times.clear();
                case.cpu.clear();
            }
        }
    }
    Ok(cases.iter().map(|case| Row::new(case, &cases)).collect())
}

/// A line of the table.
pub(crate) struct Row {
    name: &'static str,
    median: f64,
    least: f64,
    cpu: f64,
    more: f64,
    budget: String,
}

impl Row {
    pub(crate) const HEAD: &str = "\
| | median | least | processor | more than /bin/true | budget | kept |
| --- | --: | --: | --: | --: | --: | --- |";

    fn new(case: &Case, cases: &[Case]) -> Self {
        let median = median(case.times.clone());
        let verdict = |is: f64, may: f64| if is <= may { "yes" } else { "**no**" };
        let budget = match case.budget {
            Budget::None => "| ".to_owned(),
            Budget::Whole(ms) => format!("{ms:.1} in all | {}", verdict(median, ms)),
            Budget::Beside(name, ms) => {
                let at = cases.iter().position(|other| other.name == name);
                let other = at.map_or(&cases[0], |at| &cases[at]);
                let more = case.difference(other);
                let than = if at == Some(0) { String::new() } else { format!(" (is {more:.2})") };
                let with = if at == Some(0) { "+" } else { "10 profiles +" };
                format!("{with}{ms:.1}{than} | {}", verdict(more, ms))
            }
        };
        Self {
            name: case.name,
            median,
            least: case.times.iter().copied().fold(f64::INFINITY, f64::min),
            cpu: self::median(case.cpu.clone()),
            more: case.difference(&cases[0]),
            budget,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, median, least, cpu, more, budget } = self;
        write!(f, "| {name} | {median:.2} | {least:.2} | {cpu:.2} | {more:.2} | {budget} |")
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
