//! A request as the services see it, and the encodings of the query protocol.

use std::collections::BTreeMap;

/// The decoded parameters of a query-protocol request.
pub(crate) type Parameters = BTreeMap<String, String>;

/// One HTTP request, complete.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// `GET`, `POST`, `PUT`
    pub(crate) method: String,
    pub(crate) path: String,
    /// What follows the `?`, as sent
    pub(crate) query: String,
    /// Names in lower case, in the order of arrival
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether it came through TLS
    pub(crate) tls: bool,
}

impl Request {
    /// The first header of that name (lower case).
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `scheme://host[:port]` as the client wrote it
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.header("host").unwrap_or_default())
    }

    /// The form in the body of a POST, else the query.
    pub(crate) fn parameters(&self) -> Parameters {
        if self.method == "POST" {
            // In a form, unlike in a query that is signed, `+` is a space.
            pairs(&String::from_utf8_lossy(&self.body).replace('+', "%20")).into_iter().collect()
        } else {
            pairs(&self.query).into_iter().collect()
        }
    }
}

/// The decoded names and values of `a=b&c=d`, in which a `+` is one.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.replace('+', "%2B").as_bytes()).into_owned().collect()
}

/// SigV4's `UriEncode`: everything but the unreserved characters of RFC 3986.
pub(crate) fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
