//! Whether credentials are those that somebody expects: before any call, where the plan says whose they are. Where
//! it does not, AWS is asked of the keys that it begins with, before anything is made of them; the sessions that
//! are made of them say so, and AWS is asked once.

use crate::guard::{Expected, Identity, NotExpected};
use crate::ports::CallerIdentity;
use crate::resolve::Plan;
use crate::vault::SessionOf;

/// Refuses others before anybody is asked, as far as the plan says whose the credentials are.
pub(crate) fn check_planned(plan: &Plan) -> Result<(), NotExpected> {
    plan.expectations().iter().try_for_each(|expected| match plan.identity_of(&expected.whose) {
        Some(identity) => expected.check(&identity),
        None => Ok(()),
    })
}

/// Refuses others of those that a plan begins with, by what AWS says.
pub(super) fn check_caller(
    unproved: &[&Expected],
    caller: &CallerIdentity,
) -> Result<(), NotExpected> {
    let role = Identity::of_arn(&caller.arn).and_then(|identity| identity.role);
    let identity = Identity { account: caller.account.clone(), role };
    unproved.iter().try_for_each(|expected| expected.check(&identity))
}

/// What a session says of whose credentials it was made.
pub(super) fn source_of(session: &SessionOf) -> Option<Identity> {
    Identity::of_arn(session.source_arn.as_deref()?)
}

/// Whether all that is expected of what a plan begins with holds, as a session says that was made of it.
pub(crate) fn holds_of_source(plan: &Plan, session: Option<&SessionOf>) -> bool {
    let source = session.and_then(source_of);
    let holds =
        |expected: &&Expected| source.as_ref().is_some_and(|own| expected.check(own).is_ok());
    plan.expectations_of_source().iter().all(holds)
}
