//! A tool's line becomes one of awsx.

use std::ffi::OsString;

use super::page::page;
use super::parts::{Form, Peer, Refusal, Translated};
use super::read::{is_flag, read};
use crate::env::Env;

/// What a line comes to.
#[derive(Debug)]
pub(crate) enum Outcome {
    Line(Translated),
    /// A text for stdout
    Page(String),
}

/// The line of awsx that the words behind the tool's name stand for.
pub(crate) fn translate(
    peer: &'static Peer,
    words: &[OsString],
    env: &Env,
) -> Result<Outcome, Refusal> {
    let own = words.iter().take_while(|word| *word != "--");
    let asks = |names: &[&str]| {
        let until = own.clone().position(|word| !is_flag(word)).map_or(usize::MAX, |at| at + 1);
        let until = if peer.style.stops_at_word { until } else { usize::MAX };
        own.clone().take(until).any(|word| names.iter().any(|name| word == name))
    };
    if asks(&["--help", "--help-long", "--help-man"])
        || words.first().is_some_and(|word| word == "-h" || word == "help")
        || (words.is_empty() && peer.has_commands())
    {
        return Ok(Outcome::Page(page(peer)));
    }
    if words.first().is_some_and(|word| word == "--version" || word == "-v") {
        return Ok(Outcome::Line(Translated {
            line: vec!["--version".into()],
            ..Translated::default()
        }));
    }
    let (form, at) = find_form(peer, words)?;
    let command = match form.names.first() {
        Some(name) => format!("{} {name}", peer.name),
        None => peer.name.to_owned(),
    };
    let mut behind = words.to_vec();
    at.map(|at| behind.remove(at));
    let line = read(command, peer.style, &[form.flags, peer.globals], &behind, env)?;
    (form.build)(&line).map(Outcome::Line)
}

impl Peer {
    pub(super) fn has_commands(&self) -> bool {
        self.forms.iter().any(|form| !form.names.is_empty())
    }
}

/// The command, and which word names it: the first that is neither a flag nor the value of one.
fn find_form(
    peer: &'static Peer,
    words: &[OsString],
) -> Result<(&'static Form, Option<usize>), Refusal> {
    if let [form] = peer.forms {
        return Ok((form, None));
    }
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| is_flag(word)) {
        let is_followed = word.to_str().is_some_and(|word| {
            peer.globals.iter().any(|flag| flag.takes_value && flag.names.contains(&word))
        });
        at += if is_followed { 2 } else { 1 };
    }
    let hint = format!("`{} --help` lists what awsx understands", peer.name);
    let Some(name) = words.get(at) else {
        return Err(Refusal::new(format!("{}: no command is named", peer.name), hint));
    };
    match peer.forms.iter().find(|form| form.names.iter().any(|known| name == known)) {
        Some(form) => Ok((form, Some(at))),
        None => Err(Refusal::new(
            format!("{} has no command {:?} that awsx knows", peer.name, name.to_string_lossy()),
            hint,
        )),
    }
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
