//! What a web identity token says of whoever has it. Whether that is true is AWS's to judge.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::{Map, Value};

use super::Secret;
use crate::text::one_line;

/// The claims of a token,
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4>
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// `None` where it is no JSON Web Token.
    pub(crate) fn of(token: &Secret) -> Option<Self> {
        let mut parts = token.expose().split('.');
        let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
        let json = BASE64_URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        serde_json::from_slice(&json).ok().map(Self)
    }

    /// A claim on one line; of several values the first.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let value = self.0.get(name)?;
        let value = value.as_array().and_then(|several| several.first()).unwrap_or(value);
        match value {
            Value::String(text) => Some(one_line(text)),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_and_nothing_else() {
        let token =
            |claims: &str| Secret::new(format!("h.{}.s", BASE64_URL_SAFE_NO_PAD.encode(claims)));
        let claims = token(r#"{"sub":"a\nb","aud":["x","y"],"exp":1,"o":{}}"#);
        let claims = Claims::of(&claims).unwrap();
        for (name, expected) in
            [("sub", Some("a b")), ("aud", Some("x")), ("exp", Some("1")), ("o", None), ("q", None)]
        {
            assert_eq!(claims.text(name).as_deref(), expected, "{name}");
        }
        for other in [token("[]"), token("x"), Secret::new("a.b"), Secret::new("a.!.c")] {
            assert!(Claims::of(&other).is_none());
        }
    }
}
