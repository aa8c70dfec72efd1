//! The tools, in one table: where each has its own file, and who reads what it left.

use std::collections::HashMap;

use super::finding::{Fate, Finding, Tool};
use super::looked::{Looked, Own, OwnFile};
use super::sso::Sessions;
use super::{
    atmos, aws_mfa, aws_sso_cli, aws_sso_util, aws_vault, aws2_wrap, granted, other_tools, saml2aws,
};

/// Where a file may be.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// A variable names it
    Variable(&'static str),
    /// In the directory that a variable names
    InVariable(&'static str, &'static str),
    /// In the home directory
    Home(&'static str),
    /// In `XDG_CONFIG_HOME`, or ~/.config
    Config(&'static str),
    /// In the working directory
    Here(&'static str),
    /// From the root of the file system
    Root(&'static str),
}

struct Row {
    tool: Tool,
    /// The tool reads the first of these that is there
    own: &'static [Place],
    find: fn(&Looked<'_>, Option<&OwnFile>, &mut Sessions) -> Vec<Finding>,
}

/// Their order is that of what is found.
const ROWS: &[Row] = &[
    Row {
        tool: Tool::Granted,
        own: &[Place::Home(".granted/config"), Place::Config("granted/config")],
        find: granted::find,
    },
    Row {
        tool: Tool::AwsSsoCli,
        own: &[
            Place::Variable("AWS_SSO_CONFIG"),
            Place::Home(".aws-sso/config.yaml"),
            Place::Config("aws-sso/config.yaml"),
        ],
        find: aws_sso_cli::find,
    },
    Row { tool: Tool::AwsSsoUtil, own: &[], find: aws_sso_util::find },
    Row { tool: Tool::AwsVault, own: &[], find: aws_vault::find },
    Row { tool: Tool::AwsMfa, own: &[], find: aws_mfa::find },
    Row { tool: Tool::Aws2Wrap, own: &[], find: aws2_wrap::find },
    Row {
        tool: Tool::Saml2aws,
        own: &[Place::Variable("SAML2AWS_CONFIGFILE"), Place::Home(".saml2aws")],
        find: saml2aws::find,
    },
    Row {
        tool: Tool::Atmos,
        own: &[
            Place::Here("atmos.yaml"),
            Place::InVariable("ATMOS_CLI_CONFIG_PATH", "atmos.yaml"),
            Place::Home(".atmos/atmos.yaml"),
        ],
        find: atmos::find,
    },
    Row {
        tool: Tool::Awsume,
        own: &[Place::Home(".awsume/config.yaml")],
        find: other_tools::find_awsume,
    },
    Row { tool: Tool::Yawsso, own: &[], find: other_tools::find_yawsso },
    Row {
        tool: Tool::Leapp,
        own: &[Place::Home(".Leapp/Leapp-lock.json")],
        find: other_tools::find_leapp,
    },
    Row {
        tool: Tool::OnePassword,
        own: &[
            Place::InVariable("OP_CONFIG_DIR", "plugins.sh"),
            Place::Home(".op/plugins.sh"),
            Place::Config("op/plugins.sh"),
        ],
        find: other_tools::find_one_password,
    },
];

/// What all tools left; `read` gives the first file of these places that is there.
pub(crate) fn find(looked: &Looked<'_>, read: &dyn Fn(&[Place]) -> Own) -> Vec<Finding> {
    let mut sessions = Sessions::of(looked.profiles);
    let mut found = Vec::new();
    for Row { tool, own, find } in ROWS {
        let file = match read(own) {
            Own::File(file) => Some(file),
            Own::Nothing => None,
            Own::Unreadable { place, problem } => {
                let why = format!("it cannot be read: {problem}");
                let fate = Fate::stays(why, "see to that, then run it again");
                found.push(Finding { tool: *tool, place, what: "its file".to_owned(), fate });
                None
            }
        };
        found.extend(find(looked, file.as_ref(), &mut sessions));
    }
    found
}

/// Of two tools that make the same profile, or twice of one, the first counts.
pub(crate) fn settle(found: &mut [Finding]) {
    let mut makers: HashMap<String, String> = HashMap::new();
    for Finding { tool, place, fate, .. } in found {
        let Fate::Lines(lines) = fate else { continue };
        let Some(profile) = &lines.profile else { continue };
        match makers.get(&profile.name) {
            Some(maker) => {
                let why = format!("profile {} comes from {maker} already", profile.name);
                *fate = Fate::stays(why, "give one of them another name there, then run it again");
            }
            None => {
                let maker = format!("{} ({place})", tool.name());
                drop(makers.insert(profile.name.clone(), maker));
            }
        }
    }
}
