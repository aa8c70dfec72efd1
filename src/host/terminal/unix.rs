//! `/dev/tty`.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::process::{Signal, getpgrp};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp,
    tcsetattr,
};
use zeroize::Zeroizing;

use super::abilities::Abilities;
use super::changed::{Changed, Echo};
use super::keys::{Keys, give_back};
use super::signals::{Ready, Signals, deliver};
use crate::credentials::Secret;
use crate::ports::{Ends, Unanswered};

pub(in crate::host) struct Device {
    pub(super) file: File,
    pub(super) abilities: Abilities,
}

/// Whether the terminal belongs to another job now.
pub(crate) fn is_in_background(terminal: impl AsFd) -> bool {
    tcgetpgrp(terminal).is_ok_and(|foreground| foreground != getpgrp())
}

impl Device {
    /// Fails where there is no controlling terminal.
    pub(super) fn open(abilities: Abilities) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open("/dev/tty")?;
        Ok(Self { file, abilities })
    }

    /// To ask there would only stop awsx (SIGTTOU).
    pub(super) fn is_in_background(&self) -> bool {
        is_in_background(&self.file)
    }

    /// Asks for one line, its end left off.
    pub(super) fn ask(&self, question: &str, echo: Echo) -> Result<Secret, Unanswered> {
        let change = |mode: &mut Termios| {
            mode.input_modes |= InputModes::ICRNL;
            mode.local_modes |= LocalModes::ICANON | LocalModes::ISIG;
            mode.local_modes.set(LocalModes::ECHO, echo == Echo::On);
            // The line's end is shown all the same.
            mode.local_modes.set(LocalModes::ECHONL, echo == Echo::Off);
        };
        self.dialogue(change, |signals| {
            (&self.file).write_all(question.as_bytes())?;
            let answer = self.read_line(signals)?;
            if answer.is_none() {
                (&self.file).write_all(b"\n")?;
            }
            Ok(answer)
        })
    }

    /// Waits so long. What is typed meanwhile is neither shown nor kept.
    pub(super) fn wait(&self, ends: &Ends<'_>, length: Duration) -> Result<(), Unanswered> {
        let until = Instant::now().checked_add(length);
        let hidden = LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON;
        let wait = |signals: &Signals| loop {
            match signals.ready(self.file.as_fd(), None, until)? {
                Ready::Late => return Ok(Some(())),
                Ready::Resized => {}
                Ready::Input if (&self.file).read(&mut [0; 64])? > 0 => {}
                Ready::Input | Ready::Signal | Ready::Woken => return Ok(None),
            }
        };
        self.dialogue(
            |mode| mode.local_modes.remove(hidden),
            |signals| {
                if !(ends.first)() {
                    return Ok(Some(()));
                }
                let waited = wait(signals);
                (ends.last)();
                waited
            },
        )
    }

    /// Runs a dialogue that reads single keys. Those that send signals still do.
    pub(super) fn keys<T>(
        &self,
        mut dialogue: impl FnMut(&mut Keys<'_>) -> io::Result<Option<T>>,
    ) -> Result<T, Unanswered> {
        let lines = LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::IEXTEN;
        let change = |mode: &mut Termios| {
            mode.input_modes |= InputModes::ICRNL;
            mode.local_modes |= LocalModes::ISIG;
            mode.local_modes.remove(lines);
            mode.special_codes[SpecialCodeIndex::VMIN] = 1;
            mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        };
        self.dialogue(change, |signals| dialogue(&mut Keys::new(&self.file, signals)))
    }

    /// Runs `ask` on the changed terminal. What was typed before is dropped: it answers another
    /// question. `None` is "cancelled".
    pub(super) fn dialogue<T>(
        &self,
        change: impl Fn(&mut Termios),
        mut ask: impl FnMut(&Signals) -> io::Result<Option<T>>,
    ) -> Result<T, Unanswered> {
        loop {
            let signals = Signals::hold_back().map_err(Unanswered::Terminal)?;
            let changed = change_mode(&self.file, &change).map_err(Unanswered::Terminal)?;
            let answer = ask(&signals);
            drop(changed);
            let signal = signals.first().map_err(Unanswered::Terminal)?;
            drop(signals);
            match (signal, answer) {
                (None, Ok(Some(answer))) => return Ok(answer),
                (None, Ok(None)) | (Some(Signal::INT), _) => return Err(Unanswered::Cancelled),
                (None, Err(error)) => return Err(Unanswered::Terminal(error)),
                (Some(signal), _) => deliver(signal).map_err(Unanswered::Terminal)?,
            }
            // Stopped by Ctrl-Z, and in the foreground again: ask anew.
        }
    }

    /// One line; `None` at the end of input (Ctrl-D) or if a signal came first.
    fn read_line(&self, signals: &Signals) -> io::Result<Option<Secret>> {
        // More than a terminal's line can be (4,096 on Linux), so that it never moves.
        let mut line = Zeroizing::new(Vec::with_capacity(8192));
        let mut chunk = Zeroizing::new([0; 4096]);
        while line.last() != Some(&b'\n') {
            match signals.ready(self.file.as_fd(), None, None)? {
                Ready::Input => {}
                Ready::Resized => continue,
                Ready::Signal | Ready::Woken | Ready::Late => return Ok(None),
            }
            match (&self.file).read(&mut *chunk) {
                Ok(0) => return Ok(None),
                Ok(count) => line.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        line.pop();
        let text = std::str::from_utf8(&line).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, "what was typed is not UTF-8")
        })?;
        Ok(Some(Secret::new(text)))
    }
}

fn change_mode(file: &File, change: impl Fn(&mut Termios)) -> io::Result<Changed> {
    let found = tcgetattr(file)?;
    let mut mode = found.clone();
    change(&mut mode);
    let own = file.try_clone()?;
    // A terminal that is gone needs no restoring.
    let undo = move || {
        let _ = give_back(&own);
        let _ = tcsetattr(&own, OptionalActions::Drain, &found);
    };
    let changed = Changed::until_dropped(undo);
    tcsetattr(file, OptionalActions::Flush, &mode)?;
    Ok(changed)
}
