//! A throw-away home in front of the stand-in AWS, and the awsx binary in it.
//!
//! Nothing of the caller's environment gets in, nothing leaves loopback, and when a sandbox is
//! dropped every file that awsx could have written and everything it said is searched for secrets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fake_aws::FakeAws;
use crate::fake_aws::sample;
use crate::ran::Ran;
use crate::running::{Running, heed_signals};

/// The sample user's files: `dev` has keys, `prod` is a role with MFA, `audit` one behind it,
/// `readonly` a role without MFA.
pub(crate) const CONFIG: &str = "\
# the sample
[profile dev]
region = eu-west-1

[profile prod]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = dev
mfa_serial = arn:aws:iam::111111111111:mfa/dev
region = eu-central-1

[profile audit]
role_arn = arn:aws:iam::333333333333:role/security/Audit
source_profile = prod
external_id = sandbox-audit

[profile readonly]
role_arn = arn:aws:iam::111111111111:role/ReadOnly
source_profile = dev
";

/// The first lines of a person who uses IAM Identity Center.
pub(crate) const SSO_SESSION: &str = "\
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
";

pub(crate) const AWSX: &str = env!("CARGO_BIN_EXE_awsx");

/// What no program does without on Windows.
const SYSTEM: &[&str] = if cfg!(windows) { &["SystemRoot", "ComSpec", "PATHEXT"] } else { &[] };

/// The vault's passphrase.
pub(crate) const PASSPHRASE: &str = "planted passphrase of the vault";

/// `vault.json` with one pass over 8 KiB: what takes 150 ms on a desk takes a third of the tests' time.
#[cfg(unix)]
const VAULT: &str = r#"{"version": 1, "kdf": "argon2id", "memory_kib": 8, "passes": 1, "lanes": 1,
  "salt": "f8a432be5eb95330932202c51fa01fd7",
  "nonce": "fa0a59edeaaca8888ace597b69fb64c66a7eb9271defb4e4",
  "key": "48b20875434cbf61fd3691c3ef93b9c518fb61d0743595a3dcb40c478ed4e8fe7ce337fc30c0d23032ed34c532310198"}"#;

pub(crate) struct Sandbox {
    pub(crate) aws: FakeAws,
    home: tempfile::TempDir,
    vars: RefCell<BTreeMap<String, String>>,
    /// What awsx said where no secret belongs: stderr always, stdout unless it is meant to hold
    /// credentials.
    said: RefCell<Vec<(String, Vec<u8>)>>,
    planted: RefCell<Vec<String>>,
}

