//! Where an assertion comes from.

use std::time::Duration;

use super::assertion::Assertion;

#[derive(Clone, Debug)]
pub(crate) enum AssertionSource {
    /// A program that prints it
    Command {
        command: String,
        /// `saml_command` or `--saml-command`
        named_by: &'static str,
    },
    /// `--saml-assertion`
    Given(Box<Assertion>),
    /// `saml_login_url`: a person brings it from the browser; it is at hand only while they log in
    Login { url: String, consumer: Option<Consumer>, brought: Option<Box<Assertion>> },
}

/// `saml_consumer`: the address of this machine to which the identity provider has the browser post the
/// assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Consumer {
    pub port: u16,
    /// `/…`
    pub path: String,
}

impl Consumer {
    /// Reads `http://127.0.0.1:PORT/PATH`.
    pub(crate) fn read(address: &str) -> Option<Self> {
        let hosts = ["http://127.0.0.1:", "http://localhost:"];
        let rest = hosts.iter().find_map(|host| address.strip_prefix(host))?;
        let (port, path) = rest.split_at(rest.find('/')?);
        let port = port.parse().ok().filter(|port| *port != 0)?;
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~".contains(&b);
        path.bytes().all(is_plain).then(|| Self { port, path: path.to_owned() })
    }
}

impl AssertionSource {
    /// The setting or the flag that says it.
    pub(crate) fn setting(&self) -> &'static str {
        match self {
            Self::Command { named_by, .. } => named_by,
            Self::Given(_) => "--saml-assertion",
            Self::Login { .. } => "saml_login_url",
        }
    }

    /// How long the session shall last, where that is known before the assertion is asked for.
    pub(crate) fn duration(&self) -> Option<Duration> {
        match self {
            // What is kept of a login is found without its assertion.
            Self::Command { .. } | Self::Login { .. } => None,
            Self::Given(assertion) => assertion.duration,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consumer_is_on_this_machine() {
        for (address, expected) in [
            ("http://127.0.0.1:8400/saml", Some((8400, "/saml"))),
            ("http://localhost:8400/", Some((8400, "/"))),
            ("http://127.0.0.1:8400", None),
            ("http://127.0.0.1/saml", None),
            ("http://127.0.0.1:0/saml", None),
            ("http://127.0.0.1:99999/saml", None),
            ("https://127.0.0.1:8400/saml", None),
            ("http://127.0.0.1:8400@evil.example/saml", None),
            ("http://evil.example:8400/saml", None),
            ("http://127.0.0.1:8400/saml?x=1", None),
        ] {
            let found = Consumer::read(address);
            let found = found.as_ref().map(|consumer| (consumer.port, &*consumer.path));
            assert_eq!(found, expected, "{address}");
        }
    }
}
