//! The form in which an assertion is handed around: base 64, as a browser posts it to AWS.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::flaw::AssertionFlaw;
use crate::credentials::Secret;

/// Characters that AWS takes.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>
const LONGEST: usize = 100_000;

/// The name of the form's field, as the browser's tools show it.
const FIELD: &str = "SAMLResponse=";

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is written otherwise in a form. The digits come in capitals or not.
const ESCAPES: [(&str, &str); 5] =
    [("%2b", "+"), ("%2f", "/"), ("%3d", "="), ("%0d", ""), ("%0a", "")];

/// The base 64 alone, and the XML in it. Line breaks do not count, nor does the form around it.
pub(super) fn decode(given: &Secret) -> Result<(Secret, Zeroizing<String>), AssertionFlaw> {
    let text = given.expose().trim().trim_matches(['"', '\'']);
    let text = text.split_once(FIELD).map_or(text, |(_, rest)| rest);
    let text = text.split('&').next().unwrap_or_default();
    let blanks = text.bytes().filter(u8::is_ascii_whitespace).count();
    match text.len() - blanks {
        0 => return Err(AssertionFlaw::Empty),
        length if length > 3 * LONGEST => return Err(AssertionFlaw::TooLong(length)),
        _ => {}
    }
    let encoded = Zeroizing::new(without_escapes(text));
    if encoded.len() > LONGEST {
        return Err(AssertionFlaw::TooLong(encoded.len()));
    }
    let bytes = BASE64.decode(encoded.as_bytes()).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| what_it_is(text))?;
    let xml = std::str::from_utf8(&bytes).map_err(|_| AssertionFlaw::NotText)?;
    Ok((Secret::new(&**encoded), Zeroizing::new(xml.to_owned())))
}

/// Without blanks, and with what the form's escapes stand for. Allocates once.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let digits = rest.get(..3).unwrap_or_default();
        let escape = ESCAPES.iter().find(|(escape, _)| escape.eq_ignore_ascii_case(digits));
        match escape {
            Some((_, meaning)) => plain.push_str(meaning),
            None if c.is_whitespace() => {}
            None => plain.push(c),
        }
        rest = &rest[if escape.is_some() { 3 } else { c.len_utf8() }..];
    }
    plain
}

/// What was given instead, as far as it can be told.
fn what_it_is(text: &str) -> AssertionFlaw {
    let begins =
        |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    match text {
        _ if begins("<!doctype html") || begins("<html") => AssertionFlaw::Page,
        _ if text.starts_with('<') => AssertionFlaw::Bare,
        _ if text.starts_with("eyJ") && text.matches('.').count() == 2 => AssertionFlaw::Token,
        _ => AssertionFlaw::NotBase64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(given: &str) -> Result<String, AssertionFlaw> {
        let (encoded, xml) = super::decode(&Secret::new(given))?;
        assert!(BASE64.decode(encoded.expose()).is_ok(), "{encoded:?}");
        Ok(xml.to_string())
    }

    #[test]
    fn an_assertion_comes_in_many_wrappings() {
        // "<a>~?>~</a>" has both characters that a form escapes.
        let plain = "PGE+fj8+fjwvYT4=";
        let form = plain.replace('+', "%2B").replace('=', "%3d");
        for (docs, given) in [
            ("as it is", plain.to_owned()),
            ("a line's end", format!("{plain}\r\n")),
            ("in lines", "PGE+\n fj8+\n fjwvYT4=\n".into()),
            ("without padding", plain.trim_end_matches('=').into()),
            ("in quotes", format!("\"{plain}\"")),
            ("with escapes", form.clone()),
            ("of the form", format!("SAMLResponse={form}&RelayState=x%2By")),
            ("of the form, another field first", format!("RelayState=&SAMLResponse={form}")),
            ("lines of a form", format!("{}%0D%0A{}", &form[..3], &form[3..])),
        ] {
            assert_eq!(decode(&given).as_deref(), Ok("<a>~?>~</a>"), "{docs}");
        }
    }

    #[test]
    fn what_is_none_is_told_apart() {
        use AssertionFlaw as F;
        for (docs, given, expected) in [
            ("nothing", String::new(), F::Empty),
            ("blanks", " \n\t".into(), F::Empty),
            ("an empty field", "SAMLResponse=&RelayState=x".into(), F::Empty),
            ("a long one", "A".repeat(100_001), F::TooLong(100_001)),
            ("a very long one", "%2B".repeat(200_000), F::TooLong(600_000)),
            ("XML", "<samlp:Response/>".into(), F::Bare),
            ("a page", "<!DOCTYPE html><html>".into(), F::Page),
            ("a token", "eyJhbGciOiJI.eyJpc3Mi.c2ln".into(), F::Token),
            ("words", "please log in first!".into(), F::NotBase64),
            ("other characters", "PGE-fj8_".into(), F::NotBase64),
            ("no ASCII", "Пароль: ".into(), F::NotBase64),
            ("another escape", "%41%42".into(), F::NotBase64),
            ("half an escape", "PGE%".into(), F::NotBase64),
            ("binary", "/////w==".into(), F::NotText),
        ] {
            assert_eq!(decode(&given), Err(expected), "{docs}");
        }
    }
}
