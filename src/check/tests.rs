//! Files, and what is found in them.

use serde::Deserialize;

use super::reading::Reading;
use super::*;
use crate::config::survey::survey_texts;
use crate::env::Env;

fn find(config: &str, credentials: &str) -> Vec<Finding> {
    let survey = survey_texts(config, credentials);
    let mut found: Vec<Finding> = survey.errors.iter().map(mistake_of_file).collect();
    found.extend(check_lines(&survey.oddities));
    found.extend(check_chains(&survey.profiles, &Env::default()));
    found.extend(check_settings(&survey.profiles, &|_| None));
    join_findings(found, &["config", "credentials"].map(std::path::Path::new))
}

/// `error unknown-source config:2`
fn short(finding: &Finding) -> String {
    let place = finding.place.parts().map_or("-".to_owned(), |(file, line)| {
        format!("{}:{}", file.display(), line.unwrap_or_default())
    });
    format!("{} {} {place}", finding.severity.as_str(), finding.code.name())
}

const KEYS: &str = "aws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\n";
const ROLE: &str = "role_arn = arn:aws:iam::123456789012:role/a\n";

#[test]
fn what_is_found_in_files() {
    for (docs, config, credentials, expected) in [
        ("nothing", "[default]\nregion = eu-west-1\n".to_owned(), format!("[default]\n{KEYS}"), ""),
        (
            "a mistake in one file hides none of the other",
            "nonsense\n[profile a]\nhunter\n".to_owned(),
            "[a]\nregion = x # y\n".to_owned(),
            "error syntax config:1, error syntax config:3, warning comment-after-value credentials:2, \
             warning unknown-region credentials:2",
        ),
        (
            "two at the same place",
            format!("[profile a]\n{ROLE}source_profile = c\n[profile b]\n{ROLE}source_profile = a\n"),
            String::new(),
            "error unknown-source config:3",
        ),
        (
            "a section without its word is an error if it has credentials",
            format!("[a]\nregion = eu-west-1\n[b]\n{ROLE}"),
            String::new(),
            "warning missing-prefix config:1, error missing-prefix config:3",
        ),
        (
            "a comment behind an ARN is part of it to the AWS CLI",
            format!("[profile a]\nsource_profile = b\n{} # c\n", ROLE.trim()),
            format!("[b]\n{KEYS}"),
            "error comment-after-value config:3",
        ),
        (
            "regions",
            "[profile a]\nregion = eu west 1\n[profile b]\nregion = eu-west-11\n\
             [sso-session s]\nsso_region = useast1\nsso_start_url = https://x.awsapps.com/start\n"
                .to_owned(),
            String::new(),
            "error bad-region config:2, warning unknown-region config:4, warning unknown-region config:6",
        ),
        (
            "settings that nobody reads",
            format!("[profile a]\nexternal_id = x\nsso_region = eu-west-1\n{KEYS}source_profile = b\n"),
            String::new(),
            "warning unused-setting config:2, warning unused-setting config:3, warning unused-setting config:7",
        ),
        (
            "settings that another file replaces",
            "[profile a]\nregion = eu-west-1\noutput = json\n".to_owned(),
            "[a]\nregion = eu-west-2\noutput = json\n".to_owned(),
            "warning shadowed-setting config:2",
        ),
        (
            "two sources",
            "[profile a]\nsso_account_id = 123456789012\nsso_role_name = r\nsso_start_url = https://x/start\n\
             sso_region = eu-west-1\ncredential_process = /bin/x\nmfa_serial = x\n"
                .to_owned(),
            String::new(),
            "warning unused-source config:6, warning unused-setting config:7",
        ),
        (
            "a role's own keys are its source",
            format!("[profile a]\n{ROLE}source_profile = a\n{KEYS}"),
            String::new(),
            "",
        ),
        (
            "misspelt",
            format!("[profile a]\n{KEYS}reigon = eu-west-1\n"),
            String::new(),
            "warning misspelt-setting config:5",
        ),
        (
            "what only awsx reads, also behind a role",
            format!("[profile a]\n{KEYS}credential_process = x\n[profile b]\ninclude_profile = c\n\
                     [profile c]\nlogin_session = x\n[profile d]\n{ROLE}source_profile = b\n"),
            String::new(),
            "warning unused-source config:2, warning only-awsx config:6, warning only-awsx config:10",
        ),
        (
            "what only awsx reads, beside a profile that hands it to all",
            "[profile a]\ninclude_profile = c\n[profile c]\nlogin_session = x\n\
             [profile a-awsx]\ncredential_process = /bin/awsx credential-process a\n"
                .to_owned(),
            String::new(),
            "",
        ),
        (
            "long-term keys",
            String::new(),
            "[a]\naws_access_key_id = AKIA\naws_secret_access_key = s\n".to_owned(),
            "warning key-in-clear-text credentials:2",
        ),
        (
            "half of a pair",
            String::new(),
            "[a]\naws_access_key_id = AKIA\naws_secret_acces_key = s\n".to_owned(),
            "error half-key-pair credentials:2, warning misspelt-setting credentials:3",
        ),
        (
            "quotes, and no value",
            format!("[profile a]\nrole_arn = \"arn:aws:iam::123456789012:role/a\"\nsource_profile = b\n\
                     [profile b]\nlogin_session =\n{KEYS}"),
            String::new(),
            "error bad-setting config:2, error quoted-value config:2, error blank-setting config:5",
        ),
        (
            "sections that nobody names",
            "[services a]\ns3 =\n  endpoint_url = http://x\n[sso-session s]\nsso_region = eu-west-1\n"
                .to_owned(),
            String::new(),
            "warning unused-services config:1, warning incomplete-sso-session config:4",
        ),
    ] {
        let found: Vec<String> = find(&config, &credentials).iter().map(short).collect();
        assert_eq!(found.join(", "), expected, "{docs}");
    }
}

