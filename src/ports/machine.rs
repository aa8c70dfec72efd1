//! The machine that awsx runs on: its clock, and the local sources of credentials.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use zeroize::Zeroizing;

use super::CallError;
use crate::credentials::{
    ContainerEndpoint, InstanceMetadata, MfaCode, Secret, SessionCredentials, SessionKey,
    TokenOrigin,
};
use crate::text::moment;

pub trait Clock {
    fn now(&self) -> DateTime<Utc>;
    fn sleep(&self, duration: Duration);
    /// The time where the person is.
    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.fixed_offset()
    }
    /// A time to come, for people.
    fn until(&self, at: DateTime<Utc>) -> String {
        moment::until(self.local(at), self.local(self.now()))
    }
    /// A time that is over, for people.
    fn on(&self, at: DateTime<Utc>) -> String {
        moment::on(self.local(at), self.local(self.now()))
    }
}

pub(crate) type SharedClock = Arc<dyn Clock + Send + Sync>;

/// Shows the call that AWS is asked while a person waits; without one, takes that back.
pub(crate) type ShowWaiting = Arc<dyn Fn(Option<&str>) + Send + Sync>;

/// Runs a command line and gives its standard output; a failure is [`CallError::Source`]. An awsx below it
/// learns the sessions that it is run for.
pub(crate) type RunCommand =
    Box<dyn Fn(&str, &[SessionKey]) -> Result<Zeroizing<Vec<u8>>, CallError> + Send + Sync>;

/// The same for a line of the system's shell; a failure is told in words.
pub(crate) type RunInShell = Box<dyn Fn(&str) -> Result<Zeroizing<Vec<u8>>, String> + Send + Sync>;

/// Where credentials come from that STS does not mint.
pub(crate) trait Sources {
    /// Runs a `credential_process` command line and reads its JSON. `held`: the sessions that it is needed
    /// for, which no awsx below it can get.
    fn process(&self, command: &str, held: &[SessionKey]) -> Result<SessionCredentials, CallError>;
    /// A web identity token. From where it can be asked for, a new one each time; `held` as above.
    fn web_identity_token(
        &self,
        origin: &TokenOrigin,
        held: &[SessionKey],
    ) -> Result<Secret, CallError>;
    /// Runs the command line of `named_by`, which prints a SAML assertion; `held` as above.
    fn saml_assertion(
        &self,
        named_by: &str,
        command: &str,
        held: &[SessionKey],
    ) -> Result<Secret, CallError>;
    fn container(&self, endpoint: &ContainerEndpoint) -> Result<SessionCredentials, CallError>;
    /// Asks the instance metadata service (IMDSv2).
    fn instance(&self, service: &InstanceMetadata) -> Result<SessionCredentials, CallError>;
    /// Runs an `mfa_process` command line; its output is the code.
    fn mfa_code(&self, command: &str) -> Result<MfaCode, CallError>;
}
