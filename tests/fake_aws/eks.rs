//! What a cluster of EKS does with a token: it holds it to be the URL of a `GetCallerIdentity`, calls that with
//! its own name, and takes whom STS names. After `Verify` of
//! <https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go>.

use chrono::{NaiveDateTime, TimeDelta};

use super::base64url;
use super::request::{Request, pairs};
use super::state::State;
use super::sts;

/// The parameters that may be there, in lower case.
const PARAMETERS: [&str; 9] = [
    "action",
    "version",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

impl State {
    /// The ARN that a cluster knows the bearer by.
    pub(crate) fn user_of_cluster(&mut self, token: &str, cluster: &str) -> Result<String, String> {
        let encoded =
            token.strip_prefix("k8s-aws-v1.").ok_or("token is missing expected prefix")?;
        let url = base64url::decode(encoded).and_then(|url| String::from_utf8(url).ok());
        let url = url.ok_or("no base64 without padding")?;
        let (scheme, rest) = url.split_once("://").ok_or("no URL")?;
        let (host, rest) = rest.split_once('/').ok_or("no path")?;
        // In the sandbox STS is on loopback.
        if scheme != "https" && !host.starts_with("127.0.0.1:") {
            return Err(format!("unexpected scheme {scheme:?} in pre-signed URL"));
        }
        let query = rest.strip_prefix('?').ok_or("unexpected path in pre-signed URL")?;
        let mut parameters: Vec<_> =
            pairs(query).into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        parameters.sort();
        if let Some((name, _)) =
            parameters.iter().find(|(name, _)| !PARAMETERS.contains(&name.as_str()))
        {
            return Err(format!("non-whitelisted query parameter {name:?}"));
        }
        if parameters.windows(2).any(|two| two[0].0 == two[1].0) {
            return Err("query parameter with multiple values not supported".to_owned());
        }
        let parameter = |name: &str| {
            let found = parameters.iter().find(|(key, _)| key == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        if parameter("action") != "GetCallerIdentity" {
            return Err("unexpected action parameter in pre-signed URL".to_owned());
        }
        if !parameter("x-amz-signedheaders").split(';').any(|header| header == "x-k8s-aws-id") {
            return Err("client did not sign the x-k8s-aws-id header".to_owned());
        }
        // AWS's clients say 60, and what EKS documents is that it takes no more than 15 minutes.
        if parameter("x-amz-expires") != "60" {
            return Err("invalid X-Amz-Expires parameter in pre-signed URL".to_owned());
        }
        let signed_at = NaiveDateTime::parse_from_str(parameter("x-amz-date"), "%Y%m%dT%H%M%SZ");
        let signed_at = signed_at.map_err(|error| error.to_string())?.and_utc();
        if self.now() > signed_at + TimeDelta::minutes(15) {
            return Err("X-Amz-Date parameter is expired".to_owned());
        }
        let request = Request {
            method: "GET".into(),
            path: "/".into(),
            query: query.to_owned(),
            headers: vec![
                ("host".into(), host.to_owned()),
                ("x-k8s-aws-id".into(), cluster.to_owned()),
                ("accept".into(), "application/json".into()),
            ],
            ..Request::default()
        };
        sts::identity(self, &request).map_err(|refusal| refusal.message)
    }
}
