//! Sessions that another tool, or awsx itself, left in a section of the credentials file.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{FileKind, IDENTITY, Location, Profile, Setting};
use crate::credentials::aws_mfa::{MARK, SETTINGS, read_expiration, read_mark};

/// The session that aws-mfa wrote into the profile's section of the credentials file, or `awsx sessions write`.
#[derive(Clone, Debug)]
pub(crate) struct FileSession {
    pub ends: DateTime<Utc>,
    /// Where `expiration` stands
    pub at: Location,
    /// Whether it is a role's
    pub is_role: bool,
    /// `assumed_role_arn`
    pub role_arn: Option<String>,
    pub author: Author,
}

/// Who wrote a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    AwsMfa,
    /// With the words behind `awsx sessions write` that say whose it is, where they are known
    Awsx(Option<String>),
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AwsMfa => "aws-mfa",
            Self::Awsx(_) => "`awsx sessions write`",
        })
    }
}

impl FileSession {
    /// Whether it is an export of what awsx gets otherwise.
    pub(crate) fn is_of_awsx(&self) -> bool {
        matches!(self.author, Author::Awsx(_))
    }
}

impl Profile {
    /// The session in the credentials file that says of itself when it ends, as aws-mfa writes it.
    pub(crate) fn file_session(&self) -> Option<FileSession> {
        let get = |key| self.get_in(FileKind::Credentials, key);
        let expiration = get("expiration")?;
        let (id, assumed_role) = (get("aws_access_key_id")?.value.trim(), get("assumed_role")?);
        get("aws_session_token").or_else(|| get("aws_security_token"))?;
        // A user's own key, whatever stands beside it.
        if id.starts_with("AKIA") {
            return None;
        }
        let author = match get(MARK).map(|mark| read_mark(mark.value.trim())) {
            Some((marked, request)) if marked == id => Author::Awsx(request.map(str::to_owned)),
            // Somebody wrote another session beside the mark.
            _ => Author::AwsMfa,
        };
        Some(FileSession {
            ends: read_expiration(expiration.value.trim())?,
            at: expiration.location.clone(),
            is_role: assumed_role.value.trim().eq_ignore_ascii_case("true"),
            role_arn: get("assumed_role_arn").map(|arn| arn.value.trim().to_owned()),
            author,
        })
    }

    /// The profile's session in the credentials file, if it does not last as long as is needed.
    pub(crate) fn short_session(&self) -> Option<FileSession> {
        self.file_session().filter(|session| session.ends <= self.need.until)
    }

    /// The same, if it is over.
    pub(crate) fn session_that_is_over(&self) -> Option<FileSession> {
        self.file_session().filter(|session| session.ends <= self.need.now)
    }

    /// What its section of the credentials file says of credentials that neither aws-mfa nor awsx wrote there.
    pub(crate) fn foreign_credentials(&self) -> Option<&Setting> {
        let session = self.file_session();
        let keys = if session.is_some() { &SETTINGS[..] } else { &IDENTITY };
        let counts = |setting: &Setting| {
            let last = self.get_in(FileKind::Credentials, &setting.key);
            last.is_none_or(|last| last.value == setting.value)
        };
        self.all_of(keys).find(|setting| {
            setting.file_kind == FileKind::Credentials
                && !setting.is_blank()
                && (session.is_none() || !counts(setting))
        })
    }

    /// The profile `NAME-long-term`, from whose access key aws-mfa makes the sessions of this one.
    pub(crate) fn long_term(&self) -> Option<&Profile> {
        self.settings_of_aws_mfa().filter(|long_term| long_term.has_access_key())
    }

    /// The same, also where the key is somewhere else by now.
    pub(crate) fn settings_of_aws_mfa(&self) -> Option<&Profile> {
        self.long_term.as_deref()
    }

    pub(super) fn has_access_key(&self) -> bool {
        let has = |key| self.get(key).is_some();
        has("aws_access_key_id")
            || has("aws_secret_access_key")
            || !matches!(self.key_in_vault(), Ok(None))
    }

