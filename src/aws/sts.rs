//! The STS calls: what each of them sends, and what is made of its answer.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use aws_sdk_sts::Client;
use aws_sdk_sts::config::{Builder, Config, Region};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use chrono::{DateTime, Utc};

use super::attempt::{NotTwice, OneUse, Seen, Witness};
use super::client::{Aws, line, word};
use super::error::incomplete;
use super::query_call::signer;
use crate::credentials::{
    AssumeRole, AssumeRoleWithWebIdentity, Expiration, GetSessionToken, JobTag, Keys, MfaCode,
    Secret, SessionContext, SessionCredentials, StsAnswer, StsCall, arn,
};
use crate::ports::{CallError, CallerIdentity, Sts};

/// One call, apart from what is specific to its operation.
struct Call<'a> {
    name: &'static str,
    /// An ARN of the request; tells the partition if no region is configured
    arn: Option<&'a str>,
    keys: Option<&'a Keys>,
    one_use: OneUse,
}

impl Aws {
    fn sts<T, E, F>(
        &self,
        call: &Call<'_>,
        send: impl Fn(&Client, Builder, Witness) -> F,
    ) -> Result<(T, Seen), CallError>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.call(call.name, call.one_use, |live, witness| {
            send(&live.sts, self.specific(call, &witness), witness)
        })
    }

    /// What is specific to a call: region, keys, and the rule for its MFA code.
    fn specific(&self, call: &Call<'_>, witness: &Witness) -> Builder {
        let region = self.region().unwrap_or_else(|| arn::home_region(call.arn)).to_owned();
        let mut specific = Config::builder().region(Region::new(region));
        if let Some(keys) = call.keys {
            specific = specific.credentials_provider(signer(keys));
        }
        if call.one_use != OneUse::Nothing {
            specific = specific.retry_classifier(NotTwice(witness.clone()));
        }
        specific
    }
}

