//! `awsx mcp`

mod list;
mod login;

use std::io::{self, BufReader, ErrorKind, IsTerminal};

use clap::Args;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::config::check::check_document;
use super::explain::explain_document;
use super::page::page;
use super::whoami::whoami_document;
use crate::agent::Agent;
use crate::app::App;
use crate::app::agents::check_profile;
use crate::mcp::{ToolName, Tools, serve};
use crate::report::{Failure, Globals};
use login::LoginRequests;

/// Answer agents about profiles, over MCP, without secrets
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
An agent's client starts it and speaks to it over stdin and stdout. Its tools
list profiles, explain them, say who they are, check the AWS files, and tell
which command a person must run to log in. None of them hands credentials over.
Whoever asks counts as an agent: docs/agents.md.
";
    "awsx agents install                 has the clients that are here start it"
    "claude mcp add awsx -- awsx mcp     the same by Claude Code's own command"
))]
pub(super) struct Mcp {}

impl Mcp {
    #[expect(clippy::unused_self, reason = "as every command")]
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            let hint = "have its client start it: `awsx agents install`";
            let message = "this speaks MCP with an agent's client, and no person's language";
            return Err(Failure::usage(message.to_owned(), hint));
        }
        let mut tools = Answers { app, logins: LoginRequests::default() };
        match serve(BufReader::new(stdin), io::stdout(), &mut tools) {
            // The client has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::io("the client cannot be spoken to", &error)),
            Ok(()) => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfProfile {
    profile: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfList {
    query: Option<String>,
    limit: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfProfiles {
    #[serde(default)]
    profiles: Vec<String>,
}

struct Answers<'a> {
    app: &'a App,
    logins: LoginRequests,
}

impl Tools for Answers<'_> {
    fn call(&mut self, tool: ToolName, arguments: Map<String, Value>) -> Result<Value, Value> {
        let app = as_agent(self.app);
        let answer = || match tool {
            ToolName::ListProfiles => {
                let OfList { query, limit } = read(arguments)?;
                list::list(&app, &query.unwrap_or_default(), limit)
            }
            ToolName::Explain => {
                let OfProfile { profile } = read(arguments)?;
                let mut document = explain_document(&app, &profile)?;
                if document["problem"].is_null() {
                    let denied = check_profile(&app, &profile).err();
                    document["problem"] = denied.map(|failure| failure.document()).into();
                }
                Ok(document)
            }
            ToolName::Whoami => {
                let OfProfile { profile } = read(arguments)?;
                check_profile(&app, &profile)?;
                whoami_document(&app, &profile)
            }
            ToolName::Check => {
                let OfProfiles { profiles } = read(arguments)?;
                check_document(&app, &profiles)
            }
            ToolName::RequestLogin => {
                let OfProfile { profile } = read(arguments)?;
                check_profile(&app, &profile)?;
                self.logins.request(self.app, &profile, whoami_document(&app, &profile))
            }
        };
        answer().map_err(|failure: Failure| failure.document())
    }
}

/// With nothing read yet of files and vault, which may have changed, and as an agent has it.
fn as_agent(app: &App) -> App {
    let env = match Agent::of(&app.inherited) {
        Some(_) => app.inherited.clone(),
        None => app.inherited.clone().with([("AWSX_CALLER", "agent")]),
    };
    let globals = Globals { no_input: true, ..app.globals.clone() };
    App::new(app.line().to_vec(), env, globals)
}

fn read<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, Failure> {
    serde_json::from_value(arguments.into()).map_err(|error| {
        let hint = "the tool's inputSchema says what it takes";
        Failure::usage(format!("the arguments are not those of the tool: {error}"), hint)
    })
}
