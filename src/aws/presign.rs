//! What is signed here and sent by somebody else: a URL that carries its signature, and what git shows to CodeCommit.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::time::Duration;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::credentials::{Keys, Secret};
use crate::text::hex;

/// A GET that somebody else sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presigned<'a> {
    /// `https://HOST[:PORT][/PATH]`
    pub url: &'a str,
    pub parameters: &'a [(&'a str, &'a str)],
    /// A header that whoever sends it has to add, its name in lower case
    pub header: Option<(&'a str, &'a str)>,
    pub scope: Scope<'a>,
    /// `X-Amz-Expires`
    pub lifetime: Duration,
}

/// What a signature is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The signing name, which some services have beside their own
    pub service: &'a str,
    pub region: &'a str,
    pub at: DateTime<Utc>,
}

impl Presigned<'_> {
    /// The whole URL, its parameters in botocore's order.
    pub(crate) fn sign(&self, keys: &Keys) -> Secret {
        let (secret, token) = keys.secrets();
        let Scope { at, .. } = self.scope;
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("https", self.url));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = format!("/{}", encode(path, "/"));
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let host = authority.strip_suffix(default_port).unwrap_or(authority);
        let mut headers = vec![("host", host)];
        headers.extend(self.header);
        headers.sort_unstable();
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let credential = format!("{}/{}", keys.access_key_id(), self.scope.text());
        let (time, lifetime) = (at.format(TIME).to_string(), self.lifetime.as_secs().to_string());
        let mut query = self.parameters.to_vec();
        query.extend([
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &time),
            ("X-Amz-Expires", &lifetime),
            ("X-Amz-SignedHeaders", &names),
        ]);
        query.extend(token.map(|token| ("X-Amz-Security-Token", token.expose())));
        let mut query: Vec<String> = query
            .into_iter()
            .map(|(name, value)| format!("{}={}", encode(name, ""), encode(value, "")))
            .collect();
        let sent = query.join("&");
        query.sort_unstable();
        let query = query.join("&");
        let headers: String =
            headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let nothing = hex(&Sha256::digest(""));
        let canonical = format!("GET\n{path}\n{query}\n{headers}\n{names}\n{nothing}");
        let signature = self.scope.signature(secret, &time, &canonical);
        Secret::new(format!("{scheme}://{authority}{path}?{sent}&X-Amz-Signature={signature}"))
    }
}

impl Presigned<'_> {
    /// The same without its scheme, as databases take it.
    pub(crate) fn sign_without_scheme(&self, keys: &Keys) -> Secret {
        let url = self.sign(keys);
        Secret::new(url.expose().split_once("://").map_or("", |(_, rest)| rest))
    }
}