    /// The role that aws-mfa assumed for the profile the last time, or else each time: its ARN.
    pub(crate) fn role_of_aws_mfa(&self) -> Option<&Setting> {
        match self.file_session().filter(|session| !session.is_of_awsx()) {
            Some(session) if session.is_role => {
                self.get_in(FileKind::Credentials, "assumed_role_arn")
            }
            _ => self.settings_of_aws_mfa()?.get("assume_role"),
        }
    }

    /// The MFA device: `mfa_serial`, or aws-mfa's word for it.
    pub(crate) fn mfa_device(&self) -> Option<&Setting> {
        self.get("mfa_serial").or_else(|| self.get("aws_mfa_device"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profiles;

    const SESSION: &str = "\
[dev]
assumed_role = False
aws_access_key_id = ASIAEXAMPLE
aws_secret_access_key = planted
aws_session_token = planted
aws_security_token = planted
expiration = 2026-11-22 07:45:28
";

    fn found(credentials: &str) -> String {
        let profiles = Profiles::from_texts("", credentials).unwrap();
        let Some(session) = profiles.as_written("dev").unwrap().file_session() else {
            return "none".to_owned();
        };
        let author = match &session.author {
            Author::AwsMfa => "aws-mfa",
            Author::Awsx(None) => "awsx",
            Author::Awsx(Some(request)) => request,
        };
        let role = if session.is_role { "role" } else { "user" };
        format!("{author} {role} {} {}", session.ends.to_rfc3339(), session.at)
    }

    #[test]
    fn a_session_is_known_by_its_settings() {
        let end = "2026-11-22T07:45:28+00:00 credentials:7";
        let of_aws_mfa = format!("aws-mfa user {end}");
        for (docs, change, expected) in [
            ("as aws-mfa writes it", ("", ""), &*of_aws_mfa),
            ("of a role", ("False", "True"), &format!("aws-mfa role {end}")),
            ("without the older token", ("aws_security_token", "x"), &of_aws_mfa),
            ("without the newer one", ("aws_session_token", "x"), &of_aws_mfa),
            ("without any", ("_token = planted", "_token ="), "none"),
            ("that says no end", ("expiration", "x"), "none"),
            ("whose end is no time", ("2026-11-22 07", "tomorrow"), "none"),
            ("of another tool", ("assumed_role", "x"), "none"),
            ("a user's own key", ("ASIA", "AKIA"), "none"),
            (
                "of awsx",
                ("expiration", "awsx_session = ASIAEXAMPLE\nexpiration"),
                &format!("awsx user {}", end.replace(":7", ":8")),
            ),
            (
                "of awsx, for somebody",
                ("expiration", "awsx_session = ASIAEXAMPLE of dev\nexpiration"),
                &format!("dev user {}", end.replace(":7", ":8")),
            ),
            (
                "of aws-mfa, after awsx",
                ("expiration", "awsx_session = ASIAOTHER of dev\nexpiration"),
                &format!("aws-mfa user {}", end.replace(":7", ":8")),
            ),
        ] {
            assert_eq!(found(&SESSION.replace(change.0, change.1)), expected, "{docs}");
        }
    }

    #[test]
    fn what_a_profile_draws_on_by_its_name() {
        let keys = "aws_access_key_id = AKIAEXAMPLE\n";
        for (docs, credentials, names) in [
            ("both", format!("[dev]\n[dev-long-term]\n{keys}"), "dev dev-long-term"),
            ("the long-term one alone", format!("[dev-long-term]\n{keys}"), "dev-long-term dev"),
            ("one without a key", "[dev-long-term]\nregion = x\n".to_owned(), "dev-long-term"),
            ("no name before it", format!("[-long-term]\n{keys}"), "-long-term"),
        ] {
            let profiles = Profiles::from_texts("", &credentials).unwrap();
            let found: Vec<_> = profiles.all_names().collect();
            assert_eq!(found.join(" "), names, "{docs}");
            let has = profiles.as_known("dev").is_some_and(|dev| dev.long_term().is_some());
            assert_eq!(
                has,
                names.contains("dev") && credentials.contains("[dev-long-term]\na"),
                "{docs}"
            );
        }
    }
}
