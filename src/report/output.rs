//! The two streams: data on stdout, everything else on stderr.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use console::Term;
use serde::Serialize;

use super::failure::Failure;
use super::globals::{Color, Globals};
use super::screen::Screen;
use super::usage;
use crate::env::Env;
use crate::text::Look;
use crate::text::{Colour, Palette, abbreviate, printable, printable_json, word, wrap};

/// Where a command speaks.
pub(crate) struct Out {
    quiet: bool,
    /// Whether a stream is coloured; none where that depends on whether it is a terminal
    colored: Option<bool>,
    palette: Palette,
    home: Option<PathBuf>,
}

impl Out {
    pub(crate) fn new(globals: &Globals, env: &Env) -> Self {
        let is_plain = || env.is_present("NO_COLOR") || env.get("TERM") == Some("dumb");
        let colored = match globals.color {
            Color::Always => Some(true),
            Color::Never => Some(false),
            Color::Auto => is_plain().then_some(false),
        };
        let palette = Palette::of(env.get("TERM"), env.get("COLORTERM"));
        Self { quiet: globals.quiet, colored, palette, home: env.home().map(Path::to_path_buf) }
    }

    /// How text at a terminal is coloured; none where it is neither coloured nor bold or faint.
    pub(crate) fn palette_of_terminals(&self) -> Option<Palette> {
        (self.colored != Some(false)).then_some(self.palette)
    }

    /// stdout itself, for what writes its own text.
    pub(crate) fn stdout(&self) -> impl Write {
        io::stdout().lock()
    }

    /// Text for stdout, without what could steer the terminal.
    pub(crate) fn data(&self, text: &str) -> Result<(), Failure> {
        self.show(self.screen().plain(text))
    }

    /// Whether a stream is coloured. The console of Windows is told to show colours, whoever asks for them.
    fn is_colored(&self, stream: &Term) -> bool {
        let is_seen = shows_colors(stream);
        self.colored.unwrap_or(is_seen)
    }

    /// How stdout is coloured, if it is.
    pub(crate) fn palette(&self) -> Option<Palette> {
        self.palette_of(&Term::stdout())
    }

    fn palette_of(&self, stream: &Term) -> Option<Palette> {
        self.is_colored(stream).then_some(self.palette)
    }

    /// Nothing yet.
    pub(crate) fn screen(&self) -> Screen {
        Screen::new(self.palette())
    }

    /// Shows it on stdout.
    pub(crate) fn show(&self, screen: &Screen) -> Result<(), Failure> {
        self.write_lines(screen.text())
    }

    /// The same for stderr.
    #[cfg(unix)]
    pub(crate) fn side_screen(&self) -> Screen {
        Screen::new(self.palette_of(&Term::stderr()))
    }

    /// Shows it on stderr; not with `--quiet`.
    #[cfg(unix)]
    pub(crate) fn show_aside(&self, screen: &Screen) {
        if !self.quiet {
            write_line(screen.text().trim_end_matches('\n'));
        }
    }

    /// Lines for stdout, broken where the terminal ends.
    fn write_lines(&self, text: &str) -> Result<(), Failure> {
        match width(&Term::stdout()) {
            Some(width) => self.write(&*wrap(text, width)),
            None => self.write(text),
        }
    }

    /// Whether stdout is a terminal, and no program's.
    pub(crate) fn is_seen(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// A JSON document for stdout.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(value).expect("plain data is always JSON");
        text.push('\n');
        self.document(&text)
    }

    /// The same, of a text that is JSON already.
    pub(crate) fn document(&self, text: &str) -> Result<(), Failure> {
        self.write(&*printable_json(text))
    }

