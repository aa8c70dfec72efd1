//! The parts of an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.

/// `aws-cn` of `arn:aws-cn:iam::…`
pub(crate) fn partition(arn: &str) -> Option<&str> {
    let ["arn", partition, ..] = parts(arn) else { return None };
    (!partition.is_empty()).then_some(partition)
}

/// `123456789012` of `arn:aws:sts::123456789012:assumed-role/…`; some ARNs have no account
pub(crate) fn account(arn: &str) -> Option<&str> {
    let ["arn", .., account, _] = parts(arn) else { return None };
    (!account.is_empty()).then_some(account)
}

/// `dev` of `arn:aws:sts::123456789012:assumed-role/dev/me` and of `arn:aws:iam::123456789012:role/path/dev`
pub(crate) fn role_name(arn: &str) -> Option<&str> {
    let ["arn", .., resource] = parts(arn) else { return None };
    match resource.split_once('/')? {
        ("assumed-role", rest) => rest.split('/').next(),
        ("role", rest) => rest.rsplit('/').next(),
        _ => None,
    }
}

/// Whether it is the id of an account.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The region whose STS answers for the partition of an ARN where no region is configured, and which its IAM
/// is signed for.
///
/// Regional on purpose: tokens of the global endpoint `sts.amazonaws.com` are not valid in opt-in
/// regions, <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>.
/// What is no ARN belongs to `aws`.
pub(crate) fn home_region(arn: Option<&str>) -> &'static str {
    let named = arn.and_then(partition).unwrap_or("aws");
    let found = PARTITIONS.iter().find(|(partition, ..)| *partition == named);
    found.map_or("us-east-1", |(_, region, _)| region)
}

/// The partition of a region: `aws-cn` of `cn-north-1`
pub(crate) fn partition_of_region(region: &str) -> &'static str {
    let found = PARTITIONS.iter().find(|(.., start)| region.starts_with(start));
    found.map_or("aws", |(partition, ..)| partition)
}

/// Each partition but `aws`, its home region, and how the names of its regions begin.
const PARTITIONS: [(&str, &str, &str); 7] = [
    ("aws-cn", "cn-north-1", "cn-"),
    ("aws-us-gov", "us-gov-west-1", "us-gov-"),
    ("aws-eusc", "eusc-de-east-1", "eusc-"),
    ("aws-iso", "us-iso-east-1", "us-iso-"),
    ("aws-iso-b", "us-isob-east-1", "us-isob-"),
    ("aws-iso-e", "eu-isoe-west-1", "eu-isoe-"),
    ("aws-iso-f", "us-isof-south-1", "us-isof-"),
];

/// Holds a text to be what `RoleArn` may be, in any partition. What stands in for AWS may know no accounts.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(crate) fn check_role_arn(text: &str) -> Result<(), &'static str> {
    match parts(text) {
        ["arn", _, "sts", _, _, resource] if resource.starts_with("assumed-role/") => {
            Err("is the ARN of a session; that of its role is arn:aws:iam::123456789012:role/NAME")
        }
        ["arn", _, "iam", "", account, _] if is_number(account) && account.len() != 12 => {
            Err("has an account that is not 12 digits")
        }
        ["arn", partition, "iam", "", _, resource]
            if !partition.is_empty()
                && resource.starts_with("role/")
                && !resource.ends_with('/') =>
        {
            Ok(())
        }
        _ => Err("is not the ARN of a role, such as arn:aws:iam::123456789012:role/NAME"),
    }
}

/// Holds a text to be the ARN of a SAML provider in IAM.
pub(crate) fn check_provider_arn(text: &str) -> Result<(), &'static str> {
    match parts(text) {
        ["arn", partition, "iam", "", _, resource]
            if !partition.is_empty()
                && resource.strip_prefix("saml-provider/").is_some_and(|name| !name.is_empty()) =>
        {
            Ok(())
        }
        _ => Err(
            "is not the ARN of a SAML provider, such as arn:aws:iam::123456789012:saml-provider/NAME",
        ),
    }
}

/// The six parts of an ARN; those that a text lacks are empty.
fn parts(text: &str) -> [&str; 6] {
    let mut rest = Some(text);
    std::array::from_fn(|at| {
        let text = rest.take().unwrap_or_default();
        // A list has thousands: bytes take a fraction of what characters do.
        let end = text.bytes().position(|byte| byte == b':').filter(|_| at < 5);
        let Some(end) = end else { return text };
        rest = Some(&text[end + 1..]);
        &text[..end]
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_a_role() {
        for (arn, expected) in [
            ("arn:aws:iam::123456789012:role/dev", None),
            ("arn:aws:iam::123456789012:role/a/path/dev", None),
            ("arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/Dev_0a1b", None),
            ("arn:aws-cn:iam::123456789012:role/dev", None),
            ("arn:aws-us-gov:iam::123456789012:role/dev", None),
            ("arn:aws-iso-b:iam::123456789012:role/dev", None),
            ("arn:aws-eusc:iam::123456789012:role/dev", None),
            // MinIO and Ceph: https://docs.ceph.com/en/latest/radosgw/STS/
            ("arn:minio:iam:::role/dev", None),
            ("arn:aws:iam:::role/dev", None),
            ("arn:aws:iam::12345678901:role/dev", Some("12 digits")),
            ("arn:aws:sts::123456789012:assumed-role/dev/me", Some("is the ARN of a session")),
            ("arn:aws:iam::123456789012:user/dev", Some("is not the ARN of a role")),
            ("arn:aws:iam::123456789012:instance-profile/dev", Some("is not the ARN of a role")),
            ("arn:aws:iam::123456789012:role/", Some("is not the ARN of a role")),
            ("arn:aws:iam::123456789012:role/path/", Some("is not the ARN of a role")),
            ("arn:aws:iam::123456789012:dev", Some("is not the ARN of a role")),
            ("arn:aws:iam:eu-west-1:123456789012:role/dev", Some("is not the ARN of a role")),
            ("arn::iam::123456789012:role/dev", Some("is not the ARN of a role")),
            ("dev", Some("is not the ARN of a role")),
            ("", Some("is not the ARN of a role")),
        ] {
            let flaw = check_role_arn(arn).err();
            let is_right = match (flaw, expected) {
                (Some(flaw), Some(expected)) => flaw.contains(expected),
                (flaw, expected) => flaw == expected,
            };
            assert!(is_right, "{arn}: {flaw:?}");
        }
    }

    #[test]
    fn the_arn_of_a_saml_provider() {
        for (arn, is_one) in [
            ("arn:aws:iam::123456789012:saml-provider/Corp", true),
            ("arn:aws-cn:iam::123456789012:saml-provider/Corp_1", true),
            ("arn:aws:iam::123456789012:saml-provider/", false),
            ("arn:aws:iam::123456789012:oidc-provider/x", false),
            ("arn:aws:iam::123456789012:role/x", false),
            ("Corp", false),
        ] {
            assert_eq!(check_provider_arn(arn).is_ok(), is_one, "{arn}");
        }
    }

    #[test]
    fn a_home_region_is_of_its_partition() {
        for (partition, region, _) in PARTITIONS {
            assert_eq!(home_region(Some(&format!("arn:{partition}:iam::1:role/a"))), region);
            assert_eq!(partition_of_region(region), partition);
        }
        assert_eq!((home_region(None), partition_of_region("eu-west-1")), ("us-east-1", "aws"));
    }

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
