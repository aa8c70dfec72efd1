//! A home directory with profiles, and awsx in it, in front of the stand-in AWS.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::fake_aws::{FakeAws, sample};

/// A role that needs no MFA. It stands at the end of the file.
pub(crate) const PROFILE: &str = "readonly";

pub(crate) struct World {
    awsx: PathBuf,
    home: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl World {
    /// A home with this many profiles, and an awsx with this vault.
    pub(crate) fn new(awsx: &Path, aws: &FakeAws, vault: &str, profiles: usize) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("awsx-bench-").tempdir()?;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let variables = [
            ("HOME", text(home.path())),
            ("PATH", "/usr/bin:/bin".to_owned()),
            ("AWS_ENDPOINT_URL", aws.url().to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWSX_NO_INPUT", "1".to_owned()),
            ("AWSX_VAULT", vault.to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        std::fs::create_dir(home.path().join(".aws"))?;
        std::fs::write(home.path().join(".aws/config"), config(profiles))?;
        let keys = format!(
            "[dev]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            sample::KEY_ID,
            sample::SECRET_KEY
        );
        std::fs::write(home.path().join(".aws/credentials"), keys)?;
        Ok(Self { awsx: awsx.to_owned(), home, variables })
    }

    /// The same with further variables.
    pub(crate) fn with(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.variables.extend(variables);
        self
    }

    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.variables.iter().cloned()).args(args);
        command
    }

    pub(crate) fn awsx(&self, args: &[&str]) -> Command {
        self.command(&self.awsx, args)
    }

    /// Has the session made that every further run finds cached. Only here is a passphrase given.
    pub(crate) fn mint(&self) -> Result<()> {
        self.mint_with(&[])
    }

    /// The same so often, each with a name and a record of its own.
    pub(crate) fn mint_more(&self, count: usize) -> Result<()> {
        (0..count).try_for_each(|n| self.mint_with(&["--session-name", &format!("bench-{n}")]))
    }

    fn mint_with(&self, flags: &[&str]) -> Result<()> {
        let mut command = self.awsx(&[&["exec", PROFILE], flags, &["--", "true"]].concat());
        let output = command.env("AWSX_PASSPHRASE", "for a benchmark").output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// A file in the home directory.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.home.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// The config file's, in bytes.
    pub(crate) fn size(&self) -> u64 {
        std::fs::metadata(self.home.path().join(".aws/config")).map_or(0, |file| file.len())
    }
}

/// What `awsx use` leaves in a shell, as far as a prompt looks at it.
pub(crate) fn in_use() -> impl Iterator<Item = (String, String)> {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "ASIABENCHMARK"),
        ("AWS_SECRET_ACCESS_KEY", "for a benchmark"),
        ("AWS_CREDENTIAL_EXPIRATION", "2099-01-01T00:00:00Z"),
        ("AWS_ACCOUNT_ID", "111111111111"),
        ("AWSX_ACCESS_KEY_ID", "ASIABENCHMARK"),
        ("AWSX_PROFILE", PROFILE),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// The kernel's keys outlive their directory.
impl Drop for World {
    fn drop(&mut self) {
        let _ = crate::silent(&mut self.awsx(&["lock"])).status();
    }
}

/// Roles in as many accounts, as organisations have them.
fn config(profiles: usize) -> String {
    let mut text = String::from("[profile dev]\nregion = eu-west-1\n");
    for n in 0..profiles.saturating_sub(2) {
        let _ = write!(
            text,
            "\n[profile workload-{n:05}-admin]\nrole_arn = \
             arn:aws:iam::{n:012}:role/Administrator\nsource_profile = dev\nregion = \
             eu-central-1\noutput = json\n"
        );
    }
    let _ = write!(
        text,
        "\n[profile {PROFILE}]\nrole_arn = {}\nsource_profile = dev\n",
        sample::READ_ONLY
    );
    text
}
