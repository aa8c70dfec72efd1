//! What a profile says of how AWS is reached, as variables: the command that gets the credentials does not
//! know the profile. A variable that the person set stays.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>

use std::path::Path;

use super::{ClientSettings, ClientSettingsError, Written, url};
use crate::env::Env;
use crate::profile::{Profile, Profiles};

/// Settings that are handed on as they are, and the variable of each.
const SETTINGS: [(&str, &str); 18] = [
    ("ca_bundle", "AWS_CA_BUNDLE"),
    ("sts_regional_endpoints", "AWS_STS_REGIONAL_ENDPOINTS"),
    ("retry_mode", "AWS_RETRY_MODE"),
    ("max_attempts", "AWS_MAX_ATTEMPTS"),
    ("defaults_mode", "AWS_DEFAULTS_MODE"),
    ("output", "AWS_DEFAULT_OUTPUT"),
    ("cli_pager", "AWS_PAGER"),
    ("sdk_ua_app_id", "AWS_SDK_UA_APP_ID"),
    ("account_id_endpoint_mode", "AWS_ACCOUNT_ID_ENDPOINT_MODE"),
    ("auth_scheme_preference", "AWS_AUTH_SCHEME_PREFERENCE"),
    ("sigv4a_signing_region_set", "AWS_SIGV4A_SIGNING_REGION_SET"),
    ("request_checksum_calculation", "AWS_REQUEST_CHECKSUM_CALCULATION"),
    ("response_checksum_validation", "AWS_RESPONSE_CHECKSUM_VALIDATION"),
    ("disable_request_compression", "AWS_DISABLE_REQUEST_COMPRESSION"),
    ("request_min_compression_size_bytes", "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES"),
    ("s3_us_east_1_regional_endpoint", "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT"),
    ("s3_use_arn_region", "AWS_S3_USE_ARN_REGION"),
    ("s3_disable_multiregion_access_points", "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS"),
];

/// Settings below `s3 =` that decide where requests go, and that no variable says.
const LOST: [&str; 2] = ["addressing_style", "use_accelerate_endpoint"];

/// What a command is told besides credentials and region.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CommandVariables {
    /// Names and values
    pub variables: Vec<(String, String)>,
    /// What it is not told
    pub warnings: Vec<String>,
}

