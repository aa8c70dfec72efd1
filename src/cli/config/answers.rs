//! What counts as an answer: the checks of `awsx config sso`, for flags and for what is typed.

use crate::profile::{is_portable_name, is_region, is_start_url};

/// `corp` of `https://corp.awsapps.com/start`
pub(super) fn session_name(start_url: &str) -> Option<String> {
    let host = start_url.split("//").nth(1)?.split(['/', ':']).next()?;
    let label = host.split('.').next()?;
    (is_portable_name(label) && host.ends_with(".awsapps.com")).then(|| label.to_owned())
}

/// The text, if it is an https URL and nothing else.
pub(in crate::cli) fn start_url(text: &str) -> Result<String, String> {
    match is_start_url(text) {
        true => Ok(text.to_owned()),
        false => Err("not an https URL, such as https://corp.awsapps.com/start".to_owned()),
    }
}

/// The text, if it can be a region: it becomes part of a host's name.
pub(in crate::cli) fn region(text: &str) -> Result<String, String> {
    match is_region(text) {
        true => Ok(text.to_owned()),
        false => Err("not a region, such as eu-west-1".to_owned()),
    }
}

/// The text, if all AWS tools read it as a name.
pub(super) fn name(text: &str) -> Result<String, String> {
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
            ("a portal", start_url as fn(&str) -> _, "https://corp.awsapps.com/start", true),
            ("a portal's fragment", start_url, "https://corp.awsapps.com/start/#/", true),
            ("another host", start_url, "https://sso.corp.example:8443/start", true),
            ("not TLS", start_url, "http://corp.awsapps.com/start", false),
            ("no host", start_url, "https:///start", false),
            ("a person in it", start_url, "https://a@corp.awsapps.com/start", false),
            ("a blank", start_url, "https://corp.awsapps.com/ start", false),
            ("a line", start_url, "https://corp.awsapps.com/\nx", false),
            ("nothing", start_url, "", false),
            ("a region", region, "eu-west-1", true),
            ("a host", region, "eu.west", false),
            ("no region", region, "", false),
            ("a name", name, "dev/Admin", true),
            ("blanks", name, "two words", false),
            ("no name", name, "", false),
        ] {
            assert_eq!(check(text).is_ok(), fine, "{docs}: {text}");
        }
    }

    #[test]
    fn sessions_are_named_after_their_portal() {
        for (url, expected) in [
            ("https://corp.awsapps.com/start", Some("corp")),
            ("https://d-1234.awsapps.com/start/#", Some("d-1234")),
            ("https://identitycenter.amazonaws.com/ssoins-1", None),
            ("https://sso.corp.example", None),
        ] {
            assert_eq!(session_name(url).as_deref(), expected, "{url}");
        }
    }
}
