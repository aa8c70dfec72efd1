//! A key as hexadecimal digits; anything else counts as none. For `#[serde(with = …)]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::credentials::SessionKey;

pub(super) fn serialize<S: Serializer>(
    key: &Option<SessionKey>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    key.as_ref().map(|key| key.to_hex()).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SessionKey>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| SessionKey::from_hex(&text)))
}
