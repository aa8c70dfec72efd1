//! `awsx sso sync`

use std::collections::HashSet;
use std::fmt;

use clap::Args;

use crate::app::App;
use crate::app::organization::organization;
use crate::cli::answers::parse_region;
use crate::cli::config_file::{confirm_write, refusal_to_overwrite};
use crate::cli::page::page;
use crate::cli::region_question::{OF_IDENTITY_CENTER, ask_for_region};
use crate::cli::remember::remember;
use crate::cli::sso_target::SsoTarget;
use crate::client_settings::ClientSettings;
use crate::config;
use crate::credentials::SsoLogin;
use crate::generate::{AccountRoles, Change, GeneratedProfile, ProfileChange, change};
use crate::organization::listing::Organization;
use crate::ports::{PromptError, Unanswered};
use crate::preferences::{SsoPreferences, Template};
use crate::profile::Profiles;
use crate::report::failure::{Failure, word};
use crate::report::{Look, Screen};

/// Write a profile for each of your roles
#[derive(Debug, Default, Args)]
#[command(help_template = page!(
    no_region "
Lists every account and role, shows what changes in the config file, asks, and
writes it. The profiles stand in a block between two comment lines; nothing
outside of it is touched. Rules of your own: awsx's config.toml.
";
    "awsx sso sync --dry-run      every line, and nothing is written"
    "awsx sso sync --profile-name '{account_name:kebab}/{role_name}'"
    "awsx sso sync --yes --profile-region eu-west-1"
))]
pub(in crate::cli) struct Sync {
    #[command(flatten)]
    target: SsoTarget,
    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write it without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Ask for the roles of all accounts, also where they were listed within the last 24 hours
    #[arg(long)]
    refresh: bool,
    /// How profiles are named, such as {account_name:kebab}/{role_name}
    #[arg(long, value_name = "TEMPLATE", value_parser = parse_template)]
    profile_name: Option<Template>,
    /// The region of the profiles; without one they have none
    #[arg(long, value_name = "REGION", value_parser = parse_region)]
    profile_region: Option<String>,
}

/// So many names of changed profiles are shown without `-v`.
const SHOWN: usize = 20;

