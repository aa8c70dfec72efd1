//! Why a text is no assertion that AWS could take.

/// Said behind what the text is: "the output of saml_command", "what was pasted".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AssertionFlaw {
    #[error("is empty")]
    Empty,
    #[error("has {0} characters, and AWS takes 100000")]
    TooLong(usize),
    #[error("is XML as it is, and must be base 64, as the browser sends it (SAMLResponse)")]
    Bare,
    #[error("is a page of HTML, and no assertion")]
    Page,
    #[error("is a token (JWT), and no SAML assertion")]
    Token,
    #[error("is not base 64")]
    NotBase64,
    #[error("is not text in base 64")]
    NotText,
    #[error("is a SAML request in base 64, and not the response to one")]
    Request,
    #[error("is not the XML of a SAML response")]
    NotResponse,
    #[error("is XML with a fault in it")]
    Xml,
    #[error("has a document type (DTD), which no assertion has")]
    Dtd,
    #[error("has an entity in it, which no assertion has")]
    Entity,
    #[error("is a refusal: the identity provider says {0}")]
    Refusal(String),
    #[error("holds an encrypted assertion, which only AWS can read")]
    Encrypted,
    #[error("holds no assertion")]
    NoAssertion,
    #[error("holds {0} assertions, and may hold one")]
    Several(usize),
    #[error("holds its assertion within something else, where it may be somebody else's")]
    Nested,
    #[error("has more than text in {0}, such as a comment, behind which another name may hide")]
    Markup(&'static str),
    #[error("has {0} twice")]
    Twice(&'static str),
    #[error("has a time that is none in {0}")]
    Time(&'static str),
    #[error("names no role of AWS{}", audience(.0.as_deref()))]
    NoRole(Option<String>),
}

fn audience(audience: Option<&str>) -> String {
    audience.map(|audience| format!("; it is for {audience}")).unwrap_or_default()
}
