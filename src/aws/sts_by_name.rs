//! Any operation of STS by its name.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use chrono::{DateTime, Utc};

use super::attempt::{OneUse, Seen};
use super::client::{Aws, line, word};
use super::error::{incomplete, innermost};
use super::query::Structure;
use super::query_call::QueryCall;
use crate::credentials::{
    Expiration, Keys, MfaCode, Secret, SessionCredentials, StsAnswer, StsCall, StsMember,
    TokenUsage, arn,
};
use crate::ports::CallError;

/// The version of the API.
const VERSION: &str = "2011-06-15";

/// The members of all answers, structures with what is in them, in the order in which AWS's reference
/// has them in each.
const MEMBERS: [(Option<&str>, &str); 28] = [
    (Some(CREDENTIALS), "AccessKeyId"),
    (Some(CREDENTIALS), "SecretAccessKey"),
    (Some(CREDENTIALS), "SessionToken"),
    (Some(CREDENTIALS), "Expiration"),
    (None, "SubjectFromWebIdentityToken"),
    (Some(ASSUMED_ROLE_USER), "AssumedRoleId"),
    (Some(ASSUMED_ROLE_USER), "Arn"),
    (Some(FEDERATED_USER), "FederatedUserId"),
    (Some(FEDERATED_USER), "Arn"),
    (Some(SESSION_INFO), "ScopedSessionId"),
    (Some(SESSION_INFO), "Arn"),
    (None, "PackedPolicySize"),
    (None, "Provider"),
    (None, "Subject"),
    (None, "SubjectType"),
    (None, "Issuer"),
    (None, "Audience"),
    (None, "NameQualifier"),
    (None, "SourceIdentity"),
    (None, "SessionTokenUtilization"),
    (None, "SessionTokenSize"),
    (None, "ScopedPoliciesCount"),
    (None, "UserId"),
    (None, "Account"),
    (None, "Arn"),
    (None, "DecodedMessage"),
    (None, "WebIdentityToken"),
    (None, "Expiration"),
];

const CREDENTIALS: &str = "Credentials";
const ASSUMED_ROLE_USER: &str = "AssumedRoleUser";
const FEDERATED_USER: &str = "FederatedUser";
const SESSION_INFO: &str = "SessionInfo";

impl Aws {
    pub(super) fn sts_by_name(
        &self,
        keys: Option<&Keys>,
        call: &StsCall,
        code: Option<MfaCode>,
    ) -> Result<StsAnswer, CallError> {
        let (endpoint, region) = self.sts_address(call.arn.as_deref())?;
        let mut parameters: Vec<(&str, &str)> =
            call.parameters.iter().map(|(name, value)| (&**name, value.expose())).collect();
        parameters.extend(code.as_ref().map(|code| ("TokenCode", code.expose())));
        let query = QueryCall {
            name: call.name,
            version: VERSION,
            endpoint,
            region,
            keys,
            parameters,
            one_use: if code.is_some() { OneUse::MfaCode } else { OneUse::Nothing },
        };
        let (structures, seen) = self.query(&query)?;
        answer(&query, &structures, &seen)
    }

    /// Where STS is, and the region to sign for: the configured one, else the first one of the ARN's partition.
    pub(crate) fn sts_address(&self, arn: Option<&str>) -> Result<(String, String), CallError> {
        let region = self.region().unwrap_or_else(|| arn::home_region(arn));
        Ok((self.sts_endpoint(region)?, region.to_owned()))
    }

    /// The configured endpoint, or that of the region.
    pub(super) fn sts_endpoint(&self, region: &str) -> Result<String, CallError> {
        if let Some(url) = &self.settings.sts_endpoint_url {
            return Ok(url.clone());
        }
        self.usual_sts_endpoint(region, self.settings.use_fips)
    }

    /// What stands behind the region in the names of a partition's hosts: `amazonaws.com`, or `api.aws` with IPv6.
    pub(super) fn suffix_of_partition(&self, region: &str) -> Result<String, CallError> {
        let url = self.usual_sts_endpoint(region, false)?;
        let suffix = url.split_once(&format!(".{region}.")).map(|(_, suffix)| suffix.to_owned());
        suffix.ok_or_else(|| CallError::Settings {
            origin: "region".into(),
            cause: format!("{region} has no endpoints of its own"),
        })
    }

