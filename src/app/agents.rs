//! What awsx's own settings say of agents, at the gate, and what a person allows them beyond that.

use super::App;
use super::handover::{KEYS_THEMSELVES, Yields};
use crate::agent::Agent;
use crate::approval::{AgentCommand, AgentRequest, Grant};
use crate::credentials::SessionKey;
use crate::guard::{AgentRules, NotForAgents};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::resolve::{Chain, Request, ScopeText, SessionRules, chain};
use crate::text::abbreviate;

/// Characters of a command's key that name it.
const SHORT: usize = 8;

/// That a command may go on to what guards its profile. What a person let through once is spent when it has passed
/// all of that.
#[must_use]
pub(super) struct Admission(Option<LetThrough>);

/// By a person.
struct LetThrough {
    grant: Grant,
    key: SessionKey,
    profile: String,
    denied: NotForAgents,
}

impl Admission {
    /// Of what asks nobody.
    pub(super) const FREE: Self = Self(None);

    /// Refuses the command where another process was first.
    pub(super) fn spend(self, app: &App) -> Result<(), Failure> {
        let Some(LetThrough { grant, key, profile, denied }) = self.0 else { return Ok(()) };
        match grant.spend(&key, app.vault()?)? {
            true => Ok(()),
            false => Err(refuse(app, &profile, &key, denied)),
        }
    }
}

/// Refuses an agent a profile that the settings deny it, unless a person let this command through.
pub(super) fn admit<'n>(
    app: &App,
    asked: &'n str,
    chain: impl IntoIterator<Item = &'n str>,
) -> Result<Admission, Failure> {
    if Agent::of(&app.env).is_none() {
        return Ok(Admission::FREE);
    }
    let Err(denied) = app.preferences()?.agents().check(asked, chain) else {
        return Ok(Admission::FREE);
    };
    let key = of_command(app, asked, |command| command.key());
    match Grant::find(&key, app.vault()?, app.now())? {
        Some(grant) => {
            Ok(Admission(Some(LetThrough { grant, key, profile: asked.to_owned(), denied })))
        }
        None => Err(refuse(app, asked, &key, denied)),
    }
}

/// The same for a profile whose credentials sign calls of awsx's own: nothing is handed over, but AWS acts on them.
pub(crate) fn admit_use(app: &App, profile: &str) -> Result<(), Failure> {
    if Agent::of(&app.env).is_none() {
        return Ok(());
    }
    with_chain(app, profile, |below| admit(app, profile, below.iter().copied())?.spend(app))
}

/// Refuses a profile that the settings deny an agent, with no way around it: a request of MCP is no command that a
/// person could let through.
pub(crate) fn check_profile(app: &App, profile: &str) -> Result<(), Failure> {
    with_chain(app, profile, |below| {
        Ok(app.preferences()?.agents().check(profile, below.iter().copied())?)
    })
}

/// With the profiles that it draws on, as far as they are known.
fn with_chain(
    app: &App,
    profile: &str,
    then: impl FnOnce(&[&str]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let found = chain(app.profiles()?, &app.env, &Request::of_profile(profile));
    then(&found.iter().flat_map(Chain::profiles).collect::<Vec<_>>())
}

fn of_command<T>(app: &App, profile: &str, then: impl FnOnce(&AgentCommand<'_>) -> T) -> T {
    let agent = Agent::of(&app.env).map_or("", |agent| agent.name);
    let directory = app.env.working_directory().display().to_string();
    then(&AgentCommand { agent, profile, directory: &directory, line: &app.command_line() })
}

/// The failure, after a request is left for a person.
fn refuse(app: &App, profile: &str, key: &SessionKey, denied: NotForAgents) -> Failure {
    let left = of_command(app, profile, |command| leave(app, command, key, &denied));
    let is_kept = left.is_ok() && app.vault().is_ok_and(|vault| vault.durable().is_some());
    let failure = Failure::from(denied);
    match is_kept {
        true => {
            failure.with_hint(format!("a person lets it through: `awsx approve {}`", name(key)))
        }
        false => failure,
    }
}

/// The chain whose session does no more, and lasts no longer, than the settings let agents.
pub(super) fn limit(
    app: &App,
    chain: Chain,
    rules: SessionRules,
    yields: &Yields,
) -> Result<Chain, Failure> {
    if Agent::of(&app.env).is_none() {
        return Ok(chain);
    }
    let AgentRules { scope, max_duration, .. } = app.preferences()?.agents();
    let (key, at) = match (scope, max_duration) {
        (Some((_, at)), _) => ("scope", at),
        (None, Some((_, at))) => ("max_duration", at),
        (None, None) => return Ok(chain),
    };
    let beyond = match yields {
        _ if rules.no_session => Some(KEYS_THEMSELVES.to_owned()),
        // It lasts for minutes.
        Yields::Identity(_) if scope.is_none() => None,
        yields => yields.beyond(),
    };
    if let Some(beyond) = beyond {
        let message = format!(
            "an agent's sessions have their limits ({key} of [agents], {at}), and {beyond}"
        );
        return Err(Failure::say(message, Kind::Refused.with("a person runs it")));
    }
    let scope = scope.clone().map(|(text, at)| ScopeText { text, at: Some(at) });
    Ok(chain.with_limits(scope, max_duration.as_ref().map(|(longest, _)| *longest)))
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
