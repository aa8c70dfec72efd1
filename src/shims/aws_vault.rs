//! aws-vault
//! <https://byteness.github.io/aws-vault/docs/>

use std::ffi::OsStr;

use super::parts::{Becomes, ByProfile, Flag, Form, Line, Peer, Refusal, Style, Translated, text};
use crate::text::word;

use Becomes::{Nothing, Refused, Rule, Said, Same};

pub(super) const PEER: Peer = Peer {
    name: "aws-vault",
    version: "7.13",
    source: "https://byteness.github.io/aws-vault/docs/",
    style: Style {
        joins_letters: true,
        has_one_dash: false,
        abbreviates: false,
        stops_at_word: false,
    },
    globals: GLOBALS,
    forms: FORMS,
    variables: VARIABLES,
};

const OWN_VAULT: &str = "awsx keeps access keys in its own vault, see `awsx vault status`";

const GLOBALS: &[Flag] = &[
    Flag::switch(&["--debug"], Same("-v")),
    Flag::value(
        &[
            "--backend",
            "--keychain",
            "--secret-service-collection",
            "--file-dir",
            "--pass-dir",
            "--pass-cmd",
            "--pass-prefix",
            "--op-timeout",
            "--op-vault-id",
            "--op-item-title-prefix",
            "--op-item-tag",
            "--op-connect-host",
            "--op-desktop-account-id",
        ],
        Said(OWN_VAULT),
    ),
    Flag::switch(&["--biometrics"], Said(OWN_VAULT)),
    Flag::value(&["--prompt"], Rule("`terminal`: nothing, awsx asks there; others are refused")),
];

const DURATION: Flag = Flag::value(&["--duration", "-d"], Same("--duration"));
const REGION: Flag = Flag::value(&["--region"], Same("--region"));
const MFA_TOKEN: Flag = Flag::value(&["--mfa-token", "-t"], Same("--mfa-code"));
const NO_SESSION: Flag = Flag::switch(&["--no-session", "-n"], Same("--no-session"));
const STDOUT: Flag = Flag::switch(
    &["--stdout"],
    Refused(
        "awsx shows the address of a login where it logs in",
        "`awsx login --no-browser PROFILE` logs in first",
    ),
);

const FORMS: &[Form] = &[
    Form {
        names: &["exec"],
        words: "[PROFILE] [CMD…]",
        flags: &[
            DURATION,
            NO_SESSION,
            REGION,
            MFA_TOKEN,
            Flag::switch(&["--server", "-s", "--ecs-server"], Same("--server")),
            Flag::switch(&["--lazy"], Said("the credentials are made before the command starts")),
            Flag::switch(&["--json", "-j"], Rule("`awsx credential-process`")),
            Flag::switch(
                &["--ec2-server"],
                Refused(
                    "awsx serves no instance metadata for one command",
                    "`awsx serve --imds PROFILE` serves it while that runs",
                ),
            ),
            Flag::switch(
                &["--profile-env"],
                Refused(
                    "awsx hands credentials over, or lets the command ask for them",
                    "`awsx exec --server PROFILE` lets it ask; `awsx config install-process PROFILE` lets tools use AWS_PROFILE",
                ),
            ),
            STDOUT,
        ],
        becomes: "`awsx exec`; CMD also finds `AWS_VAULT`, the profile's name",
        build: exec,
    },
    Form {
        names: &["export"],
        words: "[PROFILE]",
        flags: &[
            DURATION,
            NO_SESSION,
            REGION,
            MFA_TOKEN,
            Flag::value(
                &["--format"],
                Rule(
                    "`env` (the default) and `export-env`: those lines; `json`: `awsx credential-process`; `ini`: `--format ini`",
                ),
            ),
            STDOUT,
        ],
        becomes: "`awsx env`; without PROFILE that of `AWS_PROFILE`",
        build: export,
    },
    Form {
        names: &["login"],
        words: "[PROFILE]",
        flags: &[
            DURATION,
            Flag::switch(
                &["--no-session", "-n"],
                Nothing("no session of GetSessionToken signs in"),
            ),
            REGION,
            MFA_TOKEN,
            Flag::value(&["--path"], Same("--path")),
            Flag::switch(&["--stdout", "-s"], Same("--print")),
            Flag::switch(&["--auto-logout", "-a"], Same("--logout")),
        ],
        becomes: "`awsx console`",
        build: login,
    },
    Form {
        names: &["list", "ls"],
        words: "",
        flags: &[
            Flag::switch(&["--profiles"], Rule("names, one a line")),
            Flag::switch(&["--credentials"], Rule("names of access keys in awsx's vault")),
            Flag::switch(&["--sessions"], Rule("kept sessions and logins")),
        ],
        becomes: "the same three columns, of what awsx keeps",
        build: list,
    },
    Form {
        names: &["add"],
        words: "PROFILE",
        flags: &[
            Flag::switch(&["--env"], Same("--env")),
            Flag::switch(&["--add-config"], Nothing("a profile of stored keys needs no lines")),
            Flag::switch(&["--no-add-config"], Nothing("the same")),
        ],
        becomes: "`awsx keys add`, which asks before it replaces another key",
        build: add,
    },
    Form {
        names: &["remove", "rm"],
        words: "PROFILE",
        flags: &[
            Flag::switch(&["--force", "-f"], Rule("`--yes`")),
            Flag::switch(&["--sessions-only", "-s"], Rule("`awsx sessions clear`")),
        ],
        becomes: "`awsx keys remove`, which forgets the key's sessions too",
        build: remove,
    },
    Form {
        names: &["rotate"],
        words: "PROFILE",
        flags: &[Flag::switch(
            &["--no-session", "-n"],
            Nothing("awsx signs with the key itself, or with its MFA session"),
        )],
        becomes: "`awsx keys rotate`",
        build: rotate,
    },
    Form {
        names: &["clear"],
        words: "[PROFILE]",
        flags: &[],
        becomes: "`awsx sessions clear`; logins stay, which is said",
        build: clear,
    },
    Form {
        names: &["version"],
        words: "",
        flags: &[],
        becomes: "`awsx --version`",
        build: |line| line.begin(&["--version"], None),
    },
    Form {
        names: &["migrate-backend", "proxy", "server"],
        words: "",
        flags: &[],
        becomes: "refused: awsx has one vault and no proxy",
        build: |line| {
            let hint = "`awsx vault move` moves awsx's vault, `awsx serve --imds` serves instance metadata";
            Err(Refusal::new(format!("awsx does nothing for {}", line.command), hint))
        },
    },
];

