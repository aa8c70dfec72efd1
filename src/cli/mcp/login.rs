//! `request_login`

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::serving::notify;
use crate::report::Failure;
use crate::report::failure::{Kind, word};

/// A person hears of the same need again only after this.
const PAUSE: TimeDelta = TimeDelta::minutes(10);

/// What was asked of a person, and when.
#[derive(Default)]
pub(super) struct LoginRequests(HashMap<String, DateTime<Utc>>);

impl LoginRequests {
    /// What a person has to do for the profile, after an attempt to use it. It tells the person with
    /// `notify_command`, where there is one; it opens nothing.
    pub(super) fn request(
        &mut self,
        app: &App,
        profile: &str,
        attempt: Result<Value, Failure>,
    ) -> Result<Value, Failure> {
        let failure = match attempt {
            Ok(found) => {
                return Ok(json!({
                    "version": 1, "profile": profile, "needed": false, "message": null, "command": null,
                    "notified": false, "expiration": found["expiration"],
                }));
            }
            Err(failure) if failure.kind() == Kind::InputNeeded => failure,
            Err(failure) => return Err(failure),
        };
        // A code that is typed for one command serves the next ones too.
        let command = match failure.command() {
            Some(command) if command.starts_with("awsx login ") => command.to_owned(),
            _ => format!("awsx whoami {}", word(profile)),
        };
        let now = app.now();
        let is_new = self.0.get(&command).is_none_or(|told| now - *told >= PAUSE);
        let notified = is_new
            && notify(
                app,
                profile,
                &format!("an agent waits for {profile}: `{command}`"),
                &command,
            );
        if notified {
            self.0.insert(command.clone(), now);
        }
        Ok(json!({
            "version": 1, "profile": profile, "needed": true, "message": failure.message(),
            "command": command, "notified": notified, "expiration": null,
        }))
    }
}
