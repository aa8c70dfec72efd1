//! `awsx config list`

use clap::Args;
use serde_json::{Value, json};

use super::get::section;
use super::setting_flags::{SettingFlags, Whose};
use crate::app::App;
use crate::cli::columns::{Row, show_list};
use crate::cli::page::page;
use crate::env::Env;
use crate::profile::{Profile, Setting};
use crate::report::{Failure, Look};
use crate::resolve::{SelectedBy, SelectedProfile, find_profile};
use crate::text::abbreviate;

/// List the settings of a profile, and where each comes from
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
Below a setting stands what it hides: the other file, a line above, an included
profile. Variables count here; those with credentials are `awsx explain`'s.
Asks nobody and no network. Values that may be secrets are `***`.
";
    "awsx config list"
    "awsx config list -p prod --json"
    "awsx config list --sso-session corp"
))]
pub(in crate::cli) struct ListSettings {
    #[command(flatten)]
    of: SettingFlags,
    /// JSON instead of columns
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Variables that come before settings: the key and its variables, the first one before the second.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html#EVarSettings>
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html>
const VARIABLES: [(&str, &[&str]); 24] = [
    ("region", &["AWS_REGION", "AWS_DEFAULT_REGION"]),
    ("output", &["AWS_DEFAULT_OUTPUT"]),
    ("account_id_endpoint_mode", &["AWS_ACCOUNT_ID_ENDPOINT_MODE"]),
    ("auth_scheme_preference", &["AWS_AUTH_SCHEME_PREFERENCE"]),
    ("ca_bundle", &["AWS_CA_BUNDLE"]),
    ("cli_auto_prompt", &["AWS_CLI_AUTO_PROMPT"]),
    ("cli_pager", &["AWS_PAGER"]),
    ("defaults_mode", &["AWS_DEFAULTS_MODE"]),
    ("disable_request_compression", &["AWS_DISABLE_REQUEST_COMPRESSION"]),
    ("ec2_metadata_service_endpoint", &["AWS_EC2_METADATA_SERVICE_ENDPOINT"]),
    ("ec2_metadata_service_endpoint_mode", &["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]),
    ("ec2_metadata_v1_disabled", &["AWS_EC2_METADATA_V1_DISABLED"]),
    ("endpoint_url", &["AWS_ENDPOINT_URL"]),
    ("ignore_configured_endpoint_urls", &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]),
    ("max_attempts", &["AWS_MAX_ATTEMPTS"]),
    ("metadata_service_num_attempts", &["AWS_METADATA_SERVICE_NUM_ATTEMPTS"]),
    ("metadata_service_timeout", &["AWS_METADATA_SERVICE_TIMEOUT"]),
    ("request_checksum_calculation", &["AWS_REQUEST_CHECKSUM_CALCULATION"]),
    ("request_min_compression_size_bytes", &["AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES"]),
    ("response_checksum_validation", &["AWS_RESPONSE_CHECKSUM_VALIDATION"]),
    ("retry_mode", &["AWS_RETRY_MODE"]),
    ("sdk_ua_app_id", &["AWS_SDK_UA_APP_ID"]),
    ("use_dualstack_endpoint", &["AWS_USE_DUALSTACK_ENDPOINT"]),
    ("use_fips_endpoint", &["AWS_USE_FIPS_ENDPOINT"]),
];

/// A value, and who says it.
struct Found {
    /// As far as it may be shown
    value: String,
    from: From,
}

enum From {
    Flag(&'static str),
    Variable(&'static str),
    Line(crate::profile::Location),
}

/// A setting: what counts, and what that hides.
struct Listed {
    key: String,
    counts: Found,
    hidden: Vec<Found>,
}

impl ListSettings {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let files = app.profiles()?;
        let whose = self.of.whose(&app.env);
        let (selected, settings) = match &whose {
            Whose::Profile(selected) => {
                let profile = find_profile(selected, files)?;
                (Some(selected), of_profile(app, profile.as_ref()))
            }
            _ => {
                let section = section(files, &whose)?;
                (None, section.settings().map(|setting| list_setting(setting, &[])).collect())
            }
        };
        match self.json {
            true => app.out().json(&document(&whose, selected, &settings)),
            false => show(app, selected, &settings),
        }
    }
}

/// All settings of a profile, and those that only the environment says.
fn of_profile(app: &App, profile: Option<&Profile>) -> Vec<Listed> {
    let mut all: Vec<Listed> = Vec::new();
    for setting in profile.into_iter().flat_map(Profile::settings) {
        let others: Vec<_> = profile
            .into_iter()
            .flat_map(|profile| profile.all_of(&[&setting.key]).cloned().collect::<Vec<_>>())
            .filter(|other| other.location != setting.location)
            .collect();
        all.push(list_setting(setting, &others));
    }
    for (key, variables) in VARIABLES {
        let before = before_files(app, key, variables);
        let mut before = before.into_iter();
        let Some(counts) = before.next() else { continue };
        let hidden: Vec<_> = before.collect();
        match all.iter_mut().find(|listed| listed.key == key) {
            Some(listed) => {
                let of_file = std::mem::replace(&mut listed.counts, counts);
                listed.hidden.splice(0..0, hidden.into_iter().chain([of_file]));
            }
            None => all.push(Listed { key: key.to_owned(), counts, hidden }),
        }
    }
    all
}

/// What flag and variables say of a setting, the one that counts first.
fn before_files(app: &App, key: &str, variables: &[&'static str]) -> Vec<Found> {
    let flag = app.globals.region.as_ref().filter(|_| key == "region");
    let flag = flag.map(|region| Found { value: region.clone(), from: From::Flag("--region") });
    let of_env = |env: &Env, variable: &'static str| {
        let value = env.get(variable)?;
        let value = crate::profile::display_value(key, value).into_owned();
        Some(Found { value, from: From::Variable(variable) })
    };
    let variables = variables.iter().filter_map(|variable| of_env(&app.env, variable));
    flag.into_iter().chain(variables).collect()
}

fn list_setting(setting: &Setting, others: &[Setting]) -> Listed {
    let found = |setting: &Setting| Found {
        value: setting.display().into_owned(),
        from: From::Line(setting.location.clone()),
    };
    Listed {
        key: setting.key.to_string(),
        counts: found(setting),
        hidden: others.iter().rev().map(found).collect(),
    }
}

fn show(app: &App, selected: Option<&SelectedProfile>, settings: &[Listed]) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: &str, from: String, look| {
        let cells = [name.to_owned().into(), value.to_owned().into(), from.into()];
        rows.push(Row { cells, look, problem: None });
    };
    let place = |from: &From| match from {
        From::Flag(name) | From::Variable(name) => (*name).to_owned(),
        From::Line(at) => abbreviate(&at.to_string(), app.env.home()).into_owned(),
    };
    if let Some(selected) = selected {
        add("profile", &selected.name, by(selected).to_owned(), Look::Plain);
    }
    for Listed { key, counts, hidden } in settings {
        // What is nested stands below its key.
        let mut lines = counts.value.split('\n');
        add(key, lines.next().unwrap_or_default(), place(&counts.from), Look::Plain);
        lines.for_each(|line| add("", line, String::new(), Look::Plain));
        for other in hidden {
            let value = other.value.replace('\n', " ");
            add("", &value, format!("{}, hidden", place(&other.from)), Look::Faint);
        }
    }
    show_list(app, ["KEY", "VALUE", "FROM"], &rows)
}

fn by(selected: &SelectedProfile) -> &'static str {
    match selected.by {
        SelectedBy::CommandLine => "--profile",
        SelectedBy::Variable(variable) => variable,
        SelectedBy::Directory => ".awsx.toml",
        SelectedBy::Default => "nothing names another",
    }
}

/// `awsx config list --json`, version 1; fields are only ever added.
fn document(whose: &Whose, selected: Option<&SelectedProfile>, settings: &[Listed]) -> Value {
    let found = |found: &Found| {
        let mut entry = match &found.from {
            From::Flag(flag) => json!({ "flag": flag }),
            From::Variable(variable) => json!({ "variable": variable }),
            From::Line(at) => json!({ "file": at.file.display().to_string(), "line": at.line }),
        };
        entry["value"] = found.value.as_str().into();
        entry
    };
    let settings: serde_json::Map<_, _> = settings
        .iter()
        .map(|Listed { key, counts, hidden }| {
            let mut entry = found(counts);
            entry["hides"] = hidden.iter().map(found).collect();
            (key.clone(), entry)
        })
        .collect();
    let (kind, name) = match whose {
        Whose::Profile(selected) => ("profile", &selected.name),
        Whose::SsoSession(name) => ("sso_session", name),
        Whose::Services(name) => ("services", name),
    };
    let mut document = json!({ "version": 1, "settings": settings });
    document[kind] = name.as_str().into();
    if let Some(SelectedProfile { by: SelectedBy::Variable(variable), .. }) = selected {
        document["selected_by"] = (*variable).into();
    }
    document
}
