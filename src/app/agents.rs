//! What awsx's own settings say of agents, at the gate, and what a person allows them beyond that.

use super::App;
use crate::agent::Agent;
use crate::approval::{AgentCommand, AgentRequest, Grant};
use crate::credentials::SessionKey;
use crate::guard::NotForAgents;
use crate::report::Failure;
use crate::text::abbreviate;

/// Characters of a command's key that name it.
const SHORT: usize = 8;

/// Refuses an agent a profile that the settings deny it, unless a person let this command through.
pub(super) fn admit<'n>(
    app: &App,
    asked: &'n str,
    chain: impl IntoIterator<Item = &'n str>,
) -> Result<(), Failure> {
    let Some(agent) = Agent::of(&app.env) else { return Ok(()) };
    let Err(denied) = app.preferences()?.agents().check(asked, chain) else { return Ok(()) };
    let directory = app.env.working_directory().display().to_string();
    let line = app.command_line();
    let command =
        AgentCommand { agent: agent.name, profile: asked, directory: &directory, line: &line };
    let key = command.key();
    let vault = app.vault()?;
    if let Some(grant) = Grant::find(&key, vault, app.now())?
        && grant.spend(&key, vault)?
    {
        return Ok(());
    }
    let kept = leave(app, &command, &key, &denied).is_ok() && vault.durable().is_some();
    let failure = Failure::from(denied);
    Err(match kept {
        true => {
            failure.with_hint(format!("a person lets it through: `awsx approve {}`", name(&key)))
        }
        false => failure,
    })
}

fn leave(
    app: &App,
    command: &AgentCommand<'_>,
    key: &SessionKey,
    denied: &NotForAgents,
) -> Result<(), Failure> {
    let rule = format!("{}, {}", denied.why, denied.at);
    let rule = abbreviate(&rule, app.env.home()).into_owned();
    Ok(AgentRequest::new(command, rule, app.now()).leave(key, app.vault()?)?)
}

/// How people call a request.
pub(crate) fn name(key: &SessionKey) -> String {
    key.to_hex()[..SHORT].to_owned()
}
