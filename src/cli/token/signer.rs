//! Who signs a token.

use crate::app::guard::{Handover, Passed, Yields, pass};
use crate::app::{App, MayAsk};
use crate::cli::flags::SignerFlags;
use crate::cli::request::request;
use crate::credentials::MfaCode;
use crate::report::Failure;
use crate::resolve::{Purpose, Request};

/// What is made.
pub(in crate::cli) struct Token<'a> {
    /// By which command of awsx
    pub(in crate::cli) command: &'static str,
    /// Where it counts, if that is not the region of who signs
    pub(in crate::cli) region: Option<&'a str>,
    pub(in crate::cli) yields: Yields,
}

impl<'a> Token<'a> {
    /// One that is good for what the session may do.
    pub(in crate::cli) fn new(command: &'static str, region: Option<&'a str>) -> Self {
        Self { command, region, yields: Yields::Session }
    }
}

/// What leads to the credentials that sign, and the code of `--mfa-code`. `change`: what the command's own flags
/// say of it.
pub(in crate::cli) fn plan_of_signer(
    app: &App,
    flags: &SignerFlags,
    may_ask: MayAsk,
    change: impl FnOnce(Request) -> Request,
    token: Token<'_>,
) -> Result<(Passed, Option<MfaCode>), Failure> {
    let session = flags.session();
    let code = session.mfa_code()?;
    let asked = request(app, &session, flags.profile.as_deref(), may_ask)?;
    // A user with an MFA device signs with it: a policy may demand that.
    let gate =
        Handover::new(token.command, "make a token of its credentials", flags.guard.consent());
    let Token { region, yields, .. } = token;
    let handover = Handover { region: region.map(str::to_owned), yields, ..gate };
    Ok((pass(app, &change(asked), session.rules(Purpose::Assume), &handover)?, code))
}
