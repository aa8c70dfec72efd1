//! What other programs cannot read of a profile, as a table of facts.

use clap::ValueEnum;

use super::code::Code;
use super::finding::{Finding, Severity};
use crate::profile::{Profile, Profiles, Setting};
use crate::text::word;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    Terraform,
    Boto3,
    Cdk,
    Java,
    Go,
    Js,
}

impl Tool {
    /// As its makers call it.
    fn name(self) -> &'static str {
        match self {
            Self::Terraform => "terraform's AWS provider",
            Self::Boto3 => "boto3",
            Self::Cdk => "the CDK",
            Self::Java => "the SDK for Java 2.x",
            Self::Go => "the SDK for Go v2",
            Self::Js => "the SDK for JavaScript v3",
        }
    }
}

/// What a tool makes of a setting.
struct Fact {
    tool: Tool,
    key: &'static str,
    /// Whether the tool has no credentials for the profile, whatever else is done
    is_lacking: bool,
    /// A clause behind the tool's name
    says: &'static str,
    /// Where that is known from, and of which version
    source: &'static str,
}

/// What is not in the table works, as far as awsx knows.
const FACTS: [Fact; 6] = [
    Fact {
        tool: Tool::Terraform,
        key: "login_session",
        is_lacking: true,
        says: "does not read login_session",
        source: "https://github.com/hashicorp/terraform-provider-aws/issues/45316, open in 2026-11",
    },
    Fact {
        tool: Tool::Boto3,
        key: "login_session",
        is_lacking: false,
        says: "reads login_session only with botocore[crt], which is installed apart",
        source: "tried with boto3 1.44.5: MissingDependencyException",
    },
    Fact {
        tool: Tool::Terraform,
        key: MFA,
        is_lacking: true,
        says: "asks for no MFA code",
        source: "https://github.com/hashicorp/terraform-provider-aws/issues/2420",
    },
    Fact {
        tool: Tool::Java,
        key: MFA,
        is_lacking: true,
        says: "asks for no MFA code",
        source: "https://github.com/aws/aws-sdk-java-v2/issues/995, open in 2026-11",
    },
    Fact {
        tool: Tool::Go,
        key: MFA,
        is_lacking: false,
        says: "asks for an MFA code only where the program sets AssumeRoleTokenProvider",
        source: "https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/config#AssumeRoleTokenProviderNotSetError",
    },
    Fact {
        tool: Tool::Js,
        key: MFA,
        is_lacking: false,
        says: "asks for an MFA code only where the program gives mfaCodeProvider",
        source: "https://github.com/aws/aws-cdk/issues/32312, where the CDK 2.167.0 did not",
    },
];

const MFA: &str = "mfa_serial";

/// What the tool cannot read of each profile, and of those that it draws on.
pub(crate) fn check_for_tool(tool: Tool, profiles: &Profiles) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in profiles.names() {
        for profile in trail(profiles, name) {
            let facts = FACTS.iter().filter(|fact| fact.tool == tool);
            found.extend(facts.filter_map(|fact| {
                let setting = setting_of(&profile, fact)?;
                Some(finding(fact, setting).of(name).hint(hint(name)))
            }));
        }
    }
    found
}

fn setting_of<'p>(profile: &'p Profile, fact: &Fact) -> Option<&'p Setting> {
    // Without a role no tool but awsx asks for a code.
    let counts = fact.key != MFA || profile.get("role_arn").is_some();
    profile.get(fact.key).filter(|_| counts)
}

fn finding(fact: &Fact, setting: &Setting) -> Finding {
    let message = format!("{} {} ({})", fact.tool.name(), fact.says, fact.source);
    let severity = if fact.is_lacking { Severity::Error } else { Severity::Warning };
    Finding { severity, ..Finding::error(Code::UnreadByTool, &setting.location, message) }
}

fn hint(name: &str) -> String {
    format!("`awsx config install-process {}` writes a profile beside it that it reads", word(name))
}

/// The profile, and those that it draws on by `source_profile`.
fn trail(profiles: &Profiles, name: &str) -> Vec<Profile> {
    let mut trail: Vec<Profile> = Vec::new();
    let mut next = Some(name.to_owned());
    while let Some(profile) = next.and_then(|name| profiles.as_written(&name))
        && !trail.iter().any(|known| known.name() == profile.name())
    {
        let is_role = profile.get("role_arn").is_some();
        let source = profile.get("source_profile").filter(|_| is_role);
        next = source.map(|source| source.value.trim().to_owned());
        trail.push(profile);
    }
    trail
}
