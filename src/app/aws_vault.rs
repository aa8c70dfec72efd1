//! The access keys that aws-vault holds, where awsx can open its store.

use std::fs;
use std::path::{Path, PathBuf};

use super::App;
use super::shim_links::others_by_name;
use crate::credentials::Secret;
use crate::host;
use crate::keys::aws_vault::{NotOpened, candidate, open_jwe};
use crate::keys::import::Candidate;
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::state::files;
#[cfg(target_os = "linux")]
use crate::vault::{VaultError, read_collection};

/// Bytes of an item, at most.
const LONGEST: u64 = 256 * 1024;
/// Where the passphrase of the `file` backend comes from, as in aws-vault.
const PASSPHRASE: &str = "AWS_VAULT_FILE_PASSPHRASE";

/// Where aws-vault keeps its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    File,
    Pass,
    #[cfg(target_os = "linux")]
    SecretService,
}

impl Backend {
    /// Those that awsx opens.
    pub(crate) const ALL: &[Self] = &[
        #[cfg(target_os = "linux")]
        Self::SecretService,
        Self::File,
        Self::Pass,
    ];

    /// By aws-vault's name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|backend| backend.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Pass => "pass",
            #[cfg(target_os = "linux")]
            Self::SecretService => "secret-service",
        }
    }
}

/// What aws-vault's store holds. Without a backend it is that of `AWS_VAULT_BACKEND`, else the one that is
/// there.
pub(crate) fn find_in_aws_vault(
    app: &App,
    backend: Option<Backend>,
) -> Result<Vec<Candidate>, Failure> {
    let named = app.env.get("AWS_VAULT_BACKEND").map(str::trim);
    let backend = backend.or(match named {
        Some(named) => Backend::of(named),
        None if file_dir(app).is_dir() => Some(Backend::File),
        #[cfg(target_os = "linux")]
        None if app.env.get("DBUS_SESSION_BUS_ADDRESS").is_some() => Some(Backend::SecretService),
        None => None,
    });
    match backend {
        Some(Backend::File) => find_in_files(app),
        Some(Backend::Pass) => find_in_pass(app),
        #[cfg(target_os = "linux")]
        Some(Backend::SecretService) => find_in_secret_service(app),
        None => Err(Failure::say(
            match named {
                Some(other) => format!("awsx cannot open aws-vault's backend {other}"),
                None => format!("aws-vault has no items in {}", file_dir(app).display()),
            },
            Kind::Config.with(format!("{} from any backend", hand_over(app))),
        )),
    }
}

/// How aws-vault itself hands a key over: by its path, where awsx goes by its name.
pub(super) fn hand_over(app: &App) -> String {
    let program = match others_by_name(app, "aws-vault").as_deref() {
        Some([path, ..]) => word(&path.display().to_string()).into_owned(),
        _ => "aws-vault".to_owned(),
    };
    format!("`{program} exec --no-session NAME -- awsx keys add NAME --env` takes a key over")
}

/// `AWS_VAULT_FILE_DIR`, or `~/.awsvault/keys`.
pub(super) fn file_dir(app: &App) -> PathBuf {
    let named = app.env.path("AWS_VAULT_FILE_DIR").unwrap_or(Path::new("~/.awsvault/keys"));
    app.env.expand_home(named)
}

