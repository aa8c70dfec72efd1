//! Lines as other tools print them, for scripts that were written for those: each value as it is, without quotes.

use crate::deliver::overlay::Overlay;

/// Lines of one tool.
#[derive(Debug, PartialEq, Eq)]
pub struct PeerLines {
    pub(super) name: &'static str,
    before: &'static str,
    variables: &'static [&'static str],
}

const OF_AWS_VAULT: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
];

/// <https://byteness.github.io/aws-vault/docs/managing-sessions/>,
/// <https://github.com/linaro-its/aws2-wrap#export-the-aws-sso-credentials>
static ALL: [PeerLines; 3] = [
    PeerLines { name: "aws-vault:env", before: "", variables: OF_AWS_VAULT },
    PeerLines { name: "aws-vault:export-env", before: "export ", variables: OF_AWS_VAULT },
    PeerLines {
        name: "aws2-wrap:export",
        before: "export ",
        variables: &[
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_DEFAULT_REGION",
        ],
    },
];

pub(super) fn find(name: &str) -> Option<&'static PeerLines> {
    ALL.iter().find(|lines| lines.name == name)
}

impl PeerLines {
    /// The error names the variable that they cannot carry.
    pub(super) fn write(
        &self,
        overlay: &Overlay,
        text: &mut String,
    ) -> Result<(), (&'static str, &'static str)> {
        for variable in self.variables {
            let Some(value) = overlay.value(variable).map(|value| value.expose()) else { continue };
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
            if !value.chars().all(is_plain) {
                return Err((variable, "these lines have no quotes, which it needs"));
            }
            text.extend([self.before, variable, "=", value, "\n"]);
        }
        Ok(())
    }
}
