//! `sts:GetScopedCredentials`: the same somebody with less, and not for longer.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::credentials::{
    GetScopedCredentials, Keys, Secret, SessionCredentials, StsAnswer, StsCall, TokenUsage,
};
use crate::ports::{CallError, Sts};

const CALL: &str = "sts:GetScopedCredentials";

/// AWS refuses what would outlast the session, by its own clock.
const CLOCKS: Duration = Duration::from_secs(10);

/// What is left of a session, and how full its token is.
pub(super) fn narrow(
    sts: &dyn Sts,
    keys: &Keys,
    request: &GetScopedCredentials,
    now: DateTime<Utc>,
) -> Result<(SessionCredentials, TokenUsage), CallError> {
    let (end, account_id) = match keys {
        Keys::Session(session) => (session.expiration.at(), session.account_id.clone()),
        Keys::LongTerm(keys) => (None, keys.account_id.clone()),
    };
    let left = end.map(|end| (end - now).to_std().unwrap_or_default());
    let StsAnswer { session, usage, .. } = sts.ask(Some(keys), &call(request, left), None)?;
    let session = session.ok_or_else(|| CallError::Unreachable {
        call: CALL,
        endpoint: "STS".to_owned(),
        attempts: 1,
        cause: "the answer holds no complete Credentials".to_owned(),
    })?;
    let account_id = session.account_id.clone().or(account_id);
    Ok((SessionCredentials { account_id, ..session }, usage))
}

/// `left`: of the session; whatever is asked for ends with it.
fn call(request: &GetScopedCredentials, left: Option<Duration>) -> StsCall {
    let GetScopedCredentials { policy, duration, note } = request;
    let longest = left.map_or(Duration::MAX, |left| left.saturating_sub(CLOCKS));
    let seconds = duration.map(|asked| asked.min(longest).as_secs().max(1).to_string());
    let parameters = [
        ("Policy", policy.clone()),
        ("DurationSeconds", seconds),
        ("ScopedSessionDescription", note.clone()),
    ];
    let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let parameters = given.map(|(name, value)| (name.to_owned(), Secret::new(value))).collect();
    StsCall { name: CALL, parameters, arn: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_ends_with_the_session() {
        let seconds = Duration::from_secs;
        for (asked, left, expected) in [
            (Some(600), None, Some("600")),
            (Some(600), Some(3600), Some("600")),
            (Some(3600), Some(3600), Some("3590")),
            (Some(600), Some(5), Some("1")),
            (None, Some(3600), None),
        ] {
            let duration = asked.map(seconds);
            let request = GetScopedCredentials { policy: None, duration, note: None };
            let call = call(&request, left.map(seconds));
            let sent = call.parameters.first().map(|(_, value)| value.expose().to_owned());
            assert_eq!(sent.as_deref(), expected);
        }
    }
}
