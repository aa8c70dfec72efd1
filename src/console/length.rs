//! How long a console stays signed in.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>

use std::time::Duration;

use crate::credentials::Keys;
use crate::resolve::{FirstCall, Given, Plan, SignedRequest, StaticKeys};

/// `SessionDuration`, at least and at most
pub(crate) const BOUNDS: (Duration, Duration) =
    (Duration::from_secs(900), Duration::from_secs(43_200));

/// What decides when a console signs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// `SessionDuration`, whatever is left of the credentials; so long where nobody says more
    Own(Duration),
    /// The credentials, for this reason
    OfCredentials(&'static str),
}

/// What decides it for the credentials of a plan. AWS takes `SessionDuration` with a role that keys of a user, a login
/// or a token open, and refuses it with all that is made of a session.
pub(crate) fn length(plan: &Plan) -> Length {
    const HOUR: Duration = Duration::from_secs(3600);
    let usual = plan.last_before_scope().duration.unwrap_or(HOUR);
    let own = Length::Own(usual.clamp(BOUNDS.0, BOUNDS.1));
    if plan.rest_before_scope().len() < plan.rest().len() {
        return Length::OfCredentials("it is narrowed after it was made");
    }
    match (&plan.first().call, plan.rest()) {
        (FirstCall::ByToken(_), []) => own,
        (FirstCall::Given(given), [only])
            if is_of_user(given) && matches!(only.call.request, SignedRequest::AssumeRole(_)) =>
        {
            own
        }
        (FirstCall::Given(_), []) => {
            Length::OfCredentials("awsx did not make them, so nobody knows what AWS lets them")
        }
        _ => Length::OfCredentials(
            "a session signs for the role (role chaining), and AWS lets that have no longer one",
        ),
    }
}

fn is_of_user(given: &Given) -> bool {
    matches!(
        given,
        Given::Environment(Keys::LongTerm(_))
            | Given::StaticKeys(StaticKeys { keys: Keys::LongTerm(_), .. })
            | Given::StoredKeys { .. }
    )
}