fn find_in_files(app: &App) -> Result<Vec<Candidate>, Failure> {
    let directory = file_dir(app);
    let mut items = Vec::new();
    for path in files_in(&directory)? {
        let shown = path.display().to_string();
        let text = files::read(&path, LONGEST).map_err(|error| unreadable(&shown, &error))?;
        items.push((shown, String::from_utf8_lossy(&text).into_owned()));
    }
    let Some((_, first)) = items.first() else { return Ok(Vec::new()) };
    let passphrase = passphrase(app, first)?;
    let open = |(shown, text): &(String, String)| match open_jwe(text, &passphrase) {
        Ok(item) => Ok(candidate(&item, shown)),
        Err(problem) => Err(not_opened(shown, problem)),
    };
    let found: Vec<Option<Candidate>> = items.iter().map(open).collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn files_in(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(directory)
        .map_err(|error| unreadable(&directory.display().to_string(), &error))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<_> = paths.filter(|path| path.is_file()).collect();
    paths.sort_unstable();
    Ok(paths)
}

/// The passphrase, typed three times at most until it opens the item.
fn passphrase(app: &App, item: &str) -> Result<Secret, Failure> {
    const TIMES: usize = 3;
    if let Some(passphrase) = app.env.get(PASSPHRASE) {
        return Ok(Secret::new(passphrase));
    }
    for _ in 0..TIMES {
        let answer =
            app.person().ask(|terminal| terminal.passphrase("Passphrase of aws-vault's files"));
        let passphrase = answer.map_err(|error| {
            Failure::no_answer(&error, format!("set {PASSPHRASE}, or run it in a terminal"))
        })?;
        match open_jwe(item, &passphrase) {
            Err(NotOpened::Passphrase) => app.out().instruction("it does not open them"),
            _ => return Ok(passphrase),
        }
    }
    let message = "none of these passphrases opens aws-vault's files".to_owned();
    Err(Failure::say(
        message,
        Kind::Vault.with("`aws-vault list` shows whether it is the right one"),
    ))
}

fn not_opened(shown: &str, problem: NotOpened) -> Failure {
    Failure::say(
        format!("{shown}: {problem}"),
        Kind::Vault.with(match problem {
            NotOpened::Passphrase => format!("correct {PASSPHRASE}"),
            NotOpened::Format => "move it elsewhere, or correct AWS_VAULT_FILE_DIR".to_owned(),
        }),
    )
}

/// The directory in the password store.
const PREFIX: &str = "AWS_VAULT_PASS_PREFIX";

/// Where the items of the password store are.
pub(super) fn pass_dir(app: &App) -> PathBuf {
    let env = &app.env;
    let store = env
        .path("AWS_VAULT_PASS_PASSWORD_STORE_DIR")
        .or(env.path("PASSWORD_STORE_DIR"))
        .unwrap_or(Path::new("~/.password-store"));
    env.expand_home(store).join(env.get(PREFIX).unwrap_or_default())
}

/// The items of the password store, which `pass` (`AWS_VAULT_PASS_CMD`) opens.
fn find_in_pass(app: &App) -> Result<Vec<Candidate>, Failure> {
    let env = &app.env;
    let prefix = env.get(PREFIX).unwrap_or_default();
    let directory = pass_dir(app);
    let command = env.get("AWS_VAULT_PASS_CMD").unwrap_or("pass");
    let run = host::process::shell_runner(&app.inherited);
    let mut found = Vec::new();
    for path in files_in(&directory)? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".gpg"))
        else {
            continue;
        };
        let entry = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        let item = run(&format!("{command} show {}", word(&entry))).map_err(|problem| {
            let message = format!("{command} does not show {entry}: {problem}");
            Failure::say(
                message,
                Kind::Vault.with(format!("try `{command} show {}`", word(&entry))),
            )
        })?;
        found.extend(candidate(&item, &format!("pass {entry}")));
    }
    Ok(found)
}

/// The items of the collection that aws-vault has in the Secret Service.
#[cfg(target_os = "linux")]
fn find_in_secret_service(app: &App) -> Result<Vec<Candidate>, Failure> {
    const NAME: &str = "AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME";
    let name = app.env.get(NAME).unwrap_or("awsvault");
    let place = format!("the collection {name} of the Secret Service");
    let items = read_collection(&app.env, app.person(), name).map_err(|error| {
        let (problem, hint) = match &error {
            VaultError::NotAvailable { reason, .. } => {
                (reason.clone(), "run it in your desktop session")
            }
            VaultError::KeychainLocked { .. } => {
                ("it is locked".to_owned(), "unlock it on the desktop, and run it again")
            }
            _ => (error.to_string(), "see that the keychain works"),
        };
        Failure::say(format!("{place} cannot be read: {problem}"), Kind::Vault.with(hint))
    })?;
    let items = items.ok_or_else(|| {
        let hint =
            format!("correct {NAME}, or name the backend: `awsx keys import --aws-vault=file`");
        Failure::say(
            format!("there is no collection {name} in the Secret Service"),
            Kind::Config.with(hint),
        )
    })?;
    let mut found: Vec<_> = items.iter().filter_map(|item| candidate(item, &place)).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn unreadable(shown: &str, error: &std::io::Error) -> Failure {
    Failure::say(
        format!("{shown} cannot be read: {error}"),
        Kind::Config.with("correct AWS_VAULT_FILE_DIR, or PASSWORD_STORE_DIR for pass"),
    )
}
