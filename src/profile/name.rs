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

/// Whether it is a setting that people write into profiles, in any case.
pub(crate) fn is_known_key(key: &str) -> bool {
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
    IDENTITY.iter().chain(&OTHERS).any(|known| known.eq_ignore_ascii_case(key))
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
}
