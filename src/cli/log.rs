//! `-v`, `-vv` and `AWSX_LOG`: what awsx does, on stderr, a line each.
//!
//! Only awsx's own events are shown. The SDK's are not, at any level: they hold raw answers of AWS.

use std::fmt::{Debug, Write as _};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber, span};

use crate::env::Env;
use crate::report::Globals;
use crate::report::output::write_line;
use crate::text::{DETAIL, printable};

/// Starts the log, where one is asked for: the flag wins over `AWSX_LOG`
/// (`off`, `error`, `warn`, `info`, `debug` or `trace`). Gives what is wrong with `AWSX_LOG`.
pub(super) fn start(globals: &Globals, env: &Env) -> Result<(), &'static str> {
    let (level, outcome) = match (globals.quiet, globals.verbose, env.get("AWSX_LOG")) {
        (true, ..) => (LevelFilter::OFF, Ok(())),
        (false, 1, _) => (LevelFilter::INFO, Ok(())),
        (false, 2.., _) => (LevelFilter::DEBUG, Ok(())),
        (false, 0, None) => (LevelFilter::OFF, Ok(())),
        (false, 0, Some(level)) => match level.trim().parse() {
            Ok(level) => (level, Ok(())),
            Err(_) => {
                let problem = "AWSX_LOG is none of off, error, warn, info, debug and trace";
                (LevelFilter::OFF, Err(problem))
            }
        },
    };
    // A second start, as in a test, keeps the first.
    if level > LevelFilter::OFF {
        let _ = tracing::subscriber::set_global_default(Log { level });
    }
    outcome
}

struct Log {
    level: LevelFilter,
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let level = match metadata.target() {
            DETAIL => LevelFilter::DEBUG,
            target if target.split("::").next() == Some("awsx") => (*metadata.level()).into(),
            _ => return false,
        };
        level <= self.level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let Line { message, fields } = line;
        let line = format!("{message}{fields}").replace('\n', " ");
        write_line(&format!("log: {}", printable(&line)));
    }

    // awsx has no spans.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The text of an event.
#[derive(Default)]
struct Line {
    message: String,
    /// ` name=value` of each
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
        written.expect("a String takes any text");
    }
}
