//! The pages that the browser shows at the end of a login. Each stands alone: it loads nothing,
//! and what AWS said appears as text only.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::answer::AnswerProblem;

use crate::text::steers;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Allowed,
    /// The person, or AWS, said no: `error` and `error_description`.
    Denied {
        error: String,
        description: Option<String>,
    },
    NotTheAnswer(AnswerProblem),
    /// What is wrong with what was posted, in words behind "it"
    NotTheAssertion(String),
    /// An assertion for which a browser comes that awsx did not lead
    PostedByOther,
    /// The answer, from a browser that awsx did not send
    OtherBrowser,
    /// On the way to AWS
    Led,
    /// A second browser came that way
    OpenedTwice,
    Answered,
    /// The `Host` is not this listener: a page of another site led here (DNS rebinding).
    OtherHost,
    NotFound,
    OtherMethod,
}

const STYLE: &str = "body{font:1.1em/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;\
    padding:0 1em;color:#1b1b1b;background:#fff}h1{font-size:1.4em}\
    code{overflow-wrap:anywhere}\
    @media(prefers-color-scheme:dark){body{color:#eee;background:#1b1b1b}}";

/// Takes the code out of the address bar, and out of what a reload or "back" leads to. Where the page
/// says that its address is to be pasted, there is none.
const SCRIPT: &str = "history.replaceState(null,\"\",\"/oauth/callback\")";

/// As much of AWS's words as a page shows.
const WORDS_LIMIT: usize = 400;

impl Page {
    pub(super) fn html(&self) -> String {
        let (title, text) = self.words();
        document(title, &text, if *self == Self::OtherBrowser { "" } else { SCRIPT })
    }

    fn words(&self) -> (&'static str, String) {
        const WAITS: &str = "<p>awsx still waits for the answer to the login that it started.</p>";
        match self {
            Self::Allowed => (
                "Allowed",
                "<p>awsx has your answer. Close this page and go back to the terminal, which says how \
                 it went on.</p>"
                    .into(),
            ),
            Self::Denied { error, description } => {
                let description = description.as_deref().map(escape);
                let description =
                    description.map(|text| format!("<p>{text}</p>")).unwrap_or_default();
                let said = format!("<p>AWS said: <code>{}</code></p>{description}", escape(error));
                (
                    "Not logged in",
                    format!("{said}<p>You can close this page and go back to the terminal.</p>"),
                )
            }
            Self::NotTheAnswer(problem) => (
                "This is not the answer to this login",
                format!(
                    "<p>This address is refused: {}.</p>{WAITS}",
                    escape(&problem.to_string())
                ),
            ),
            Self::NotTheAssertion(problem) => (
                "This is not the assertion",
                format!("<p>What was posted here is refused: it {}.</p>{WAITS}", escape(problem)),
            ),
            Self::PostedByOther => (
                "Not taken from this browser",
                "<p>awsx did not open this login in this browser. If you did, open the address that the \
                 terminal shows in this browser, and log in from there.</p>\
                 <p>If you did not, close this page: somebody may want to log you in as himself.</p>"
                    .into(),
            ),
            Self::OtherBrowser => (
                "Not taken from this browser",
                "<p>awsx did not open this login in this browser. If you did, by the address of AWS that \
                 the terminal shows, copy the address of this page, and paste it into the terminal.</p>\
                 <p>If you did not, close this page: somebody may want to log you in as himself.</p>"
                    .into(),
            ),
            Self::Led => ("On to AWS", "<p>This page leads to AWS.</p>".into()),
            Self::OpenedTwice => (
                "Opened twice",
                "<p>Another browser has opened this address before, perhaps somebody else's on this \
                 machine. Nothing is taken from either. The terminal says what to do.</p>"
                    .into(),
            ),
            Self::Answered => (
                "Answered already",
                "<p>awsx has an answer to this login. You can close this page.</p>".into(),
            ),
            Self::OtherHost => (
                "Refused",
                format!("<p>awsx answers to 127.0.0.1 and its own port alone.</p>{WAITS}"),
            ),
            Self::NotFound => ("Nothing here", WAITS.into()),
            Self::OtherMethod => ("Refused", format!("<p>It is not answered that way.</p>{WAITS}")),
        }
    }
}

/// A page; `script` may be empty.
pub(super) fn document(title: &str, text: &str, script: &str) -> String {
    let script = match script {
        "" => String::new(),
        script => format!("<script>{script}</script>"),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>awsx: {title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1>{text}\
         {script}</body></html>\n"
    )
}

pub(super) fn content_security_policy() -> String {
    policy(SCRIPT, None)
}

/// `Content-Security-Policy`: the page's own style and script, by digest, and nothing else. `posts_to`: where its form
/// goes, which may lead on to other addresses of TLS.
pub(super) fn policy(script: &str, posts_to: Option<&str>) -> String {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text));
    let form = posts_to.map_or_else(|| "'none'".to_owned(), |origin| format!("{origin} https:"));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; \
         form-action {form}; frame-ancestors 'none'",
        digest(STYLE),
        digest(script)
    )
}

/// Text as HTML, cut where it is far longer than a sentence.
fn escape(text: &str) -> String {
    let cut: String = text.chars().take(WORDS_LIMIT).collect();
    let rest = if cut.len() < text.len() { "…" } else { "" };
    escape_all(&cut) + rest
}

/// Text as HTML, also in an attribute.
pub(super) fn escape_all(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c if steers(c) => html.push(' '),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_says_is_text() {
        for (docs, description, expected) in [
            ("words", "not you", "<p>not you</p>"),
            ("markup", "<script>x('\"&')", "<p>&lt;script&gt;x(&#39;&quot;&amp;&#39;)</p>"),
            ("control characters", "a\u{0}b\nc", "<p>a b c</p>"),
        ] {
            let page = Page::Denied { error: "<e>".into(), description: Some(description.into()) };
            let html = page.html();
            assert!(html.contains(expected), "{docs}: {html}");
            assert!(html.contains("<code>&lt;e&gt;</code>"), "{docs}: {html}");
        }
    }

    #[test]
    fn a_flood_of_words_is_cut() {
        let page = Page::Denied { error: "e".repeat(100_000), description: None };
        assert!(page.html().len() < 4096);
        assert!(page.html().contains("e…</code>"));
    }

    #[test]
    fn the_policy_allows_what_the_page_has() {
        let policy = content_security_policy();
        let html = Page::Allowed.html();
        for (kind, open, close) in
            [("style-src", "<style>", "</style>"), ("script-src", "<script>", "</script>")]
        {
            let inline = html.split_once(open).unwrap().1.split_once(close).unwrap().0;
            let digest = STANDARD.encode(Sha256::digest(inline));
            assert!(policy.contains(&format!("{kind} 'sha256-{digest}';")), "{kind}: {policy}");
        }
        assert!(policy.starts_with("default-src 'none';"));
    }
}
