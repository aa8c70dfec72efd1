//! The rows of a table, side by side: each in a thread and with a sandbox of its own, because what
//! they spend their time with is waiting for back-off and time-outs.

/// A row whose first column says what it is about.
pub(crate) trait Row: Sync {
    fn docs(&self) -> &str;
}

macro_rules! rows {
    ($(($($column:ident)*))*) => {$(
        impl<$($column: Sync),*> Row for (&str, $($column),*) {
            fn docs(&self) -> &str {
                self.0
            }
        }
    )*};
}

rows! { (A) (A B) (A B C) (A B C D) }

/// Runs every row; the test fails if one of them panics, after all have ended.
pub(crate) fn side_by_side<R: Row>(rows: &[R], run: impl Fn(&R) + Sync) {
    let run = &run;
    std::thread::scope(|scope| {
        for row in rows {
            let thread = std::thread::Builder::new().name(row.docs().to_owned());
            thread.spawn_scoped(scope, move || run(row)).expect("the system has threads left");
        }
    });
}
