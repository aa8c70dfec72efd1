//! Words that mean profiles.

use regex_lite::Regex;

use crate::app::App;
use crate::profile::Profiles;
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::text::Glob;

/// What a word of the command line means.
pub(super) enum Pattern {
    /// Names with `*` and `?`: the word itself, or those of `tag:NAME`
    Globs(Vec<Glob>),
    /// `/…/`, anywhere in a name
    Regex(Regex),
}

impl Pattern {
    /// Reads a word. What is the name of a profile means that one, whatever it looks like.
    pub(super) fn parse(app: &App, profiles: &Profiles, text: &str) -> Result<Self, Failure> {
        if !profiles.knows(text) {
            if let Some(tag) = text.strip_prefix("tag:") {
                return of_tag(app, tag);
            }
            let regex = text.strip_prefix('/').and_then(|text| text.strip_suffix('/'));
            if let Some(regex) = regex {
                return Regex::new(regex).map(Self::Regex).map_err(|error| {
                    Failure::usage(
                        format!("{text} is no regular expression: {error}"),
                        "quotes keep it from the shell: '/^prod-[0-9]+$/'",
                    )
                });
            }
        }
        Ok(Self::Globs(vec![Glob::new(text)]))
    }

    /// The names that it means, sorted.
    pub(super) fn select<'a>(&self, profiles: &'a Profiles) -> Vec<&'a str> {
        let mut names: Vec<&str> = profiles.all_names().filter(|name| self.matches(name)).collect();
        names.sort_unstable();
        names
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Globs(globs) => globs.iter().any(|glob| glob.matches(name)),
            Self::Regex(regex) => regex.is_match(name),
        }
    }
}

fn of_tag(app: &App, tag: &str) -> Result<Pattern, Failure> {
    let own = app.preferences()?;
    if let Some(globs) = own.tag(tag) {
        return Ok(Pattern::Globs(globs.to_vec()));
    }
    let known: Vec<String> = own.tags().map(|name| format!("tag:{name}")).collect();
    let hint = match &known[..] {
        [] => format!(
            "write `{tag} = [\"{tag}-*\"]` below [tags]: `awsx config edit settings` opens them"
        ),
        known => format!("there are: {}", known.join(", ")),
    };
    let message = format!("awsx's own settings have no tag {tag}");
    Err(Failure::say(message, Kind::Config.with(hint)))
}

/// That a word means nobody.
pub(super) fn nobody(profiles: &Profiles, text: &str) -> Failure {
    let (message, hint) = match text.strip_prefix("tag:") {
        Some(tag) => {
            let hint = "`awsx config edit settings` opens [tags]".to_owned();
            (format!("no profile has the tag {tag}"), hint)
        }
        None => {
            let similar = profiles.similar(text);
            let similar = similar.map(|name| format!("did you mean {}? ", word(name)));
            let hint = format!("{}`awsx profiles` lists all", similar.unwrap_or_default());
            (format!("no profile is called {text}"), hint)
        }
    };
    Failure::say(message, Kind::Config.with(hint))
}