impl Sts for Aws {
    fn get_session_token(
        &self,
        keys: &Keys,
        request: &GetSessionToken,
        code: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError> {
        let name = "sts:GetSessionToken";
        let arn = request.mfa_serial.as_deref();
        let call = Call { name, arn, keys: Some(keys), one_use: one_use(code.as_ref()) };
        let (output, seen) = self.sts(&call, |client, specific, witness| {
            client
                .get_session_token()
                .duration_seconds(seconds(request.duration))
                .set_serial_number(request.mfa_serial.clone())
                .set_token_code(code.as_ref().map(|code| code.expose().to_owned()))
                .customize()
                .config_override(specific)
                .interceptor(witness)
                .send()
        })?;
        session(&call, output.credentials, None, &seen)
    }

    fn assume_role(
        &self,
        keys: &Keys,
        request: &AssumeRole,
        code: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError> {
        let name = "sts:AssumeRole";
        let arn = Some(request.role_arn.as_str());
        let call = Call { name, arn, keys: Some(keys), one_use: one_use(code.as_ref()) };
        let (output, seen) = self.sts(&call, |client, specific, witness| {
            client
                .assume_role()
                .role_arn(&request.role_arn)
                .role_session_name(&request.role_session_name)
                .duration_seconds(seconds(request.duration))
                .set_external_id(request.external_id.clone())
                .set_serial_number(request.mfa_serial.clone())
                .set_token_code(code.as_ref().map(|code| code.expose().to_owned()))
                .set_policy(request.context.policy.clone())
                .set_policy_arns(policy_arns(&request.context))
                .set_tags(tags(request))
                .set_transitive_tag_keys(some(request.context.transitive_tag_keys.clone()))
                .set_source_identity(request.context.source_identity.clone())
                .customize()
                .config_override(specific)
                .interceptor(witness)
                .send()
        })?;
        let user = output.assumed_role_user.map(|user| user.arn);
        session(&call, output.credentials, user, &seen)
    }

    fn assume_role_with_web_identity(
        &self,
        request: &AssumeRoleWithWebIdentity,
        token: Secret,
    ) -> Result<SessionCredentials, CallError> {
        let name = "sts:AssumeRoleWithWebIdentity";
        let arn = Some(request.role_arn.as_str());
        let call = Call { name, arn, keys: None, one_use: OneUse::Nothing };
        let (output, seen) = self.sts(&call, |client, specific, witness| {
            client
                .assume_role_with_web_identity()
                .role_arn(&request.role_arn)
                .role_session_name(&request.role_session_name)
                .web_identity_token(token.expose())
                .duration_seconds(seconds(request.duration))
                .set_policy(request.context.policy.clone())
                .set_policy_arns(policy_arns(&request.context))
                .customize()
                .config_override(specific)
                .interceptor(witness)
                .send()
        })?;
        let user = output.assumed_role_user.map(|user| user.arn);
        session(&call, output.credentials, user, &seen)
    }

    fn get_caller_identity(&self, keys: &Keys) -> Result<CallerIdentity, CallError> {
        let name = "sts:GetCallerIdentity";
        let call = Call { name, arn: None, keys: Some(keys), one_use: OneUse::Nothing };
        let (output, seen) = self.sts(&call, |client, specific, witness| {
            client
                .get_caller_identity()
                .customize()
                .config_override(specific)
                .interceptor(witness)
                .send()
        })?;
        match (output.account, output.arn, output.user_id) {
            (Some(account), Some(arn), Some(user_id)) => {
                Ok(CallerIdentity { account, arn, user_id })
            }
            _ => Err(incomplete(name, "Account, Arn and UserId", &seen, OneUse::Nothing)),
        }
    }

    fn ask(
        &self,
        keys: Option<&Keys>,
        call: &StsCall,
        code: Option<MfaCode>,
    ) -> Result<StsAnswer, CallError> {
        self.sts_by_name(keys, call, code)
    }
}

/// The credentials of an answer; the SDK makes `Expiration` 1970 where it is missing.
fn session(
    call: &Call<'_>,
    credentials: Option<aws_sdk_sts::types::Credentials>,
    assumed_role: Option<String>,
    seen: &Seen,
) -> Result<SessionCredentials, CallError> {
    let complete = |found: aws_sdk_sts::types::Credentials| {
        let expiration = Some(found.expiration.secs()).filter(|seconds| *seconds > 0)?;
        let expiration = DateTime::<Utc>::from_timestamp(expiration, 0)?;
        Some(SessionCredentials {
            access_key_id: word(found.access_key_id)?,
            secret_access_key: line(found.secret_access_key)?,
            session_token: Some(Secret::new(word(found.session_token)?)),
            expiration: Expiration::new(seen.in_local_time(expiration))?,
            account_id: assumed_role.as_deref().and_then(arn::account).map(str::to_owned),
        })
    };
    credentials
        .and_then(complete)
        .ok_or_else(|| incomplete(call.name, "Credentials", seen, call.one_use))
}

fn one_use(code: Option<&MfaCode>) -> OneUse {
    if code.is_some() { OneUse::MfaCode } else { OneUse::Nothing }
}

fn policy_arns(context: &SessionContext) -> Option<Vec<PolicyDescriptorType>> {
    some(context.policy_arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build()))
}

fn tags(request: &AssumeRole) -> Option<Vec<Tag>> {
    let own = request.context.tags.iter().map(|(key, value)| (key, value));
    let of_job = request.job_tags.iter().map(|JobTag { key, value, .. }| (key, value));
    some(own.chain(of_job).map(|(key, value)| {
        Tag::builder().key(key).value(value).build().expect("key and value are set")
    }))
}

/// An empty list is not sent at all.
fn some<T>(items: impl IntoIterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.into_iter().collect();
    (!items.is_empty()).then_some(items)
}

/// `DurationSeconds`; what does not fit is refused by AWS, which knows the role's limit.
fn seconds(duration: Duration) -> i32 {
    duration.as_secs().try_into().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