impl Scope<'_> {
    /// The password with which git asks CodeCommit for a repository, as the AWS CLI makes it.
    pub(crate) fn sign_for_git(&self, keys: &Keys, host: &str, path: &str) -> Secret {
        let time = self.at.format("%Y%m%dT%H%M%S").to_string();
        let canonical = format!("GIT\n{path}\n\nhost:{host}\n\nhost\n");
        let signature = self.signature(keys.secrets().0, &time, &canonical);
        Secret::new(format!("{time}Z{signature}"))
    }

    fn text(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.at.format("%Y%m%d"), self.region, self.service)
    }

    fn signature(&self, secret: &Secret, time: &str, canonical: &str) -> String {
        let digest = hex(&Sha256::digest(canonical));
        let text = format!("{ALGORITHM}\n{time}\n{}\n{digest}", self.text());
        let key = generate_signing_key(secret.expose(), self.at.into(), self.region, self.service);
        calculate_signature(key, text.as_bytes())
    }
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// SigV4's `UriEncode`: all but the unreserved characters of RFC 3986, and those of `also`.
fn encode(text: &str, also: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        match c.is_ascii_alphanumeric() || "-._~".contains(c) || also.contains(c) {
            true => encoded.push(c),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::credentials::{Expiration, LongTermCredentials, SessionCredentials};

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn keys(token: bool) -> Keys {
        let (access_key_id, secret_access_key) = ("AKIDEXAMPLE".to_owned(), Secret::new(SECRET));
        match token {
            false => Keys::LongTerm(LongTermCredentials {
                access_key_id,
                secret_access_key,
                account_id: None,
            }),
            true => Keys::Session(SessionCredentials {
                access_key_id,
                secret_access_key,
                session_token: Some(Secret::new("a/b+c==")),
                expiration: Expiration::Unstated,
                account_id: None,
            }),
        }
    }

    fn at() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap()
    }

    /// What botocore 1.43 makes of the same keys at the same time: `generate_presigned_url`,
    /// `generate_db_auth_token`, `generate_db_connect_auth_token`.
    #[test]
    fn a_url_is_botocores() {
        let caller = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")];
        let sts = |url, region| {
            let scope = Scope { service: "sts", region, at: at() };
            let header = Some(("x-k8s-aws-id", "demo"));
            let lifetime = Duration::from_secs(60);
            Presigned { url, parameters: &caller, header, scope, lifetime }
        };
        let of_database = |url, service, parameters, seconds| {
            let scope = Scope { service, region: "eu-west-1", at: at() };
            let lifetime = Duration::from_secs(seconds);
            Presigned { url, parameters, header: None, scope, lifetime }
        };
        let rds = "https://db.abc.eu-west-1.rds.amazonaws.com:3306";
        let rds_443 = "https://db.abc.eu-west-1.rds.amazonaws.com:443";
        let odd_user = [("Action", "connect"), ("DBUser", "an/n é+x")];
        let user = [("Action", "connect"), ("DBUser", "ann")];
        let dsql = "https://x.dsql.eu-west-1.on.aws";
        for (presigned, start, plain, with_token) in [
            (
                sts("https://sts.eu-west-1.amazonaws.com", "eu-west-1"),
                "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15\
                 &X-Amz-Algorithm=AWS4-HMAC-SHA256\
                 &X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Feu-west-1%2Fsts%2Faws4_request\
                 &X-Amz-Date=20260102T030405Z&X-Amz-Expires=60\
                 &X-Amz-SignedHeaders=host%3Bx-k8s-aws-id",
                "8979660ec91459763283e4c6ca7bec5250692b3c6a10e086a2df345f60255552",
                "5f73a9c7f2c5a612e3f4a40130cc98e981f5825c3980f4a582e66d157395a500",
            ),
            (
                sts("https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1"),
                "https://sts.cn-north-1.amazonaws.com.cn/?Action=GetCallerIdentity",
                "e87f4ebc403ebc5811c46b8c462916b16afc1e5eb6e8d792a94aaca651333cf4",
                "2345123e0a1eefcdb08a805a6760e544a345fe63e1c9307cc91436c328b13226",
            ),
            (
                sts("http://127.0.0.1:4566", "eu-west-1"),
                "http://127.0.0.1:4566/?Action=GetCallerIdentity",
                "bd7ea08367257f5166aa5d670ec3f05b019c3ce122f1e9e5865a26438be8f63a",
                "a7d2390d01f2d03618c3048c0962435db4a9c7a0d78e823a20de98ddba94c349",
            ),
            (
                of_database(rds, "rds-db", &odd_user, 900),
                "https://db.abc.eu-west-1.rds.amazonaws.com:3306/?Action=connect\
                 &DBUser=an%2Fn%20%C3%A9%2Bx&X-Amz-Algorithm=AWS4-HMAC-SHA256\
                 &X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Feu-west-1%2Frds-db%2Faws4_request\
                 &X-Amz-Date=20260102T030405Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host",
                "206cfbc064db7132ada3e9775d200ccd91b55dcab0dbb8dee31daa46649c428a",
                "6f96a44b27a8d6fc37705d3981db6b076ae91f0a041ece32c62db8dfe57d8a9d",
            ),
            (
                of_database(rds_443, "rds-db", &user, 900),
                "https://db.abc.eu-west-1.rds.amazonaws.com:443/?Action=connect&DBUser=ann&",
                "dfbcec3403c9d404d45820511ca1c74c1c99f8612cb212a05eae63bd1d7e25ea",
                "60ee6464f417a67ee7c7377859be69f59bb1d1e0f78e50a3b9b9defe99914e95",
            ),
            (
                of_database(dsql, "dsql", &[("Action", "DbConnect")], 900),
                "https://x.dsql.eu-west-1.on.aws/?Action=DbConnect&X-Amz-Algorithm",
                "7d26b42ad7a8e8367ef495c3ccfa8b739b0f4670475db427756867331c80c3db",
                "79d5971d1de982e6a3c8f1785db14b3675bfb7ce671a59d1bc17c0646450fa7c",
            ),
            (
                of_database(dsql, "dsql", &[("Action", "DbConnectAdmin")], 3600),
                "https://x.dsql.eu-west-1.on.aws/?Action=DbConnectAdmin&X-Amz-Algorithm",
                "06816416d64d64b4becc3b181523977958d44fd9fa0423e626481763afa37d7f",
                "c460b3eee3d12c2f16e43245db12690d2ee89ec0e93f45890cead0c7742b9153",
            ),
        ] {
            let found = presigned.sign(&keys(false));
            let found = found.expose();
            assert!(found.starts_with(start), "{found}");
            assert!(found.ends_with(&format!("&X-Amz-Signature={plain}")), "{found}");
            let found = presigned.sign(&keys(true));
            let found = found.expose();
            let end = format!("&X-Amz-Security-Token=a%2Fb%2Bc%3D%3D&X-Amz-Signature={with_token}");
            assert!(found.starts_with(start) && found.ends_with(&end), "{found}");
        }
    }

    /// What the AWS CLI's `codecommit credential-helper` prints, whatever the session token.
    #[test]
    fn a_password_of_git_is_the_aws_clis() {
        let host = "git-codecommit.us-east-1.amazonaws.com";
        let scope = Scope { service: "codecommit", region: "us-east-1", at: at() };
        for (path, expected) in [
            (
                "/v1/repos/demo",
                "20260102T030405Z0237f56e26cca4e0c0579ac8faf272c774b09c73438097f1db5db17986237f17",
            ),
            (
                "/v1/repos/a b",
                "20260102T030405Zc08d9082e3761dbe7be2c42f254934a6eca918070fcbedfb1ce4bd40ff625b1d",
            ),
        ] {
            for token in [false, true] {
                assert_eq!(scope.sign_for_git(&keys(token), host, path).expose(), expected);
            }
        }
    }
}
