//! `awsx sso sync`

use clap::Args;

use crate::app::App;
use crate::app::organization::organization;
use crate::cli::answers::parse_region;
use crate::cli::config_file::{confirm_write, refusal_to_overwrite};
use crate::cli::sso_target::SsoTarget;
use crate::client_settings::ClientSettings;
use crate::config;
use crate::credentials::SsoLogin;
use crate::generate::{AccountRoles, Change, ProfileChange, change};
use crate::organization::listing::Organization;
use crate::ports::{PromptError, Unanswered};
use crate::preferences::{SsoPreferences, Template};
use crate::profile::Profiles;
use crate::report::failure::{Failure, word};

/// Write a profile for each of your roles
///
/// Lists every account and role, shows what changes in the config file, asks, and writes it. The
/// profiles stand in a block of their own, between two comment lines; nothing outside of it is
/// touched, and profiles of roles that are gone are removed from it. How profiles are named, and
/// what else they hold, is said by the flags below, or by rules in awsx's own config.toml.
#[derive(Debug, Default, Args)]
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

    /// Offers a profile for each role after a first login.
    pub(in crate::cli) fn offer(
        app: &App,
        login: &SsoLogin,
        settings: &ClientSettings,
    ) -> Result<(), Failure> {
        let files = app.profiles()?;
        let Some(session) = login.session.as_deref() else { return Ok(()) };
        let uses_it = |name: &str| {
            let profile = files.as_written(name);
            profile.is_some_and(|profile| {
                profile.get("sso_session").is_some_and(|used| used.value.trim() == session)
            })
        };
        if files.names().any(uses_it) {
            return Ok(());
        }
        let question = format!(
            "No profile uses {login} yet. List your accounts, and show a profile for each role?"
        );
        match app.person().ask(|terminal| terminal.confirm(&question, false)) {
            Ok(true) => Self::default().sync(app, login, settings),
            // The login is done, whatever becomes of this.
            Ok(false) | Err(PromptError::Unanswered(Unanswered::Cancelled)) => {
                app.out().notice(&format!("`awsx sso sync {}` does it later", word(session)));
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
        let preferences = self.preferences(app.preferences()?.sso(session).clone());
        if !self.dry_run {
            let tell = |message: &str| app.out().notice(message);
            app.writer(&tell).check(app.profiles()?.config_file())?;
        }
        let found = organization(app, settings, login, None, self.refresh)?;
        let is_complete = Failure::unless_complete(&found);
        if found.stopped.is_some() {
            return is_complete;
        }
        let files = app.profiles()?;
        let change = plan_change(files, session, &found, &preferences)?;
        let file = files.config_file().display().to_string();
        for error in &change.left_out {
            app.out().warning(&format!("{error}; it gets none"));
        }
        for user in &change.users {
            app.out().warning(&user.to_string());
        }
        if change.text == files.config_text() {
            app.out().notice(&format!("{file} is up to date: {} profiles", change.same));
        } else {
            app.out().data(&preview(&change, self.dry_run || app.globals.verbose > 0))?;
            app.out().notice(&counts(&change, &file));
            // A bare Enter takes nothing away that a person wrote.
            let is_harmless =
                change.users.is_empty() && !change.profiles.iter().any(ProfileChange::takes_away);
            if !self.dry_run && (self.yes || confirm(app, session, &file, is_harmless)?) {
                write(app, session, &found, &preferences, change)?;
                app.out().notice(&format!("{file} is written"));
            }
        }
        is_complete
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
fn preview(change: &Change, whole: bool) -> String {
    if whole {
        return change.profiles.iter().map(ProfileChange::diff).collect();
    }
    let line = |changed: &ProfileChange| {
        if changed.takes_away() {
            return changed.diff();
        }
        let mark = match changed {
            ProfileChange::Added(_) => '+',
            ProfileChange::Removed(..) => '-',
            ProfileChange::Altered { .. } => '~',
        };
        format!("{mark} {}\n", changed.name())
    };
    let mut text: String = change.profiles.iter().take(SHOWN).map(line).collect();
    if let Some(more) = change.profiles.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text.push_str(&format!("… and {more} more; -v shows all, line by line\n"));
    }
    text
}

fn counts(change: &Change, file: &str) -> String {
    let count = |is: fn(&ProfileChange) -> bool| change.profiles.iter().filter(|c| is(c)).count();
    format!(
        "{file}: {} added, {} changed, {} removed, {} as they are",
        count(|changed| matches!(changed, ProfileChange::Added(_))),
        count(|changed| matches!(changed, ProfileChange::Altered { .. })),
        count(|changed| matches!(changed, ProfileChange::Removed(..))),
        change.same
    )
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
