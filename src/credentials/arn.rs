//! The parts of an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.

/// `aws-cn` of `arn:aws-cn:iam::…`
pub(crate) fn partition(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').next()
}

/// `123456789012` of `arn:aws:sts::123456789012:assumed-role/…`; some ARNs have no account
pub(crate) fn account(arn: &str) -> Option<&str> {
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
