//! The section of the credentials file in which aws-mfa keeps a session, and awsx where it is asked to:
//! <https://github.com/broamski/aws-mfa>

use chrono::{DateTime, NaiveDateTime, Utc};

/// How aws-mfa marks the section that has the user's own keys: `[X-long-term]` for `[X]`
pub(crate) const LONG_TERM: &str = "-long-term";

/// awsx's mark: the access key id that it wrote, and what it was asked to write: `ASIA… of dev`. The section is
/// awsx's while the id is that of its credentials.
pub(crate) const MARK: &str = "awsx_session";

/// The section's settings, in aws-mfa's order, behind them the mark.
pub(crate) const SETTINGS: [&str; 8] = [
    "assumed_role",
    "assumed_role_arn",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "expiration",
    MARK,
];

/// In UTC, which it does not say
const EXPIRATION: &str = "%Y-%m-%d %H:%M:%S";

/// Reads `expiration`.
pub(crate) fn read_expiration(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, EXPIRATION).ok().map(|at| at.and_utc())
}

/// Writes what [`read_expiration`] reads, in whole seconds.
pub(crate) fn show_expiration(at: DateTime<Utc>) -> String {
    at.format(EXPIRATION).to_string()
}

/// The mark of a session. What would not be read back is left out.
pub(crate) fn show_mark(access_key_id: &str, request: Option<&str>) -> String {
    let is_plain = |text: &&str| !text.contains(['#', ';', '\n', '\r']) && text.trim() == *text;
    match request.filter(is_plain) {
        Some(request) => format!("{access_key_id} of {request}"),
        None => access_key_id.to_owned(),
    }
}

/// The access key id of a mark, and what it was asked for.
pub(crate) fn read_mark(mark: &str) -> (&str, Option<&str>) {
    mark.split_once(" of ").map_or((mark, None), |(id, request)| (id, Some(request)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_has_no_zone() {
        let at = read_expiration("2026-11-22 07:45:28").unwrap();
        assert_eq!(at.to_rfc3339(), "2026-11-22T07:45:28+00:00");
        assert_eq!(show_expiration(at), "2026-11-22 07:45:28");
        for text in ["", "2026-11-22", "2026-11-22T07:45:28Z", "2026-11-22 07:45:28 UTC", "soon"] {
            assert_eq!(read_expiration(text), None, "{text}");
        }
    }

    #[test]
    fn marks_are_read_back() {
        for (request, expected) in [
            (Some("dev"), Some("dev")),
            (Some("'two words'"), Some("'two words'")),
            (Some("--sso corp --account 1 --role R"), Some("--sso corp --account 1 --role R")),
            (Some("'a #b'"), None),
            (None, None),
        ] {
            assert_eq!(read_mark(&show_mark("ASIA", request)), ("ASIA", expected));
        }
    }
}
