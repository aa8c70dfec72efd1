//! `CONIN$` and `CONOUT$`.
#![expect(unsafe_code, reason = "std has no safe call for the console's mode")]

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::ptr;

use console::Term;
use windows_sys::Win32::System::Console::{
    ENABLE_ECHO_INPUT, ENABLE_LINE_INPUT, ENABLE_PROCESSED_INPUT,
    ENABLE_VIRTUAL_TERMINAL_PROCESSING, FlushConsoleInputBuffer, GetConsoleMode, ReadConsoleW,
    SetConsoleMode, WriteConsoleW,
};
use zeroize::Zeroizing;

use super::abilities::Abilities;
use super::canvas::Size;
use super::changed::{Changed, Echo, FOUND_SCREEN, OTHER_SCREEN};
use super::key::Key;
use crate::credentials::Secret;
use crate::host::interrupts::HeldInterrupts;
use crate::ports::{Nobody, PromptError, Unanswered};

pub(super) struct Device {
    input: File,
    output: File,
    pub(super) abilities: Abilities,
}

impl Device {
    /// Fails where there is no console.
    pub(super) fn open(abilities: Abilities) -> io::Result<Self> {
        let open = |name| File::options().read(true).write(true).open(name);
        Ok(Self { input: open("CONIN$")?, output: open("CONOUT$")?, abilities })
    }

    /// A console has no jobs.
    pub(super) fn is_in_background(&self) -> bool {
        let _ = self;
        false
    }

    /// Asks for one line, its end left off. What was typed before is dropped: it answers another
    /// question.
    pub(super) fn ask(&self, question: &str, echo: Echo) -> Result<Secret, Unanswered> {
        let answer = self.answer(question, echo).map_err(Unanswered::Terminal)?;
        answer.ok_or(Unanswered::Cancelled)
    }

    fn answer(&self, question: &str, echo: Echo) -> io::Result<Option<Secret>> {
        // They end the read, and not the process.
        let _held = HeldInterrupts::hold()?;
        let changed = change_mode(&self.input, echo)?;
        // SAFETY: the handle is open for as long as `self`.
        check(unsafe { FlushConsoleInputBuffer(self.input.as_raw_handle().cast()) })?;
        self.write(question)?;
        let answer = self.read_line();
        drop(changed);
        if echo == Echo::Off || !matches!(answer, Ok(Some(_))) {
            self.write("\r\n")?;
        }
        answer
    }

    /// Runs a dialogue that reads single keys, on the standard handles: `console` knows no others
    /// on Windows.
    pub(super) fn keys<T>(
        &self,
        mut dialogue: impl FnMut(&mut Keys<'_>) -> io::Result<Option<T>>,
    ) -> Result<T, PromptError> {
        let term = Term::stderr();
        if !term.is_term() {
            return Err(Nobody("stderr is not a console").into());
        }
        // Ctrl-C ends the dialogue, and not the process.
        let held = HeldInterrupts::hold().map_err(Unanswered::Terminal)?;
        let changed = obey_sequences(&self.output).map_err(Unanswered::Terminal)?;
        let answer = dialogue(&mut Keys { term: &term });
        drop(changed);
        drop(held);
        answer.map_err(Unanswered::Terminal)?.ok_or_else(|| Unanswered::Cancelled.into())
    }

    /// One line; `None` for Ctrl-C, Ctrl-Break and Ctrl-Z (the end of input).
    fn read_line(&self) -> io::Result<Option<Secret>> {
        let mut line = Zeroizing::new(Vec::with_capacity(8192));
        let mut chunk = Zeroizing::new([0_u16; 4096]);
        while line.last() != Some(&u16::from(b'\n')) {
            let mut count = 0;
            // SAFETY: the buffer has room for `chunk.len()` units and outlives the call.
            check(unsafe {
                ReadConsoleW(
                    self.input.as_raw_handle().cast(),
                    chunk.as_mut_ptr().cast(),
                    chunk.len() as u32,
                    &mut count,
                    ptr::null(),
                )
            })?;
            line.extend_from_slice(&chunk[..count as usize]);
            if count == 0 || line.first() == Some(&0x1a) {
                return Ok(None);
            }
        }
        let text = String::from_utf16(&line).map(Zeroizing::new).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, "what was typed is not Unicode")
        })?;
        Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']))))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut written = 0;
        // SAFETY: the buffer holds `units.len()` units and outlives the call.
        check(unsafe {
            WriteConsoleW(
                self.output.as_raw_handle().cast(),
                units.as_ptr().cast(),
                units.len() as u32,
                &mut written,
                ptr::null(),
            )
        })
    }
}