impl Sandbox {
    /// With a vault whose passphrase is [`PASSPHRASE`].
    #[expect(clippy::disallowed_methods, reason = "the machine's programs are the caller's")]
    pub(crate) fn new() -> Self {
        let aws = FakeAws::start();
        let home = tempfile::tempdir().unwrap();
        let temp = home.path().join("tmp");
        std::fs::create_dir(&temp).unwrap();
        let var = |name| std::env::var(name).unwrap_or_default();
        let path = var("PATH");
        let inherited = SYSTEM.iter().map(|name| (*name, var(name)));
        #[cfg(windows)]
        let local = home.path().join("local");
        let vars = [
            ("HOME", home.path().to_str().unwrap()),
            ("PATH", &path),
            ("USER", "ann"),
            ("TMPDIR", temp.to_str().unwrap()),
            #[cfg(windows)]
            ("TEMP", temp.to_str().unwrap()),
            #[cfg(windows)]
            ("USERPROFILE", home.path().to_str().unwrap()),
            #[cfg(windows)]
            ("LOCALAPPDATA", local.to_str().unwrap()),
            ("AWS_ENDPOINT_URL", aws.url()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWSX_VAULT", "passphrase"),
            ("AWSX_PASSPHRASE", PASSPHRASE),
        ];
        let vars = vars.map(|(name, value)| (name, value.to_owned())).into_iter().chain(inherited);
        let vars = vars.map(|(name, value)| (name.to_owned(), value)).collect();
        let sandbox = Self {
            aws,
            home,
            vars: RefCell::new(vars),
            said: RefCell::default(),
            planted: RefCell::default(),
        };
        sandbox.config(CONFIG);
        sandbox.credentials(&keys(sample::KEY_ID, sample::SECRET_KEY));
        #[cfg(unix)]
        {
            let mut directory = std::fs::DirBuilder::new();
            std::os::unix::fs::DirBuilderExt::mode(directory.recursive(true), 0o700);
            directory.create(sandbox.state_dir()).unwrap();
            sandbox.write_mode(".local/state/awsx/vault.json", VAULT, 0o600);
        }
        sandbox
    }

    /// Nobody chose a passphrase yet.
    pub(crate) fn without_vault(self) -> Self {
        let _ = std::fs::remove_dir_all(self.home().join(".local"));
        self
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        self.home().join(if cfg!(windows) { "local/awsx" } else { ".local/state/awsx" })
    }

    /// The records of a kind: `sessions`, `logins`, …
    pub(crate) fn records(&self, kind: &str) -> Vec<PathBuf> {
        files_below(&self.state_dir().join(kind))
    }

    /// The only record of a kind.
    pub(crate) fn only_record(&self, kind: &str) -> PathBuf {
        let mut records = self.records(kind);
        assert_eq!(records.len(), 1, "{records:?}");
        records.remove(0)
    }

    pub(crate) fn config(&self, text: &str) {
        self.write(".aws/config", text);
    }

    pub(crate) fn credentials(&self, text: &str) {
        self.write(".aws/credentials", text);
    }

    /// Writes a file below the home directory; its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The same, with the file's mode.
    #[cfg(unix)]
    pub(crate) fn write_mode(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.write(name, text);
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(&path, permissions).unwrap();
        path
    }

    /// The start file of a shell that a person types in.
    #[cfg(unix)]
    pub(crate) fn write_start_file(&self, name: &str, text: &str) {
        self.write(name, text);
        // Where these are not there yet, fish reads every man page in the background, for minutes,
        // and an inner fish's reader outlives it with the terminal open. (4 has them in the cache.)
        for parent in [".local/share", ".cache"] {
            self.write(&format!("{parent}/fish/generated_completions/none"), "");
        }
    }

    /// The text of a file below the home directory.
    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.home().join(name);
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn read_config(&self) -> String {
        self.read(".aws/config")
    }

    /// Sets a variable for all that follows.
    pub(crate) fn set(&self, name: &str, value: &str) {
        self.vars.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn what_is_set(&self, name: &str) -> String {
        self.vars.borrow().get(name).cloned().unwrap_or_default()
    }

    /// Sets variables for all that follows: `NAME=VALUE NAME=VALUE`.
    pub(crate) fn set_all(&self, variables: &str) {
        for variable in variables.split_whitespace() {
            let (name, value) = variable.split_once('=').expect("NAME=VALUE");
            self.set(name, value);
        }
    }

    pub(crate) fn unset(&self, name: &str) {
        self.vars.borrow_mut().remove(name);
    }

    /// A code of the sample device that was not used yet.
    pub(crate) fn code(&self) -> String {
        self.aws.unused_mfa_code(sample::MFA_SERIAL)
    }

    /// The code that the sample device shows in half a minute.
    pub(crate) fn next_code(&self) -> String {
        self.aws.control(|state| {
            let later = state.now() + chrono::TimeDelta::seconds(30);
            state.iam.mfa_device(sample::MFA_SERIAL).expect("the sample device").code(later)
        })
    }

    /// The command with the sandbox's environment and nothing else.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&*self.vars.borrow()).current_dir(self.home());
        heed_signals(&mut command);
        command
    }

    /// awsx in the sandbox, with stdin closed and without a terminal.
    pub(crate) fn awsx(&self, args: &[&str]) -> Ran {
        self.start(args).end()
    }

    /// `awsx exec PROFILE FLAGS -- true`
    pub(crate) fn exec(&self, profile: &str, flags: &[&str]) -> Ran {
        self.awsx(&[&["exec", profile], flags, &["--", "true"]].concat())
    }

    /// `awsx exec PROFILE -- env`, which must succeed.
    pub(crate) fn env_of(&self, profile: &str) -> Ran {
        self.awsx(&["exec", profile, "--", "env"]).ok()
    }

    /// `awsx whoami PROFILE --json`, which must succeed.
    pub(crate) fn whoami(&self, profile: &str) -> serde_json::Value {
        self.awsx(&["whoami", profile, "--json"]).ok().json()
    }

    /// `awsx explain PROFILE --json`, which must succeed.
    pub(crate) fn explain(&self, profile: &str) -> serde_json::Value {
        self.awsx(&["explain", profile, "--json"]).ok().json()
    }

    /// awsx in the sandbox, not waited for.
    pub(crate) fn start(&self, args: &[&str]) -> Running<'_> {
        let mut command = self.command(AWSX);
        Running::start(self, command.args(args), b"", !hands_over(args))
    }

