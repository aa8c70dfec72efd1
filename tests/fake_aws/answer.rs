//! What goes back: successes and refusals in the shapes of the services.

/// An HTTP answer, complete.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Content-Type`
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// `OK` or the service's error code, for [`super::Call::outcome`]
    pub(crate) outcome: String,
}

/// A service's no: status, code and message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// Such as `AccessDenied`
    pub(crate) code: &'static str,
    /// AWS's sentence, or one like it
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    /// Of a key that is not there, or not here.
    pub(crate) fn unknown_key() -> Self {
        let message = "The security token included in the request is invalid.";
        Self::new(403, "InvalidClientTokenId", message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }
}

impl Answer {
    /// A success that is neither XML nor JSON.
    pub(crate) fn text(body: impl Into<String>) -> Self {
        Self::of(200, "text/plain", body.into(), "OK")
    }

    pub(crate) fn xml(status: u16, body: String, outcome: &str) -> Self {
        Self::of(status, "application/xml", body, outcome)
    }

    /// JSON; `outcome` is `OK` or the error's code.
    pub(crate) fn json(status: u16, body: &serde_json::Value, outcome: &str) -> Self {
        Self::of(status, "application/json", body.to_string(), outcome)
    }

    /// A page for a person.
    pub(crate) fn html(status: u16, body: &str, outcome: &str) -> Self {
        // An empty icon: else a browser asks for one.
        let page = format!(
            "<!doctype html><html><head><title>AWS</title><link rel=icon href=data:,></head>\
             <body>{body}</body></html>\n"
        );
        Self::of(status, "text/html; charset=utf-8", page, outcome)
    }

    pub(crate) fn redirect(location: String, outcome: &str) -> Self {
        let mut answer = Self::of(302, "text/html", String::new(), outcome);
        answer.headers.push(("Location", location));
        answer
    }

    /// The error of a service whose protocol is REST with JSON, named in a header.
    pub(crate) fn rest_refusal(status: u16, code: &str, body: &serde_json::Value) -> Self {
        let mut answer = Self::json(status, body, code);
        answer.headers.push(("x-amzn-ErrorType", code.to_owned()));
        answer
    }

    /// An error page without meaning for a program, as IMDS and load balancers send.
    pub(crate) fn page(status: u16, title: &str) -> Self {
        let body = format!("<html><head><title>{status} - {title}</title></head></html>\n");
        Self::of(status, "text/html", body, &format!("{status} {title}"))
    }

    /// The query protocol's answer: `<OperationResponse>` around `<OperationResult>`, where there is one.
    pub(crate) fn query(
        namespace: &str,
        operation: &str,
        result: Option<&str>,
        request_id: &str,
    ) -> Self {
        let result = result.map_or_else(String::new, |result| {
            format!("<{operation}Result>\n{result}</{operation}Result>\n")
        });
        let body = format!(
            "<{operation}Response xmlns=\"{namespace}\">\n{result}\
             <ResponseMetadata>\n{}</ResponseMetadata>\n</{operation}Response>\n",
            element("RequestId", request_id)
        );
        Self::of(200, "text/xml", body, "OK").with_request_id(request_id)
    }

    /// The query protocol's `<ErrorResponse>`.
    pub(crate) fn refusal(namespace: &str, refusal: &Refusal, request_id: &str) -> Self {
        let kind = if refusal.status < 500 { "Sender" } else { "Receiver" };
        let body = format!(
            "<ErrorResponse xmlns=\"{namespace}\">\n<Error>\n{}{}{}</Error>\n{}</ErrorResponse>\n",
            element("Type", kind),
            element("Code", refusal.code),
            element("Message", &refusal.message),
            element("RequestId", request_id)
        );
        Self::of(refusal.status, "text/xml", body, refusal.code).with_request_id(request_id)
    }

    /// A success whose XML breaks off and is no XML.
    pub(crate) fn garbage(operation: &str) -> Self {
        let body = format!("<{operation}Response><{operation}Result><Credentials>&nbsp;<<");
        Self::of(200, "text/xml", body, "garbage")
    }

    fn of(status: u16, content_type: &'static str, body: String, outcome: &str) -> Self {
        Self { status, content_type, headers: Vec::new(), body, outcome: outcome.to_owned() }
    }

    fn with_request_id(mut self, request_id: &str) -> Self {
        self.headers.push(("x-amzn-RequestId", request_id.to_owned()));
        self
    }
}

/// `<name>text</name>` on a line of its own, escaped.
pub(crate) fn element(name: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<{name}>{}</{name}>\n", text.replace('"', "&quot;").replace('\'', "&apos;"))
}
