//! What a terminal showed, and when; as asciinema has it.
//! <https://docs.asciinema.org/manual/asciicast/v2/>

use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::tcsetwinsize;
use serde_json::{Value, json};

use super::fake_aws::FakeAws;
use super::home::enclose;
use super::pty::{Pty, winsize};
use super::world::{furnish, mfa_code};

pub(super) const ROWS: u16 = 28;
pub(super) const COLUMNS: u16 = 100;
const SCRIPT: &str = include_str!("script.txt");
/// What the shell says where it is ready: a mark that terminals do not show.
/// <https://gitlab.freedesktop.org/Per_Bothner/specifications/blob/master/proposals/semantic-prompts.md>
const READY: &str = "\x1b]133;A\x07";
/// Of a key
const TYPING: f64 = 0.045;
/// Before a line is sent, and for each line that is to be read
const THINKING: f64 = 0.5;
const READING: f64 = 0.25;
/// A bound for what hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was shown, each at its second.
pub(super) struct Recording {
    pub(super) events: Vec<(f64, String)>,
    /// Until the last of it is read
    pub(super) seconds: f64,
}

/// Acts the script out in a new sandbox.
pub(super) fn record() -> Result<Recording> {
    let this = std::env::current_exe().context("where is this program?")?;
    let aws = FakeAws::start();
    let home = tempfile::Builder::new().prefix("awsx-demo-").tempdir()?;
    furnish(home.path(), &aws, &this).context("the sandbox's home cannot be written")?;
    let mut shell = Command::new("sh");
    enclose(&mut shell, home.path(), &aws)?;
    shell
        .current_dir(home.path())
        .env("PS1", format!("{READY}$ "))
        .env("TERM", "xterm-256color")
        .env("TZ", "UTC")
        .env_remove("NO_COLOR")
        .env_remove("ENV");
    let pty = Pty::open()?;
    tcsetwinsize(&pty.side, winsize(ROWS, COLUMNS))?;
    let (side, mut child) = pty.spawn(shell)?;
    let mut seat = Seat { side, shown: Vec::new(), seen: 0, clock: 0.0, events: Vec::new() };
    let acted = seat.act();
    drop(seat.side);
    child.wait()?;
    let mut lock = Command::new(&this);
    enclose(&mut lock, home.path(), &aws)?;
    lock.args(["--awsx", "--quiet", "lock"]).status().context("the vault cannot be locked")?;
    acted?;
    Ok(Recording { events: seat.events, seconds: seat.clock })
}

/// Whoever sits at the terminal.
struct Seat {
    side: File,
    shown: Vec<u8>,
    /// How much of `shown` is in an event, and was waited for
    seen: usize,
    /// Seconds since the start, as a person types and reads
    clock: f64,
    events: Vec<(f64, String)>,
}

impl Seat {
    fn act(&mut self) -> Result<()> {
        for line in SCRIPT.lines() {
            match line.split_once(' ').with_context(|| format!("{line:?}"))? {
                ("#", _) => {}
                ("$", command) => {
                    self.wait_for(READY)?;
                    self.type_line(command)?;
                }
                (">", text) => self.wait_for(text)?,
                ("<", answer) => self.answer(&answer.replace("{code}", &mfa_code()))?,
                _ => bail!("{line:?} is no line of a script"),
            }
        }
        self.wait_for(READY)
    }

    fn type_line(&mut self, line: &str) -> Result<()> {
        for key in line.chars() {
            self.side.write_all(key.to_string().as_bytes())?;
            // The terminal shows it.
            self.wait_for(&key.to_string())?;
            self.clock += TYPING;
        }
        self.clock += THINKING;
        Ok(self.side.write_all(b"\r")?)
    }

    /// Types what the terminal does not show.
    fn answer(&mut self, answer: &str) -> Result<()> {
        self.side.write_all(answer.as_bytes())?;
        self.clock += answer.len() as f64 * TYPING + THINKING;
        Ok(self.side.write_all(b"\r")?)
    }

    /// Takes in what is shown until this text is.
    fn wait_for(&mut self, text: &str) -> Result<()> {
        let (start, begun) = (Instant::now(), self.clock);
        let from = self.seen;
        loop {
            let fresh = &self.shown[from..];
            if let Some(at) = fresh.windows(text.len()).position(|part| part == text.as_bytes()) {
                let lines = fresh.iter().filter(|byte| **byte == b'\n').count();
                self.seen = from + at + text.len();
                #[expect(clippy::cast_precision_loss, reason = "some lines")]
                let reading = lines as f64 * READING;
                self.clock += reading;
                return Ok(());
            }
            let fresh = self.read()?;
            self.clock = begun + start.elapsed().as_secs_f64();
            self.events.push((self.clock, fresh));
        }
    }

    /// Some whole characters.
    fn read(&mut self) -> Result<String> {
        let mut fresh = Vec::new();
        loop {
            let mut files = [PollFd::new(&self.side, PollFlags::IN)];
            let ready = poll(&mut files, Some(&Timespec::try_from(PATIENCE)?))?;
            ensure!(ready != 0, "nothing happens: {}", String::from_utf8_lossy(&self.shown));
            let mut chunk = [0; 4096];
            let count = self.side.read(&mut chunk)?;
            ensure!(count > 0, "the shell ended: {}", String::from_utf8_lossy(&self.shown));
            fresh.extend_from_slice(&chunk[..count]);
            if let Ok(text) = String::from_utf8(fresh.clone()) {
                self.shown.append(&mut fresh);
                return Ok(text);
            }
        }
    }
}

impl Recording {
    /// As a file of asciinema.
    pub(super) fn cast(&self) -> String {
        let header = json!({
            "version": 2, "width": COLUMNS, "height": ROWS, "title": "awsx",
            "env": {"TERM": "xterm-256color"},
        });
        let events = self.events.iter().map(|(time, text)| {
            json!([(time * 1000.0).round() / 1000.0, "o", text]).to_string() + "\n"
        });
        format!("{header}\n{}", events.collect::<String>())
    }

    pub(super) fn of_cast(text: &str) -> Result<Self> {
        let events = text.lines().skip(1).map(|line| {
            let event: Value = serde_json::from_str(line)?;
            let (time, text) = (event[0].as_f64(), event[2].as_str());
            anyhow::Ok((time.context("no time")?, text.context("no text")?.to_owned()))
        });
        let events = events.collect::<Result<Vec<_>>>()?;
        let seconds = events.last().map_or(0.0, |(time, _)| *time);
        Ok(Self { events, seconds })
    }

    /// The words that were to be read, however they were broken into lines; each time, code, id and length of time is a
    /// `#`.
    pub(super) fn told(&self) -> String {
        let mut parser = vt100::Parser::new(1000, COLUMNS, 0);
        self.events.iter().for_each(|(_, text)| parser.process(text.as_bytes()));
        let is_number = |word: &str| word.contains(|c: char| c.is_ascii_digit());
        let screen = parser.screen().contents();
        let words = screen.split_whitespace();
        let mut words: Vec<&str> =
            words.map(|word| if is_number(word) { "#" } else { word }).collect();
        words.dedup();
        words.join(" ")
    }
}