/// The keys of the console, one by one.
pub(super) struct Keys<'a> {
    term: &'a Term,
}

impl Keys<'_> {
    pub(super) fn size(&self) -> Size {
        let (rows, columns) = self.term.size();
        Size { rows: rows.into(), columns: columns.into() }
    }

    pub(super) fn show(&self, text: &str) -> io::Result<()> {
        self.term.write_str(text)
    }

    pub(super) fn take_screen(&self) -> io::Result<()> {
        self.show(OTHER_SCREEN)
    }

    pub(super) fn give_screen_back(&self) -> io::Result<()> {
        self.show(FOUND_SCREEN)
    }

    /// Whether there is more already: the console does not say.
    pub(super) fn has_more(&self) -> io::Result<bool> {
        Ok(false)
    }

    /// None is a key that means nothing here.
    pub(super) fn next(&mut self) -> io::Result<Option<Key>> {
        Ok(match self.term.read_key_raw()? {
            console::Key::Char(c) => Key::of_char(c),
            console::Key::CtrlC => Some(Key::Ctrl('c')),
            console::Key::Enter => Some(Key::Enter),
            console::Key::Escape => Some(Key::Escape),
            console::Key::Backspace => Some(Key::Backspace),
            console::Key::Del => Some(Key::Delete),
            console::Key::ArrowUp => Some(Key::Up),
            console::Key::ArrowDown => Some(Key::Down),
            console::Key::ArrowLeft => Some(Key::Left),
            console::Key::ArrowRight => Some(Key::Right),
            console::Key::Home => Some(Key::Home),
            console::Key::End => Some(Key::End),
            console::Key::PageUp => Some(Key::PageUp),
            console::Key::PageDown => Some(Key::PageDown),
            _ => None,
        })
    }
}

/// Lets what is written move the cursor.
fn obey_sequences(output: &File) -> io::Result<Changed> {
    let handle = output.as_raw_handle().cast();
    let mut found = 0;
    // SAFETY: the handle is open for as long as `output`.
    check(unsafe { GetConsoleMode(handle, &mut found) })?;
    let own = output.try_clone()?;
    let changed = Changed::until_dropped(move || {
        // SAFETY: the handle is open for as long as `own`.
        unsafe { SetConsoleMode(own.as_raw_handle().cast(), found) };
    });
    // SAFETY: as above.
    check(unsafe { SetConsoleMode(handle, found | ENABLE_VIRTUAL_TERMINAL_PROCESSING) })?;
    Ok(changed)
}

fn change_mode(input: &File, echo: Echo) -> io::Result<Changed> {
    let handle = input.as_raw_handle().cast();
    let mut found = 0;
    // SAFETY: the handle is open for as long as `input`.
    check(unsafe { GetConsoleMode(handle, &mut found) })?;
    let mode = (found & !ENABLE_ECHO_INPUT)
        | ENABLE_LINE_INPUT
        | ENABLE_PROCESSED_INPUT
        | if echo == Echo::On { ENABLE_ECHO_INPUT } else { 0 };
    let own = input.try_clone()?;
    let changed = Changed::until_dropped(move || {
        // SAFETY: the handle is open for as long as `own`.
        unsafe { SetConsoleMode(own.as_raw_handle().cast(), found) };
    });
    // SAFETY: as above.
    check(unsafe { SetConsoleMode(handle, mode) })?;
    Ok(changed)
}

fn check(answer: i32) -> io::Result<()> {
    if answer == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