impl Sync {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let (login, settings) = self.target.login(app, "awsx sso sync")?;
        self.sync(app, &login, &settings)
    }

    /// Offers a profile for each role after a first login; it is shown before it is written.
    pub(in crate::cli) fn offer(
        app: &App,
        login: &SsoLogin,
        settings: &ClientSettings,
    ) -> Result<(), Failure> {
        let files = app.profiles()?;
        let Some(session) = login.session.as_deref() else { return Ok(()) };
        if is_used(files, session) {
            return Ok(());
        }
        let question = format!(
            "No profile uses {login} yet. List your accounts, and show a profile for each role?"
        );
        match app.person().ask(|terminal| terminal.confirm(&question, true)) {
            Ok(true) => Self::default().sync(app, login, settings),
            // The login is done, whatever becomes of this.
            Ok(false) | Err(PromptError::Unanswered(Unanswered::Cancelled)) => {
                let session = word(session);
                app.out().notice(&format!(
                    "`awsx sso sync {session}` does it later, `awsx config sso --session {session}` for \
                     one role"
                ));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn sync(&self, app: &App, login: &SsoLogin, settings: &ClientSettings) -> Result<(), Failure> {
        let Some(session) = login.session.as_deref() else {
            return Err(Failure::usage(
                format!("the profiles would have no [sso-session]: {login} is a profile's own"),
                "`awsx config sso` makes a session",
            ));
        };
        let kept = app.preferences()?.sso(session).clone();
        let mut preferences = self.preferences(kept.clone());
        if !self.dry_run {
            let tell = |message: &str| app.out().notice(message);
            app.writer(&tell).check(app.profiles()?.config_file())?;
        }
        let found = organization(app, settings, login, &|_| true, self.refresh)?;
        let is_complete = Failure::unless_complete(&found);
        if found.stopped.is_some() {
            return is_complete;
        }
        let files = app.profiles()?;
        let mut change = plan_change(files, session, &found, &preferences)?;
        if change.is_first() && lacks_region(&change) && self.may_ask(app) {
            preferences.common.region = ask_for_region(
                app,
                "these profiles",
                None,
                (&login.region, OF_IDENTITY_CENTER),
                "--profile-region REGION",
                "awsx sso sync",
            )?;
            change = plan_change(files, session, &found, &preferences)?;
        }
        for error in &change.left_out {
            app.out().warning(&format!("{error}; it gets none"));
        }
        for user in &change.users {
            app.out().warning(&user.to_string());
        }
        if change.text == files.config_text() {
            let file = files.config_file().display();
            app.out().notice(&format!("{file} is up to date: {} profiles", change.same));
        } else if self.show(app, session, &change)? {
            let next_steps = next_steps(session, &change).filter(|_| change.is_first());
            write(app, session, &found, &preferences, change)?;
            app.out().notice(&format!("{} is written", files.config_file().display()));
            next_steps.into_iter().flatten().for_each(|step| app.out().notice(&step));
        } else {
            return is_complete;
        }
        if !self.dry_run {
            keep(app, session, &kept, &preferences);
        }
        is_complete
    }

    /// Shows what changes. Whether it is to be written.
    fn show(&self, app: &App, session: &str, change: &Change) -> Result<bool, Failure> {
        let file = app.profiles()?.config_file().display().to_string();
        // A job that asks for silence has nobody to read it.
        if !(self.yes && app.globals.quiet) {
            let mut screen = app.out().screen();
            preview(change, self.dry_run || app.globals.verbose > 0, &mut screen);
            app.out().show(&screen)?;
        }
        let counts = Counts::new(change);
        app.out().notice(&format!("{file}: {counts}"));
        if counts.removed > 0 {
            app.out().notice(&format!(
                "{} removed: AWS lists the role for you no longer, or a rule skips it",
                counts.removed
            ));
        }
        // A bare Enter adds, and takes nothing away.
        let is_harmless = counts.removed + counts.renamed == 0
            && change.users.is_empty()
            && !change.profiles.iter().any(ProfileChange::takes_away);
        Ok(!self.dry_run && (self.yes || confirm(app, session, &file, is_harmless)?))
    }

    fn may_ask(&self, app: &App) -> bool {
        !self.yes && !self.dry_run && app.person().terminal().is_ok()
    }

    /// What the settings file says, with the flags before its common settings; its rules stay.
    fn preferences(&self, mut preferences: SsoPreferences) -> SsoPreferences {
        if let Some(template) = &self.profile_name {
            preferences.common.profile_name = Some(template.clone());
        }
        if let Some(region) = &self.profile_region {
            preferences.common.region = Some(region.clone());
        }
        preferences
    }
}

fn parse_template(text: &str) -> Result<Template, String> {
    Template::parse(text).map_err(|error| error.to_string())
}

fn plan_change(
    files: &Profiles,
    session: &str,
    found: &Organization,
    preferences: &SsoPreferences,
) -> Result<Change, Failure> {
    let accounts: Vec<AccountRoles<'_>> = found
        .accounts
        .iter()
        .map(|found| AccountRoles {
            account_id: &found.account.account_id,
            account_name: &found.account.account_name,
            email: &found.account.email,
            roles: found.known.as_ref().map(|known| &*known.roles),
        })
        .collect();
    Ok(change(files, session, &accounts, preferences)?)
}

/// The changes, line by line or as the first names.
fn preview(change: &Change, whole: bool, screen: &mut Screen) {
    let lines = |changed: &ProfileChange, screen: &mut Screen| {
        let (before, after) = changed.sections();
        screen.changes(&before, &after);
    };
    if whole {
        return change.profiles.iter().for_each(|changed| lines(changed, screen));
    }
    let renames = change.renames();
    let new_names: HashSet<&str> = renames.values().copied().collect();
    let has_own_line = |changed: &&ProfileChange| match changed {
        ProfileChange::Added(new) => !new_names.contains(&*new.name),
        ProfileChange::Removed(..) | ProfileChange::Altered { .. } => true,
    };
    let told: Vec<_> = change.profiles.iter().filter(has_own_line).collect();
    for changed in told.iter().take(SHOWN) {
        let name = changed.name();
        let (look, line) = match (changed, renames.get(name)) {
            (ProfileChange::Removed(..), Some(new)) => (Look::Plain, format!("~ {name} → {new}")),
            (changed, _) if changed.takes_away() => {
                lines(changed, screen);
                continue;
            }
            (ProfileChange::Added(_), _) => (Look::Good, format!("+ {name}")),
            (ProfileChange::Removed(..), None) => (Look::Bad, format!("- {name}")),
            (ProfileChange::Altered { .. }, _) => (Look::Plain, format!("~ {name}")),
        };
        screen.look(look, &line).line();
    }
    if let Some(more) = told.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        screen.plain(&format!("… and {more} more; -v shows all, line by line")).line();
    }
}

/// How many profiles change, and how.
struct Counts {
    added: usize,
    renamed: usize,
    changed: usize,
    removed: usize,
    same: usize,
}

impl Counts {
    fn new(change: &Change) -> Self {
        let count =
            |is: fn(&ProfileChange) -> bool| change.profiles.iter().filter(|c| is(c)).count();
        // Each is one added and one removed.
        let renamed = change.renames().len();
        Self {
            added: count(|changed| matches!(changed, ProfileChange::Added(_))) - renamed,
            renamed,
            changed: count(|changed| matches!(changed, ProfileChange::Altered { .. })),
            removed: count(|changed| matches!(changed, ProfileChange::Removed(..))) - renamed,
            same: change.same,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { added, renamed, changed, removed, same } = self;
        write!(f, "{added} added, ")?;
        if *renamed > 0 {
            write!(f, "{renamed} get another name, ")?;
        }
        write!(f, "{changed} changed, {removed} removed, {same} unchanged")
    }
}

/// What a person does with the first profiles.
fn next_steps(session: &str, change: &Change) -> Option<Vec<String>> {
    let reads = |name: &str| name.to_ascii_lowercase().contains("read");
    let is_careful = |role: &&GeneratedProfile| role.get("sso_role_name").is_some_and(reads);
    let profile = new_profiles(change).find(is_careful).or_else(|| new_profiles(change).next())?;
    let mut steps = vec![
        format!("try one: `awsx exec {} -- aws sts get-caller-identity`", word(&profile.name)),
        format!(
            "for aws, boto3 and terraform without awsx: `awsx login sso {} --share`",
            word(session)
        ),
    ];
    if lacks_region(change) {
        steps.push(format!(
            "these profiles have no region: commands need --region, or run `awsx sso sync {} \
             --profile-region REGION`",
            word(session)
        ));
    }
    Some(steps)
}

fn new_profiles(change: &Change) -> impl Iterator<Item = &GeneratedProfile> {
    change.profiles.iter().filter_map(|changed| match changed {
        ProfileChange::Added(profile) => Some(profile),
        ProfileChange::Removed(..) | ProfileChange::Altered { .. } => None,
    })
}

/// Whether a new profile has no region, so that most commands fail with it.
fn lacks_region(change: &Change) -> bool {
    new_profiles(change).any(|profile| profile.get("region").is_none())
}

/// What a flag or an answer says of all profiles holds for the next sync too, so that it does not undo this
/// one.
fn keep(app: &App, session: &str, kept: &SsoPreferences, now: &SsoPreferences) {
    let template =
        |of: &SsoPreferences| of.common.profile_name.clone().unwrap_or_default().to_string();
    if template(now) != template(kept) {
        remember(app, session, "profile_name", &template(now));
    }
    if let Some(region) = &now.common.region
        && now.common.region != kept.common.region
    {
        remember(app, session, "region", region);
    }
}

fn is_used(files: &Profiles, session: &str) -> bool {
    files.names().any(|name| {
        let profile = files.as_written(name);
        profile.is_some_and(|profile| {
            profile.get("sso_session").is_some_and(|used| used.value.trim() == session)
        })
    })
}

fn confirm(app: &App, session: &str, file: &str, default: bool) -> Result<bool, Failure> {
    confirm_write(app, file, default, format!("run `awsx sso sync {} --yes`", word(session)))
}

/// Writes the change that was shown. If somebody changed the file meanwhile, the change must still be the
/// same.
fn write(
    app: &App,
    session: &str,
    found: &Organization,
    preferences: &SsoPreferences,
    shown: Change,
) -> Result<(), Failure> {
    let files = app.profiles()?;
    let path = files.config_file();
    let (mut old, mut change) = (files.config_text().to_owned(), shown);
    let tell = |message: &str| app.out().notice(message);
    while !app.writer(&tell).unless_changed(path, &old, &change.text)? {
        let files = config::load(&app.env)?;
        let again = plan_change(&files, session, found, preferences)?;
        if again.profiles.is_empty() {
            // Another awsx wrote the same.
            return Ok(());
        }
        if again.profiles != change.profiles {
            return Err(refusal_to_overwrite(path));
        }
        (old, change) = (files.config_text().to_owned(), again);
    }
    Ok(())
}