    /// Text for stdout that may steer the terminal: whoever made it has seen to the rest. A reader that has seen enough
    /// (`| head`) is no failure.
    pub(crate) fn write(&self, text: impl AsRef<[u8]>) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_ref()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::output(&error)),
            _ => Ok(()),
        }
    }

    /// Something that the person should know; not with `--quiet`.
    pub(crate) fn warning(&self, message: &str) {
        if !self.quiet {
            self.tell("warning", Colour::Yellow, message);
        }
    }

    /// Something that happens while the person waits; not with `--quiet`.
    pub(crate) fn notice(&self, message: &str) {
        if !self.quiet {
            self.instruction(message);
        }
    }

    /// The same with a name in it, which has a look of its own.
    pub(crate) fn notice_of(&self, [before, name, after]: [&str; 3], look: Look) {
        if !self.quiet {
            let mut line = Screen::new(self.palette_of(&Term::stderr()));
            line.plain("awsx: ").plain(before).look(look, name).plain(after);
            write_line(line.text());
        }
    }

    /// What the person must do for the command to go on; also with `--quiet`.
    pub(crate) fn instruction(&self, message: &str) {
        let message = abbreviate(message, self.home.as_deref());
        write_line(&format!("awsx: {}", printable(&message)));
    }

    /// The arguments of the person's command as a hint repeats them. They may be secrets, so they are shown
    /// only where they were typed; a log gets a sign for them.
    pub(crate) fn repeat(&self, arguments: &[OsString]) -> String {
        match arguments {
            [] => String::new(),
            _ if !io::stderr().is_terminal() => " …".to_owned(),
            _ => arguments.iter().map(|one| format!(" {}", word(&one.to_string_lossy()))).collect(),
        }
    }

    /// Whether a line that moves is for somebody to see.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Why the command failed, and what to do next.
    pub(crate) fn failure(&self, failure: &Failure, json: bool) {
        if json {
            let document = serde_json::json!({ "version": 1, "error": failure.document() });
            return write_line(&printable_json(&document.to_string()));
        }
        if failure.is_told {
            return;
        }
        self.tell("error", Colour::Red, &failure.message);
        if let Some(hint) = &failure.hint {
            self.tell("hint", Colour::Cyan, hint);
        }
    }

    fn tell(&self, what: &str, colour: Colour, message: &str) {
        // A line of its own could pass for awsx's words.
        let message = message.replace('\n', " ");
        let message = abbreviate(&message, self.home.as_deref());
        let message = printable(&message);
        let what = match self.palette_of(&Term::stderr()) {
            Some(palette) => palette.paint(colour, what),
            None => what.to_owned(),
        };
        write_line(&format!("{what}: {message}"));
    }
}

/// Shows it on stderr, broken where the terminal ends.
pub(crate) fn write_line(text: &str) {
    let text = match width(&Term::stderr()) {
        Some(width) => wrap(text, width),
        None => text.into(),
    };
    // Nobody is left to tell if stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether colours are seen there. Before Windows 10 no console can show them.
fn shows_colors(term: &Term) -> bool {
    term.is_term() && (cfg!(unix) || term.features().colors_supported())
}

/// The columns of a terminal that says how many it has.
fn width(term: &Term) -> Option<usize> {
    term.size_checked().map(|(_, columns)| columns.into())
}

/// What clap has to say: help and version on stdout, mistakes on stderr with exit code 2. `command`: what
/// the line begins with; `known`: the commands that could follow it.
pub(crate) fn usage(
    error: &clap::Error,
    command: &str,
    known: &[String],
    json: bool,
    out: &Out,
) -> ExitCode {
    use ErrorKind as E;
    match error.kind() {
        E::DisplayHelp | E::DisplayVersion | E::DisplayHelpOnMissingArgumentOrSubcommand => {
            let page = error.render();
            let of = |is_colored| match is_colored {
                true => page.ansi().to_string(),
                false => page.to_string(),
            };
            if error.use_stderr() {
                write_line(of(out.is_colored(&Term::stderr())).trim_end());
                return ExitCode::from(2);
            }
            let text = of(out.is_colored(&Term::stdout()));
            match out.write_lines(&text) {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => failure.exit_code(),
            }
        }
        _ => {
            let failure = usage::failure(error, command, known);
            out.failure(&failure, json);
            failure.exit_code()
        }
    }
}
