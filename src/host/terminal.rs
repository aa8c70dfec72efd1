//! The person at the terminal device, which is neither stdin nor stdout: prompts work inside
//! `eval "$(awsx env dev)"` and leave stdin to the command.

mod changed;
#[cfg(unix)]
mod paste;
#[cfg(unix)]
mod signals;
#[cfg(target_os = "linux")]
#[cfg(test)]
pub(super) mod testing;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod wait;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use std::time::Duration;

use console::truncate_str;
use dialoguer::FuzzySelect;
use dialoguer::theme::ColorfulTheme;

use crate::credentials::Secret;
#[cfg(unix)]
use crate::ports::Clock;
use crate::ports::{Nobody, PromptError, Terminal, Unanswered};
use crate::text::printable;

#[cfg(unix)]
use unix as device;
#[cfg(windows)]
use windows as device;

use changed::Echo;
pub(super) use changed::restore;
#[cfg(windows)]
use device::Device;
#[cfg(unix)]
pub(super) use device::Device;
#[cfg(unix)]
pub(super) use paste::{Meanwhile, Pasted};

pub(crate) fn open() -> Result<Box<dyn Terminal>, Nobody> {
    match Device::open() {
        Ok(device) if device.is_in_background() => Err(Nobody("awsx runs in the background")),
        Ok(device) => Ok(Box::new(device)),
        Err(_) => Err(Nobody("there is no terminal")),
    }
}

/// Ctrl-C and Ctrl-D cancel, and whatever ends or stops awsx at a prompt, the terminal is left as it
/// was found.
impl Terminal for Device {
    fn line(&self, question: &str) -> Result<Secret, Unanswered> {
        self.ask(&printable(question), Echo::On)
    }

    fn secret_line(&self, question: &str) -> Result<Secret, Unanswered> {
        self.ask(&printable(question), Echo::Off)
    }

    /// Not by the terminal's own lines, which are too short.
    #[cfg(unix)]
    fn paste(&self, question: &str) -> Result<Secret, Unanswered> {
        self.paste_line(&format!("{} (it is not shown): ", printable(question)))
    }

    #[cfg(windows)]
    fn paste(&self, question: &str) -> Result<Secret, Unanswered> {
        self.secret_line(&format!("{question}: "))
    }

    /// Not in the background, where a terminal must not be changed.
    #[cfg(unix)]
    fn pause(&self, length: Duration, clock: &dyn Clock) -> Result<(), Unanswered> {
        match self.is_in_background() {
            true => {
                clock.sleep(length);
                Ok(())
            }
            false => self.wait(length),
        }
    }

    fn pick(&self, question: &str, items: &[String]) -> Result<usize, PromptError> {
        let theme = ColorfulTheme::default();
        let select = FuzzySelect::with_theme(&theme).with_prompt(printable(question)).default(0);
        self.keys(|term| {
            // A line that wraps would be redrawn wrongly.
            let width = usize::from(term.size().1).saturating_sub(4);
            let lines = items.iter().map(|item| printable(item));
            let lines = lines.map(|line| truncate_str(&line, width, "…").into_owned());
            Ok(select.clone().items(lines).interact_on_opt(term)?)
        })
    }
}
