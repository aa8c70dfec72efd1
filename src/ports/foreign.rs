//! Runs the code of others, whose panic is an error and no end of awsx.
#![cfg_attr(
    windows,
    expect(
        clippy::missing_const_for_thread_local,
        reason = "it is, which clippy does not see there"
    )
)]

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};

thread_local! {
    static RUNS: Cell<bool> = const { Cell::new(false) };
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// The result; else where the code panicked. What it held is not used any more.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let before = RUNS.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    RUNS.set(before);
    outcome.map_err(|_| PLACE.take().unwrap_or_default())
}

/// Notes the place of a panic that [`catch`] makes an error of; whether there is one that does.
pub(crate) fn note_panic(place: Option<&Location<'_>>) -> bool {
    let runs = RUNS.get();
    if runs {
        // The name of the file says enough, and its directory is that of who built it.
        let shown = |place: &Location<'_>| {
            let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
            format!("{file}:{}", place.line())
        };
        PLACE.set(place.map(shown));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        assert_eq!(catch(|| 7), Ok(7));
        assert!(catch(|| -> u32 { panic!("planted") }).is_err());
        assert!(!note_panic(None), "outside of it a panic ends awsx");
        let inside = catch(|| note_panic(Some(Location::caller())));
        assert_eq!(inside, Ok(true));
    }
}
