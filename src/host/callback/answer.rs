//! Reads the answer to an authorization: from the query of the callback address as the browser brings it,
//! or from what a person pastes.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::credentials::Secret;
use crate::ports::AuthorizationAnswer;
use crate::text::one_line;

/// Why a text is not the answer to this login; nothing of the text is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    #[error("it has no `state`, so it is not what AWS answered, or not all of it")]
    NoState,
    #[error("its `state` is not that of this login; an older login, perhaps, or another program's")]
    OtherState,
    /// There is neither `code` nor `error`.
    #[error("it has no `code`; perhaps only a part of it was copied")]
    NoCode,
    /// A parameter comes twice, or `code` beside `error`.
    #[error("it says two different things")]
    Ambiguous,
    #[error("it is not the code that the page shows, or not all of it")]
    NotBase64,
}

pub(super) fn answer_in_query(
    query: &str,
    state: &str,
) -> Result<AuthorizationAnswer, AnswerProblem> {
    let [mut code, mut error, mut description, mut answered] = [None, None, None, None];
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = match &*name {
            "code" => &mut code,
            "error" => &mut error,
            "error_description" => &mut description,
            "state" => &mut answered,
            _ => continue,
        };
        if place.replace(Zeroizing::new(value.into_owned())).is_some() {
            return Err(AnswerProblem::Ambiguous);
        }
    }
    let answered = answered.ok_or(AnswerProblem::NoState)?;
    if !bool::from(answered.as_bytes().ct_eq(state.as_bytes())) {
        return Err(AnswerProblem::OtherState);
    }
    let given = |text: Option<Zeroizing<String>>| text.filter(|text| !text.is_empty());
    match (given(code), given(error)) {
        (Some(code), None) => Ok(AuthorizationAnswer::Code(Secret::new(code.as_str()))),
        (None, Some(error)) => Ok(AuthorizationAnswer::Denied {
            error: one_line(&error),
            description: given(description).map(|text| one_line(&text)),
        }),
        (None, None) => Err(AnswerProblem::NoCode),
        (Some(_), Some(_)) => Err(AnswerProblem::Ambiguous),
    }
}

/// The answer to `state` in a pasted callback address, whatever its host and port, or in its query alone.
#[cfg(unix)]
pub(super) fn answer_in_address(
    text: &Secret,
    state: &str,
) -> Result<AuthorizationAnswer, AnswerProblem> {
    let text = strip_paste_marks(text);
    let (_, query) = text.split_once('?').unwrap_or(("", text));
    answer_in_query(query.split_once('#').map_or(query, |(query, _)| query), state)
}

/// The answer to `state` in the code that the page of AWS sign-in shows after `--remote`: base64, of either
/// alphabet, of `state=…&code=…`.
pub fn answer_in_page_code(
    text: &Secret,
    state: &str,
) -> Result<AuthorizationAnswer, AnswerProblem> {
    let one_alphabet: Zeroizing<String> = Zeroizing::new(
        strip_paste_marks(text)
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| match c {
                '-' => '+',
                '_' => '/',
                other => other,
            })
            .collect(),
    );
    let padded_or_not = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let decoded = GeneralPurpose::new(&alphabet::STANDARD, padded_or_not)
        .decode(one_alphabet.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| AnswerProblem::NotBase64)?;
    let query = std::str::from_utf8(&decoded).map_err(|_| AnswerProblem::NotBase64)?;
    answer_in_query(query, state)
}

