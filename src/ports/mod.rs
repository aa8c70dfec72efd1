//! The traits that the edges implement, by who stands behind them. One real and one fake
//! implementation each.

mod aws;
mod aws_cli;
mod browser;
mod call_error;
mod foreign;
mod iam;
mod list;
mod machine;
mod person;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use aws::{Account, CallerIdentity, Oidc, Portal, PortalEvent, SignIn, Sso, Sts};
pub(crate) use aws_cli::{AwsCliCache, SharedSignIns, SharedToken, SharedTokens};
pub(crate) use browser::{
    AuthorizationAnswer, Browser, Callback, CallbackError, CheckAssertion, ListenError, NotOpened,
};
pub(crate) use call_error::{CallError, SourceOf};
pub(crate) use foreign::{catch, note_panic};
pub(crate) use iam::{AccessKey, Iam, KeyStatus, LastUse, NewAccessKey, NewMfaDevice, Signer};
pub(crate) use list::{Details, List, State};
pub(crate) use machine::{Clock, RunCommand, RunInShell, SharedClock, ShowWaiting, Sources};
pub(crate) use person::{Ends, MfaQuestion, Nobody, Person, PromptError, Terminal, Unanswered};
