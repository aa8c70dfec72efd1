//! What a person can mean by a region.

use super::name::nearest;

/// Those of AWS, <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>; only to
/// see what was meant, and to offer them: a new one is as good.
const KNOWN: [&str; 38] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "ap-east-1",
    "ap-east-2",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "af-south-1",
    "ca-central-1",
    "ca-west-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
];

/// Those that awsx knows.
pub(crate) fn regions() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter()
}

/// Whether it has the form of AWS's regions, words and then a number, and fits into a host's name.
pub(crate) fn has_form_of_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] => {
            text.len() <= 63
                && words.len() >= 2
                && words.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        [] => false,
    }
}

/// Whether AWS has it, as far as awsx knows. Of isolated partitions AWS says little.
pub(crate) fn is_known_region(text: &str) -> bool {
    const OTHER_PARTITIONS: [&str; 3] = ["us-iso", "eu-iso", "eusc-"];
    KNOWN.contains(&text)
        || OTHER_PARTITIONS.iter().any(|start| text.starts_with(start)) && has_form_of_region(text)
        // Of the AWS CLI and some SDKs: the endpoint of S3 and STS that is no region's.
        || text == "aws-global"
}

/// The region of AWS that was probably meant.
pub(crate) fn similar_region(text: &str) -> Option<&'static str> {
    nearest(text, KNOWN.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_a_form_and_misspelt_ones_a_neighbour() {
        for region in KNOWN.into_iter().chain(["eusc-de-east-1", "us-iso-east-1", "xx-new-12"]) {
            assert!(has_form_of_region(region), "{region}");
        }
        for (region, is_known) in [
            ("eu-west-1", true),
            ("us-iso-east-1", true),
            ("eusc-de-east-1", true),
            ("us-isolated", false),
            ("eu-west-9", false),
        ] {
            assert_eq!(is_known_region(region), is_known, "{region}");
        }
        for (text, meant) in [
            ("eu-west1", Some("eu-west-1")),
            ("useast-1", Some("us-east-1")),
            ("EU-WEST-1", Some("eu-west-1")),
            ("nowhere", None),
            ("eu", None),
            ("", None),
            ("--1", None),
        ] {
            assert!(!has_form_of_region(text), "{text}");
            assert_eq!(similar_region(text), meant, "{text}");
        }
    }
}
