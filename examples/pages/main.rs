//! Writes the man pages and the completions for shells, from the command tree.
//!
//! ```text
//! cargo run --example pages -- target/pages       man/awsx.1 …, completions/awsx.bash …
//! ```

mod completions;
mod man;
mod story;
mod tree;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

#[expect(clippy::print_stderr, reason = "this is a program")]
fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let [folder] = args.as_slice() else {
        eprintln!("pages: name the folder: cargo run --example pages -- target/pages");
        return ExitCode::from(2);
    };
    match write(Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pages: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> Result<()> {
    for (name, write) in
        [("man", man::write as fn(&Path) -> _), ("completions", completions::write)]
    {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)
            .and_then(|()| write(&folder))
            .with_context(|| folder.display().to_string())?;
    }
    Ok(())
}
