//! The rows of a table, side by side: each in a thread and with a sandbox of its own, because what
//! they spend their time with is waiting for back-off and time-outs.

/// Runs every row; the test fails if one of them panics, after all have ended.
pub(crate) fn side_by_side<Row: Sync>(
    rows: &[Row],
    name: impl Fn(&Row) -> &str,
    run: impl Fn(&Row) + Sync,
) {
    let run = &run;
    std::thread::scope(|scope| {
        for row in rows {
            let thread = std::thread::Builder::new().name(name(row).to_owned());
            thread.spawn_scoped(scope, move || run(row)).expect("the system has threads left");
        }
    });
}
