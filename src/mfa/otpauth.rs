//! What sets up a virtual device: an `otpauth://` URI, which is also what the picture says, or the seed
//! alone. <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>

use super::totp::{Seed, SeedFlaw};
use crate::credentials::Secret;

const SCHEME: &str = "otpauth://";
/// What Google Authenticator's *Transfer accounts* shows.
const MIGRATION: &str = "otpauth-migration://";

/// What a text says of a device.
#[derive(Debug)]
pub(crate) struct SetUp {
    pub seed: Seed,
    /// The account that the label ends in, `NAME@123456789012`, unless it has an alias there.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_VirtualMFADevice.html>
    pub account: Option<String>,
}

/// Why a text sets up no device of AWS. Holds nothing of the text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoSeed {
    #[error("the secret is not one of an MFA device: {0}")]
    Seed(SeedFlaw),
    #[error("the otpauth URI has no secret")]
    NoSecret,
    #[error("the otpauth URI is not one of a time-based device (totp)")]
    NotByTime,
    #[error("the otpauth URI asks for {0}; AWS's devices have SHA1, 6 digits and 30 seconds")]
    OtherCodes(&'static str),
    #[error("this is the export of an authenticator app, which awsx does not read")]
    Export,
}

impl SetUp {
    pub(crate) fn read(text: &Secret) -> Result<Self, NoSeed> {
        let text = text.expose().trim();
        let begins = |scheme: &str| {
            text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        match () {
            () if begins(MIGRATION) => Err(NoSeed::Export),
            () if begins(SCHEME) => Self::of_uri(&text[SCHEME.len()..]),
            () => Ok(Self { seed: Seed::parse(text).map_err(NoSeed::Seed)?, account: None }),
        }
    }

    /// `TYPE/LABEL?PARAMETERS`
    fn of_uri(rest: &str) -> Result<Self, NoSeed> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, label) = path.split_once('/').unwrap_or((path, ""));
        if !kind.eq_ignore_ascii_case("totp") {
            return Err(NoSeed::NotByTime);
        }
        let mut seed = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name.to_ascii_lowercase() {
                "secret" => seed = Some(Seed::parse(&value).map_err(NoSeed::Seed)?),
                "algorithm" if !is_sha1(&value) => {
                    return Err(NoSeed::OtherCodes("another algorithm"));
                }
                "digits" if value != "6" => {
                    return Err(NoSeed::OtherCodes("another number of digits"));
                }
                "period" if value != "30" => return Err(NoSeed::OtherCodes("another period")),
                _ => {}
            }
        }
        Ok(Self { seed: seed.ok_or(NoSeed::NoSecret)?, account: account(label) })
    }
}

/// `SHA1`, and as some write it.
fn is_sha1(name: &str) -> bool {
    ["SHA1", "SHA-1", "HmacSHA1"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn account(label: &str) -> Option<String> {
    let label = label.replace("%40", "@");
    let (_, account) = label.rsplit_once('@')?;
    let is_id = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    is_id.then(|| account.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &str = "MZXW6YTBOJTG633CMFZGM33P";

    #[test]
    fn what_the_console_and_other_tools_write_is_read() {
        let of_console = "otpauth://totp/Amazon%20Web%20Services:ann@111111111111?secret=SEED&issuer=\
                          Amazon%20Web%20Services";
        for (docs, text, account) in [
            ("the seed alone", "SEED", None),
            ("the console's picture", of_console, Some("111111111111")),
            (
                "CreateVirtualMFADevice",
                "otpauth://totp/dev@111111111111?secret=SEED",
                Some("111111111111"),
            ),
            ("an account with an alias", "otpauth://totp/dev@acme?secret=SEED", None),
            (
                "all that there is",
                "otpauth://totp/AWS:dev%40111111111111?algorithm=SHA1&digits=6&period=30&secret=SEED",
                Some("111111111111"),
            ),
            ("in capitals, and a line's end", "OTPAUTH://TOTP/x?SECRET=SEED\n", None),
            ("no label", "otpauth://totp/?secret=SEED&image=https%3A%2F%2Fx", None),
            ("padding", "otpauth://totp/x?secret=SEED%3D%3D%3D&issuer=x", None),
        ] {
            let read = SetUp::read(&Secret::new(text.replace("SEED", SEED))).unwrap();
            assert_eq!(read.seed.text().expose(), SEED, "{docs}");
            assert_eq!(read.account.as_deref(), account, "{docs}");
        }
    }

    #[test]
    fn what_is_no_device_of_aws_is_told_apart() {
        for (text, expected) in [
            ("", NoSeed::Seed(SeedFlaw::Empty)),
            ("123456", NoSeed::Seed(SeedFlaw::NotBase32)),
            ("https://example.com", NoSeed::Seed(SeedFlaw::NotBase32)),
            ("otpauth://totp/x", NoSeed::NoSecret),
            ("otpauth://totp/x?secret=1", NoSeed::Seed(SeedFlaw::NotBase32)),
            ("otpauth://hotp/x?secret=SEED&counter=1", NoSeed::NotByTime),
            ("otpauth://", NoSeed::NotByTime),
            (
                "otpauth://totp/x?secret=SEED&algorithm=SHA256",
                NoSeed::OtherCodes("another algorithm"),
            ),
            (
                "otpauth://totp/x?secret=SEED&digits=8",
                NoSeed::OtherCodes("another number of digits"),
            ),
            ("otpauth://totp/x?secret=SEED&period=60", NoSeed::OtherCodes("another period")),
            ("otpauth-migration://offline?data=SEED", NoSeed::Export),
        ] {
            let read = SetUp::read(&Secret::new(text.replace("SEED", SEED)));
            assert_eq!(read.err(), Some(expected), "{text}");
        }
    }
}