#[test]
fn profiles_that_have_the_same_are_told_together() {
    let config =
        format!("[profile a]\n{ROLE}source_profile = c\n[profile b]\n{ROLE}source_profile = a\n");
    assert_eq!(find(&config, "")[0].profiles, ["a", "b"]);
}

#[test]
fn no_finding_has_a_secret() {
    for text in [
        "[a]\naws_secret_access_key = planted\n",
        "[a]\naws_access_key_id = planted\n",
        "[a]\naws_access_key_id = AKIA\n  aws_secret_access_key = planted\n",
        "[a]\nplanted\n",
        "[a]\nregion = x\naws_secret_access_key: planted # planted\n",
        "[a]\nplanted_password = planted\n",
    ] {
        let found = find("", text);
        assert!(!format!("{found:?}").contains("planted"), "{found:?}");
    }
}

#[derive(Deserialize)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    docs: String,
    #[serde(default)]
    input: Input,
    sdk: Option<String>,
    cli: Option<String>,
}

#[derive(Deserialize, Default)]
struct Input {
    #[serde(default)]
    config: String,
    #[serde(default)]
    credentials: String,
}

/// What the parsers of both do with the cases is in the table of readings: see `config/cases.rs` and
/// `tests/data/parser_with_botocore.py`.
#[test]
fn what_other_tools_make_of_a_file_is_said() {
    let text = include_str!("../../tests/data/parser.toml");
    let Table { case } = toml::from_str(text).unwrap();
    assert!(case.len() > 50);
    for Case { docs, input, sdk, cli } in case {
        let found = find(&input.config, &input.credentials);
        let readings = || found.iter().filter_map(|finding| finding.code.readings());
        let is_said = |what: &Option<String>, readings: Vec<Reading>| match what.as_deref() {
            Some("rejects") => readings.iter().any(|reading| {
                *reading == Reading::Rejects || reading.words().contains("rejects the file")
            }),
            Some("differs") => readings.iter().any(|reading| *reading != Reading::Reads),
            _ => true,
        };
        let sdks = readings().map(|readings| readings.sdks).collect();
        let aws_cli = readings().map(|readings| readings.aws_cli).collect();
        assert!(is_said(&sdk, sdks), "{docs}: the SDKs: {found:?}");
        // Of an ignored key it is awsx that differs.
        let is_ignored = found.iter().any(|finding| finding.code == Code::IgnoredKey);
        assert!(is_ignored || is_said(&cli, aws_cli), "{docs}: the AWS CLI: {found:?}");
    }
}
