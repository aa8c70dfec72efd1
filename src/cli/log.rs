//! `-v`, `-vv` and `AWSX_LOG`: what awsx does, on stderr.
//!
//! Only awsx's own events are shown. The SDK's are not, at any level: they hold raw answers of AWS.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::env::Env;
use crate::report::Globals;

/// Starts the log, where one is asked for: the flag wins over `AWSX_LOG`
/// (`off`, `error`, `warn`, `info`, `debug` or `trace`). Gives what is wrong with `AWSX_LOG`.
pub(super) fn start(globals: &Globals, env: &Env) -> Result<(), &'static str> {
    let (level, outcome) = match (globals.quiet, globals.verbose, env.get("AWSX_LOG")) {
        (true, ..) => (LevelFilter::OFF, Ok(())),
        (false, 1, _) => (LevelFilter::INFO, Ok(())),
        (false, 2.., _) => (LevelFilter::DEBUG, Ok(())),
        (false, 0, None) => (LevelFilter::WARN, Ok(())),
        (false, 0, Some(level)) => match level.trim().parse() {
            Ok(level) => (level, Ok(())),
            Err(_) => {
                let problem = "AWSX_LOG is none of off, error, warn, info, debug and trace";
                (LevelFilter::WARN, Err(problem))
            }
        },
    };
    // Nothing is told at these levels: what a person must know is no event.
    if level <= LevelFilter::WARN {
        return outcome;
    }
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_target(false)
        .without_time();
    let only_ours = Targets::new().with_target("awsx", level);
    // A second start, as in a test, keeps the first.
    let _ = tracing_subscriber::registry().with(only_ours).with(layer).try_init();
    outcome
}