    fn usual_sts_endpoint(&self, region: &str, use_fips: bool) -> Result<String, CallError> {
        let none = |error: &(dyn std::error::Error + 'static)| CallError::Settings {
            origin: "STS endpoint".into(),
            cause: innermost(error),
        };
        let parameters = Params::builder()
            .region(region)
            .use_fips(use_fips)
            .use_dual_stack(self.settings.use_dualstack)
            .build()
            .map_err(|error| none(&error))?;
        let resolver = DefaultResolver::new();
        // The rules are in the SDK: it answers at once.
        let future = pin!(resolver.resolve_endpoint(&parameters));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(endpoint)) => Ok(endpoint.url().to_owned()),
            Poll::Ready(Err(error)) => Err(none(&*error)),
            Poll::Pending => Err(none(&CallError::Bug { call: "sts", place: "endpoint".into() })),
        }
    }
}

/// What is there of the members; an answer without any is none, nor is one with half of the credentials.
fn answer(
    query: &QueryCall<'_>,
    structures: &[Structure],
    seen: &Seen,
) -> Result<StsAnswer, CallError> {
    let result = format!("{}Result", query.operation());
    let of = |name: &str| structures.iter().find(|structure| structure.name == name);
    let missing = |what: &str| incomplete(query.name, what, seen, query.one_use);
    let own = of(&result).ok_or_else(|| missing(&result))?;
    let read = |(structure, name): (Option<&'static str>, &'static str)| {
        let text = structure.map_or(Some(own), of)?.text(name)?;
        Some(StsMember { structure, name, text: Secret::new(text) })
    };
    let mut members: Vec<_> = MEMBERS.into_iter().filter_map(read).collect();
    // This answer alone has it at its end.
    if of(SESSION_INFO).is_some() {
        members.sort_by_key(|member| member.name == "SourceIdentity");
    }
    if members.is_empty() {
        return Err(missing(&result));
    }
    let user = [ASSUMED_ROLE_USER, FEDERATED_USER, SESSION_INFO].into_iter().find_map(of);
    let user = user.and_then(|user| user.text("Arn"));
    let session = match of(CREDENTIALS) {
        None => None,
        Some(found) => {
            let found = session(found, user.as_deref(), seen);
            Some(found.ok_or_else(|| missing(CREDENTIALS))?)
        }
    };
    let number = |name| own.text(name).and_then(|text| text.parse().ok());
    let usage = TokenUsage {
        percent: number("SessionTokenUtilization"),
        scopes: number("ScopedPoliciesCount"),
    };
    Ok(StsAnswer { members, session, usage })
}

