//! Every sentence that a person may see, as `tests/cmd/*.trycmd` shows it; what needs an AWS to
//! answer is in the other modules.

use std::path::Path;
use std::process::Command;

use awsx::for_tests::Env;

use crate::sandbox::AWSX;

/// Set where the test runs without its caller's environment.
const ALONE: &str = "ALONE";

/// trycmd hands the environment on, adds to it, but leaves nothing out of it; so the test runs again in
/// a process that has none.
#[test]
fn what_awsx_says() {
    let env = Env::capture();
    if env.get(ALONE).is_some() {
        return check_sentences();
    }
    let kept = ["PATH", "TMPDIR", "TRYCMD"].into_iter();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sentences::what_awsx_says", "--nocapture"])
        .env_clear()
        .envs(kept.filter_map(|name| Some((name, env.path(name)?))))
        .env(ALONE, "1")
        .status();
    assert!(status.unwrap().success());
}

fn check_sentences() {
    let commands = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let home = commands.join("home");
    let state = tempfile::tempdir().unwrap();
    let variables = trycmd::TestCases::new();
    variables
        .register_bin("awsx", Path::new(AWSX))
        .env("HOME", home.to_str().unwrap())
        .env("AWSX_STATE_DIR", state.path().to_str().unwrap())
        .env("AWSX_VAULT", "memory")
        .env("AWSX_NO_INPUT", "1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        // A call that should not be made gets no further than this machine.
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("COLUMNS", "100")
        .insert_var("[HOME]", home.to_str().unwrap().to_owned())
        .unwrap()
        .case("tests/cmd/*.trycmd");
}
