//! A person at a terminal: a real pty, what it showed, and what is typed into it.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::process::{Child, Command};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, Termios, tcgetattr, tcsetwinsize};

use crate::pty::{Pty, winsize};
use crate::ran::Ran;
use crate::running::code;
use crate::sandbox::{AWSX, Sandbox};

/// A bound for a hanging test; nothing is measured against it.
const PATIENCE: Duration = Duration::from_secs(90);

/// What Ctrl-C, Ctrl-D, Ctrl-Z, Ctrl-\ and Escape send.
pub(crate) const CTRL_C: &str = "\x03";
pub(crate) const CTRL_D: &str = "\x04";
pub(crate) const CTRL_Z: &str = "\x1a";
pub(crate) const CTRL_BACKSLASH: &str = "\x1c";
pub(crate) const ESCAPE: &str = "\x1b";

/// A terminal in a sandbox, with a command running on it.
pub(crate) struct Terminal<'a> {
    sandbox: &'a Sandbox,
    side: File,
    child: Child,
    found: Termios,
    shown: Vec<u8>,
    /// What `shown` looks like.
    parser: vt100::Parser,
    /// How much of `shown` was expected already.
    read: usize,
}

impl Sandbox {
    /// awsx on a terminal, all three streams of it.
    pub(crate) fn awsx_on_terminal(&self, args: &[&str]) -> Terminal<'_> {
        let mut command = self.command(AWSX);
        command.args(args);
        Terminal::start(self, command)
    }

    /// awsx on a terminal with so many columns, until its end.
    pub(crate) fn awsx_in_columns(&self, columns: u16, args: &[&str]) -> Ran {
        let mut command = self.command(AWSX);
        command.args(args);
        Terminal::start_in(self, command, Some((40, columns))).end()
    }

    /// awsx on a terminal with so many rows and columns.
    pub(crate) fn awsx_in(&self, rows: u16, columns: u16, args: &[&str]) -> Terminal<'_> {
        let mut command = self.command(AWSX);
        command.args(args);
        Terminal::start_in(self, command, Some((rows, columns)))
    }

    /// `awsx exec PROFILE FLAGS -- true` on a terminal.
    pub(crate) fn exec_on_terminal(&self, profile: &str, flags: &[&str]) -> Terminal<'_> {
        self.awsx_on_terminal(&[&["exec", profile], flags, &["--", "true"]].concat())
    }

    /// A line of `sh` on a terminal, where `awsx` is this awsx.
    pub(crate) fn sh_on_terminal(&self, line: &str) -> Terminal<'_> {
        let mut command = self.command("sh");
        command.args(["-c", &format!("awsx() {{ \"$AWSX\" \"$@\"; }}\n{line}")]);
        command.env("AWSX", AWSX);
        Terminal::start(self, command)
    }
}

impl<'a> Terminal<'a> {
    pub(crate) fn start(sandbox: &'a Sandbox, command: Command) -> Self {
        Self::start_in(sandbox, command, None)
    }

    /// On a terminal of this size; on one that says none.
    pub(crate) fn start_in(
        sandbox: &'a Sandbox,
        mut command: Command,
        size: Option<(u16, u16)>,
    ) -> Self {
        let pty = Pty::open().unwrap();
        let (rows, columns) = size.unwrap_or((24, 80));
        if size.is_some() {
            tcsetwinsize(&pty.side, winsize(rows, columns)).unwrap();
        }
        command.env("TERM", "xterm").env("NO_COLOR", "1");
        let found = tcgetattr(&pty.side).unwrap();
        let name = format!("{command:?}");
        let (side, child) = pty.spawn(command).unwrap_or_else(|error| panic!("{name}: {error}"));
        let parser = vt100::Parser::new(rows, columns, 0);
        Self { sandbox, side, child, found, shown: Vec::new(), parser, read: 0 }
    }

    /// Waits until the terminal has shown `text`, after what was expected before.
    pub(crate) fn expect(&mut self, text: &str) -> &mut Self {
        loop {
            let unread = String::from_utf8_lossy(&self.shown[self.read..]);
            if let Some(at) = unread.find(text) {
                self.read += at + text.len();
                return self;
            }
            assert!(self.see_more(), "the terminal did not show {text:?}: {}", self.screen());
        }
    }

    /// Waits until this is all that the screen shows, without the blanks at its lines' ends.
    pub(crate) fn expect_screen(&mut self, lines: &[&str]) -> &mut Self {
        loop {
            let screen = self.parser.screen();
            let mut rows: Vec<String> = screen.rows(0, screen.size().1).collect();
            rows.iter_mut().for_each(|row| row.truncate(row.trim_end().len()));
            while rows.last().is_some_and(String::is_empty) {
                rows.pop();
            }
            if rows == lines {
                self.read = self.shown.len();
                return self;
            }
            assert!(self.see_more(), "the screen is not {lines:#?}: {rows:#?}");
        }
    }