    /// Any command, its streams kept; `searched`: its stdout is searched for secrets too.
    pub(crate) fn run(&self, command: &mut Command, stdin: &[u8], searched: bool) -> Ran {
        Running::start(self, command, stdin, searched).end()
    }

    /// Adds something that was said to what is searched for secrets.
    pub(crate) fn remember(&self, what: &str, said: &[u8]) {
        self.said.borrow_mut().push((what.to_owned(), said.to_owned()));
    }

    /// What is searched for secrets, of what has such a name.
    pub(crate) fn what_was_said(&self, what: &str) -> String {
        let said = self.said.borrow();
        let said = said.iter().filter(|(name, _)| name.contains(what));
        said.map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect()
    }

    /// Adds a secret to those that are searched for.
    pub(crate) fn plant(&self, secret: &str) {
        self.planted.borrow_mut().push(secret.to_owned());
    }

    /// Every secret that awsx may have met.
    fn secrets(&self) -> Vec<String> {
        let mut secrets = self.aws.secrets();
        secrets.push(PASSPHRASE.to_owned());
        secrets.extend(self.planted.borrow().iter().cloned());
        secrets
    }

    /// Where a secret, or most of one, was found in clear or in thin disguise.
    pub(crate) fn leaks(&self) -> Vec<String> {
        let forms: Vec<String> = self.secrets().iter().flat_map(|s| disguises(s)).collect();
        let holds = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            forms.iter().any(|form| text.contains(form))
        };
        let said = self.said.borrow();
        let said = said.iter().filter(|(_, bytes)| holds(bytes)).map(|(what, _)| what.clone());
        let files = files_below(self.home())
            .into_iter()
            // What the test itself wrote.
            .filter(|file| !file.starts_with(self.home().join(".aws")))
            .filter(|file| !file.starts_with(self.home().join("planted")))
            .filter(|file| holds(&std::fs::read(file).unwrap_or_default()))
            .map(|file| file.display().to_string());
        said.chain(files).collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The kernel keeps an opened vault's key for hours, and has room for few.
        let mut lock = self.command(AWSX);
        let _ = lock.arg("lock").output();
        let leaks = self.leaks();
        if !std::thread::panicking() {
            assert!(leaks.is_empty(), "secrets were found in {leaks:#?}");
        }
    }
}

/// Whether what these arguments print may be meant to hold credentials.
pub(crate) fn hands_over(args: &[impl AsRef<str>]) -> bool {
    const WORDS: [&str; 7] =
        ["env", "exec", "credential-process", "sts", "token", "docker-credential", "--print"];
    args.iter().any(|arg| WORDS.contains(&arg.as_ref()))
}

/// How a secret looks in a log: its two ends, also percent-encoded, in base 64 at any offset, in
/// hexadecimal, and as the numbers of a `Vec<u8>`.
pub(crate) fn disguises(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let end = bytes.len().min(16);
    let mut forms = Vec::new();
    for part in [&bytes[..end], &bytes[bytes.len() - end..]] {
        let text = String::from_utf8_lossy(part).into_owned();
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        let percent = |c| if unreserved(c) { c.to_string() } else { format!("%{:02X}", c as u32) };
        forms.push(text.chars().map(percent).collect());
        forms.push(text);
        forms
            .extend([0, 1, 2].map(|skip| aws_smithy_types::base64::encode(&part[skip..skip + 12])));
        forms.push(part.iter().map(|byte| format!("{byte:02x}")).collect());
        let numbers: Vec<String> = part.iter().map(u8::to_string).collect();
        forms.push(numbers.join(", "));
    }
    forms
}

/// The keys of `dev` in the credentials file.
pub(crate) fn keys(id: &str, secret: &str) -> String {
    format!("[dev]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
}

/// Changes what a file holds.
pub(crate) fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

/// None where the directory is not there.
pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![directory.to_path_buf()];
    while let Some(directory) = directories.pop() {
        let Ok(entries) = std::fs::read_dir(directory) else { continue };
        for entry in entries.map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                directories.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files
}
