//! Any operation of STS by its name.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>

use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use chrono::{DateTime, Utc};

use super::attempt::{OneUse, Seen};
use super::client::{Aws, line, word};
use super::error::{incomplete, innermost};
use super::query::Structure;
use super::query_call::QueryCall;
use crate::credentials::{
    Expiration, Keys, MfaCode, Secret, SessionCredentials, StsAnswer, StsCall, StsMember, arn,
};
use crate::ports::CallError;

/// The version of the API.
const VERSION: &str = "2011-06-15";

/// The members of all answers, structures with what is in them, in the order in which AWS's reference
/// has them in each.
const MEMBERS: [(Option<&str>, &str); 25] = [
    (CREDENTIALS, "AccessKeyId"),
    (CREDENTIALS, "SecretAccessKey"),
    (CREDENTIALS, "SessionToken"),
    (CREDENTIALS, "Expiration"),
    (None, "SubjectFromWebIdentityToken"),
    (ASSUMED_ROLE_USER, "AssumedRoleId"),
    (ASSUMED_ROLE_USER, "Arn"),
    (FEDERATED_USER, "FederatedUserId"),
    (FEDERATED_USER, "Arn"),
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
    (None, "UserId"),
    (None, "Account"),
    (None, "Arn"),
    (None, "DecodedMessage"),
    (None, "WebIdentityToken"),
    (None, "Expiration"),
];

const CREDENTIALS: Option<&str> = Some("Credentials");
const ASSUMED_ROLE_USER: Option<&str> = Some("AssumedRoleUser");
const FEDERATED_USER: Option<&str> = Some("FederatedUser");

impl Aws {
    pub(super) fn sts_by_name(
        &self,
        keys: Option<&Keys>,
        call: &StsCall,
        code: Option<MfaCode>,
    ) -> Result<StsAnswer, CallError> {
        let region = self.region().unwrap_or_else(|| arn::home_region(call.arn.as_deref()));
        let mut parameters: Vec<(&str, &str)> =
            call.parameters.iter().map(|(name, value)| (&**name, value.expose())).collect();
        parameters.extend(code.as_ref().map(|code| ("TokenCode", code.expose())));
        let query = QueryCall {
            name: call.name,
            version: VERSION,
            endpoint: self.sts_endpoint(region)?,
            region: region.to_owned(),
            keys,
            parameters,
            one_use: if code.is_some() { OneUse::MfaCode } else { OneUse::Nothing },
        };
        let (structures, seen) = self.query(&query)?;
        answer(&query, &structures, &seen)
    }

    /// The configured endpoint, or that of the region.
    fn sts_endpoint(&self, region: &str) -> Result<String, CallError> {
        if let Some(url) = &self.settings.sts_endpoint_url {
            return Ok(url.clone());
        }
        let none = |error: &(dyn std::error::Error + 'static)| CallError::Settings {
            origin: "STS endpoint".into(),
            cause: innermost(error),
        };
        let parameters = Params::builder()
            .region(region)
            .use_fips(self.settings.use_fips)
            .use_dual_stack(self.settings.use_dualstack)
            .build()
            .map_err(|error| none(&error))?;
        let resolver = DefaultResolver::new();
        let found = self.live()?.executor.block_on(resolver.resolve_endpoint(&parameters));
        found.map(|endpoint| endpoint.url().to_owned()).map_err(|error| none(&*error))
    }
}

/// What is there of the members; an answer without any is none, nor is one with half of the credentials.
fn answer(
    query: &QueryCall<'_>,
    structures: &[Structure],
    seen: &Seen,
) -> Result<StsAnswer, CallError> {
    let operation = query.name.trim_start_matches("sts:");
    let result = format!("{operation}Result");
    let of = |name: &str| structures.iter().find(|structure| structure.name == name);
    let missing = |what: &str| incomplete(query.name, what, seen, query.one_use);
    let own = of(&result).ok_or_else(|| missing(&result))?;
    let read = |(structure, name): (Option<&'static str>, &'static str)| {
        let text = structure.map_or(Some(own), of)?.text(name)?;
        Some(StsMember { structure, name, text: Secret::new(text) })
    };
    let members: Vec<_> = MEMBERS.into_iter().filter_map(read).collect();
    if members.is_empty() {
        return Err(missing(&result));
    }
    let user = ["AssumedRoleUser", "FederatedUser"].into_iter().find_map(of);
    let user = user.and_then(|user| user.text("Arn"));
    let session = match of("Credentials") {
        None => None,
        Some(found) => {
            let found = session(found, user.as_deref(), seen);
            Some(found.ok_or_else(|| missing("Credentials"))?)
        }
    };
    Ok(StsAnswer { members, session })
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
