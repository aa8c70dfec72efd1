//! Where IAM is: one endpoint for each partition, in one region.
//! <https://docs.aws.amazon.com/general/latest/gr/iam-service.html>

use crate::client_settings::ClientSettings;
use crate::ports::CallError;

/// By the region to sign for: the host, and that for FIPS, for dual stack, and for both, as botocore has them.
const HOSTS: [(&str, [Option<&str>; 4]); 8] = [
    (
        "us-east-1",
        [
            Some("iam.amazonaws.com"),
            Some("iam-fips.amazonaws.com"),
            Some("iam.global.api.aws"),
            Some("iam-fips.global.api.aws"),
        ],
    ),
    (
        "us-gov-west-1",
        [
            Some("iam.us-gov.amazonaws.com"),
            Some("iam.us-gov.amazonaws.com"),
            Some("iam.us-gov.api.aws"),
            Some("iam.us-gov.api.aws"),
        ],
    ),
    (
        "cn-north-1",
        [
            Some("iam.cn-north-1.amazonaws.com.cn"),
            Some("iam-fips.amazonaws.com.cn"),
            Some("iam.global.api.amazonwebservices.com.cn"),
            Some("iam-fips.api.amazonwebservices.com.cn"),
        ],
    ),
    (
        "eusc-de-east-1",
        [
            Some("iam.eusc-de-east-1.amazonaws.eu"),
            Some("iam-fips.amazonaws.eu"),
            Some("iam.global.api.amazonwebservices.eu"),
            Some("iam-fips.api.amazonwebservices.eu"),
        ],
    ),
    (
        "us-iso-east-1",
        [
            Some("iam.us-iso-east-1.c2s.ic.gov"),
            Some("iam-fips.us-iso-east-1.c2s.ic.gov"),
            Some("iam.api.aws.ic.gov"),
            Some("iam-fips.api.aws.ic.gov"),
        ],
    ),
    (
        "us-isob-east-1",
        [
            Some("iam.us-isob-east-1.sc2s.sgov.gov"),
            Some("iam-fips.us-isob-east-1.sc2s.sgov.gov"),
            Some("iam.api.aws.scloud"),
            Some("iam-fips.api.aws.scloud"),
        ],
    ),
    (
        "eu-isoe-west-1",
        [Some("iam.eu-isoe-west-1.cloud.adc-e.uk"), Some("iam-fips.cloud.adc-e.uk"), None, None],
    ),
    (
        "us-isof-south-1",
        [Some("iam.us-isof-south-1.csp.hci.ic.gov"), Some("iam-fips.csp.hci.ic.gov"), None, None],
    ),
];

/// The configured endpoint, or that of the partition whose IAM is signed for this region.
pub(super) fn url(settings: &ClientSettings, region: &str) -> Result<String, CallError> {
    if let Some(url) = &settings.iam_endpoint_url {
        return Ok(url.clone());
    }
    let kind = usize::from(settings.use_fips) + 2 * usize::from(settings.use_dualstack);
    let row = HOSTS.iter().find(|(known, _)| *known == region);
    match row.and_then(|(_, hosts)| hosts[kind]) {
        Some(host) => Ok(format!("https://{host}")),
        None => Err(CallError::Settings {
            origin: "IAM endpoint".into(),
            cause: format!("there is none with dual stack that is signed for {region}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::arn::home_region;

    #[test]
    fn each_partition_has_one() {
        for (partition, use_fips, use_dualstack, expected) in [
            ("aws", false, false, "https://iam.amazonaws.com"),
            ("aws", true, false, "https://iam-fips.amazonaws.com"),
            ("aws", false, true, "https://iam.global.api.aws"),
            ("aws-us-gov", false, false, "https://iam.us-gov.amazonaws.com"),
            ("aws-us-gov", true, true, "https://iam.us-gov.api.aws"),
            ("aws-cn", false, false, "https://iam.cn-north-1.amazonaws.com.cn"),
            ("aws-eusc", false, false, "https://iam.eusc-de-east-1.amazonaws.eu"),
            ("aws-iso", false, false, "https://iam.us-iso-east-1.c2s.ic.gov"),
            ("aws-iso-b", false, false, "https://iam.us-isob-east-1.sc2s.sgov.gov"),
            ("aws-iso-e", false, false, "https://iam.eu-isoe-west-1.cloud.adc-e.uk"),
            ("aws-iso-e", false, true, "there is none with dual stack"),
            ("aws-iso-f", true, false, "https://iam-fips.csp.hci.ic.gov"),
            ("minio", false, false, "https://iam.amazonaws.com"),
        ] {
            let settings = ClientSettings { use_fips, use_dualstack, ..ClientSettings::default() };
            let arn = format!("arn:{partition}:iam::111111111111:user/dev");
            let found = url(&settings, home_region(Some(&arn)));
            let found = found.unwrap_or_else(|error| error.to_string());
            assert!(found.contains(expected), "{partition}: {found}");
        }
    }
}
