//! The lists of the portal, from a scripted server.

use chrono::{TimeZone, Utc};

use super::*;
use crate::aws::testing::{Reply, Server};
use crate::client_settings::ClientSettings;
use crate::credentials::testing::sso_login;
use crate::env::Env;
use crate::ports::testing::FixedClock;

fn aws(server: &Server) -> Aws {
    let clock = FixedClock::at(Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap());
    let endpoint = Some(server.url.clone());
    let settings = ClientSettings { sso_endpoint_url: endpoint, ..Default::default() };
    let mut aws = Aws::new(settings, &Env::from_pairs([("A", "b")]), clock);
    aws.bounds.first_pause = Duration::from_millis(1);
    aws
}

fn refused(status: u16, code: &str) -> Reply {
    let body = format!(
        r#"{{"message":"as AWS says","__type":"com.amazonaws.switchboard.portal#{code}"}}"#
    );
    Reply::new(status, body)
}

fn accounts(names: &[&str], next: &str) -> Reply {
    let list: Vec<String> = names
        .iter()
        .map(|name| {
            format!(r#"{{"accountId":"1{name}","accountName":"{name}","emailAddress":"{name}@x"}}"#)
        })
        .collect();
    Reply::new(200, format!(r#"{{"accountList":[{}],"nextToken":{next}}}"#, list.join(",")))
}

fn roles(names: &[&str], next: &str) -> Reply {
    let list: Vec<String> =
        names.iter().map(|name| format!(r#"{{"roleName":"{name}","accountId":"1"}}"#)).collect();
    Reply::new(200, format!(r#"{{"roleList":[{}],"nextToken":{next}}}"#, list.join(",")))
}

#[test]
fn all_pages_of_the_accounts() {
    // One that comes on both pages counts once.
    let server = Server::start([accounts(&["a", "b"], r#""x y""#), accounts(&["b", "c"], "null")]);
    let found = aws(&server).accounts(&sso_login(), &Secret::new("planted")).unwrap();
    let names: Vec<&str> = found.iter().map(|account| &*account.account_name).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(found[0].email, "a@x");
    let lines: Vec<_> =
        server.requests().iter().map(|request| request.line.trim_end().to_owned()).collect();
    let [first, second] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(first, "GET /assignment/accounts?max_result=100 HTTP/1.1");
    assert!(second.contains("next_token=x%20y"), "{second}");
    assert_eq!(server.requests()[0].header("x-amz-sso_bearer_token"), Some("planted"));
}

/// What comes of one account's roles, and how many requests that takes.
#[test]
fn accounts_are_listed_or_fail_one_by_one() {
    let good = || roles(&["Admin"], "null");
    let throttled = || refused(429, "TooManyRequestsException");
    for (docs, script, requests, expected) in [
        ("listed", vec![good()], 1, "Admin"),
        ("none", vec![roles(&[], "null")], 1, ""),
        ("two pages", vec![roles(&["A"], r#""n""#), roles(&["A", "B"], "null")], 2, "A B"),
        (
            "a list that does not end",
            vec![roles(&["A"], r#""n""#)],
            4,
            "failed: sso:ListAccountRoles did not succeed",
        ),
        ("throttled", vec![throttled(), throttled(), good()], 3, "Admin"),
        (
            "throttled for longer than anybody waits",
            vec![Reply::Answer(
                429,
                vec![("Retry-After", u64::MAX.to_string())],
                r#"{"message":"m","__type":"TooManyRequestsException"}"#.into(),
            )],
            1,
            "stopped: sso:ListAccountRoles did not succeed after 1 attempt",
        ),
        ("faults", vec![Reply::new(503, ""), Reply::Close, good()], 3, "Admin"),
        (
            "faults past the bound",
            vec![Reply::new(503, "")],
            3,
            "failed: sso:ListAccountRoles did not succeed after 3 attempts at http://127",
        ),
        (
            "refused",
            vec![refused(403, "ForbiddenException")],
            1,
            "failed: sso:ListAccountRoles was refused: ForbiddenException: as AWS says",
        ),
        ("no list", vec![Reply::new(200, "{}")], 3, "failed: sso:ListAccountRoles did not succeed"),
        (
            "the token is over",
            vec![refused(401, "UnauthorizedException")],
            1,
            "stopped: sso-session \"corp\" needs a login: AWS does not accept the access token",
        ),
    ] {
        let server = Server::start(script);
        let mut said = Vec::new();
        let ended = aws(&server).roles(
            &sso_login(),
            &Secret::new("planted"),
            &["111111111111".to_owned()],
            &mut |event| {
                if let PortalEvent::Roles { account_id, outcome } = event {
                    assert_eq!(account_id, "111111111111");
                    said.push(match outcome {
                        Ok(names) => names.join(" "),
                        Err(error) => format!("failed: {error}"),
                    });
                }
            },
        );
        if let Err(error) = ended {
            said.push(format!("stopped: {error}"));
        }
        let [said] = said.as_slice() else { panic!("{docs}: {said:?}") };
        assert!(said.starts_with(expected) && !said.contains("planted"), "{docs}: {said}");
        assert_eq!(server.requests().len(), requests, "{docs}");
    }
}

#[test]
fn a_refused_token_and_no_network_stop_the_listing() {
    for (docs, reply, most) in [
        ("no network", Reply::Close, 3 * 16),
        ("the token is over", refused(401, "UnauthorizedException"), 16),
    ] {
        let server = Server::start([reply]);
        let all: Vec<String> = (0..100).map(|n| format!("{n:012}")).collect();
        let ended = aws(&server).roles(&sso_login(), &Secret::new("t"), &all, &mut |_| ());
        assert!(ended.is_err(), "{docs}");
        assert!(server.requests().len() <= most, "{docs}: {}", server.requests().len());
    }
}

#[test]
fn a_stated_wait_is_kept() {
    let wait = vec![("Retry-After", "1".to_owned())];
    let server = Server::start([Reply::Answer(429, wait, "{}".into()), roles(&["Admin"], "null")]);
    let mut seconds = 0;
    aws(&server)
        .roles(&sso_login(), &Secret::new("t"), &["1".to_owned()], &mut |event| {
            seconds += u32::from(matches!(event, PortalEvent::SecondPassed));
        })
        .unwrap();
    assert!(seconds >= 1, "it is told that time goes by");
    assert_eq!(server.requests().len(), 2);
}
