//! The region to ask where no region is configured.

/// The region whose STS answers for the partition of `arn`, used when nothing names a region.
///
/// Regional on purpose: tokens of the global endpoint `sts.amazonaws.com` are not valid in opt-in
/// regions, <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>.
/// What is no ARN belongs to `aws`.
pub(super) fn default_region(arn: Option<&str>) -> &'static str {
    match arn.and_then(partition).unwrap_or("aws") {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-eusc" => "eusc-de-east-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        _ => "us-east-1",
    }
}

/// `aws-cn` of `arn:aws-cn:iam::…`
fn partition(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').next()
}

/// The account of an ARN, if it has one: `arn:aws:sts::123456789012:assumed-role/…`
pub(super) fn account(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(3).filter(|account| !account.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_its_account() {
        for (arn, expected) in [
            ("arn:aws:sts::123456789012:assumed-role/dev/me", Some("123456789012")),
            ("arn:aws:s3:::bucket", None),
            ("123456789012", None),
        ] {
            assert_eq!(account(arn), expected, "{arn}");
        }
    }
}
