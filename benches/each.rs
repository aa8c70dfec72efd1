//! What `awsx each` takes for many profiles, beside what their commands alone would, and beside `xargs -P` over the AWS
//! CLI. AWS is the stand-in of the tests, with 50 ms before each answer.
//!
//! ```text
//! cargo bench --bench each                          some two minutes of waiting
//! cargo bench --bench each -- --aws FILE            beside this AWS CLI, and nothing else
//! cargo bench --bench each -- --awsx FILE           another awsx than the one that cargo built
//! ```
//!
//! The least is (profiles / jobs) times what one profile takes by itself: `awsx exec` and its command, with a session that is
//! there (warm), or with one that is made first (cold); the median of several. It prints the table of `docs/performance.md`.

#[cfg(unix)]
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/fake_aws/mod.rs"]
mod fake_aws;

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    unix::main()
}

#[cfg(unix)]
mod unix {
    use std::fmt::Write;
    use std::path::{Path, PathBuf};
    use std::process::{Command, ExitCode, Output, Stdio};
    use std::time::{Duration, Instant};

    use anyhow::{Context, Result, ensure};

    use super::fake_aws::{FakeAws, sample};

    /// Of every answer.
    const LATENCY: Duration = Duration::from_millis(50);
    /// A command that waits, as most of those do that ask AWS something.
    const WAITS: [&str; 2] = ["sleep", "0.2"];
    const PROFILES: usize = 500;
    /// Beside the AWS CLI, each of whose starts keeps a core busy for a second.
    const FEW: usize = 12;
    const ROUNDS: usize = 5;
    /// How often one profile is run by itself.
    const ALONE: usize = 7;

    #[expect(clippy::print_stderr, reason = "this is a program")]
    pub(super) fn main() -> ExitCode {
        let words: Vec<String> =
            std::env::args().skip(1).filter(|word| word != "--bench").collect();
        let (mut awsx, mut aws) = (PathBuf::from(env!("CARGO_BIN_EXE_awsx")), None);
        for pair in words.chunks(2) {
            match pair {
                [flag, file] if flag == "--awsx" => awsx = file.into(),
                [flag, file] if flag == "--aws" => aws = Some(PathBuf::from(file)),
                _ => {
                    eprintln!("each: nothing but --awsx FILE and --aws FILE is an option");
                    return ExitCode::FAILURE;
                }
            }
        }
        print(&awsx, aws.as_deref()).map_or_else(
            |error| {
                eprintln!("each: {error:#}");
                ExitCode::FAILURE
            },
            |()| ExitCode::SUCCESS,
        )
    }

    #[expect(clippy::print_stdout, reason = "this is a program")]
    fn print(awsx: &Path, aws: Option<&Path>) -> Result<()> {
        let awsx = awsx.canonicalize().with_context(|| format!("{}", awsx.display()))?;
        if let Some(aws) = aws {
            return print_beside(&awsx, aws);
        }
        println!("| | profiles | at a time | one alone, s | least, s | took, s | over |");
        println!("| --- | --: | --: | --: | --: | --: | --: |");
        for jobs in [4, 8, 16] {
            print_case(&awsx, jobs)?;
        }
        Ok(())
    }

    /// In turn, each time with a home where no session is.
    #[expect(clippy::print_stdout, reason = "this is a program")]
    fn print_beside(awsx: &Path, aws: &Path) -> Result<()> {
        let words = [&*aws.to_string_lossy(), "sts", "get-caller-identity"];
        let (mut each, mut xargs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            each.push(Home::new(awsx, FEW)?.each("p*", 4, &words)?.1);
            xargs.push(Home::new(awsx, FEW)?.xargs(aws, 4)?);
        }
        let [each, xargs] = [each, xargs].map(|times| median(times).as_secs_f64());
        println!(
            "| {FEW} profiles, 4 at a time, {ROUNDS} rounds | `awsx each` | `xargs -P` | ratio |"
        );
        println!("| --- | --: | --: | --: |");
        println!(
            "| `aws sts get-caller-identity` | {each:.1} | {xargs:.1} | {:.2} |",
            each / xargs
        );
        Ok(())
    }

