//! Every sentence that a person may see, as `tests/cmd/*.trycmd` shows it; what needs an AWS to
//! answer is in the other modules.

use std::path::Path;

#[test]
fn what_awsx_says() {
    let commands = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let home = commands.join("home");
    let state = tempfile::tempdir().unwrap();
    let variables = trycmd::TestCases::new();
    // Nothing of the caller's environment decides what is said.
    for (name, _) in awsx::env::Env::capture().iter() {
        let name = name.to_string_lossy();
        if name.starts_with("AWS") {
            variables.env(name, "");
        }
    }
    variables
        .register_bin("awsx", Path::new(env!("CARGO_BIN_EXE_awsx")))
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
