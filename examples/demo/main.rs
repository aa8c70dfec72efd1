//! Records a session in the sandbox: what is typed at a shell, and what is seen.
//!
//! ```text
//! cargo run --example demo -- docs        writes docs/demo.cast (asciinema's format) and docs/demo.svg
//! cargo run --example demo -- --check     fails where docs/demo.cast does not show what is seen now
//! ```
//!
//! `script.txt` is what is typed. The output comes when it came, typing and reading take what they take a person.

#[cfg(unix)]
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/fake_aws/mod.rs"]
mod fake_aws;
#[cfg(unix)]
#[path = "../sandbox/home.rs"]
mod home;
#[cfg(unix)]
#[path = "../../tests/cli/pty.rs"]
mod pty;
#[cfg(unix)]
mod recording;
#[cfg(unix)]
mod svg;
#[cfg(unix)]
#[path = "../sandbox/world.rs"]
mod world;

#[cfg(not(unix))]
#[expect(clippy::print_stderr, reason = "this is a program")]
fn main() {
    eprintln!("demo: it needs a terminal of Unix");
}

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    unix::main()
}

#[cfg(unix)]
mod unix {
    use std::path::{Path, PathBuf};
    use std::process::ExitCode;

    use anyhow::{Context, Result, ensure};
    use awsx::Env;

    use super::recording::{Recording, record};
    use super::{home, svg, world};

    #[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a program")]
    pub(super) fn main() -> ExitCode {
        let words: Vec<_> = match home::own_words("demo") {
            Ok(words) => {
                words.into_iter().map(|word| word.to_string_lossy().into_owned()).collect()
            }
            Err(code) => return code,
        };
        let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["--mfa-code"] => {
                println!("{}", world::mfa_code());
                return ExitCode::SUCCESS;
            }
            ["--browser", url] => return home::browse(url),
            ["--awsx", words @ ..] => {
                let words = ["awsx"].iter().chain(words).map(Into::into);
                return awsx::run(words, Env::capture());
            }
            ["--check"] => check(),
            [folder] if !folder.starts_with('-') => write(Path::new(folder)),
            _ => {
                eprintln!("demo: name the folder, or --check: cargo run --example demo -- docs");
                return ExitCode::from(2);
            }
        };
        done.map_or_else(
            |error| {
                eprintln!("demo: {error:#}");
                ExitCode::FAILURE
            },
            |()| ExitCode::SUCCESS,
        )
    }

    fn write(folder: &Path) -> Result<()> {
        let recording = record()?;
        for (name, text) in [("demo.cast", recording.cast()), ("demo.svg", svg::draw(&recording))] {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    fn check() -> Result<()> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/demo.cast");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let (kept, now) = (Recording::of_cast(&text)?.told(), record()?.told());
        ensure!(
            kept == now,
            "docs/demo.cast shows\n{kept}\n\nand now it is\n{now}\n\nrecord it anew: cargo run --example demo -- docs"
        );
        Ok(())
    }
}