fn session(found: &Structure, user: Option<&str>, seen: &Seen) -> Option<SessionCredentials> {
    let end = DateTime::parse_from_rfc3339(&found.text("Expiration")?).ok()?.with_timezone(&Utc);
    Some(SessionCredentials {
        access_key_id: word(found.text("AccessKeyId"))?,
        secret_access_key: line(found.text("SecretAccessKey"))?,
        session_token: Some(Secret::new(word(found.text("SessionToken"))?)),
        expiration: Expiration::new(seen.in_local_time(end))?,
        account_id: user.and_then(arn::account).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Reply, Server, aws};
    use crate::client_settings::ClientSettings;

    /// As AWS's page has them, <https://docs.aws.amazon.com/general/latest/gr/sts.html>.
    #[test]
    fn the_endpoint_is_the_regions() {
        for (region, use_fips, use_dualstack, expected) in [
            ("us-east-1", false, false, "https://sts.us-east-1.amazonaws.com"),
            ("eu-central-2", false, false, "https://sts.eu-central-2.amazonaws.com"),
            ("us-east-1", true, false, "https://sts-fips.us-east-1.amazonaws.com"),
            ("us-east-1", false, true, "https://sts.us-east-1.api.aws"),
            ("cn-north-1", false, false, "https://sts.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", true, false, "https://sts.us-gov-west-1.amazonaws.com"),
            ("eusc-de-east-1", false, false, "https://sts.eusc-de-east-1.amazonaws.eu"),
        ] {
            let settings = ClientSettings { use_fips, use_dualstack, ..ClientSettings::default() };
            assert_eq!(aws(settings).sts_endpoint(region).unwrap(), expected);
        }
        let sts_endpoint_url = Some("http://127.0.0.1:1".to_owned());
        let settings =
            ClientSettings { sts_endpoint_url, use_fips: true, ..ClientSettings::default() };
        assert_eq!(aws(settings).sts_endpoint("x").unwrap(), "http://127.0.0.1:1");
    }

    /// The members, or why there is no answer.
    fn ask(name: &'static str, body: &str) -> String {
        let server = Server::start([Reply::new(200, body)]);
        let sts_endpoint_url = Some(server.url.clone());
        let aws = aws(ClientSettings { sts_endpoint_url, ..ClientSettings::default() });
        let arn = Some("arn:aws-cn:iam::111111111111:role/x".to_owned());
        let parameters = vec![("RoleArn".to_owned(), Secret::new("a b"))];
        let answer = aws.sts_by_name(None, &StsCall { name, parameters, arn }, None);
        let request = server.requests().remove(0);
        let operation = name.trim_start_matches("sts:");
        let sent = format!("Action={operation}&Version=2011-06-15&RoleArn=a+b");
        assert_eq!((&*request.body, request.header("authorization")), (&*sent, None));
        match answer {
            Ok(answer) => {
                let shown = answer.members.iter().map(|member| {
                    format!(
                        "{}{}={}",
                        member.structure.unwrap_or_default(),
                        member.name,
                        member.text.expose()
                    )
                });
                let session = answer.session.map_or("no session".to_owned(), |session| {
                    format!("session of {}", session.account_id.unwrap_or_default())
                });
                format!("{}; {session}", shown.collect::<Vec<_>>().join(" "))
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_members_of_an_answer_come_in_the_order_of_the_reference() {
        let keys = "<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SessionToken>t</SessionToken>\
                    <Expiration>2027-01-15T09:00:00Z</Expiration>";
        let whole = format!("{keys}<SecretAccessKey>s</SecretAccessKey>");
        let answer = |inner: &str| format!("<XResponse><XResult>{inner}</XResult></XResponse>");
        let user = "<AssumedRoleUser><Arn>arn:aws:sts::222222222222:assumed-role/x/y</Arn>\
                    <AssumedRoleId>A:y</AssumedRoleId></AssumedRoleUser>";
        let order = "CredentialsAccessKeyId=ASIAEXAMPLE CredentialsSecretAccessKey=s \
                     CredentialsSessionToken=t CredentialsExpiration=2027-01-15T09:00:00Z";
        for (docs, body, expected) in [
            (
                "all of it",
                format!(
                    "<SourceIdentity>ann</SourceIdentity>{user}<Credentials>{whole}</Credentials>"
                ),
                format!(
                    "{order} AssumedRoleUserAssumedRoleId=A:y \
                     AssumedRoleUserArn=arn:aws:sts::222222222222:assumed-role/x/y SourceIdentity=ann; \
                     session of 222222222222"
                ),
            ),
            (
                "a scoped session",
                "<SourceIdentity>ann</SourceIdentity><ScopedPoliciesCount>1</ScopedPoliciesCount>\
                 <SessionInfo><Arn>a</Arn></SessionInfo>"
                    .into(),
                "SessionInfoArn=a ScopedPoliciesCount=1 SourceIdentity=ann; no session".into(),
            ),
            ("no credentials", "<Account>1</Account>".into(), "Account=1; no session".into()),
            (
                "half of them",
                format!("<Credentials>{keys}</Credentials>"),
                "no complete Credentials".into(),
            ),
            ("nothing", String::new(), "the answer holds no complete XResult".into()),
            ("nothing known", "<New>1</New>".into(), "the answer holds no complete XResult".into()),
        ] {
            let found = ask("sts:X", &answer(&body));
            assert!(found.contains(&expected), "{docs}: {found}");
        }
        let other = "<YResponse><YResult><Account>1</Account></YResult></YResponse>";
        assert!(ask("sts:X", other).contains("no complete XResult"));
    }
}
