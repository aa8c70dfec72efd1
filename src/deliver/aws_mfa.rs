//! The section in which aws-mfa keeps a session, for programs that read the credentials file and nothing else.

use crate::credentials::LiveCredentials;
use crate::credentials::aws_mfa::{MARK, show_expiration, show_mark};

/// What the section says of who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assumed<'a> {
    /// A user's session, or whatever else is no role that awsx assumed
    Nothing,
    /// A role, and its ARN where that is known
    Role(Option<&'a str>),
}

/// The settings of the section, in aws-mfa's order. `request` says what it was asked for. `None` where the
/// credentials have no token, or do not say when they end.
pub(crate) fn section_of_aws_mfa(
    live: &LiveCredentials,
    assumed: Assumed<'_>,
    request: Option<&str>,
) -> Option<Vec<(&'static str, String)>> {
    let (token, ends) = (live.session_token()?.expose(), live.expiration().at()?);
    let (is_role, role_arn) = match assumed {
        Assumed::Nothing => ("False", None),
        Assumed::Role(arn) => ("True", arn),
    };
    let id = live.access_key_id();
    let settings = [
        ("assumed_role", Some(is_role.to_owned())),
        ("assumed_role_arn", role_arn.map(str::to_owned)),
        ("aws_access_key_id", Some(id.to_owned())),
        ("aws_secret_access_key", Some(live.secret_access_key().expose().to_owned())),
        ("aws_session_token", Some(token.to_owned())),
        ("aws_security_token", Some(token.to_owned())),
        ("expiration", Some(show_expiration(ends))),
        (MARK, Some(show_mark(id, request))),
    ];
    Some(settings.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::credentials::aws_mfa::SETTINGS;
    use crate::credentials::{Expiration, Secret, SessionCredentials};

    #[test]
    fn the_section_is_aws_mfas() {
        let now = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        let live = |token: Option<&str>, expiration| {
            let session = SessionCredentials {
                access_key_id: "ASIA".into(),
                secret_access_key: Secret::new("planted"),
                session_token: token.map(Secret::new),
                expiration,
                account_id: None,
            };
            session.live(now, Duration::ZERO).unwrap()
        };
        let shown = |assumed, request| {
            let section =
                section_of_aws_mfa(&live(Some("t"), Expiration::At(now)), assumed, request);
            let lines =
                section.unwrap().into_iter().map(|(key, value)| format!("{key} = {value}\n"));
            lines.collect::<String>()
        };
        let keys = "aws_access_key_id = ASIA\naws_secret_access_key = planted\naws_session_token = t\n\
                    aws_security_token = t\nexpiration = 2026-01-02 03:04:05\n";
        assert_eq!(
            shown(Assumed::Nothing, Some("dev")),
            format!("assumed_role = False\n{keys}awsx_session = ASIA of dev\n")
        );
        assert_eq!(
            shown(Assumed::Role(Some("arn")), None),
            format!("assumed_role = True\nassumed_role_arn = arn\n{keys}awsx_session = ASIA\n")
        );
        assert!(shown(Assumed::Role(None), None).starts_with("assumed_role = True\naws_access"));
        let all = shown(Assumed::Role(Some("arn")), None);
        let names: Vec<_> = all.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names, SETTINGS);
        let end = Expiration::At(now);
        assert!(section_of_aws_mfa(&live(None, end), Assumed::Nothing, None).is_none());
        let endless = live(Some("t"), Expiration::Unstated);
        assert!(section_of_aws_mfa(&endless, Assumed::Nothing, None).is_none());
    }
}
