//! What a scope is: JSON, what reads, one that awsx's own settings name, or a file.

use std::path::{Path, PathBuf};

use super::App;
use crate::preferences::{NamedScope, Preferences};
use crate::profile::Location;
use crate::report::failure::{Failure, Kind, word};
use crate::resolve::{Allowed, Scope, ScopeText, read_policy, services_like};
use crate::state::files;
use crate::text::abbreviate;

/// Bytes of a policy's file, at most. AWS takes 2,048 characters, blanks not counted.
const LARGEST: u64 = 64 * 1024;

/// The scope, looked up.
pub(crate) fn find_scope(app: &App, said: &ScopeText) -> Result<Scope, Failure> {
    let text = said.text.trim();
    let words = Words { app, text, at: said.at.as_ref() };
    let allowed = if text.starts_with('{') {
        Allowed::Policy(words.check(text.to_owned(), "it")?)
    } else if text == "read" {
        Allowed::ReadOnly
    } else if let Some(services) = text.strip_prefix("read:") {
        Allowed::Policy(words.read(services)?)
    } else {
        Allowed::Policy(words.look_up()?)
    };
    let name = if text.starts_with('{') { "a policy" } else { text };
    Ok(Scope { name: name.to_owned(), allowed, at: said.at.clone() })
}

/// The text of a file that holds a policy; or what is wrong with it.
pub(crate) fn read_policy_file(path: &Path) -> Result<String, String> {
    let bytes = files::read(path, LARGEST);
    let bytes = bytes.map_err(|error| format!("cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "is not text".to_owned())
}

/// A scope as somebody says it.
struct Words<'a> {
    app: &'a App,
    text: &'a str,
    at: Option<&'a Location>,
}

impl Words<'_> {
    fn failure(&self, problem: &str, hint: &str) -> Failure {
        match self.at {
            Some(at) => {
                let problem = format!("scope = {} {problem}", self.text);
                Failure::say(problem, Kind::Config.with(hint)).at(at)
            }
            None => Failure::usage(format!("--scope {} {problem}", self.text), hint),
        }
    }

    fn check(&self, policy: String, which: &str) -> Result<String, Failure> {
        match serde_json::from_str::<serde::de::IgnoredAny>(&policy) {
            Ok(_) => Ok(policy),
            Err(error) => Err(self.failure(
                &format!("is no policy: {which} is not JSON: {error}"),
                "see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session",
            )),
        }
    }

    /// What reads in these services.
    fn read(&self, services: &str) -> Result<String, Failure> {
        let services: Vec<_> =
            services.split(',').map(str::trim).filter(|s| !s.is_empty()).collect();
        if services.is_empty() {
            return Err(self.failure("names no service", "name some, as in read:s3,logs"));
        }
        read_policy(&services).map_err(|service| {
            let like = services_like(service);
            let hint = match &*like {
                [] => "AWS's names count, as actions begin with them (s3, logs, dynamodb): for a service that awsx \
                       does not know, give a policy"
                    .to_owned(),
                like => format!("did you mean {}?", like.join(", ")),
            };
            self.failure(&format!("names {service}, which is no service that awsx knows"), &hint)
        })
    }

    /// What awsx's own settings call so, else a file.
    fn look_up(&self) -> Result<String, Failure> {
        let Self { app, text, at } = self;
        let own = Preferences::path(&app.env);
        let preferences = app.preferences()?;
        let (path, which) = match (preferences.scope(text), &own) {
            (Some(NamedScope::Policy(policy)), _) => {
                return self.check(policy.clone(), &format!("policy of [scopes.{text}]"));
            }
            (Some(NamedScope::File(file)), own) => {
                let beside = own.as_deref().and_then(Path::parent);
                (self.path(file, beside), format!("policy_file of [scopes.{text}], "))
            }
            (None, _) => (self.path(text, at.and_then(|at| at.file.parent())), String::new()),
        };
        let shown = path.display().to_string();
        let shown = format!("{which}{}", abbreviate(&shown, app.env.home()));
        if which.is_empty() && !path.exists() {
            let names: Vec<_> = preferences.scopes().map(word).collect();
            let settings = own.map_or_else(String::new, |own| own.display().to_string());
            let settings = abbreviate(&settings, app.env.home());
            let hint = match &*names {
                [] => format!(
                    "read:SERVICES needs no file, as read:s3,logs; [scopes.{text}] in {settings} would be one by name"
                ),
                names => format!("{settings} has these: {}", names.join(", ")),
            };
            return Err(self.failure("is neither a scope of awsx's settings nor a file", &hint));
        }
        let problem = |problem: String| {
            self.failure(
                &format!("is no policy: {shown} {problem}"),
                "name a file that holds a JSON policy",
            )
        };
        self.check(read_policy_file(&path).map_err(problem)?, &shown)
    }

    /// A path is relative to the file that says it, or to where awsx was started.
    fn path(&self, given: &str, beside: Option<&Path>) -> PathBuf {
        let path = self.app.env.expand_home(Path::new(given));
        beside.map_or(path.clone(), |directory| directory.join(path))
    }
}
