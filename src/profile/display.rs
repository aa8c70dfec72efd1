//! Which values of settings may be shown. Files hold secrets in places that nobody foresees: below a
//! misspelled key, behind an indented line, under the key of another program.

use std::borrow::Cow;

use super::Setting;

/// What stands for a value that is not shown.
const MASK: &str = "***";

/// Keys whose values are no secrets, in alphabetical order: those of AWS, aws-vault and awsx.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>
/// <https://docs.aws.amazon.com/cli/latest/topic/config-vars.html>
const HARMLESS: &[&str] = &[
    "account_id_endpoint_mode",
    "addressing_style",
    "api_versions",
    "assume_role",
    "assumed_role",
    "assumed_role_arn",
    "auth_scheme_preference",
    "aws_access_key_id",
    "aws_account_id",
    "aws_mfa_device",
    "awsx_session",
    "ca_bundle",
    "cli_auto_prompt",
    "cli_binary_format",
    "cli_follow_urlparam",
    "cli_help_output",
    "cli_hide_paramfile_warning",
    "cli_history",
    "cli_pager",
    "cli_timestamp_format",
    "colour",
    "confirm",
    "credential_source",
    "defaults_mode",
    "deny_roles",
    "disable_request_compression",
    "duration_seconds",
    "ec2_metadata_service_endpoint",
    "ec2_metadata_service_endpoint_mode",
    "ec2_metadata_v1_disabled",
    "endpoint_discovery_enabled",
    "endpoint_url",
    "expected_account",
    "expected_role",
    "expiration",
    "external_id",
    "ignore_configured_endpoint_urls",
    "include_profile",
    "login_session",
    "max_attempts",
    "max_bandwidth",
    "max_concurrent_requests",
    "max_queue_size",
    "metadata_service_num_attempts",
    "metadata_service_timeout",
    "mfa_serial",
    "multipart_chunksize",
    "multipart_threshold",
    "output",
    "parameter_validation",
    "parent_profile",
    "payload_signing_enabled",
    "preferred_transfer_client",
    "principal_arn",
    "read_only",
    "reason",
    "region",
    "regions",
    "request_checksum_calculation",
    "request_min_compression_size_bytes",
    "response_checksum_validation",
    "retry_mode",
    "role_arn",
    "role_session_name",
    "s3_disable_express_session_auth",
    "s3_disable_multiregion_access_points",
    "s3_us_east_1_regional_endpoint",
    "s3_use_arn_region",
    "saml_consumer",
    "saml_login_url",
    "scope",
    "sdk_ua_app_id",
    "server",
    "services",
    "session",
    "session_policy",
    "session_policy_arns",
    "session_tags",
    "sigv4a_signing_region_set",
    "source_identity",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_registration_scopes",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "sts_regional_endpoints",
    "tcp_keepalive",
    "transitive_session_tags",
    "use_accelerate_endpoint",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
    "user_agent_extra",
    "web_identity_token_file",
];

/// Of which the program is shown.
const COMMANDS: [&str; 4] = ["credential_process", "mfa_process", "saml_command", "oidc"];

impl Setting {
    /// The value, as far as it may be shown: `***` stands for what may be a secret, the arguments of a
    /// command among it.
    pub fn display(&self) -> Cow<'_, str> {
        let value = self.value.as_str();
        if value.starts_with('\n') {
            let is_shown = |child: &Setting| {
                is_harmless(&child.key.to_ascii_lowercase()) && may_be_shown(&child.value)
            };
            let all = !self.nested.is_empty() && self.nested.iter().all(is_shown);
            return if all { value } else { MASK }.into();
        }
        display_value(&self.key, value)
    }
}

/// What awsx itself writes; the name of a profile follows, and nothing else.
const OWN_PROCESS: &str = "awsx credential-process ";

/// The value of a key in lower case, as far as it may be shown.
pub(crate) fn display_value<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    if COMMANDS.contains(&key) && may_be_shown(value) {
        return match value.split_once([' ', '\t']) {
            Some(_) if is_own_process(value) => value.into(),
            Some((program, _)) if !program.contains(['=', '\'', '"']) => {
                format!("{program} {MASK}").into()
            }
            Some(_) => MASK.into(),
            None => value.into(),
        };
    }
    match is_harmless(key) && may_be_shown(value) {
        true => value.into(),
        false => MASK.into(),
    }
}

fn is_own_process(value: &str) -> bool {
    let name = value.strip_prefix(OWN_PROCESS);
    name.is_some_and(|name| !name.contains(|c: char| c.is_whitespace() || c == '='))
}

fn is_harmless(key: &str) -> bool {
    HARMLESS.binary_search(&key).is_ok()
}

/// Whether a value has no second line, which may be a setting that is indented; no password of an address;
/// and no word that looks like a key or a token.
fn may_be_shown(value: &str) -> bool {
    let has_password = value.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || "/+".contains(c);
    let looks_like_key = |word: &str| {
        let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
        (word.len() == 40 || word.len() >= 100)
            && has(char::is_ascii_digit)
            && has(char::is_ascii_lowercase)
            && has(char::is_ascii_uppercase)
    };
    !value.contains('\n') && !has_password && !value.split(|c| !is_of_key(c)).any(looks_like_key)
}

#[cfg(test)]
mod tests {
    use crate::profile::Profiles;

    #[test]
    fn harmless_keys_are_found() {
        assert!(super::HARMLESS.is_sorted());
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let key = "aB3/".repeat(10);
        for (docs, line, expected) in [
            ("a setting of AWS", "region = eu-west-1", "eu-west-1"),
            ("a role", "role_arn = arn:aws:iam::111111111111:role/a/b", "=value"),
            ("a key id", "aws_access_key_id = AKIAEXAMPLE", "AKIAEXAMPLE"),
            ("a secret", "aws_secret_access_key = planted", "***"),
            ("a token", "aws_session_token = planted", "***"),
            ("a misspelled key", "aws_secret_acces_key = planted", "***"),
            ("another program's", "azure_default_password = planted", "***"),
            (
                "an indented line",
                "aws_access_key_id = AKIA\n  aws_secret_access_key = planted",
                "***",
            ),
            ("a key in the wrong place", &format!("aws_access_key_id = {key}"), "***"),
            ("a key in a list", &format!("session_tags = a=b,c={key}"), "***"),
            ("a password in an address", "endpoint_url = http://me:planted@h", "***"),
            ("an address", "endpoint_url = http://h:1/x", "http://h:1/x"),
            ("nested settings", "s3 =\n  max_queue_size = 7", "\nmax_queue_size = 7"),
            ("a secret in them", "s3 =\n  max_queue_size = 7\n  my_key = planted", "***"),
            ("a program", "credential_process = /opt/get", "/opt/get"),
            ("its arguments", "credential_process = /opt/get --key planted", "/opt/get ***"),
            ("those of awsx", "credential_process = awsx credential-process dev", "=value"),
            ("more of it", "credential_process = awsx credential-process dev planted", "awsx ***"),
            ("another program of awsx's name", "credential_process = awsx-x planted", "awsx-x ***"),
            ("a variable before it", "credential_process = KEY=planted get x", "***"),
            ("a quoted one", "mfa_process = 'planted x' y", "***"),
        ] {
            let profiles = Profiles::from_texts(&format!("[default]\n{line}\n"), "").unwrap();
            let profile = profiles.profile("default").unwrap().unwrap();
            let setting = profile.settings().next().unwrap();
            let expected = if expected == "=value" { &setting.value } else { expected };
            assert_eq!(setting.display(), expected, "{docs}");
        }
    }
}
