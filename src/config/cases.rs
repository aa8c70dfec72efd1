//! The parser against its table of cases and against the AWS SDK for Rust.

use std::collections::BTreeMap;

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_types::os_shim_internal::{Env, Fs};
use proptest::prelude::*;
use serde::Deserialize;

use crate::profile::{Profiles, Setting, Warning, WarningKind};

pub(super) type Sections = BTreeMap<String, BTreeMap<String, String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    docs: String,
    #[serde(default)]
    input: Input,
    output: Output,
    #[serde(default)]
    sdk: Reading,
    #[serde(default)]
    cli: Reading,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Input {
    #[serde(default)]
    config: String,
    #[serde(default)]
    credentials: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Output {
    #[serde(default)]
    profiles: Sections,
    #[serde(default)]
    sso_sessions: Sections,
    #[serde(default)]
    warnings: Vec<String>,
    error: Option<String>,
}

/// How another tool reads a case.
#[derive(Deserialize, Default, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Reading {
    #[default]
    Same,
    Differs,
    Rejects,
}

fn sdk(config: &str, credentials: &str) -> Option<EnvConfigSections> {
    let files = EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Config, config)
        .with_contents(EnvConfigFileKind::Credentials, credentials)
        .build();
    let (env, fs) = (Env::from_slice(&[]), Fs::from_slice(&[]));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let source = runtime.block_on(source::load(&env, &fs, &files)).unwrap();
    EnvConfigSections::parse(source).ok()
}

/// What the SDK says about the sections and keys that `keys_of` names.
fn sdk_sections(sections: &EnvConfigSections, keys_of: &Sections) -> (Sections, Sections) {
    let keys = |get: &dyn Fn(&str) -> Option<String>| -> BTreeMap<String, String> {
        let keys = keys_of.values().flat_map(BTreeMap::keys);
        keys.filter_map(|key| Some((key.clone(), get(key)?))).collect()
    };
    let profile = |name: &str| {
        let profile = sections.get_profile(name).unwrap();
        (name.to_owned(), keys(&|key| profile.get(key).map(str::to_owned)))
    };
    let session = |name: &str| {
        let session = sections.sso_session(name).unwrap();
        (name.to_owned(), keys(&|key| session.get(key).map(str::to_owned)))
    };
    let profiles = sections.profiles().map(profile).collect();
    (profiles, sections.sso_sessions().map(session).collect())
}

fn pairs<'a>(settings: impl Iterator<Item = &'a Setting>) -> BTreeMap<String, String> {
    settings.map(|setting| (setting.key.to_string(), setting.value.clone())).collect()
}

pub(super) fn profiles(read: &Profiles) -> Sections {
    let profile = |name: &str| (name.to_owned(), pairs(read.as_written(name).unwrap().settings()));
    read.names().map(profile).collect()
}

fn sso_sessions(read: &Profiles) -> Sections {
    let session = |name: &str| (name.to_owned(), pairs(read.sso_session(name).unwrap().settings()));
    read.sso_session_names().map(session).collect()
}

/// What the SDK and awsx read of a credentials file, by profile.
pub(super) fn read(credentials: &str) -> (Option<Sections>, Sections) {
    let read = profiles(&Profiles::from_texts("", credentials).unwrap());
    let sdk = sdk("", credentials).map(|sdk| sdk_sections(&sdk, &read).0);
    (sdk, read)
}

/// What the SDK reads of a setting of a config file; none where it rejects the file.
pub(super) fn sdk_value(config: &str, profile: &str, key: &str) -> Option<Option<String>> {
    let sdk = sdk(config, "")?;
    Some(sdk.get_profile(profile).and_then(|profile| Some(profile.get(key)?.to_owned())))
}

/// Whether the SDK reads each name of the text as awsx does.
pub(super) fn is_read_alike(read: &Profiles) -> bool {
    !read.warnings().iter().any(|warning| read_otherwise_by_sdk(warning.kind))
}

/// The same, without these settings of a profile.
pub(super) fn without(
    credentials: &str,
    profile: &str,
    settings: &[(&str, &str)],
) -> (Option<Sections>, Sections) {
    let (mut sdk, mut own) = read(credentials);
    for sections in [Some(&mut own), sdk.as_mut()].into_iter().flatten() {
        let found = sections.get_mut(profile).unwrap();
        found.retain(|key, value| !settings.contains(&(key.as_str(), value.as_str())));
    }
    (sdk, own)
}

#[test]
fn cases() {
    let table: Table = toml::from_str(include_str!("../../tests/data/parser.toml")).unwrap();
    for Case { docs, input, output, sdk: sdk_reads, cli } in table.case {
        let sdk = sdk(&input.config, &input.credentials);
        let read = match Profiles::from_texts(&input.config, &input.credentials) {
            Ok(read) => read,
            Err(error) => {
                assert_eq!(Some(error.to_string()), output.error, "{docs}");
                assert!(sdk.is_none(), "{docs}: awsx rejects what the SDK reads");
                continue;
            }
        };
        assert_eq!(output.error, None, "{docs}: expected an error");
        assert_eq!(profiles(&read), output.profiles, "{docs}");
        assert_eq!(sso_sessions(&read), output.sso_sessions, "{docs}");
        let warnings: Vec<_> =
            read.warnings().iter().map(|w| format!("{} {:?}", w.location, w.kind)).collect();
        assert_eq!(warnings, output.warnings, "{docs}");

        let mut keys = output.profiles.clone();
        keys.extend(output.sso_sessions.clone());
        let sdk_reading = match sdk.map(|sdk| sdk_sections(&sdk, &keys)) {
            None => Reading::Rejects,
            Some(sections) if sections == (output.profiles, output.sso_sessions) => Reading::Same,
            Some(_) => Reading::Differs,
        };
        assert_eq!(sdk_reading, sdk_reads, "{docs}: the SDK");
        let all_agree = sdk_reads == Reading::Same && cli == Reading::Same;
        assert!(all_agree || !output.warnings.is_empty(), "{docs}: no warning");
    }
}

