//! The person at the terminal device, which is neither stdin nor stdout: prompts work inside
//! `eval "$(awsx env dev)"` and leave stdin to the command.

mod abilities;
mod canvas;
mod cells;
mod changed;
mod dialogue;
mod fit;
mod key;
#[cfg(unix)]
mod keys;
mod line;
#[cfg(unix)]
mod paste;
mod picker;
#[cfg(unix)]
mod question;
mod row;
#[cfg(unix)]
#[cfg(test)]
mod screen;
#[cfg(unix)]
pub(in crate::host) mod signals;
#[cfg(target_os = "linux")]
#[cfg(test)]
pub(super) mod testing;
#[cfg(unix)]
mod ticks;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod wait;
#[cfg(windows)]
mod windows;

use std::io;
#[cfg(unix)]
use std::time::Duration;

use crate::credentials::Secret;
#[cfg(unix)]
use crate::ports::{Clock, Ends};
use crate::ports::{List, Nobody, PromptError, Terminal, Unanswered};
#[cfg(unix)]
use crate::text::Colour;

#[cfg(unix)]
use unix as device;
#[cfg(windows)]
use windows as device;

pub(crate) use abilities::Abilities;
use canvas::Canvas;
use changed::Echo;
pub(super) use changed::restore;
#[cfg(windows)]
use device::Device;
#[cfg(unix)]
pub(super) use device::Device;
#[cfg(windows)]
use device::Keys;
#[cfg(unix)]
pub(crate) use device::is_in_background;
use dialogue::{Dialogue, Step};
#[cfg(unix)]
use keys::Keys;
#[cfg(unix)]
pub(super) use paste::{Meanwhile, Pasted};
use picker::Picker;
#[cfg(unix)]
use question::TextQuestion;
#[cfg(unix)]
use ticks::Ticks;

/// While what it returns lives, Ctrl-C and Ctrl-\ do not end awsx: they are for the program that has the terminal.
#[cfg(unix)]
pub(crate) fn hold_interrupts() -> io::Result<impl Drop> {
    signals::Signals::hold_back_these(&[libc::SIGINT, libc::SIGQUIT])
}

/// From now on Ctrl-Z does not stop awsx.
pub(crate) fn ignore_stop() {
    #[cfg(unix)]
    signals::ignore_stop();
}

/// While what it returns lives, Ctrl-C and Ctrl-Break do not end awsx: they are for the program that has the console.
#[cfg(windows)]
pub(crate) fn hold_interrupts() -> io::Result<impl Drop> {
    super::interrupts::HeldInterrupts::hold()
}

pub(crate) fn open(abilities: Abilities) -> Result<Box<dyn Terminal>, Nobody> {
    match Device::open(abilities) {
        Ok(device) if device.is_in_background() => Err(Nobody("awsx runs in the background")),
        Ok(device) => Ok(Box::new(device)),
        Err(_) => Err(Nobody("there is no terminal")),
    }
}

/// Ctrl-C and Ctrl-D cancel, and whatever ends or stops awsx at a prompt, the terminal is left as it
/// was found.
impl Terminal for Device {
    fn line(&self, question: &str) -> Result<Secret, Unanswered> {
        self.ask(&self.fit(question), Echo::On)
    }

    /// Without it on Windows, whose console has to be told to take colours.
    #[cfg(unix)]
    fn line_with_name(
        &self,
        question: [&str; 3],
        colour: Option<Colour>,
    ) -> Result<Secret, Unanswered> {
        match colour.zip(self.abilities.palette) {
            Some(colour) => self.ask(&self.fit_with_name(question, colour), Echo::On),
            None => self.line(&question.concat()),
        }
    }

    fn secret_line(&self, question: &str) -> Result<Secret, Unanswered> {
        self.ask(&self.fit(question), Echo::Off)
    }

    /// Not by the terminal's own lines, which are too short.
    #[cfg(unix)]
    fn paste(&self, question: &str) -> Result<Secret, Unanswered> {
        self.paste_line(&self.fit(&format!("{question} (it is not shown): ")))
    }

    #[cfg(windows)]
    fn paste(&self, question: &str) -> Result<Secret, Unanswered> {
        self.secret_line(&format!("{question}: "))
    }

    /// Not in the background, where a terminal must not be changed.
    #[cfg(unix)]
    fn pause_between(
        &self,
        ends: &Ends<'_>,
        length: Duration,
        clock: &dyn Clock,
    ) -> Result<(), Unanswered> {
        match self.is_in_background() {
            true => {
                ends.sleep_between(length, clock);
                Ok(())
            }
            false => self.wait(ends, length),
        }
    }

    /// By the terminal's own lines on Windows, which can be edited there.
    #[cfg(unix)]
    fn edit_line(&self, question: &str) -> Result<Secret, Unanswered> {
        if !self.abilities.moves_cursor {
            return self.line(question);
        }
        let mut question = TextQuestion::new(question);
        Ok(Secret::new(&*self.keys(|keys| converse(keys, &mut question))?))
    }

    fn pick_from(&self, list: &List<'_>) -> Result<usize, PromptError> {
        let terminal: &dyn Terminal = self;
        if !self.abilities.moves_cursor {
            return Ok(terminal.pick_by_words(list)?);
        }
        let mut picker = Picker::new(list, self.abilities.palette);
        let picked = self.keys(|keys| converse(keys, &mut picker))?;
        Ok(picked)
    }

    #[cfg(unix)]
    fn pick_several(&self, list: &List<'_>) -> Result<Vec<usize>, PromptError> {
        if !self.abilities.moves_cursor {
            return Ok(vec![self.pick_from(list)?]);
        }
        let mut ticks = Ticks::new(Picker::new(list, self.abilities.palette));
        Ok(self.keys(|keys| converse(keys, &mut ticks))?)
    }
}

/// Shows the dialogue and gives it the keys; `None` if the person cancels, or a signal comes first.
fn converse<D: Dialogue>(keys: &mut Keys<'_>, dialogue: &mut D) -> io::Result<Option<D::Answer>> {
    if D::TAKES_SCREEN {
        keys.take_screen()?;
    }
    let mut canvas = Canvas::default();
    let answer = loop {
        if !keys.has_more()? {
            let size = keys.size();
            keys.show(&canvas.draw(&dialogue.frame(size), size))?;
        }
        let Some(key) = keys.next()? else { continue };
        match dialogue.press(key, keys.size()) {
            Step::More => {}
            Step::Answer(answer) => break Some(answer),
            Step::Cancel => break None,
        }
    };
    let size = keys.size();
    keys.show(&canvas.erase(size))?;
    if D::TAKES_SCREEN {
        keys.give_screen_back()?;
    }
    keys.show(&format!("{}\r\n", dialogue.rest(answer.as_ref(), size)))?;
    Ok(answer)
}
