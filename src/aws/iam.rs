//! The calls of IAM's Query API, <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>.
//!
//! There is no SDK client for them here: that crate has all of IAM's 180 operations.

mod endpoint;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::attempt::{OneUse, Seen};
use super::client::{Aws, line, word};
use super::error::incomplete;
use super::query::Structure;
use super::query_call::QueryCall;
use crate::credentials::{LongTermCredentials, MfaCode, Secret, arn};
use crate::ports::{
    AccessKey, CallError, Iam, KeyStatus, LastUse, NewAccessKey, NewMfaDevice, Signer,
};

/// The version of the API.
const VERSION: &str = "2010-05-08";

/// One call, before it is made.
struct Call<'a> {
    /// `iam:` and the operation
    name: &'static str,
    signer: &'a Signer<'a>,
    parameters: &'a [(&'static str, &'a str)],
    one_use: OneUse,
}

impl<'a> Call<'a> {
    fn new(
        name: &'static str,
        signer: &'a Signer<'a>,
        parameters: &'a [(&'static str, &'a str)],
    ) -> Self {
        Self { name, signer, parameters, one_use: OneUse::Nothing }
    }
}

/// An answer, and what was seen on the wire.
struct Answer {
    call: &'static str,
    structures: Vec<Structure>,
    seen: Seen,
    one_use: OneUse,
}

impl Aws {
    fn iam(&self, call: &Call<'_>) -> Result<Answer, CallError> {
        let region = arn::home_region(Some(call.signer.arn));
        let query = QueryCall {
            name: call.name,
            version: VERSION,
            endpoint: endpoint::url(&self.settings, region)?,
            region: region.to_owned(),
            keys: Some(call.signer.keys),
            parameters: call.parameters.to_vec(),
            one_use: call.one_use,
        };
        let (structures, seen) = self.query(&query)?;
        Ok(Answer { call: call.name, structures, seen, one_use: call.one_use })
    }
}

impl Answer {
    /// What is read of the first structure of this name, if it is complete.
    fn complete<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Structure, &Seen) -> Option<T>,
    ) -> Result<T, CallError> {
        let found = self.structures.iter().find(|structure| structure.name == name);
        found.and_then(|found| read(found, &self.seen)).ok_or_else(|| self.incomplete(name))
    }

    /// The same of each member of the answer's list.
    fn members<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Structure, &Seen) -> Option<T>,
    ) -> Result<Vec<T>, CallError> {
        let members = self.structures.iter().filter(|structure| structure.name == "member");
        let read: Option<Vec<T>> = members.map(|member| read(member, &self.seen)).collect();
        read.ok_or_else(|| self.incomplete(name))
    }

    fn incomplete(&self, what: &str) -> CallError {
        incomplete(self.call, what, &self.seen, self.one_use)
    }
}

impl Iam for Aws {
    fn create_access_key(&self, signer: &Signer<'_>) -> Result<NewAccessKey, CallError> {
        let call = Call::new("iam:CreateAccessKey", signer, &[]);
        let answer = self.iam(&Call { one_use: OneUse::Creation, ..call })?;
        answer.complete("AccessKey", |key, seen| {
            let keys = LongTermCredentials {
                access_key_id: word(key.text("AccessKeyId"))?,
                secret_access_key: line(key.text("SecretAccessKey"))?,
                account_id: None,
            };
            Some(NewAccessKey { keys, created: time(key, "CreateDate", seen)? })
        })
    }

    fn access_keys(&self, signer: &Signer<'_>) -> Result<Vec<AccessKey>, CallError> {
        // A user has two keys at most, which are on one page.
        let answer = self.iam(&Call::new("iam:ListAccessKeys", signer, &[]))?;
        answer.complete("ListAccessKeysResult", |_, _| Some(()))?;
        answer.members("AccessKeyMetadata", |key, seen| {
            let status = key.text("Status")?;
            let status = [KeyStatus::Active, KeyStatus::Inactive]
                .into_iter()
                .find(|known| known.as_str() == status)
                // `Expired`, of keys that an administrator gave an end.
                .unwrap_or(KeyStatus::Inactive);
            let id = word(key.text("AccessKeyId"))?;
            Some(AccessKey { id, status, created: time(key, "CreateDate", seen)? })
        })
    }