    /// Waits until the terminal has shown one of `texts`, after what was expected before; which of them, the first
    /// that it shows. None once all that ran on it has ended.
    pub(crate) fn expect_one(&mut self, texts: &[&str]) -> Option<usize> {
        loop {
            let unread = String::from_utf8_lossy(&self.shown[self.read..]);
            let found = texts.iter().enumerate();
            let found = found.filter_map(|(which, text)| Some((unread.find(text)?, which)));
            if let Some((at, which)) = found.min() {
                self.read += at + texts[which].len();
                return Some(which);
            }
            if !self.see_more() {
                return None;
            }
        }
    }

    /// The lines that were shown, up to what was expected last.
    pub(crate) fn lines_so_far(&self) -> Vec<String> {
        let read = String::from_utf8_lossy(&self.shown[..self.read]);
        read.split('\n').map(|line| line.trim_end().to_owned()).collect()
    }

    /// Waits until the screen shows `text` anywhere.
    pub(crate) fn expect_on_screen(&mut self, text: &str) -> &mut Self {
        while !self.parser.screen().contents().contains(text) {
            assert!(self.see_more(), "the screen does not show {text:?}: {}", self.screen());
        }
        self
    }

    /// Waits until this is the last row that shows anything, without the blanks at its end.
    pub(crate) fn expect_last_row(&mut self, row: &str) -> &mut Self {
        loop {
            let screen = self.parser.screen();
            let last = screen.rows(0, screen.size().1).filter(|row| !row.trim().is_empty()).last();
            if last.is_some_and(|last| last.trim_end() == row) {
                return self;
            }
            assert!(self.see_more(), "the last row is not {row:?}: {}", self.screen());
        }
    }

    /// Gives the terminal another size. What it shows is cut off, not broken anew.
    pub(crate) fn resize(&mut self, rows: u16, columns: u16) -> &mut Self {
        self.parser.screen_mut().set_size(rows, columns);
        tcsetwinsize(&self.side, winsize(rows, columns)).unwrap();
        self
    }

    /// Waits for a whole line that begins with `start`, after what was expected before; the line.
    pub(crate) fn line(&mut self, start: &str) -> String {
        loop {
            let unread = String::from_utf8_lossy(&self.shown[self.read..]).into_owned();
            let mut whole = unread.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            if let Some(line) = whole.find(|line| line.starts_with(start)) {
                self.expect(line);
                return line.trim_end().to_owned();
            }
            assert!(self.see_more(), "no line begins with {start:?}: {}", self.screen());
        }
    }

    /// The rest of the line that was being read; waits until it is there.
    pub(crate) fn next_line(&mut self) -> String {
        let start = self.read;
        self.expect("\r\n");
        String::from_utf8_lossy(&self.shown[start..self.read]).trim_end().to_owned()
    }

    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        self.side.write_all(text.as_bytes()).unwrap();
        self
    }

    pub(crate) fn type_line(&mut self, line: &str) -> &mut Self {
        self.type_text(&format!("{line}\r"))
    }

    /// Sends the command a signal.
    pub(crate) fn signal(&mut self, signal: Signal) -> &mut Self {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self
    }

    /// Whether what is typed is shown now.
    pub(crate) fn echoes(&self) -> bool {
        tcgetattr(&self.side).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits for the end. The terminal must then be as the command found it.
    pub(crate) fn end(&mut self) -> Ran {
        let ran = self.end_with_secrets();
        self.sandbox.remember("the terminal", &self.shown);
        ran
    }

    /// The same, where what was shown may be meant to hold credentials.
    pub(crate) fn end_with_secrets(&mut self) -> Ran {
        while self.see_more() {}
        let status = self.child.wait().unwrap();
        let left = tcgetattr(&self.side).unwrap();
        let mode = |t: &Termios| (t.local_modes, t.input_modes, t.output_modes, t.control_modes);
        assert_eq!(mode(&left), mode(&self.found), "the terminal's mode: {}", self.screen());
        Ran { code: code(status), stdout: self.screen(), stderr: self.screen() }
    }

    /// Says where the cursor is, as a terminal does where it is asked to.
    /// <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>
    fn answer(&mut self, shown: &[u8]) {
        let questions = shown.windows(4).filter(|text| *text == b"\x1b[6n").count();
        for _ in 0..questions {
            let (row, column) = self.parser.screen().cursor_position();
            self.type_text(&format!("\x1b[{};{}R", row + 1, column + 1));
        }
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Takes in what is shown next; false once the last process has left the terminal.
    fn see_more(&mut self) -> bool {
        let mut files = [PollFd::new(&self.side, PollFlags::IN)];
        let patience = Timespec::try_from(PATIENCE).unwrap();
        let ready = poll(&mut files, Some(&patience)).unwrap();
        assert_ne!(
            ready,
            0,
            "nothing happened for {PATIENCE:?}: {}\n{}",
            self.screen(),
            self.parser.screen().contents()
        );
        let mut chunk = [0; 4096];
        match self.side.read(&mut chunk) {
            Ok(count) => {
                self.shown.extend_from_slice(&chunk[..count]);
                self.parser.process(&chunk[..count]);
                self.answer(&chunk[..count]);
                count > 0
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            // EIO: nobody has the other side open.
            Err(_) => false,
        }
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        // Where a test failed it may still run.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