const TO_ROLE: &str = "`--duration`, where the profile is a role";
const IGNORED: &str = "nothing: awsx keeps access keys in its own vault";

const VARIABLES: &[(&str, &str)] = &[
    ("AWS_VAULT", "set for CMD, as there; it does not forbid another `exec` inside"),
    ("AWS_VAULT_BACKEND", IGNORED),
    ("AWS_VAULT_KEYCHAIN_NAME", IGNORED),
    ("AWS_VAULT_FILE_DIR", IGNORED),
    ("AWS_VAULT_FILE_PASSPHRASE", IGNORED),
    ("AWS_VAULT_PASS_PREFIX", IGNORED),
    ("AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME", IGNORED),
    (
        "AWS_VAULT_PROMPT",
        "nothing: awsx asks at the terminal, or takes the code from a device that its vault keeps",
    ),
    ("AWS_VAULT_DURATION", "`--duration`"),
    ("AWS_VAULT_STDOUT", "`login`: `--print`; else nothing"),
    ("AWS_VAULT_AUTO_LOGOUT", "`login`: `--logout`"),
    ("AWS_VAULT_PROFILE_ENV", "refused, as `--profile-env`"),
    ("AWS_MIN_TTL", "`--min-ttl`"),
    ("AWS_ASSUME_ROLE_TTL", TO_ROLE),
    ("AWS_SESSION_TOKEN_TTL", "`--duration`, where it is none"),
    ("AWS_FEDERATION_TOKEN_TTL", "`login`: the same"),
    (
        "AWS_CHAINED_SESSION_TOKEN_TTL",
        "nothing: awsx's own sessions between last as long as AWS lets them",
    ),
    ("AWS_ROLE_SESSION_NAME", "`--session-name`"),
    ("AWS_SESSION_TAGS", "`--tag`"),
    ("AWS_TRANSITIVE_TAGS", "`--transitive-tag`"),
    ("AWS_SOURCE_IDENTITY", "`--source-identity`"),
    ("AWS_ROLE_ARN", "refused, but beside `AWS_WEB_IDENTITY_TOKEN_FILE`"),
    ("AWS_MFA_SERIAL", "refused, unless the profile says the same"),
];

/// The profile that is named, else `AWS_PROFILE`.
fn profile<'l>(line: &'l Line<'_>) -> Result<Option<&'l str>, Refusal> {
    match line.words.first() {
        Some(word) => text(word).map(Some),
        None => Ok(line.env.get("AWS_PROFILE")),
    }
}

