//! `awsx approve`

use clap::Args;

use super::page::page;
use crate::app::App;
use crate::app::agents::name;
use crate::approval::{AgentRequest, Grant, HOURS, RequestHeader};
use crate::credentials::SessionKey;
use crate::ports::{Person, Terminal, Unanswered};
use crate::report::failure::{Failure, Kind};
use crate::text::{abbreviate, printable};

/// Let through what an agent may not do by itself
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
A command that [agents] of awsx's settings denied to an agent waits here for an
hour. A person says whether the same one goes through: once, or for an hour.
";
    "awsx approve"
    "awsx approve 7f3a1c9e"
))]
pub(super) struct Approve {
    /// As the agent was told; without it all that wait
    #[arg(value_name = "REQUEST")]
    request: Option<String>,
}

/// What a person says to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    No,
    Once,
    ForAnHour,
}

const ANSWERS: [(&str, Answer); 7] = [
    ("", Answer::No),
    ("n", Answer::No),
    ("no", Answer::No),
    ("o", Answer::Once),
    ("once", Answer::Once),
    ("h", Answer::ForAnHour),
    ("hour", Answer::ForAnHour),
];

impl Approve {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let person: &dyn Person = app.person();
        let terminal = person.terminal().map_err(|nobody| {
            let again = "a person runs `awsx approve` in a terminal of their own".to_owned();
            Failure::no_answer(&nobody.into(), again)
        })?;
        Grant::sweep(app.vault()?, app.now());
        let waiting = self.waiting(app)?;
        if waiting.is_empty() {
            app.out().notice("no agent waits for an answer");
        }
        for (key, _) in &waiting {
            // The header was not proved yet, and what is in it is answered for.
            let Some(request) = app.vault()?.get::<AgentRequest>(key)? else { continue };
            let answer = ask(app, terminal, &request)?;
            answer_request(app, key, &request.header, answer)?;
        }
        Ok(())
    }

    /// Those that are asked about.
    fn waiting(&self, app: &App) -> Result<Vec<(SessionKey, RequestHeader)>, Failure> {
        let mut waiting = AgentRequest::waiting(app.vault()?, app.now())?;
        let Some(asked) = &self.request else { return Ok(waiting) };
        waiting.retain(|(key, _)| name(key) == *asked);
        if waiting.is_empty() {
            let message =
                format!("no request {asked} waits: one waits for {HOURS} h, until it is answered");
            return Err(Failure::say(
                message,
                Kind::Usage.with("have the agent run its command again, or run `awsx approve`"),
            ));
        }
        Ok(waiting)
    }
}

fn ask(app: &App, terminal: &dyn Terminal, request: &AgentRequest) -> Result<Answer, Unanswered> {
    let AgentRequest { header, line } = request;
    let RequestHeader { agent, profile, directory, rule, asked_at } = header;
    let question = format!(
        "{agent} wants {profile} ({rule}), {} in {}:\n  {}\nLet it through: [o]nce, for an [h]our, [N]o? ",
        app.ago(*asked_at),
        abbreviate(directory, app.env.home()),
        printable(line.expose()),
    );
    let mut problem = "";
    loop {
        let said = terminal.line(&format!("{problem}{question}"))?;
        let said = said.expose().trim().to_ascii_lowercase();
        match ANSWERS.iter().find(|(word, _)| *word == said) {
            Some((_, answer)) => return Ok(*answer),
            None => problem = "Answer o, h or n.\n",
        }
    }
}

fn answer_request(
    app: &App,
    key: &SessionKey,
    header: &RequestHeader,
    answer: Answer,
) -> Result<(), Failure> {
    let vault = app.vault()?;
    let RequestHeader { agent, profile, .. } = header;
    if answer != Answer::No {
        let once = answer == Answer::Once;
        let grant = Grant::give(key, (agent, profile), once, vault, app.now())?;
        let how_often = if once { "once, " } else { "" };
        let until = app.until(grant.0.ends_at);
        app.out().notice(&format!("{agent} may run it {how_often}until {until}"));
    }
    vault.remove::<RequestHeader>(key)?;
    Ok(())
}
