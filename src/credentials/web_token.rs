//! Where a web identity token comes from.

use super::{Secret, TokenFile};

/// Where a web identity token comes from: whoever has it is somebody to the role that trusts it.
#[derive(Clone, Debug)]
pub(crate) enum TokenOrigin {
    /// A file that somebody else writes: `web_identity_token_file`, `oidc = file:PATH`
    File(TokenFile),
    /// `oidc = github`, `oidc = github:AUDIENCE`: GitHub Actions gives the job one for the asking
    Github(GithubJob),
    /// `oidc = env:VARIABLE`, and `oidc = gitlab`, where it is [`Self::GITLAB`]
    Variable { name: String, token: Option<Secret> },
    /// `oidc = cmd:PROGRAM`: what the command prints
    Command {
        line: String,
        /// Which job it is run for, where that is known: the next one on this machine is somebody else
        job: Option<String>,
    },
}

/// How a job asks GitHub for its token,
/// <https://docs.github.com/actions/reference/security/oidc>
#[derive(Clone, Debug)]
pub(crate) struct GithubJob {
    /// `GITHUB_ACTIONS`
    pub is_job: bool,
    /// `ACTIONS_ID_TOKEN_REQUEST_URL` and `ACTIONS_ID_TOKEN_REQUEST_TOKEN`: only with
    /// `permissions: id-token: write`
    pub request: Option<(String, Secret)>,
    /// For whom the token is, where that is not [`Self::AUDIENCE`]
    pub other_audience: Option<String>,
}

impl GithubJob {
    /// The client id that IAM's provider for GitHub has; in China often `sts.amazonaws.com.cn`,
    /// <https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws>
    pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

    /// For whom the token is.
    pub(crate) fn audience(&self) -> &str {
        self.other_audience.as_deref().unwrap_or(Self::AUDIENCE)
    }
}

impl TokenOrigin {
    /// The variable of GitLab's own guide,
    /// <https://docs.gitlab.com/ci/cloud_services/aws/>
    pub(crate) const GITLAB: &str = "GITLAB_OIDC_TOKEN";
    /// The setting that makes a CI job's token the source of a profile
    pub(crate) const SETTING: &str = "oidc";
    /// The same of the command line
    pub(crate) const FLAG: &str = "--oidc";

    /// Whether `oidc` or `--oidc` names it, and so a CI job has it.
    pub(crate) fn is_of_job(&self) -> bool {
        match self {
            Self::File(file) => [Self::SETTING, Self::FLAG].contains(&file.named_by),
            Self::Github(_) | Self::Variable { .. } | Self::Command { .. } => true,
        }
    }
}
