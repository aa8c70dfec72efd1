//! The parts of an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.

/// `aws-cn` of `arn:aws-cn:iam::…`
pub(crate) fn partition(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').next()
}

/// `123456789012` of `arn:aws:sts::123456789012:assumed-role/…`; some ARNs have no account
pub(crate) fn account(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(3).filter(|account| !account.is_empty())
}

/// `dev` of `arn:aws:sts::123456789012:assumed-role/dev/me` and of `arn:aws:iam::123456789012:role/path/dev`
pub(crate) fn role_name(arn: &str) -> Option<&str> {
    let resource = arn.strip_prefix("arn:")?.splitn(5, ':').nth(4)?;
    match resource.split_once('/')? {
        ("assumed-role", rest) => rest.split('/').next(),
        ("role", rest) => rest.rsplit('/').next(),
        _ => None,
    }
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
    #[test]
    fn an_arn_names_its_role() {
        for (arn, expected) in [
            ("arn:aws:sts::123456789012:assumed-role/dev/me", Some("dev")),
            ("arn:aws:iam::123456789012:role/dev", Some("dev")),
            ("arn:aws:iam::123456789012:role/security/audit", Some("audit")),
            ("arn:aws:iam::123456789012:user/ann", None),
            ("dev", None),
        ] {
            assert_eq!(role_name(arn), expected, "{arn}");
        }
    }
}