/// What of the profile goes to a command; `settings` are those of its credentials.
pub(crate) fn command_variables(
    settings: &ClientSettings,
    env: &Env,
    profile: Option<&Profile>,
    profiles: &Profiles,
) -> Result<CommandVariables, ClientSettingsError> {
    let written = Written { env, profile, profiles };
    let mut handed = CommandVariables::default();
    let mut add = |variable: &str, value: &str| {
        if env.get(variable).is_none() {
            handed.variables.push((variable.to_owned(), value.to_owned()));
        }
    };
    for (key, variable) in SETTINGS {
        let Some((value, origin)) = written.setting(key) else { continue };
        if value.contains(char::is_control) {
            return Err(ClientSettingsError::Lines { origin });
        }
        match key {
            "ca_bundle" => add(variable, &env.expand_home(Path::new(value)).to_string_lossy()),
            _ => add(variable, value),
        }
    }
    for (is_on, variable) in [
        (settings.use_fips, "AWS_USE_FIPS_ENDPOINT"),
        (settings.use_dualstack, "AWS_USE_DUALSTACK_ENDPOINT"),
        (written.ignores_endpoints()?, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    ] {
        if is_on {
            add(variable, "true");
        }
    }
    // It comes before whatever a profile says of endpoints.
    if !written.ignores_endpoints()? && env.get("AWS_ENDPOINT_URL").is_none() {
        for (service, url) in written.services_endpoints()? {
            add(&format!("AWS_ENDPOINT_URL_{}", service.to_ascii_uppercase()), &url);
        }
        if let Some(url) = written.endpoint()? {
            add("AWS_ENDPOINT_URL", &url);
        }
    }
    let s3 = profile.and_then(|profile| profile.get("s3"));
    for setting in s3.into_iter().flat_map(|s3| &s3.nested) {
        if LOST.contains(&&*setting.key) {
            handed.warnings.push(format!(
                "{}: {} of s3 has no variable, so the command does not get it",
                setting.location, setting.key
            ));
        }
    }
    Ok(handed)
}

impl Written<'_> {
    /// The endpoints of the section that the profile's `services` names, by the service's key.
    fn services_endpoints(self) -> Result<Vec<(String, String)>, ClientSettingsError> {
        let Some(section) = self.services()? else { return Ok(Vec::new()) };
        let mut endpoints = Vec::new();
        for service in section.settings().map(|setting| &setting.key) {
            if let Some(setting) = section.endpoint_url(service)? {
                let url = url((setting.value.trim(), self.origin(&setting)))?;
                endpoints.push((service.to_string(), url));
            }
        }
        Ok(endpoints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_settings::Calls;

    const CONFIG: &str = "\
[profile all]
region = fips-us-gov-west-1
use_dualstack_endpoint = true
ca_bundle = ~/ca.pem
retry_mode = adaptive
max_attempts = 5
endpoint_url = http://profile:1
services = local
s3 =
  addressing_style = path
  max_concurrent_requests = 5
[services local]
s3 =
  endpoint_url = http://s3:1
elastic_beanstalk =
  endpoint_url = http://eb:1
iam =
[profile ignoring]
ignore_configured_endpoint_urls = true
endpoint_url = http://profile:1
[profile missing]
services = nowhere
[profile lines]
retry_mode = adaptive
  more
";

    /// `NAME=value` for each variable, or the error.
    fn shown(profile: &str, vars: &[(&str, &str)]) -> String {
        let profiles = Profiles::from_texts(CONFIG, "").unwrap();
        let profile = profiles.profile(profile).unwrap();
        let env = Env::from_pairs([("HOME", "/h")].iter().chain(vars).copied());
        let settings = ClientSettings::derive(None, &env, profile.as_ref(), &profiles, Calls::Any);
        let settings = settings.unwrap_or_default();
        match command_variables(&settings, &env, profile.as_ref(), &profiles) {
            Ok(CommandVariables { variables, .. }) => {
                let shown: Vec<_> = variables.iter().map(|(n, v)| format!("{n}={v}")).collect();
                shown.join(" ")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_has_a_variable_is_command_variables_and_the_persons_own_stays() {
        for (docs, profile, vars, expected) in [
            ("no profile", "none", &[][..], ""),
            (
                "all",
                "all",
                &[],
                "AWS_CA_BUNDLE=/h/ca.pem AWS_RETRY_MODE=adaptive AWS_MAX_ATTEMPTS=5 \
                 AWS_USE_FIPS_ENDPOINT=true AWS_USE_DUALSTACK_ENDPOINT=true \
                 AWS_ENDPOINT_URL_S3=http://s3:1 AWS_ENDPOINT_URL_ELASTIC_BEANSTALK=http://eb:1 \
                 AWS_ENDPOINT_URL=http://profile:1",
            ),
            (
                "the person's own",
                "all",
                &[
                    ("AWS_CA_BUNDLE", "/x"),
                    ("AWS_ENDPOINT_URL", "http://own"),
                    ("AWS_USE_DUALSTACK_ENDPOINT", "false"),
                    ("AWS_USE_FIPS_ENDPOINT", "true"),
                ],
                "AWS_RETRY_MODE=adaptive AWS_MAX_ATTEMPTS=5",
            ),
            ("ignored", "ignoring", &[], "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"),
            (
                "a section that is not there",
                "missing",
                &[],
                "config:22: services of profile \"missing\" names the section [services nowhere], \
                 which does not exist",
            ),
            (
                "more than a line",
                "lines",
                &[],
                "config:24: retry_mode of profile \"lines\" has a line break or another control \
                 character",
            ),
        ] {
            let shown = shown(profile, vars).replace(std::path::MAIN_SEPARATOR, "/");
            assert_eq!(shown, expected, "{docs}");
        }
    }

    #[test]
    fn what_has_none_and_matters_is_said() {
        let profiles = Profiles::from_texts(CONFIG, "").unwrap();
        let profile = profiles.profile("all").unwrap();
        let settings = ClientSettings::default();
        let handed =
            command_variables(&settings, &Env::default(), profile.as_ref(), &profiles).unwrap();
        assert_eq!(
            handed.warnings,
            ["config:10: addressing_style of s3 has no variable, so the command does not get it"]
        );
    }
}
