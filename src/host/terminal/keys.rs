//! The keys of a terminal, one by one.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::termios::tcgetwinsize;

use super::canvas::Size;
use super::changed::{FOUND_SCREEN, OTHER_SCREEN};
use super::key::{Key, Sent, read};
use super::signals::{Ready, Signals};

/// Escape alone is the key; soon followed by more it begins another one.
const SOON: Duration = Duration::from_millis(50);

/// Whether the other screen is shown
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Shows the screen that was found, if it is not shown.
pub(super) fn give_back(mut file: &File) -> io::Result<()> {
    match IS_TAKEN.swap(false, Ordering::Relaxed) {
        true => file.write_all(FOUND_SCREEN.as_bytes()),
        false => Ok(()),
    }
}

/// Reads byte by byte, so that what follows the last key is left to whoever reads next.
pub(super) struct Keys<'a> {
    file: &'a File,
    signals: &'a Signals,
    bytes: Vec<u8>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(file: &'a File, signals: &'a Signals) -> Self {
        Self { file, signals, bytes: Vec::new() }
    }

    pub(super) fn size(&self) -> Size {
        let size = tcgetwinsize(self.file).ok().filter(|size| size.ws_row > 0 && size.ws_col > 0);
        let (rows, columns) = size.map_or((24, 80), |size| (size.ws_row, size.ws_col));
        Size { rows: rows.into(), columns: columns.into() }
    }

    pub(super) fn show(&self, text: &str) -> io::Result<()> {
        let mut file = self.file;
        file.write_all(text.as_bytes())
    }

    /// Shows the other screen, until it is given back, or until the terminal is restored.
    pub(super) fn take_screen(&self) -> io::Result<()> {
        IS_TAKEN.store(true, Ordering::Relaxed);
        self.show(OTHER_SCREEN)
    }

    pub(super) fn give_screen_back(&self) -> io::Result<()> {
        give_back(self.file)
    }

    /// Whether there is more already, such as the rest of a paste.
    pub(super) fn has_more(&self) -> io::Result<bool> {
        Ok(self.signals.ready(self.file.as_fd(), None, Some(Instant::now()))? == Ready::Input)
    }

    /// None is a key that means nothing, or another size of the screen. A signal is as Ctrl-C, until it
    /// is known which one came.
    pub(super) fn next(&mut self) -> io::Result<Option<Key>> {
        loop {
            let is_begun = !self.bytes.is_empty();
            let until = is_begun.then(|| Instant::now() + SOON);
            match self.signals.ready(self.file.as_fd(), None, until)? {
                Ready::Signal | Ready::Woken => return Ok(Some(Key::Ctrl('c'))),
                Ready::Resized => return Ok(None),
                Ready::Late => {
                    let is_escape = std::mem::take(&mut self.bytes) == [0x1b];
                    return Ok(is_escape.then_some(Key::Escape));
                }
                Ready::Input => {}
            }
            let mut byte = [0];
            match self.file.read(&mut byte) {
                // The terminal is gone.
                Ok(0) => return Ok(Some(Key::Ctrl('c'))),
                Ok(_) => self.bytes.extend(byte),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if let Sent::Whole(key) = read(&self.bytes) {
                self.bytes.clear();
                return Ok(key);
            }
        }
    }
}
