//! `--only-failed`: what of a selection and its command did not end with 0 the last time.
//!
//! `each.json` in the state directory, 0600: of what ran last, a digest of the line (its arguments may be secrets), and the
//! names of the profiles that are left. Another awsx may write it meanwhile, so that there is a lock.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;

use serde::{Deserialize, Serialize};

use super::flags::Each;
use super::outcome::Outcome;
use super::run::Run;
use crate::app::App;
use crate::credentials::SessionKey;
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::state::{StateDir, StateDirError, encode_record, parse_record};
use crate::text::hex;

const FILE: &str = "each.json";
const LIMIT: u64 = 8 * 1024 * 1024;

/// So many lines are known, and so many names of all of them; the oldest go first.
const MOST_LINES: usize = 64;
const MOST_NAMES: usize = 50_000;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// The last one first
    lines: Vec<Line>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// Of selection and command
    digest: String,
    /// Names of runs
    left: BTreeSet<String>,
}

impl Kept {
    fn read(state: &StateDir) -> Result<Self, StateDirError> {
        let bytes = state.read(FILE, LIMIT)?;
        Ok(bytes.and_then(|bytes| parse_record(&bytes)).unwrap_or_default())
    }

    /// Puts a line first.
    fn set(&mut self, line: Line) {
        self.lines.retain(|other| other.digest != line.digest);
        self.lines.insert(0, line);
        self.lines.truncate(MOST_LINES);
        let mut names = 0;
        self.lines.retain(|line| {
            names += line.left.len();
            names <= MOST_NAMES
        });
    }
}

/// What is left of the same line. None where it is not known.
pub(super) fn left(app: &App, each: &Each) -> Result<BTreeSet<String>, Failure> {
    let digest = digest(app, each);
    let kept = match app.vault()?.durable() {
        Some(state) => Kept::read(state)?,
        None => Kept::default(),
    };
    let line = kept.lines.into_iter().find(|line| line.digest == digest);
    line.map(|line| line.left).ok_or_else(|| {
        Failure::say(
            "it is not known how these ended the last time: no such line was run before".to_owned(),
            Kind::Usage
                .with("run it without --only-failed; the rest of the line has to be the same"),
        )
    })
}

/// Writes down what is left now: of those that did not run, nothing was.
pub(super) fn keep(app: &App, each: &Each, runs: &[Run], outcomes: &[Outcome]) {
    let result = app.vault().map(|vault| vault.durable());
    let Ok(Some(state)) = result else { return };
    let failed = runs.iter().zip(outcomes).filter(|(_, outcome)| outcome.code != Some(0));
    let left = failed.map(|(run, _)| run.key()).collect();
    let keep = || -> Result<(), StateDirError> {
        let _lock = state.lock("each", || ())?;
        let mut kept = Kept::read(state)?;
        kept.set(Line { digest: digest(app, each), left });
        state.write(FILE, &encode_record(&kept))
    };
    if let Err(error) = keep() {
        let error = crate::text::with_causes(&error);
        app.out().warning(&format!("--only-failed will not know how these ended: {error}"));
    }
}

/// Of all that says what runs where.
fn digest(app: &App, each: &Each) -> String {
    let fields = |key, name: &'static str, values: &[String]| {
        values
            .iter()
            .fold(key, |key: crate::credentials::SessionKeyBuilder, value| key.field(name, value))
    };
    let key = SessionKey::builder("each");
    let key = fields(key, "pattern", &each.patterns);
    let key = key.optional("sso", each.sso.as_deref()).optional("role", each.role.as_deref());
    let key = fields(key, "account", &each.accounts);
    let key = fields(key, "in", &each.regions);
    let key = key.optional("region", app.globals.region.as_deref());
    let key = fields(key, "session", &each.server.words());
    let words: Vec<String> = each.command.iter().map(|word| hex(word.as_bytes())).collect();
    fields(key, "word", &words).build().to_hex()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_lines_go() {
        let mut kept = Kept::default();
        let line = |number: usize, names: usize| Line {
            digest: number.to_string(),
            left: (0..names).map(|name| name.to_string()).collect(),
        };
        (0..MOST_LINES + 9).for_each(|number| kept.set(line(number, 1)));
        assert_eq!((kept.lines.len(), &*kept.lines[0].digest), (MOST_LINES, "72"));
        kept.set(line(70, 2));
        assert_eq!((kept.lines.len(), kept.lines[0].left.len()), (MOST_LINES, 2));
        kept.set(line(80, MOST_NAMES - 1));
        let digests: Vec<_> = kept.lines.iter().map(|line| &*line.digest).collect();
        assert_eq!(digests, ["80"], "70 has two names");
    }
}