    fn last_use(&self, signer: &Signer<'_>, id: &str) -> Result<Option<LastUse>, CallError> {
        let parameters = [("AccessKeyId", id)];
        let answer = self.iam(&Call::new("iam:GetAccessKeyLastUsed", signer, &parameters))?;
        answer.complete("AccessKeyLastUsed", |used, seen| {
            let Some(at) = time(used, "LastUsedDate", seen) else { return Some(None) };
            let said = |member| word(used.text(member)).unwrap_or_else(|| "N/A".to_owned());
            Some(Some(LastUse { at, service: said("ServiceName"), region: said("Region") }))
        })
    }

    fn set_status(
        &self,
        signer: &Signer<'_>,
        id: &str,
        status: KeyStatus,
    ) -> Result<(), CallError> {
        let parameters = [("AccessKeyId", id), ("Status", status.as_str())];
        self.iam(&Call::new("iam:UpdateAccessKey", signer, &parameters)).map(drop)
    }

    fn delete_access_key(&self, signer: &Signer<'_>, id: &str) -> Result<(), CallError> {
        let parameters = [("AccessKeyId", id)];
        unless_gone(self.iam(&Call::new("iam:DeleteAccessKey", signer, &parameters)))
    }

    fn mfa_devices(&self, signer: &Signer<'_>, user: &str) -> Result<Vec<String>, CallError> {
        // A user has eight at most, which are on one page.
        let parameters = [("UserName", user)];
        let answer = self.iam(&Call::new("iam:ListMFADevices", signer, &parameters))?;
        answer.complete("ListMFADevicesResult", |_, _| Some(()))?;
        answer.members("MFADevices", |device, _| word(device.text("SerialNumber")))
    }

    fn create_virtual_mfa_device(
        &self,
        signer: &Signer<'_>,
        name: &str,
    ) -> Result<NewMfaDevice, CallError> {
        let parameters = [("VirtualMFADeviceName", name)];
        let call = Call::new("iam:CreateVirtualMFADevice", signer, &parameters);
        let answer = self.iam(&Call { one_use: OneUse::Creation, ..call })?;
        answer.complete("VirtualMFADevice", |device, _| {
            Some(NewMfaDevice { base32_string_seed: blob(device, "Base32StringSeed")? })
        })
    }

    fn enable_mfa_device(
        &self,
        signer: &Signer<'_>,
        user: &str,
        serial: &str,
        codes: &[MfaCode; 2],
    ) -> Result<(), CallError> {
        let parameters = [
            ("UserName", user),
            ("SerialNumber", serial),
            ("AuthenticationCode1", codes[0].expose()),
            ("AuthenticationCode2", codes[1].expose()),
        ];
        let call = Call::new("iam:EnableMFADevice", signer, &parameters);
        self.iam(&Call { one_use: OneUse::Creation, ..call }).map(drop)
    }

    fn delete_virtual_mfa_device(
        &self,
        signer: &Signer<'_>,
        serial: &str,
    ) -> Result<(), CallError> {
        let parameters = [("SerialNumber", serial)];
        unless_gone(self.iam(&Call::new("iam:DeleteVirtualMFADevice", signer, &parameters)))
    }
}

/// What is gone need not be deleted.
fn unless_gone(deleted: Result<Answer, CallError>) -> Result<(), CallError> {
    match deleted {
        Err(CallError::Refused { code, .. }) if code == "NoSuchEntity" => Ok(()),
        done => done.map(drop),
    }
}

/// A blob that is a text.
fn blob(structure: &Structure, member: &'static str) -> Option<Secret> {
    let bytes = STANDARD.decode(structure.text(member)?).ok()?;
    line(Some(String::from_utf8(bytes).ok()?))
}

/// A time in an answer, by the local clock.
fn time(structure: &Structure, member: &'static str, seen: &Seen) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(&structure.text(member)?).ok()?;
    Some(seen.in_local_time(at.to_utc()))
}
