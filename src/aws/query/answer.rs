//! The answers of AWS's Query protocol, of which only a few members are read.
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use std::fmt;

use aws_smithy_types::error::metadata::ErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};

/// The members that are read, of whatever structure; each is a text.
const MEMBERS: [&str; 33] = [
    "SerialNumber",
    "Base32StringSeed",
    "AccessKeyId",
    "SecretAccessKey",
    "Status",
    "CreateDate",
    "LastUsedDate",
    "ServiceName",
    "Region",
    "Code",
    "Message",
    "SessionToken",
    "Expiration",
    "SubjectFromWebIdentityToken",
    "AssumedRoleId",
    "Arn",
    "FederatedUserId",
    "PackedPolicySize",
    "Provider",
    "Subject",
    "SubjectType",
    "Issuer",
    "Audience",
    "NameQualifier",
    "SourceIdentity",
    "SessionTokenUtilization",
    "SessionTokenSize",
    "ScopedSessionId",
    "ScopedPoliciesCount",
    "UserId",
    "Account",
    "DecodedMessage",
    "WebIdentityToken",
];

/// Deeper than any answer.
const DEEPEST: u32 = 16;

/// A structure of an answer, or a member of a list.
pub(in crate::aws) struct Structure {
    pub(in crate::aws) name: String,
    members: Vec<(String, String)>,
}

impl Structure {
    pub(in crate::aws) fn text(&self, member: &'static str) -> Option<String> {
        debug_assert!(MEMBERS.contains(&member), "{member} is not read");
        let found = self.members.iter().find(|(name, _)| name == member);
        found.map(|(_, text)| text.clone())
    }
}

/// Members may be secrets.
impl fmt::Debug for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// All structures of an answer, the outer ones first; none of what is no XML.
pub(super) fn structures(body: &[u8]) -> Option<Vec<Structure>> {
    let text = std::str::from_utf8(body).ok()?;
    // What is read of a document says nothing of its rest: half of a list is no list.
    let mut depth = None;
    for token in Document::new(text) {
        depth = Some(token.ok()?.1);
    }
    depth.filter(|depth| *depth == 0)?;
    let mut document = Document::new(text);
    let mut found = Vec::new();
    read(document.root_element().ok()?, DEEPEST, &mut found);
    Some(found)
}

fn read(mut decoder: ScopedDecoder<'_, '_>, deepest: u32, found: &mut Vec<Structure>) {
    let at = found.len();
    let name = decoder.start_el().local().to_owned();
    found.push(Structure { name, members: Vec::new() });
    while let Some(mut inner) = decoder.next_tag() {
        let name = inner.start_el().local().to_owned();
        if MEMBERS.contains(&name.as_str()) {
            if let Ok(text) = try_data(&mut inner) {
                found[at].members.push((name, text.into_owned()));
            }
        } else if deepest > 0 {
            read(inner, deepest - 1, found);
        }
    }
}

/// What an `ErrorResponse` says; nothing where it is none.
pub(super) fn error(structures: Option<&[Structure]>) -> ErrorMetadata {
    let mut error = ErrorMetadata::builder();
    if let Some(said) = structures.unwrap_or_default().iter().find(|said| said.name == "Error") {
        if let Some(code) = said.text("Code") {
            error = error.code(code);
        }
        if let Some(message) = said.text("Message") {
            error = error.message(message);
        }
    }
    error.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_of_an_answer() {
        let nested = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
        for (docs, body, expected) in [
            ("nothing", "", None),
            ("no XML", "oops", None),
            ("a page", "<html><body>down<br></html>", None),
            ("a member", "<R><A><Code>x &amp; y</Code><Z>1</Z></A></R>", Some("R A[x & y] Z")),
            ("two", "<R><member><Code>1</Code></member><member/></R>", Some("R member[1] member")),
            ("a member of members", "<R><Code><A/></Code></R>", Some("R")),
            ("an empty one", "<R><Code/></R>", Some("R[]")),
            ("cut off", "<R><A><Code>1</Co", None),
            ("cut off between tags", "<R><A><Code>1</Code>", None),
            ("more than one", "<R/>\n", Some("R")),
            ("broken", "<R><A>&nbsp;<<</A></R>", None),
            ("too deep", &nested, Some("a a a a a a a a a a a a a a a a a")),
            ("a namespace", r#"<R xmlns="https://x/"><A/></R>"#, Some("R A")),
        ] {
            let shown = structures(body.as_bytes()).map(|found| {
                let shown = found.iter().map(|structure| {
                    let code = structure.text("Code").map(|code| format!("[{code}]"));
                    structure.name.clone() + &code.unwrap_or_default()
                });
                shown.collect::<Vec<_>>().join(" ")
            });
            assert_eq!(shown.as_deref(), expected, "{docs}");
        }
    }
}
