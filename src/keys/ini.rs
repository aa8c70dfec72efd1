//! INI files of other tools, section by section: `~/.s3cfg`, `~/.boto`, rclone's and others. What they call the
//! two halves of an access key differs.

use super::given::{NewKey, NotAKey};
use super::import::Candidate;
use crate::config::ConfigError;
use crate::credentials::Secret;
use crate::profile::{Profile, Profiles, Setting};

const IDS: [&str; 4] = ["aws_access_key_id", "access_key_id", "access_key", "aws_access_key"];
const SECRETS: [&str; 4] =
    ["aws_secret_access_key", "secret_access_key", "secret_key", "aws_secret_key"];
const TOKENS: [&str; 5] =
    ["aws_session_token", "aws_security_token", "session_token", "security_token", "access_token"];

/// The keys in such a file, each under the name of its section.
///
/// # Errors
/// A line is none of an INI file; its place begins with `credentials:`.
pub(crate) fn find_in_ini(text: &str, file: &str) -> Result<Vec<Candidate>, ConfigError> {
    let sections = Profiles::from_texts("", text)?;
    // As a file in the place of ~/.aws/config has them: [profile NAME].
    let profiles = Profiles::from_texts(text, "")?;
    let own = sections.names().filter_map(|name| sections.as_written(name));
    let more = profiles.names().filter(|name| !sections.contains(name));
    let more = more.filter_map(|name| profiles.as_written(name));
    Ok(own.chain(more).filter_map(|section| candidate(&section, file)).collect())
}

fn candidate(section: &Profile, file: &str) -> Option<Candidate> {
    let get = |keys: &[&str]| keys.iter().find_map(|key| section.get(key));
    let (id, secret) = (get(&IDS), get(&SECRETS));
    let line = id.or(secret)?.location.line;
    let key = match (id, secret) {
        _ if get(&TOKENS).is_some() => Err(NotAKey::Session.to_string()),
        (Some(id), Some(secret)) => {
            let secret = Secret::new(unquote(secret));
            NewKey::new(unquote(id), &secret).map_err(|problem| problem.to_string())
        }
        (_, None) => Err("the secret is missing".to_owned()),
        (None, _) => Err("the access key id is missing".to_owned()),
    };
    let place = format!("{file}:{line}");
    Some(Candidate { name: section.name().to_owned(), place, key, section: None, mfa_serial: None })
}

/// Other tools allow quotes.
fn unquote(setting: &Setting) -> &str {
    let value = setting.value.trim();
    let quotes = ['"', '\''];
    quotes
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_tools_are_read() {
        const ID: &str = "AKIAIOSFODNN7EXAMPLE";
        for (docs, text, expected) in [
            (
                "s3cmd",
                format!(
                    "[default]\naccess_key = {ID}\naccess_token =\nsecret_key = planted/x\nuse_https = True\n"
                ),
                "default f:2 fine",
            ),
            (
                "boto",
                format!(
                    "[Credentials]\naws_access_key_id = {ID}\naws_secret_access_key = planted\n"
                ),
                "Credentials f:2 fine",
            ),
            (
                "rclone, with others",
                format!(
                    "[gdrive]\ntype = drive\n\n[s3]\ntype = s3\naccess_key_id = {ID}\nsecret_access_key = planted\n"
                ),
                "s3 f:6 fine",
            ),
            (
                "the AWS config file's spelling, and quotes",
                format!(
                    "[profile dev]\naws_access_key_id = \"{ID}\"\naws_secret_access_key = 'planted'\n"
                ),
                "dev f:2 fine",
            ),
            (
                "a session, and a half",
                format!(
                    "[a]\naccess_key = {ID}\nsecret_key = s\nsession_token = t\n[b]\nsecret_key = s\n"
                ),
                "a f:2 these are the credentials of a session, which ends by itself; b f:6 the access key id is missing",
            ),
            ("nothing of the kind", "[a]\nx = y\n".to_owned(), ""),
            ("no INI file", "planted\n".to_owned(), "credentials:1: expected"),
        ] {
            let shown = match find_in_ini(&text, "f") {
                Ok(found) => found
                    .iter()
                    .map(|c| {
                        let key = c.key.as_ref().map_or_else(|problem| &**problem, |_| "fine");
                        format!("{} {} {key}", c.name, c.place)
                    })
                    .collect::<Vec<_>>()
                    .join("; "),
                Err(error) => error.to_string(),
            };
            assert!(shown.starts_with(expected) && !shown.contains("planted"), "{docs}: {shown}");
        }
    }
}
