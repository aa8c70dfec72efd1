//! `awsx keys list`

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::TimeDelta;
use clap::Args;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::keys::{AtIam, check_at_iam};
use crate::cli::columns::{Cells, Row, show_list};
use crate::cli::page::page;
use crate::keys::record::StoredKeysHeader;
use crate::keys::rotation::Journal;
use crate::ports::KeyStatus;
use crate::profile::Profiles;
use crate::report::failure::word;
use crate::report::{Failure, Look};
use crate::resolve::{Request, chain};
use crate::text::moment::span;
use crate::text::utc;

/// A key that is older should be another: AWS's own advice.
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-3>
const OLD: TimeDelta = TimeDelta::days(90);

/// List the access keys that are kept
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
With whose they are, as AWS last said, and who draws on them. Without --check
nothing is opened and nobody asked.
";
    "awsx keys list"
    "awsx keys list --check      also asks IAM for status and last use"
    "awsx keys list --json | jq -r '.keys[].access_key_id'"
))]
pub(in crate::cli) struct ListKeys {
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Ask IAM for status and last use
    #[arg(long)]
    pub(in crate::cli) check: bool,
}

struct Kept {
    header: StoredKeysHeader,
    /// The profiles that draw on it
    users: Vec<String>,
    /// Whether the vault's key is gone that it was sealed with, or another vault has it
    lost: bool,
    /// What IAM says, or why it does not
    at_iam: Option<Result<AtIam, Failure>>,
}

impl ListKeys {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let mut users = users_of_keys(app.profiles()?, app);
        let mut kept: Vec<Kept> = app
            .vault()?
            .headers_with_loss::<StoredKeysHeader>()?
            .into_iter()
            .map(|(header, lost)| Kept {
                users: users.remove(&header.name).unwrap_or_default(),
                lost,
                at_iam: None,
                header,
            })
            .collect();
        kept.sort_by(|a, b| a.header.name.cmp(&b.header.name));
        if self.check {
            for kept in &mut kept {
                kept.at_iam = Some(check_at_iam(app, &mut kept.header));
            }
        }
        self.tell(app, &kept)?;
        // All that is known was told; one that IAM says nothing of is a failure after that.
        kept.into_iter().find_map(|kept| kept.at_iam?.err()).map_or(Ok(()), Err)
    }

    fn tell(&self, app: &App, kept: &[Kept]) -> Result<(), Failure> {
        if self.json {
            // Version 1; fields are only ever added.
            let keys: Vec<Value> = kept.iter().map(document).collect();
            let place = app.vault()?.unlocker_kind().as_str();
            return app.out().json(&json!({ "version": 1, "vault": place, "keys": keys }));
        }
        if kept.is_empty() {
            app.out().notice("no access key is kept; `awsx keys add NAME` keeps one");
        }
        let last = if self.check { "LAST USED" } else { "USED BY" };
        let row =
            |kept| Row { cells: cells(app, kept), look: Look::Plain, problem: problem(app, kept) };
        let rows: Vec<_> = kept.iter().map(row).collect();
        show_list(app, ["NAME", "ACCESS KEY", "AGE", "WHOSE", last], &rows)
    }
}

/// The profiles that draw on each name's stored keys, as the files are now.
pub(super) fn users_of_keys(profiles: &Profiles, app: &App) -> HashMap<String, Vec<String>> {
    let mut users: HashMap<_, Vec<String>> = HashMap::new();
    for name in profiles.all_names() {
        // One that leads nowhere draws on nothing.
        let Ok(chain) = chain(profiles, &app.env, &Request::of_profile(name)) else { continue };
        if let Some(stored) = chain.source().name_of_stored_keys() {
            users.entry(stored.to_owned()).or_default().push(name.to_owned());
        }
    }
    users
}

fn document(Kept { header, users, lost, at_iam }: &Kept) -> Value {
    let found = at_iam.as_ref().and_then(|found| found.as_ref().ok());
    let last_use = found.and_then(|found| found.last_use.as_ref());
    let last_use = last_use
        .map(|used| json!({ "at": utc(used.at), "service": used.service, "region": used.region }));
    let owner = header.owner.as_ref().map(|owner| {
        json!({
            "account": owner.account_id,
            "arn": owner.arn,
            "proved_at": utc(owner.proved_at),
        })
    });
    json!({
        "name": header.name,
        "access_key_id": header.access_key_id,
        "created_at": header.created_at.map(utc),
        "added_at": utc(header.added_at),
        "owner": owner,
        "used_by": users,
        "lost": lost,
        "rotation_unfinished": is_rotation_unfinished(header),
        "status": found.map(|found| found.status.as_str()),
        "last_used": last_use,
    })
}

fn cells<'k>(app: &App, Kept { header, users, at_iam, .. }: &'k Kept) -> Cells<'k, 5> {
    let kept_for = app.now() - header.added_at;
    let age = match header.created_at {
        Some(created) => span(app.now() - created),
        // Nobody said when it was made: not after it came here.
        None if kept_for.num_days() > 0 => format!("{} or more", span(kept_for)),
        None => "-".to_owned(),
    };
    [
        Cow::from(&*header.name),
        Cow::from(&*header.access_key_id),
        age.into(),
        header.owner.as_ref().map_or("-".into(), |owner| owner.to_string().into()),
        match at_iam {
            None => name_some(users).into(),
            Some(Ok(AtIam { last_use: Some(used), .. })) => {
                format!("{} ({})", app.ago(used.at), used.service).into()
            }
            Some(Ok(AtIam { last_use: None, .. })) => "never, as far as IAM knows".into(),
            Some(Err(_)) => "-".into(),
        },
    ]
}

/// So many profiles are named.
const NAMED: usize = 3;

/// `dev, prod, audit and 2 more`; `-` for none.
pub(super) fn name_some(names: &[String]) -> String {
    let (named, more) = names.split_at(names.len().min(NAMED));
    match more.len() {
        0 if named.is_empty() => "-".to_owned(),
        0 => named.join(", "),
        count => format!("{} and {count} more", named.join(", ")),
    }
}

fn is_rotation_unfinished(header: &StoredKeysHeader) -> bool {
    header.rotation.as_ref().is_some_and(Journal::is_unfinished)
}

fn problem(app: &App, Kept { header, users, lost, at_iam }: &Kept) -> Option<String> {
    match at_iam {
        Some(Ok(AtIam { status: KeyStatus::Inactive, .. })) => {
            return Some("inactive: AWS takes it no longer".to_owned());
        }
        Some(Err(failure)) => return Some(failure.message().to_owned()),
        _ => {}
    }
    if *lost {
        return Some("the vault's key that sealed it is gone, or another vault has it".to_owned());
    }
    if is_rotation_unfinished(header) {
        return Some(format!("`awsx keys rotate {}` finishes its rotation", word(&header.name)));
    }
    if app.now() - header.created_at.unwrap_or(header.added_at) > OLD {
        return Some(format!("older than {} days", OLD.num_days()));
    }
    users.is_empty().then(|| "no profile uses it".to_owned())
}
