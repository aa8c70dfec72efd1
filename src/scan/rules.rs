//! What a key of AWS looks like, kind by kind.

use serde::Serialize;

/// The kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeyKind {
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes>
    AccessKeyId,
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html>
    SecretAccessKey,
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html>
    SessionToken,
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html>
    BedrockApiKey,
}

impl KeyKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AccessKeyId => "access key id",
            Self::SecretAccessKey => "secret access key",
            Self::SessionToken => "session token",
            Self::BedrockApiKey => "Bedrock API key",
        }
    }
}

/// What the ids of keys begin with: of users, of sessions, of service bearer tokens, of contexts, and `A3T` with
/// any fourth letter, as in the first years. Ids of users (`AIDA`), roles (`AROA`) and others are no secrets.
const ID_PREFIXES: [&[u8]; 5] = [b"AKIA", b"ASIA", b"ABIA", b"ACCA", b"A3T"];
pub(super) const ID_LENGTH: usize = 20;

/// Whether it is an id: base 32 behind one of the prefixes.
pub(super) fn is_key_id(word: &[u8]) -> bool {
    word.len() == ID_LENGTH
        && ID_PREFIXES.iter().any(|prefix| word.starts_with(prefix))
        && word.iter().skip(4).all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
}

pub(super) const SECRET_LENGTH: usize = 40;

/// The shortest session token that AWS may make; those of STS have 300 and more.
pub(super) const TOKEN_LENGTH: usize = 100;
/// What session tokens say of who made them, from the third character on: `origin`, `er/aws`, `aws`. The two before
/// hold a version.
const TOKEN_MARKS: [&[u8]; 3] = [b"oJb3JpZ2lu", b"oGZXIvYXdz", b"oDYXdz"];

/// Whether a session token begins so.
pub(super) fn begins_token(word: &[u8]) -> bool {
    word.get(2..).is_some_and(|rest| TOKEN_MARKS.iter().any(|mark| rest.starts_with(mark)))
}

/// `ABSK` and 109 more, as git-secrets has it.
const BEDROCK: (&[u8], usize) = (b"ABSK", 113);
/// What a short-term key is: this, and a URL in base 64 that begins with `bedrock.amazonaws.com`.
pub(super) const BEDROCK_MARK: &[u8] = b"bedrock-api-key-";
const BEDROCK_URL: (&[u8], usize) = (b"YmVkcm9jay5hbWF6b25hd3MuY29t", 60);

/// Whether it is a long-term key of Bedrock, or could become one with what follows.
pub(super) fn begins_bedrock_key(word: &[u8]) -> bool {
    word.starts_with(BEDROCK.0)
}

/// Whether it is the URL of a short-term key of Bedrock, or could become it with what follows.
pub(super) fn begins_bedrock_url(word: &[u8]) -> bool {
    word.starts_with(BEDROCK_URL.0)
}

/// The shortest key of a kind whose length is not fixed.
pub(super) fn is_long_enough(kind: KeyKind, word: &[u8]) -> bool {
    word.len()
        >= match kind {
            KeyKind::AccessKeyId => ID_LENGTH,
            KeyKind::SecretAccessKey => SECRET_LENGTH,
            KeyKind::SessionToken => TOKEN_LENGTH,
            KeyKind::BedrockApiKey if begins_bedrock_key(word) => BEDROCK.1,
            KeyKind::BedrockApiKey => BEDROCK_URL.1,
        }
}

/// What the documents of AWS put into keys that are none.
const EXAMPLE: &[u8] = b"EXAMPLE";

pub(super) fn is_example(word: &[u8]) -> bool {
    memchr::memmem::find(word, EXAMPLE).is_some()
}

/// What tells a secret by its name: `aws_secret_access_key`, `SecretKey`, `fs.s3a.secret.key`, `client secret`.
pub(super) const SECRET_WORDS: [&[u8]; 1] = [b"secret"];
/// What tells a session token by its name, without what stands between words.
pub(super) const TOKEN_WORDS: [&[u8]; 2] = [b"sessiontoken", b"securitytoken"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_by_prefix_alphabet_and_length() {
        for (docs, word, expected) in [
            ("of a user", format!("AKIA{}", "QZ27".repeat(4)), true),
            ("of a session", format!("ASIA{}", "QZ27".repeat(4)), true),
            ("of a service", format!("ABIA{}", "QZ27".repeat(4)), true),
            ("of a context", format!("ACCA{}", "QZ27".repeat(4)), true),
            ("of the first years", format!("A3TX{}", "QZ27".repeat(4)), true),
            ("a user", format!("AIDA{}", "QZ27".repeat(4)), false),
            ("a role", format!("AROA{}", "QZ27".repeat(4)), false),
            ("no base 32", format!("AKIA{}", "QZ28".repeat(4)), false),
            ("in small letters", format!("AKIA{}", "qz27".repeat(4)), false),
            ("short", format!("AKIA{}", "QZ2".repeat(5)), false),
            ("long", format!("AKIA{}", "QZ27A".repeat(4)), false),
        ] {
            assert_eq!(is_key_id(word.as_bytes()), expected, "{docs}");
        }
    }

    #[test]
    fn tokens_are_told_by_who_made_them() {
        for (begin, expected) in [
            ("IQoJb3JpZ2luX2Vj", true),
            ("FwoGZXIvYXdz", true),
            ("FQoDYXdz", true),
            ("AgoJb3JpZ2luX2Vj", true),
            ("eyJhbGciOi", false),
            ("IQ", false),
        ] {
            assert_eq!(begins_token(begin.as_bytes()), expected, "{begin}");
        }
    }
}
