//! `awsx keys rotate`

use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::rotation::{rotate, rotate_in_file};
use crate::cli::flags::{MfaCodeFlag, read_duration};
use crate::cli::page::page;
use crate::credentials::MfaCode;
use crate::keys::in_file::PlaceInFile;
use crate::keys::record::{KeyOwner, StoredKeysHeader};
use crate::keys::rotated::{Outcome, Rotated, Wish};
use crate::profile::FileKind;
use crate::report::failure::{Failure, Kind, word};
use crate::resolve::{Request, chain};
use crate::text::utc;

/// Put a new access key in the place of one that is kept
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
Makes a key at IAM, stores it beside the old one, proves it, and only then lets
it take the old one's place, which is deleted. A rotation that was interrupted
goes on when it is run again.
";
    "awsx keys rotate dev"
    "awsx keys rotate --all --older-than 90d"
    "awsx keys rotate dev --keep-inactive 7d     deleted by the next one"
    "awsx keys rotate dev --abort                back to the old key"
    "awsx keys rotate dev --from-file            the key in ~/.aws/credentials"
))]
pub(in crate::cli) struct RotateKeys {
    /// As `awsx keys list` has it, or a profile that draws on it
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: Option<String>,
    /// All stored keys
    #[arg(long, conflicts_with_all = ["name", "replace", "abort"])]
    all: bool,
    /// Leave a key alone that is younger, such as 90d
    #[arg(long, value_name = "D", value_parser = read_duration, conflicts_with = "abort")]
    older_than: Option<Duration>,
    /// Deactivate the old key, and delete it at the first rotation after so long, such as 7d
    #[arg(long, value_name = "D", value_parser = read_duration, conflicts_with = "abort")]
    keep_inactive: Option<Duration>,
    /// The user's other access key, which is deleted first: AWS allows two
    #[arg(long, value_name = "KEYID", conflicts_with = "abort")]
    replace: Option<String>,
    /// The key that stands in the credentials file, or in the config file, and stays there
    #[arg(long, conflicts_with = "all")]
    from_file: bool,
    /// Go back to the old key from a rotation that was interrupted
    #[arg(long)]
    abort: bool,
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    code: MfaCodeFlag,
}

impl RotateKeys {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let mut code = self.code.read()?;
        let wish = Wish {
            abort: self.abort,
            keep: self.keep_inactive,
            older_than: self.older_than,
            replace: self.replace.clone(),
        };
        let targets = match &self.name {
            Some(name) if self.from_file => {
                let done = self.rotate_in_file(app, name, &wish, &mut code)?;
                return self.show(app, &done);
            }
            Some(name) => vec![find(app, name)?],
            None if self.all => all(app)?,
            None => {
                return Err(Failure::usage(
                    "which keys are to be rotated is not said".to_owned(),
                    "name them, as `awsx keys list` has them, or give --all",
                ));
            }
        };
        let (mut done, mut failure) = (Vec::new(), None);
        for header in &targets {
            match self.rotate(app, header, &wish, &mut code) {
                Ok(rotated) => done.push(rotated),
                // One that fails does not keep the others.
                Err(problem) if self.all => {
                    done.push(document_of_failure(&header.name, &problem));
                    if failure.is_some() && !self.json {
                        app.out().failure(&problem, false);
                    } else {
                        failure = failure.or(Some(problem));
                    }
                }
                Err(problem) => return Err(problem),
            }
        }
        self.show(app, &done)?;
        failure.map_or(Ok(()), Err)
    }

    fn show(&self, app: &App, done: &[Value]) -> Result<(), Failure> {
        match self.json {
            // Version 1; fields are only ever added.
            true => app.out().json(&json!({ "version": 1, "keys": done })),
            false => Ok(()),
        }
    }

    /// Rotates the key that a profile has in a file.
    fn rotate_in_file(
        &self,
        app: &App,
        name: &str,
        wish: &Wish,
        code: &mut Option<MfaCode>,
    ) -> Result<Vec<Value>, Failure> {
        let place = find_in_file(app, name)?;
        let (profile, file) = (place.profile.clone(), place.path.display().to_string());
        if app.out().shows_progress() && !wish.abort {
            app.out().notice(&format!(
                "rotating the access key of {profile} in {file}; after Ctrl-C `awsx keys rotate {} --from-file` \
                 goes on",
                word(&profile)
            ));
        }
        let Some(rotated) = rotate_in_file(app, place, wish, code)? else {
            app.out().notice(&format!(
                "the rotation of {profile} in {file} is forgotten; all keys stay as they are, at IAM too"
            ));
            return Ok(Vec::new());
        };
        tell(app, &rotated);
        Ok(vec![document(&rotated)])
    }

    fn rotate(
        &self,
        app: &App,
        header: &StoredKeysHeader,
        wish: &Wish,
        code: &mut Option<MfaCode>,
    ) -> Result<Value, Failure> {
        if app.out().shows_progress() && !wish.abort {
            app.out().notice(&format!(
                "rotating {} for {}; after Ctrl-C `awsx keys rotate {}` goes on",
                header.describe(),
                header.name,
                word(&header.name)
            ));
        }
        let rotated = rotate(app, header, wish, code)?;
        tell(app, &rotated);
        Ok(document(&rotated))
    }
}