/// The same, where one is needed.
fn some_profile<'l>(line: &'l Line<'_>, way: &str) -> Result<&'l str, Refusal> {
    profile(line)?.ok_or_else(|| {
        let message = format!("{}: no profile is named", line.command);
        Refusal::new(
            message,
            format!("name one, as `awsx profiles` lists them; `{way}` lets you pick"),
        )
    })
}

/// Of the commands that take a name and nothing else.
fn only_name<'l>(line: &'l Line<'_>) -> Result<&'l str, Refusal> {
    line.end_words(1)?;
    match line.words.first() {
        Some(word) => text(word),
        None => Err(Refusal::new(
            format!("{}: no profile is named", line.command),
            "name one, as `awsx keys list` has them",
        )),
    }
}

fn check_prompt(line: &Line<'_>, profile: &str) -> Result<(), Refusal> {
    match line.value("--prompt") {
        Some(driver) if driver != "terminal" => Err(Refusal::new(
            format!("--prompt {}: awsx asks at the terminal alone", driver.to_string_lossy()),
            format!(
                "`awsx mfa add {}` keeps the device, so that nobody is asked; or write `mfa_process = COMMAND` into the profile",
                word(profile)
            ),
        )),
        _ => Ok(()),
    }
}

/// What a session is asked for by flags and variables.
fn session(line: &Line<'_>, command: &[&str], profile: &str) -> Result<Translated, Refusal> {
    check_prompt(line, profile)?;
    let mut made = line.begin(command, Some(profile))?;
    let env = line.env;
    let has_token = env.get("AWS_WEB_IDENTITY_TOKEN_FILE").is_some();
    if !has_token && env.get("AWS_ROLE_ARN").is_some() {
        return Err(Refusal::new(
            "AWS_ROLE_ARN is set, in the place of the profile's role",
            format!(
                "take it out of the environment, or give it: `awsx exec {} --role-arn ARN`",
                word(profile)
            ),
        ));
    }
    made.push_variable(env, "AWS_MIN_TTL", "--min-ttl");
    if !has_token {
        made.push_variable(env, "AWS_ROLE_SESSION_NAME", "--session-name");
    }
    made.push_variable(env, "AWS_SOURCE_IDENTITY", "--source-identity");
    made.push_variable(env, "AWS_TRANSITIVE_TAGS", "--transitive-tag");
    let tags = env.get("AWS_SESSION_TAGS").into_iter().flat_map(|tags| tags.split(','));
    tags.for_each(|tag| made.push_flag("--tag", Some(OsStr::new(tag.trim()))));
    lasting(line, &mut made, profile, "AWS_SESSION_TOKEN_TTL");
    Ok(made)
}

/// How long it lasts where no flag says it.
fn lasting(line: &Line<'_>, made: &mut Translated, profile: &str, of_keys: &str) {
    let env = line.env;
    let mut by_profile = ByProfile { profile: profile.to_owned(), ..ByProfile::default() };
    if !line.has("--duration") {
        match env.get("AWS_VAULT_DURATION") {
            Some(duration) => made.push_flag("--duration", Some(OsStr::new(duration))),
            None => {
                by_profile.of_role = env.get("AWS_ASSUME_ROLE_TTL").map(str::to_owned);
                by_profile.of_keys = env.get(of_keys).map(str::to_owned);
            }
        }
    }
    by_profile.device =
        env.get("AWS_MFA_SERIAL").map(|serial| ("AWS_MFA_SERIAL", serial.to_owned()));
    if [&by_profile.of_role, &by_profile.of_keys].iter().any(|ttl| ttl.is_some())
        || by_profile.device.is_some()
    {
        made.by_profile = Some(by_profile);
    }
}

fn exec(line: &Line<'_>) -> Result<Translated, Refusal> {
    let profile = some_profile(line, "awsx exec")?;
    let command = line.words.get(1..).unwrap_or_default();
    if let Some(late) = line.flags.iter().find(|given| given.behind > 1) {
        let message =
            format!("{} stands behind the command, and aws-vault takes it for its own", late.typed);
        return Err(Refusal::new(
            message,
            "put -- before the command, or the flag before the profile",
        ));
    }
    if line.has("--json") {
        let has_server = line.has("--server") || !command.is_empty();
        if has_server {
            return Err(Refusal::new(
                "--json prints credentials, and runs no command",
                format!("`awsx credential-process {}` prints them", word(profile)),
            ));
        }
        let mut made = session(line, &["credential-process"], profile)?;
        made.push_flag("--profile", Some(OsStr::new(profile)));
        return Ok(made);
    }
    if line.env.flag("AWS_VAULT_PROFILE_ENV") {
        return Err(Refusal::new(
            "AWS_VAULT_PROFILE_ENV is set, and awsx hands credentials over",
            "take it out of the environment; `awsx exec --server` lets a command ask for them",
        ));
    }
    if line.has("--server") && line.has("--no-session") {
        return Err(Refusal::new(
            "--no-session hands access keys over, and a server hands out sessions",
            format!("leave one of them out: `awsx exec --server {}`", word(profile)),
        ));
    }
    let mut made = session(line, &["exec"], profile)?;
    made.push_flag("--profile", Some(OsStr::new(profile)));
    made.push_command(command);
    made.child.push(("AWS_VAULT", profile.to_owned()));
    Ok(made)
}

