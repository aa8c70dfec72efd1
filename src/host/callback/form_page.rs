//! A page that posts a form somewhere else.

use super::page::{document, escape_all, policy};
use super::page_once::Page;
use crate::client_settings::origin;
use crate::credentials::ConsoleForm;

/// What the page does: it posts its form. Where a browser signs out first, a person clicks for that: no browser opens a
/// window unasked. The window is elsewhere once what it says of itself is kept from this page.
const SCRIPT: &str = "\
history.replaceState(null,\"\",\"/\");\
const form=document.forms[0],out=form.dataset.out;\
if(!out)form.submit();\
else document.querySelector(\"button\").addEventListener(\"click\",()=>{\
const there=open(out);\
if(!there){document.querySelector(\"#blocked\").hidden=false;return}\
const timer=setInterval(()=>{\
let left=there.closed;\
try{left||=there.location.href!==\"about:blank\"}catch{left=true}\
if(left){clearInterval(timer);there.close();form.submit()}\
},100)})";

impl Page {
    /// The page that posts the form.
    pub(in crate::host) fn of_form(form: &ConsoleForm) -> Self {
        let fields: String = form
            .fields()
            .into_iter()
            .map(|(name, value)| {
                let value = escape_all(value);
                format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
            })
            .collect();
        let (title, words, out) = match form.sign_out_address(None) {
            None => ("Signing in to AWS", "<p>This page leads to AWS.</p>", String::new()),
            Some(out) => (
                "Sign out first",
                "<p>A window opens that signs this browser out of AWS; then this page signs it in anew.</p>\
                 <p><button type=\"button\">Sign out and in</button></p>\
                 <p id=\"blocked\" hidden>The browser has blocked that window: allow it for 127.0.0.1, and click \
                 again.</p>",
                format!(" data-out=\"{}\"", escape_all(out.expose())),
            ),
        };
        let endpoint = escape_all(&form.endpoint);
        let body = format!(
            "{words}<form method=\"post\" action=\"{endpoint}\"{out}>{fields}\
             <noscript><button>Sign in</button></noscript></form>"
        );
        let policy = policy(SCRIPT, Some(&origin(&form.endpoint)));
        let warning = "If it was not yours, somebody on this machine may be signed in as you: the terminal says \
                       how to go on.";
        Self { html: document(title, &body, SCRIPT), policy, warning }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Secret;

    fn page(sign_out: Option<&str>) -> Page {
        Page::of_form(&ConsoleForm {
            endpoint: "https://signin.example/federation".to_owned(),
            destination: "https://console.example/a?b&c=\"d\"".to_owned(),
            token: Secret::new("planted"),
            sign_out: sign_out.map(str::to_owned),
        })
    }

    #[test]
    fn it_posts_what_the_form_says() {
        let page = page(None);
        for words in [
            "<form method=\"post\" action=\"https://signin.example/federation\">",
            "name=\"Destination\" value=\"https://console.example/a?b&amp;c=&quot;d&quot;\"",
            "name=\"SigninToken\" value=\"planted\"",
        ] {
            assert!(page.html.contains(words), "{words}: {}", page.html);
        }
        assert!(page.policy.contains("form-action https://signin.example https:;"));
    }

    #[test]
    fn a_browser_that_signs_out_first_asks_for_a_click() {
        let out = "data-out=\"https://signin.example/oauth?Action=logout\"";
        let with_out = page(Some("https://signin.example/oauth"));
        assert!(with_out.html.contains(out) && with_out.html.contains("<button type=\"button\">"));
        assert!(!page(None).html.contains("data-out"));
    }
}