/// The text without blanks around it, and without the marks that a terminal puts around a paste if a program
/// before this one asked for them.
fn strip_paste_marks(text: &Secret) -> &str {
    let text = text.expose().trim();
    text.trim_start_matches("\u{1b}[200~").trim_end_matches("\u{1b}[201~").trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer in a few letters.
    fn shown(answer: Result<AuthorizationAnswer, AnswerProblem>) -> String {
        match answer {
            Ok(AuthorizationAnswer::Code(code)) => format!("code {}", code.expose()),
            Ok(AuthorizationAnswer::Denied { error, description }) => {
                format!("denied {error} {}", description.unwrap_or_default())
            }
            Err(problem) => format!("{problem:?}"),
        }
    }

    #[test]
    fn queries_become_answers() {
        for (docs, query, expected) in [
            ("a code", "code=c-1&state=s", "code c-1"),
            ("any order, others ignored", "x=1&state=s&code=c&x=2", "code c"),
            ("escaped", "state=s&code=a%2Fb%3D+d", "code a/b= d"),
            (
                "denied",
                "error=access_denied&error_description=not+you&state=s",
                "denied access_denied not you",
            ),
            ("denied without words", "error=server_error&state=s", "denied server_error "),
            ("an empty error beside a code", "error=&code=c&state=s", "code c"),
            ("no state", "code=c", "NoState"),
            ("nothing", "", "NoState"),
            ("another state", "code=c&state=t", "OtherState"),
            ("an empty state", "code=c&state=", "OtherState"),
            ("a part of the state", "code=c&state=ss", "OtherState"),
            ("a denial with another state", "error=access_denied&state=t", "OtherState"),
            ("no code", "state=s", "NoCode"),
            ("an empty code", "state=s&code=", "NoCode"),
            ("two codes", "code=a&code=b&state=s", "Ambiguous"),
            ("two states", "code=a&state=s&state=s", "Ambiguous"),
            ("both", "code=a&error=b&state=s", "Ambiguous"),
        ] {
            assert_eq!(shown(answer_in_query(query, "s")), expected, "{docs}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn pasted_addresses_become_answers() {
        for (docs, text, expected) in [
            ("all", "http://127.0.0.1:4000/oauth/callback?code=c&state=s", "code c"),
            ("another port", "http://127.0.0.1:1/oauth/callback?code=c&state=s", "code c"),
            ("a fragment", "http://localhost/oauth/callback?code=c&state=s#_=_", "code c"),
            ("blanks around it", "  http://127.0.0.1:1/?code=c&state=s \r", "code c"),
            ("the query", "?code=c&state=s", "code c"),
            ("the query, bare", "state=s&code=c", "code c"),
            ("a marked paste", "\u{1b}[200~?code=c&state=s\u{1b}[201~", "code c"),
            ("cut off", "http://127.0.0.1:1/oauth/callback?code=c&sta", "NoState"),
            ("an older login's", "http://127.0.0.1:1/oauth/callback?code=c&state=t", "OtherState"),
            (
                "the address of AWS",
                "https://oidc.us-east-1.amazonaws.com/authorize?state=s&client_id=x",
                "NoCode",
            ),
            ("something else", "ls -l", "NoState"),
        ] {
            assert_eq!(shown(answer_in_address(&Secret::new(text), "s")), expected, "{docs}");
        }
    }

    #[test]
    fn pasted_codes_become_answers() {
        for (docs, text, expected) in [
            ("as shown", "c3RhdGU9cyZjb2RlPWMtMQ==", "code c-1"),
            ("without padding", "c3RhdGU9cyZjb2RlPWMtMQ", "code c-1"),
            ("wrapped", " c3RhdGU9cyZj\n b2RlPWMtMQ== ", "code c-1"),
            ("standard alphabet", "c3RhdGU9cyZjb2RlPT4+Pj8/Pw==", "code >>>???"),
            ("url alphabet", "c3RhdGU9cyZjb2RlPT4-Pj8_Pw==", "code >>>???"),
            ("another state", "c3RhdGU9dCZjb2RlPWMtMQ==", "OtherState"),
            ("no code", "c3RhdGU9cw==", "NoCode"),
            ("not base64", "state=s&code=c", "NotBase64"),
            ("not text", "/////w==", "NotBase64"),
            ("nothing", "", "NoState"),
        ] {
            assert_eq!(shown(answer_in_page_code(&Secret::new(text), "s")), expected, "{docs}");
        }
    }

    #[test]
    fn a_code_of_any_length() {
        let code = "x".repeat(20_000);
        let text = base64::engine::general_purpose::STANDARD.encode(format!("state=s&code={code}"));
        assert_eq!(shown(answer_in_page_code(&Secret::new(text), "s")), format!("code {code}"));
    }
}
