//! IAM, as far as a user's own access keys and MFA devices need it.

use chrono::{DateTime, Utc};

use super::CallError;
use crate::credentials::{Keys, LongTermCredentials, MfaCode, Secret};

/// Whose keys and devices they are: IAM goes by who signs.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>
pub(crate) trait Iam {
    /// `iam:CreateAccessKey`. Not repeated once IAM may have acted: [`Self::access_keys`] says whether it did.
    fn create_access_key(&self, signer: &Signer<'_>) -> Result<NewAccessKey, CallError>;
    /// `iam:ListAccessKeys`
    fn access_keys(&self, signer: &Signer<'_>) -> Result<Vec<AccessKey>, CallError>;
    /// `iam:GetAccessKeyLastUsed`; `None`: never, as far as IAM knows.
    fn last_use(&self, signer: &Signer<'_>, id: &str) -> Result<Option<LastUse>, CallError>;
    /// `iam:UpdateAccessKey`
    fn set_status(&self, signer: &Signer<'_>, id: &str, status: KeyStatus)
    -> Result<(), CallError>;
    /// `iam:DeleteAccessKey`; one that is gone already is no error.
    fn delete_access_key(&self, signer: &Signer<'_>, id: &str) -> Result<(), CallError>;
    /// `iam:ListMFADevices`: the serial numbers of a user's devices
    fn mfa_devices(&self, signer: &Signer<'_>, user: &str) -> Result<Vec<String>, CallError>;
    /// `iam:CreateVirtualMFADevice`: one that is nobody's. Not repeated once IAM may have acted.
    fn create_virtual_mfa_device(
        &self,
        signer: &Signer<'_>,
        name: &str,
    ) -> Result<NewMfaDevice, CallError>;
    /// `iam:EnableMFADevice`, with the codes of two steps in a row. Not repeated once IAM may have acted.
    fn enable_mfa_device(
        &self,
        signer: &Signer<'_>,
        user: &str,
        serial: &str,
        codes: &[MfaCode; 2],
    ) -> Result<(), CallError>;
    /// `iam:DeleteVirtualMFADevice`; one that is gone already is no error.
    fn delete_virtual_mfa_device(&self, signer: &Signer<'_>, serial: &str)
    -> Result<(), CallError>;
}

/// Who signs a call of IAM.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'a> {
    /// Long-term keys, or a session with MFA: IAM takes no other session of `sts:GetSessionToken`.
    pub keys: &'a Keys,
    /// Whose they are; tells the partition, and with it the endpoint and the region to sign for
    pub arn: &'a str,
}

/// The answer to `iam:CreateAccessKey`.
#[derive(Clone, Debug)]
pub(crate) struct NewAccessKey {
    pub keys: LongTermCredentials,
    /// `CreateDate`
    pub created: DateTime<Utc>,
}

/// The answer to `iam:CreateVirtualMFADevice`.
#[derive(Clone, Debug)]
pub(crate) struct NewMfaDevice {
    /// `Base32StringSeed`
    pub base32_string_seed: Secret,
}

/// One of `iam:ListAccessKeys`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessKey {
    /// `AccessKeyId`
    pub id: String,
    pub status: KeyStatus,
    /// `CreateDate`
    pub created: DateTime<Utc>,
}

/// `Status`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyStatus {
    Active,
    Inactive,
}

impl KeyStatus {
    /// AWS's word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// The answer to `iam:GetAccessKeyLastUsed`, of a key that was used. IAM knows it some hours later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastUse {
    /// `LastUsedDate`
    pub at: DateTime<Utc>,
    /// `ServiceName`, such as `s3`
    pub service: String,
    /// `Region`
    pub region: String,
}