/// The keys of this name, or those that the profile of this name draws on.
fn find(app: &App, name: &str) -> Result<StoredKeysHeader, Failure> {
    if let Some(header) = StoredKeysHeader::find(app.vault()?, name)? {
        return Ok(header);
    }
    let profiles = app.profiles()?;
    let chain = chain(profiles, &app.env, &Request::of_profile(name));
    let stored = chain.as_ref().ok().and_then(|chain| chain.source().name_of_stored_keys());
    let header = match stored {
        Some(stored) => StoredKeysHeader::find(app.vault()?, stored)?,
        None => None,
    };
    let in_file = chain.as_ref().ok().and_then(|chain| chain.source().static_keys());
    header.ok_or_else(|| {
        let hint = match (profiles.contains(name), in_file) {
            (true, Some(keys)) => format!(
                "`awsx keys import {}` stores its access key; `awsx keys rotate {} --from-file` rotates it where \
                 it is",
                word(&keys.user.profile),
                word(name)
            ),
            (true, None) => format!(
                "`awsx keys add {}` stores its access key; `awsx keys list` shows which there are",
                word(name)
            ),
            (false, _) => "`awsx keys list` shows which there are".to_owned(),
        };
        let message = format!("there are no stored keys of {name}");
        Failure::say(message, Kind::Config.with(hint))
    })
}

/// Where the key stands that the profile of this name draws on.
fn find_in_file(app: &App, name: &str) -> Result<PlaceInFile, Failure> {
    app.ask_for_keys(name);
    let (profiles, vault) = (app.profiles()?, app.vault()?);
    let place = |kind, profile: &str| PlaceInFile {
        path: profiles.file(kind).path.to_path_buf(),
        kind,
        profile: profile.to_owned(),
    };
    for kind in [FileKind::Credentials, FileKind::Config] {
        // What was begun is gone on with, whatever the profile draws on by now.
        if place(kind, name).is_begun(vault)? {
            return Ok(place(kind, name));
        }
    }
    let chain = chain(profiles, &app.env, &Request::of_profile(name))?;
    let stored = chain.source().name_of_stored_keys();
    let Some(keys) = chain.source().static_keys() else {
        let hint = match stored {
            Some(stored) => format!("`awsx keys rotate {}` rotates its stored keys", word(stored)),
            None => format!("`awsx explain {}` says what it uses", word(name)),
        };
        let message = format!("profile \"{name}\" draws on no access key of a file");
        return Err(Failure::say(message, Kind::Config.with(hint)));
    };
    let id = keys.keys.access_key_id();
    // A profile may include another one's.
    let is_there = |profile: &&str| {
        let written = profiles.as_written(profile);
        written.is_some_and(|profile| {
            let setting = profile.get_in(keys.file, "aws_access_key_id");
            setting.is_some_and(|setting| setting.location == keys.at)
        })
    };
    let profile = profiles.names().find(is_there).unwrap_or(&keys.user.profile);
    Ok(place(keys.file, profile).of_begun(vault, id)?)
}

fn all(app: &App) -> Result<Vec<StoredKeysHeader>, Failure> {
    let headers = app.vault()?.headers::<StoredKeysHeader>()?;
    let mut headers: Vec<_> = headers.into_iter().map(|(_, header)| header).collect();
    headers.sort_by(|a, b| a.name.cmp(&b.name));
    if headers.is_empty() {
        app.out().notice("no access key is kept; `awsx keys add NAME` keeps one");
    }
    Ok(headers)
}

fn tell(app: &App, rotated: &Rotated) {
    let StoredKeysHeader { name, access_key_id, .. } = &rotated.header;
    let owner = rotated.header.owner.as_ref().map(KeyOwner::to_string).unwrap_or_default();
    app.out().notice(&match (rotated.outcome, &rotated.before) {
        (Outcome::Rotated, Some(before)) => {
            let fate = match before.kept_until {
                Some(until) => format!("is inactive until {}", app.until(until)),
                None => "is deleted".to_owned(),
            };
            format!(
                "{name} has a new access key of {owner}, {access_key_id}; {} {fate}",
                before.access_key_id
            )
        }
        (Outcome::Rotated, None) => format!("{name} has {access_key_id} of {owner}"),
        (Outcome::Aborted, _) => format!("{name} has {access_key_id} as before"),
        (Outcome::NotDue, _) => {
            let age = rotated.header.created_at.map(|at| format!(", made {}", app.ago(at)));
            format!("{name} keeps {access_key_id}{}", age.unwrap_or_default())
        }
        (Outcome::NothingBegun, _) => format!("no rotation of {name} is unfinished"),
    });
}

fn document(rotated: &Rotated) -> Value {
    let at = |time: Option<DateTime<Utc>>| time.map(utc);
    let before = rotated.before.as_ref().map(|before| {
        let status = if before.kept_until.is_some() { "inactive" } else { "deleted" };
        json!({
            "access_key_id": before.access_key_id,
            "status": status,
            "kept_until": at(before.kept_until),
        })
    });
    json!({
        "name": rotated.header.name,
        "outcome": match rotated.outcome {
            Outcome::Rotated => "rotated",
            Outcome::Aborted => "aborted",
            Outcome::NotDue => "not-due",
            Outcome::NothingBegun => "nothing-begun",
        },
        "access_key_id": rotated.header.access_key_id,
        "created_at": at(rotated.header.created_at),
        "before": before,
        "error": null,
    })
}

fn document_of_failure(name: &str, failure: &Failure) -> Value {
    json!({ "name": name, "outcome": "failed", "error": failure.document() })
}
