//! What git says to a credential helper and wants to hear, and which host is CodeCommit.
//! <https://git-scm.com/docs/git-credential#IOFMT>

use chrono::{DateTime, TimeDelta, Utc};

use crate::credentials::{Keys, Secret};
use crate::profile::has_form_of_region;

/// How long CodeCommit takes a password: as any signature.
const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// What git wants a password for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct GitRequest {
    pub protocol: String,
    /// With the port, if one is named
    pub host: String,
    /// Without the slash at its beginning; git says it where `credential.useHttpPath` is true
    pub path: Option<String>,
}

impl GitRequest {
    /// Lines of `key=value`, up to an empty one. The last of a key counts, and what is not known does not.
    pub(crate) fn parse(text: &str) -> Self {
        let mut request = Self::default();
        for line in text.lines().take_while(|line| !line.is_empty()) {
            match line.split_once('=') {
                Some(("protocol", value)) => value.clone_into(&mut request.protocol),
                Some(("host", value)) => value.clone_into(&mut request.host),
                Some(("path", value)) => request.path = Some(value.to_owned()),
                _ => {}
            }
        }
        request
    }

    /// The name of the host, as it is signed for.
    pub(crate) fn name_of_host(&self) -> &str {
        self.host.split(':').next().unwrap_or_default()
    }

    /// The region, if the host is one of CodeCommit's: `[vpce-….]git-codecommit[-fips].REGION.[vpce.]amazonaws.com`.
    /// Whoever else asks gets nothing: what git is told goes there.
    pub(crate) fn region_of_codecommit(&self) -> Option<&str> {
        let name = self.name_of_host();
        let name = name.strip_suffix(".cn").unwrap_or(name).strip_suffix(".amazonaws.com")?;
        let labels: Vec<&str> = name.split('.').collect();
        let labels = match labels.as_slice() {
            [endpoint, rest @ .., "vpce"] if endpoint.starts_with("vpce-") => rest,
            all => all,
        };
        match labels {
            ["git-codecommit" | "git-codecommit-fips", region] => {
                Some(*region).filter(|region| has_form_of_region(region))
            }
            _ => None,
        }
    }
}

/// What git is told. A password that is kept by another helper is not used when it is over (git 2.41 and later).
pub(crate) fn answer(keys: &Keys, password: &Secret, now: DateTime<Utc>) -> Secret {
    let token = keys.secrets().1.map(|token| format!("%{}", token.expose()));
    let ends = keys.expiration().at().map_or(now + LIFETIME, |end| end.min(now + LIFETIME));
    Secret::new(format!(
        "username={}{}\npassword={}\npassword_expiry_utc={}\n",
        keys.access_key_id(),
        token.unwrap_or_default(),
        password.expose(),
        ends.timestamp()
    ))
}

/// What git is told where there is no password: not to ask a person for a user's name.
pub(crate) const QUIT: &str = "quit=1\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codecommit_is_codecommit() {
        for (host, expected) in [
            ("git-codecommit.us-east-1.amazonaws.com", Some("us-east-1")),
            ("git-codecommit.us-east-1.amazonaws.com:8443", Some("us-east-1")),
            ("git-codecommit-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
            ("git-codecommit.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("vpce-0a-1b.git-codecommit.eu-west-1.vpce.amazonaws.com", Some("eu-west-1")),
            ("evil.git-codecommit.eu-west-1.amazonaws.com", None),
            ("git-codecommit.eu-west-1.vpce.amazonaws.com", None),
            ("git-codecommit.us-east-1.amazonaws.com.example.com", None),
            ("git-codecommit.us-east-1.example.com", None),
            ("example-amazonaws.com", None),
            ("git-codecommit.amazonaws.com", None),
            ("git-codecommit.x.amazonaws.com", None),
            ("github.com", None),
            ("", None),
        ] {
            let request = GitRequest { host: host.to_owned(), ..GitRequest::default() };
            assert_eq!(request.region_of_codecommit(), expected, "{host}");
        }
    }

    #[test]
    fn what_git_says_is_read_to_its_end() {
        let text = "capability[]=authtype\nprotocol=https\nhost=h\npath=v1/repos/a=b\n\nhost=x\n";
        let expected = GitRequest {
            protocol: "https".to_owned(),
            host: "h".to_owned(),
            path: Some("v1/repos/a=b".to_owned()),
        };
        assert_eq!(GitRequest::parse(text), expected);
        assert_eq!(GitRequest::parse("nonsense\r\n"), GitRequest::default());
    }
}
