//! Who signs a token.

use crate::app::mint::plan;
use crate::app::{App, MayAsk};
use crate::cli::flags::SignerFlags;
use crate::cli::request::request;
use crate::credentials::MfaCode;
use crate::report::Failure;
use crate::resolve::{Plan, Purpose, Request};

/// What leads to the credentials that sign, and the code of `--mfa-code`. `change`: what the command's own flags
/// say of it.
pub(in crate::cli) fn plan_of_signer(
    app: &App,
    flags: &SignerFlags,
    may_ask: MayAsk,
    change: impl FnOnce(Request) -> Request,
) -> Result<(Plan, Option<MfaCode>), Failure> {
    let session = flags.session();
    let code = session.mfa_code()?;
    let asked = request(app, &session, flags.profile.as_deref(), may_ask)?;
    // A user with an MFA device signs with it: a policy may demand that.
    Ok((plan(app, &change(asked), session.rules(Purpose::Assume))?, code))
}
