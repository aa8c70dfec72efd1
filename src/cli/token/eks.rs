//! `awsx token eks`

use clap::Args;

use super::signer::{Token, plan_of_signer};
use crate::app::guard::Yields;
use crate::app::token::eks_token;
use crate::app::{App, MayAsk};
use crate::cli::aws_json::aws_json;
use crate::cli::flags::{SignerFlags, read_role_arn};
use crate::cli::page::page;
use crate::report::Failure;
use crate::resolve::Request;
use crate::token::exec_credential::{ExecInfo, VARIABLE};

/// The name of the role session with `--role-arn`, as clusters know it from the AWS CLI.
const SESSION_NAME: &str = "EKSGetTokenAuth";

/// Print a token for an EKS cluster, as kubectl asks for it
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
What `aws eks get-token` prints. In a kubeconfig: `command: awsx`, and as args
the words of the first example that follow it.
";
    "awsx token eks --cluster demo -p prod"
    "awsx token eks --cluster demo --token      the token alone"
))]
pub(in crate::cli) struct EksToken {
    /// The name of the cluster; of a local one on an Outpost its id
    #[arg(
        long,
        value_name = "NAME",
        visible_aliases = ["cluster-name", "cluster-id"],
        value_parser = read_cluster
    )]
    cluster: String,
    /// A role to assume last, with what the profile leads to
    #[arg(long, value_name = "ARN", value_parser = read_role_arn)]
    role_arn: Option<String>,
    /// The token alone, not what kubectl reads
    #[arg(long)]
    token: bool,
    #[command(flatten)]
    signer: SignerFlags,
}

impl EksToken {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let info = ExecInfo::read(app.env.get(VARIABLE));
        if let Some(warning) = info.warning.as_ref().filter(|_| !self.token) {
            app.out().warning(warning);
        }
        let may_ask = if info.is_interactive { MayAsk::Person } else { MayAsk::Nobody };
        let session_name = self.role_arn.as_ref().map(|_| SESSION_NAME.to_owned());
        let role_arn = self.role_arn;
        let change = |request| Request { role_arn, session_name, ..request };
        let yields = Yields::Identity("a token for an EKS cluster");
        let token = Token { yields, ..Token::new("token eks", None) };
        let (plan, code) = plan_of_signer(app, &self.signer, may_ask, change, token)?;
        let kept = eks_token(app, &plan, code, &self.cluster, may_ask)?;
        if self.token {
            return app.out().data(&format!("{}\n", kept.token.expose()));
        }
        let answer = info.answer(&kept.token, kept.header.expires_at);
        // With an empty line behind it, as from the AWS CLI.
        app.out().document(&(aws_json(&answer)? + "\n"))
    }
}

/// AWS and its CLI take any name, and others than EKS have longer ones.
fn read_cluster(name: &str) -> Result<String, &'static str> {
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic());
    is_word.then(|| name.to_owned()).ok_or("it is not a cluster's name: ASCII without blanks")
}