/// The intended differences: text that the SDK rejects and awsx reads as the AWS CLI does.
fn rejected_by_sdk(kind: WarningKind) -> bool {
    matches!(
        kind,
        WarningKind::ByteOrderMark
            | WarningKind::ColonForEquals
            | WarningKind::IndentedComment
            | WarningKind::IndentedLine
            | WarningKind::KeyInComment
            | WarningKind::LoneCarriageReturn
            | WarningKind::NestedWithoutKey
            | WarningKind::TextAfterHeader
            | WarningKind::UnusualBlank
    )
}

/// The intended differences: text that the SDK reads as nothing, or otherwise than awsx and the
/// AWS CLI do.
fn read_otherwise_by_sdk(kind: WarningKind) -> bool {
    rejected_by_sdk(kind)
        || matches!(kind, WarningKind::CommentInValue | WarningKind::NameOnlyForCli)
}

/// Nine times of ten one of the usual texts.
fn usual(
    usual: &'static [&'static str],
    odd: &'static [&'static str],
) -> impl Strategy<Value = &'static str> {
    prop_oneof![9 => proptest::sample::select(usual), 1 => proptest::sample::select(odd)]
}

/// Pieces of lines, chosen to meet: the same few names and keys in every spelling.
pub(super) fn text() -> impl Strategy<Value = String> {
    let header = usual(
        &["[default]", "[profile a]", "[a]", "[b]", "[sso-session a]"],
        &[
            "[profile default]",
            "[ profile b]",
            "[profile \"a\"]",
            "[profile 'c d']",
            "[profile a b]",
            "[sso-session \"a\"]",
            "[services a]",
            "[DEFAULT]",
            "[]",
            "[ ]",
            "[a b]",
            "[profiles a]",
            "[profile a] # [x]",
            "[default];c",
            "[profile a] junk",
            "[profile a",
            "[profile é]",
            " [default]",
            "[profile a#b]",
        ],
    );
    let key = usual(&["k", "K", "l"], &["a:b", "two words", "", "k\u{a0}", "é"]);
    let equals = usual(&["=", " = ", "\t=\t"], &[":", " ", " #="]);
    let value =
        usual(&["v", "", "a=b"], &["v # c", "v;c", " ", "v\u{a0}", "é", "# c", "[x]", "\"q\""]);
    let indent = usual(&[""], &[" ", "  ", "\t"]);
    let other = usual(&["", "# c"], &["  ", ";c", "  # c", " k = v", "\tmore", " \u{a0}"]);
    let ending = usual(&["\n"], &["\r\n", "\r"]);
    let line = prop_oneof![
        3 => header.prop_map(str::to_owned),
        6 => (indent, key, equals, value).prop_map(|(i, k, e, v)| format!("{i}{k}{e}{v}")),
        2 => other.prop_map(str::to_owned),
    ];
    let lines = proptest::collection::vec((line, ending), 0..8);
    (usual(&["", "[default]\n", "[profile a]\n"], &["\u{feff}"]), lines).prop_map(|(top, lines)| {
        lines.into_iter().fold(top.to_owned(), |text, (line, ending)| text + &line + ending)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn reads_what_the_sdk_reads(config in text(), credentials in text()) {
        let (sdk, read) = (sdk(&config, &credentials), Profiles::from_texts(&config, &credentials));
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                let one_line_to_the_sdk = format!("{config}{credentials}").contains('\r');
                prop_assert!(sdk.is_none() || one_line_to_the_sdk, "awsx alone rejects it: {error}");
                return Ok(());
            }
        };
        let warned = |of: fn(WarningKind) -> bool| read.warnings().iter().any(|w| of(w.kind));
        let Some(sdk) = sdk else {
            prop_assert!(warned(rejected_by_sdk), "the SDK alone rejects it");
            return Ok(());
        };
        let ours = (profiles(&read), sso_sessions(&read));
        let mut keys = ours.0.clone();
        keys.extend(ours.1.iter().map(|(name, keys)| (format!("sso {name}"), keys.clone())));
        let mut theirs = sdk_sections(&sdk, &keys);
        // The SDK has a profile without a name for `[]` in the credentials file.
        theirs.0.remove("");
        if !warned(read_otherwise_by_sdk) {
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn what_only_the_cli_reads_changes_nothing_else(config in text(), credentials in text()) {
        let sdk = sdk(&config, &credentials);
        let read = Profiles::from_texts(&config, &credentials);
        let (Some(sdk), Ok(read)) = (sdk, read) else { return Ok(()) };
        let is_no_part = |w: &Warning| w.kind == WarningKind::CommentInValue;
        if read.warnings().iter().any(|w| rejected_by_sdk(w.kind) || is_no_part(w)) {
            return Ok(());
        }
        for name in sdk.profiles().filter(|name| !name.is_empty()) {
            let profile = read.as_written(name);
            prop_assert!(profile.is_some(), "{name} is missing");
            let ours = pairs(profile.unwrap().settings());
            for key in ["k", "l", "a:b"] {
                if let Some(value) = sdk.get_profile(name).unwrap().get(key) {
                    prop_assert_eq!(ours.get(key).map(String::as_str), Some(value));
                }
            }
        }
    }
}