    /// All of them twice, cold and warm.
    #[expect(clippy::print_stdout, reason = "this is a program")]
    fn print_case(awsx: &Path, jobs: usize) -> Result<()> {
        let home = Home::new(awsx, PROFILES + ALONE)?;
        let one = |at: usize| home.exec(PROFILES + at);
        let alone = [
            ("cold", median((0..ALONE).map(one).collect::<Result<_>>()?)),
            ("warm", median((0..ALONE).map(one).collect::<Result<_>>()?)),
        ];
        for (name, alone) in alone {
            // Those that were run alone have other names.
            let (output, took) = home.each("p*", jobs, &WAITS)?;
            ensure!(
                String::from_utf8_lossy(&output.stderr)
                    .contains(&format!("{PROFILES} of {PROFILES}")),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            let (alone, took) = (alone.as_secs_f64(), took.as_secs_f64());
            #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
            let least = alone * PROFILES as f64 / jobs as f64;
            println!(
                "| {name} | {PROFILES} | {jobs} | {alone:.3} | {least:.1} | {took:.1} | {:.1} % |",
                100.0 * (took / least - 1.0)
            );
        }
        Ok(())
    }

    fn median(mut times: Vec<Duration>) -> Duration {
        times.sort_unstable();
        times[times.len() / 2]
    }

    /// A home with profiles, each with a session of its own.
    struct Home {
        awsx: PathBuf,
        aws: FakeAws,
        home: tempfile::TempDir,
        profiles: Vec<String>,
    }

    impl Drop for Home {
        /// The kernel keeps an opened vault's key for hours, and has room for few.
        fn drop(&mut self) {
            let _ = self.command(&self.awsx).args(["--quiet", "lock"]).status();
        }
    }

    impl Home {
        fn new(awsx: &Path, profiles: usize) -> Result<Self> {
            let aws = FakeAws::start();
            let home = tempfile::Builder::new().prefix("awsx-bench-").tempdir()?;
            std::fs::create_dir(home.path().join(".aws"))?;
            let name = |at: usize| match at < PROFILES {
                true => format!("p{at:03}"),
                false => format!("alone{at}"),
            };
            let names: Vec<String> = (0..profiles).map(name).collect();
            let mut config = "[profile dev]\nregion = eu-west-1\n".to_owned();
            for name in &names {
                writeln!(
                    config,
                    "[profile {name}]\nsource_profile = dev\nrole_arn = {}\n\
                     role_session_name = {name}\nregion = eu-west-1",
                    sample::READ_ONLY
                )?;
            }
            aws.control(|state| state.latency = LATENCY);
            let keys = format!(
                "[dev]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                sample::KEY_ID,
                sample::SECRET_KEY
            );
            std::fs::write(home.path().join(".aws/config"), config)?;
            std::fs::write(home.path().join(".aws/credentials"), keys)?;
            let this = Self { awsx: awsx.to_owned(), aws, home, profiles: names };
            // The vault is there, as on any day but the first.
            let output = this.command(awsx).args(["exec", "dev", "--", "true"]).output()?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Ok(this)
        }

        fn command(&self, program: &Path) -> Command {
            let mut command = Command::new(program);
            command
                .env_clear()
                .env("HOME", self.home.path())
                .env("PATH", "/usr/bin:/bin")
                .env("AWS_ENDPOINT_URL", self.aws.url())
                .env("AWSX_VAULT", "kernel")
                .stdin(Stdio::null());
            command
        }

        /// One profile by itself.
        fn exec(&self, at: usize) -> Result<Duration> {
            let mut command = self.command(&self.awsx);
            command.args(["exec", &self.profiles[at], "--"]).args(WAITS);
            let began = Instant::now();
            let output = command.output()?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Ok(began.elapsed())
        }

        fn each(&self, pattern: &str, jobs: usize, words: &[&str]) -> Result<(Output, Duration)> {
            let mut command = self.command(&self.awsx);
            command.args(["each", pattern, "-y", "-j", &jobs.to_string(), "--"]).args(words);
            let began = Instant::now();
            let output = command.output()?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Ok((output, began.elapsed()))
        }

        /// The same with the AWS CLI alone, which assumes the roles itself.
        fn xargs(&self, aws: &Path, jobs: usize) -> Result<Duration> {
            let line = format!(
                "printf '%s\\n' {} | xargs -P {jobs} -I @ {} --profile @ sts get-caller-identity",
                self.profiles.join(" "),
                aws.display()
            );
            let mut command = self.command(Path::new("/bin/sh"));
            let began = Instant::now();
            let output = command.args(["-c", &line]).output()?;
            ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Ok(began.elapsed())
        }
    }
}
