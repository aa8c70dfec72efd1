//! A terminal with somebody who sits at it, for the tests of what asks there.

use std::fs::File;
use std::io::{Read, Write};
use std::sync::{Mutex, PoisonError};

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{SpecialCodeIndex, Termios, tcgetattr};

use super::abilities::Abilities;
use super::unix::Device;

/// Signals are held back for the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Who sits at the terminal, and what it has shown that was not looked at yet.
pub(in crate::host) struct Person {
    side: File,
    shown: String,
}

impl Person {
    /// Reads what the terminal shows, up to `text`.
    pub(in crate::host) fn expect(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.shown.find(text) {
                let rest = self.shown.split_off(at + text.len());
                return std::mem::replace(&mut self.shown, rest);
            }
            let mut chunk = [0; 1024];
            let count = self.side.read(&mut chunk).unwrap();
            self.shown.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
        }
    }

    pub(in crate::host) fn type_text(&mut self, text: &str) {
        self.side.write_all(text.as_bytes()).unwrap();
    }
}

/// What `ask` gives at a terminal where somebody does what `sit` says, and what that gives. The terminal
/// must be left as it was found.
pub(in crate::host) fn at_a_terminal<A, S: Send + 'static>(
    ask: impl FnOnce(&Device) -> A,
    sit: impl FnOnce(&mut Person) -> S + Send + 'static,
) -> (A, S) {
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let side = openpt(flags).unwrap();
    grantpt(&side).unwrap();
    unlockpt(&side).unwrap();
    let file = ioctl_tiocgptpeer(&side, flags).unwrap().into();
    let device = Device { file, abilities: Abilities::default() };
    let found = tcgetattr(&device.file).unwrap();
    let mut person = Person { side: File::from(side), shown: String::new() };
    let person = std::thread::spawn(move || {
        let sat = sit(&mut person);
        (person, sat)
    });
    let answer = ask(&device);
    let (_person, sat) = person.join().unwrap();
    let left = tcgetattr(&device.file).unwrap();
    assert_eq!(left.local_modes, found.local_modes);
    assert_eq!(left.input_modes, found.input_modes);
    let vmin = |mode: &Termios| mode.special_codes[SpecialCodeIndex::VMIN];
    assert_eq!(vmin(&left), vmin(&found));
    (answer, sat)
}