fn export(line: &Line<'_>) -> Result<Translated, Refusal> {
    line.end_words(1)?;
    let profile = some_profile(line, "awsx env")?;
    let format = line.value("--format").map(text).transpose()?;
    let (command, format): (&[&str], _) = match format {
        None | Some("env") => (&["env"], Some("aws-vault:env")),
        Some("export-env") => (&["env"], Some("aws-vault:export-env")),
        Some("ini") => (&["env"], Some("ini")),
        Some("json") => (&["credential-process"], None),
        Some(other) => {
            let hint =
                "aws-vault has env, export-env, json and ini; `awsx env --format F` has more";
            return Err(Refusal::new(format!("--format {other} is no format of aws-vault"), hint));
        }
    };
    let mut made = session(line, command, profile)?;
    made.push_flag("--profile", Some(OsStr::new(profile)));
    if let Some(format) = format {
        made.push_flag("--format", Some(OsStr::new(format)));
    }
    Ok(made)
}

fn login(line: &Line<'_>) -> Result<Translated, Refusal> {
    line.end_words(1)?;
    let profile = profile(line)?;
    check_prompt(line, profile.unwrap_or("PROFILE"))?;
    let mut made = line.begin(&["console"], profile)?;
    let env = line.env;
    if env.flag("AWS_VAULT_STDOUT") && !line.has("--stdout") {
        made.push("--print");
    }
    if env.flag("AWS_VAULT_AUTO_LOGOUT") && !line.has("--auto-logout") {
        made.push("--logout");
    }
    if let Some(profile) = profile {
        lasting(line, &mut made, profile, "AWS_FEDERATION_TOKEN_TTL");
        made.push_flag("--profile", Some(OsStr::new(profile)));
    } else {
        made.push_variable(env, "AWS_VAULT_DURATION", "--duration");
    }
    Ok(made)
}

fn list(line: &Line<'_>) -> Result<Translated, Refusal> {
    line.end_words(0)?;
    let mut made = line.begin(&["profiles"], None)?;
    // As there, where several are given.
    let what = ["credentials", "profiles", "sessions"];
    let what = what.into_iter().find(|what| line.has(&format!("--{what}")));
    made.push_flag("--aws-vault", Some(OsStr::new(what.unwrap_or("all"))));
    Ok(made)
}

fn add(line: &Line<'_>) -> Result<Translated, Refusal> {
    let name = only_name(line)?;
    let mut made = line.begin(&["keys", "add"], Some(name))?;
    made.push_command(&[name.into()]);
    Ok(made)
}

fn remove(line: &Line<'_>) -> Result<Translated, Refusal> {
    let name = only_name(line)?;
    let mut made = match line.has("--sessions-only") {
        true => line.begin(&["sessions", "clear"], Some(name))?,
        false => line.begin(&["keys", "remove"], Some(name))?,
    };
    if line.has("--force") && !line.has("--sessions-only") {
        made.push("--yes");
    }
    made.push_command(&[name.into()]);
    Ok(made)
}

fn rotate(line: &Line<'_>) -> Result<Translated, Refusal> {
    let name = only_name(line)?;
    let mut made = line.begin(&["keys", "rotate"], Some(name))?;
    made.push_command(&[name.into()]);
    Ok(made)
}

fn clear(line: &Line<'_>) -> Result<Translated, Refusal> {
    line.end_words(1)?;
    let Some(name) = line.words.first().map(|word| text(word)).transpose()? else {
        let mut made = line.begin(&["sessions", "clear", "--all"], None)?;
        made.notices.push("logins stay; `awsx logout --all` ends them".to_owned());
        return Ok(made);
    };
    let mut made = line.begin(&["sessions", "clear"], Some(name))?;
    made.push_command(&[name.into()]);
    Ok(made)
}
