//! Checks the answers to `awsx config sso`, given as flags or typed.

use crate::profile::{has_form_of_region, is_portable_name, is_start_url, similar_region};

pub(super) fn parse_start_url(text: &str) -> Result<String, String> {
    match is_start_url(text) {
        true => Ok(text.to_owned()),
        false => Err("not an https URL, such as https://corp.awsapps.com/start".to_owned()),
    }
}

/// The start URL that a person types: the name of the portal alone, or without `https://`, means the usual
/// one.
pub(super) fn start_url_of(text: &str) -> Result<String, String> {
    let is_label = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_label(text) && !text.is_empty() {
        return Ok(format!("https://{text}.awsapps.com/start"));
    }
    match text.contains("://") {
        true => parse_start_url(text),
        false => parse_start_url(&format!("https://{text}")),
    }
}

/// Accepts what has the form of a region: it becomes part of a host's name.
pub(super) fn parse_region(text: &str) -> Result<String, String> {
    // `eu-west-1a`
    let of_zone = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    match (has_form_of_region(text), similar_region(text)) {
        (true, _) => Ok(text.to_owned()),
        (false, _) if of_zone.len() + 1 == text.len() && has_form_of_region(of_zone) => {
            Err(format!("a zone, not a region: {of_zone}"))
        }
        (false, Some(similar)) => Err(format!("not a region: did you mean {similar}?")),
        (false, None) => Err("not a region, such as eu-west-1".to_owned()),
    }
}

pub(super) fn parse_name(text: &str) -> Result<String, String> {
    match is_portable_name(text) {
        true => Ok(text.to_owned()),
        false => Err("not all AWS tools read such a name: letters, digits and _-/.%@:+".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_checked() {
        for (docs, check, text, fine) in [
            ("a portal", parse_start_url as fn(&str) -> _, "https://corp.awsapps.com/start", true),
            ("a portal's fragment", parse_start_url, "https://corp.awsapps.com/start/#/", true),
            ("another host", parse_start_url, "https://sso.corp.example:8443/start", true),
            ("not TLS", parse_start_url, "http://corp.awsapps.com/start", false),
            ("no host", parse_start_url, "https:///start", false),
            ("a person in it", parse_start_url, "https://a@corp.awsapps.com/start", false),
            ("a blank", parse_start_url, "https://corp.awsapps.com/ start", false),
            ("a line", parse_start_url, "https://corp.awsapps.com/\nx", false),
            ("nothing", parse_start_url, "", false),
            ("a region", parse_region, "eu-west-1", true),
            ("a zone", parse_region, "eu-west-1a", false),
            ("a host", parse_region, "eu.west", false),
            ("a word", parse_region, "nowhere", false),
            ("a portal's name", start_url_of, "corp", true),
            ("without https", start_url_of, "corp.awsapps.com/start", true),
            ("http", start_url_of, "http://corp.awsapps.com/start", false),
            ("no region", parse_region, "", false),
            ("a name", parse_name, "dev/Admin", true),
            ("blanks", parse_name, "two words", false),
            ("no name", parse_name, "", false),
        ] {
            assert_eq!(check(text).is_ok(), fine, "{docs}: {text}");
        }
    }
}
