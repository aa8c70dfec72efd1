//! Names of sections and keys: what every SDK accepts, and which known one was probably meant.

/// Whether all AWS SDKs accept the name for a profile, a section or a key: letters and digits of
/// ASCII and `_ - / . % @ : +`. The AWS CLI accepts more.
pub fn is_portable_name(name: &str) -> bool {
    !name.is_empty() && portable_length(name) == name.len()
}

/// How much of the text all AWS SDKs accept in a name, in bytes.
pub(crate) fn portable_length(text: &str) -> usize {
    text.bytes().position(|byte| !PORTABLE[usize::from(byte)]).unwrap_or(text.len())
}

/// By byte, since files of thousands of names are read in each command.
const PORTABLE: [bool; 256] = {
    let mut portable = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        portable[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
            | b'_' | b'-' | b'/' | b'.' | b'%' | b'@' | b':' | b'+');
        byte += 1;
    }
    portable
};

/// The settings that decide whose credentials a profile gives.
pub(crate) const IDENTITY: [&str; 18] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "role_arn",
    "source_profile",
    "credential_source",
    "web_identity_token_file",
    "saml_command",
    "saml_login_url",
    "principal_arn",
    "oidc",
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "sso_start_url",
    "login_session",
    "credential_process",
];

const OTHERS: [&str; 8] = [
    "region",
    "output",
    "mfa_serial",
    "external_id",
    "duration_seconds",
    "role_session_name",
    "sso_region",
    "endpoint_url",
];

/// Settings whose names are near those of others,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html> and docs/cli.md.
const NEAR: [&str; 5] = ["role_arns", "regions", "session_name", "services", "mfa_process"];

/// The settings that people write into profiles.
pub(crate) fn keys_of_profiles() -> impl Iterator<Item = &'static str> {
    IDENTITY.iter().chain(&OTHERS).copied()
}

/// Whether it is one of them, in any case.
pub(crate) fn is_known_key(key: &str) -> bool {
    keys_of_profiles().any(|known| known.eq_ignore_ascii_case(key))
}

/// The setting that was probably meant by a key that no tool knows: two letters off at most, or with other signs
/// between its words.
pub(crate) fn misspelt_key(key: &str) -> Option<&'static str> {
    const MOST: usize = 2;
    if key.len() < 5 || is_known_key(key) || NEAR.contains(&key) {
        return None;
    }
    let text = key.to_ascii_lowercase().replace(['-', '.'], "_");
    let letters: Vec<char> = text.chars().collect();
    let near = keys_of_profiles().filter(|known| known.len().abs_diff(letters.len()) <= MOST);
    near.map(|known| (edits(&letters, known), known))
        .filter(|(edits, known)| *edits <= MOST.min(known.len() / 5))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}

/// A reference as it should be: without quotes and the word that stands before the name in a section.
pub(crate) fn bare_name<'n>(reference: &'n str, word: &str) -> &'n str {
    let without_quotes = reference.trim().trim_matches(['"', '\'']);
    let name = without_quotes.strip_prefix(word).filter(|name| name.starts_with([' ', '\t']));
    name.unwrap_or(without_quotes).trim().trim_matches(['"', '\''])
}

/// What is longer than this, in bytes, is nobody's slip of the pen.
const LONGEST_NAME: usize = 256;

/// The candidate with the fewest edits from `name`, if a third of its letters or fewer differ.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let allowed = (name.len() / 3).max(1);
    candidates
        .filter(|candidate| candidate.chars().count().abs_diff(name.len()) <= allowed)
        .map(|candidate| (edits(&name, candidate), candidate))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to make `b`
/// of `a` (optimal string alignment).
fn edits(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut before = Vec::new();
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for i in 1..=b.len() {
        let mut next = vec![i];
        for j in 1..=a.len() {
            let replaced = row[j - 1] + usize::from(a[j - 1] != b[i - 1]);
            let mut least = replaced.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[j - 1] == b[i - 2] && a[j - 2] == b[i - 1] {
                least = least.min(before[j - 2] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[a.len()]
}

/// Whether it can be a start URL: https, a host and nothing before it, on one line.
pub(crate) fn is_start_url(text: &str) -> bool {
    let host = text.strip_prefix("https://").and_then(|rest| rest.split(['/', '#', '?']).next());
    let is_host = |host: &str| {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-.:".contains(&b);
        !host.is_empty() && host.bytes().all(legal)
    };
    let is_line = |c: char| !c.is_control() && !c.is_whitespace() && c != ';';
    host.is_some_and(is_host) && text.chars().all(is_line)
}

/// `corp` of `https://corp.awsapps.com/start`, as the name of a session
pub(crate) fn session_name(start_url: &str) -> Option<String> {
    let host = start_url.split("//").nth(1)?.split(['/', ':']).next()?;
    let label = host.split('.').next()?;
    (is_portable_name(label) && host.ends_with(".awsapps.com")).then(|| label.to_owned())
}

/// Whether the AWS CLI takes it for a region: a label of a host name, not digits only.
pub(crate) fn is_region(region: &str) -> bool {
    region.len() <= 63
        && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-')
        && !region.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portable_names() {
        for (name, portable) in [
            ("default", true),
            ("a-b_c/d.e%f@g:h+i", true),
            ("", false),
            ("a b", false),
            ("søk", false),
            ("a#b", false),
        ] {
            assert_eq!(is_portable_name(name), portable, "{name}");
        }
    }

    #[test]
    fn misspelt_keys() {
        for (key, meant) in [
            ("aws_secret_acces_key", Some("aws_secret_access_key")),
            ("aws-access-key-id", Some("aws_access_key_id")),
            ("sso_acount_id", Some("sso_account_id")),
            ("source_profil", Some("source_profile")),
            ("rolearn", Some("role_arn")),
            ("reigon", Some("region")),
            ("region", None),
            ("Role_ARN", None),
            ("services", None),
            ("mfa_process", None),
            ("s3", None),
            ("cli_pager", None),
            ("ca_bundle", None),
        ] {
            assert_eq!(misspelt_key(key), meant, "{key}");
        }
    }

    #[test]
    fn nearest_names() {
        let known = ["dev", "staging", "production"];
        for (typed, meant) in [
            ("prodution", Some("production")),
            ("PRODUCTION", Some("production")),
            ("stagign", Some("staging")),
            ("dve", Some("dev")),
            ("evd", None),
            ("de", Some("dev")),
            ("sandbox", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known.into_iter()), meant, "{typed}");
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
