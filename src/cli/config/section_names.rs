//! Renames and removes profiles and `[sso-session]`s, with what names them.

use super::file_changes::FileChanges;
use crate::app::App;
use crate::cli::answers::parse_name;
use crate::config::block::with_other_block_name;
use crate::config::edit::{EditError, Target};
use crate::config::replace::{Replacement, with_other_values};
use crate::config::sections::{with_other_name, without_sections};
use crate::keys::record::StoredKeysHeader;
use crate::preferences::Preferences;
use crate::profile::{FileKind, Named, Profiles, Reference};
use crate::report::failure::{Failure, Kind, word};
use crate::state::files;

/// A profile or a session that is there.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) named: Named,
    pub(super) name: &'a str,
}

impl<'a> Section<'a> {
    /// Fails where there is none.
    pub(super) fn find(files: &Profiles, named: Named, name: &'a str) -> Result<Self, Failure> {
        let section = Self { named, name };
        if section.is_in(files) {
            return Ok(section);
        }
        let (config, credentials) = (files.config_file(), files.credentials_file());
        let (message, similar) = match named {
            Named::Profile => (
                format!(
                    "profile \"{name}\" is in neither {} nor {}",
                    config.display(),
                    credentials.display()
                ),
                files.similar(name).filter(|similar| files.contains(similar)),
            ),
            Named::SsoSession => (
                format!("there is no {} in {}", section.describe(), config.display()),
                files.similar_session(name),
            ),
        };
        let hint = match similar {
            Some(similar) => format!("did you mean {}?", word(similar)),
            None => "`awsx config edit` opens the file".to_owned(),
        };
        Err(Failure::say(message, Kind::Config.with(hint)))
    }

    /// A name that is free, and that all AWS tools read.
    pub(super) fn find_free(
        files: &Profiles,
        named: Named,
        name: &'a str,
    ) -> Result<Self, Failure> {
        let section = Self { named, name };
        if section.is_in(files) {
            let message = format!("there is {} already", section.describe());
            return Err(Failure::say(message, Kind::Config.with("give it another name")));
        }
        match parse_name(name) {
            Ok(_) => Ok(section),
            Err(problem) => {
                Err(Failure::usage(format!("\"{name}\": {problem}"), "give it another name"))
            }
        }
    }

    fn is_in(&self, files: &Profiles) -> bool {
        match self.named {
            Named::Profile => files.contains(self.name),
            Named::SsoSession => files.sso_session(self.name).is_some(),
        }
    }

    pub(super) fn target(&self) -> Target<'a> {
        match self.named {
            Named::Profile => Target::Profile(self.name),
            Named::SsoSession => Target::SsoSession(self.name),
        }
    }

    /// `profile "dev"`, `[sso-session corp]`
    pub(super) fn describe(&self) -> String {
        match self.named {
            Named::Profile => format!("profile \"{}\"", self.name),
            Named::SsoSession => format!("[sso-session {}]", self.name),
        }
    }

    /// `profile`, `session`: the word of the command line
    fn word(&self) -> &'static str {
        match self.named {
            Named::Profile => "profile",
            Named::SsoSession => "session",
        }
    }
}

/// The text of a file in which the section has another name, and who names it says so.
pub(super) fn with_renaming(
    kind: FileKind,
    text: &str,
    (from, to): (Section<'_>, Section<'_>),
    references: &[Reference],
) -> Result<String, EditError> {
    let text = with_other_name(kind, text, from.target(), to.target())?;
    let text = match from.named {
        Named::SsoSession => {
            let block = |name: &str| format!("sso {name}");
            with_other_block_name(&text, &block(from.name), &block(to.name))
        }
        Named::Profile => text,
    };
    let replacements: Vec<_> = references
        .iter()
        .map(|Reference { profile, key, value, .. }| {
            // It may name itself, by its new name then.
            let is_own = from.named == Named::Profile && profile == from.name;
            let profile = if is_own { to.name } else { profile };
            Replacement { profile, key, old: value.trim(), new: to.name }
        })
        .collect();
    with_other_values(kind, &text, &replacements)
}

pub(super) fn rename(app: &App, named: Named, from: &str, to: &str) -> Result<(), Failure> {
    let files = app.profiles()?;
    let (from, to) = (Section::find(files, named, from)?, Section::find_free(files, named, to)?);
    let references = files.references(named, from.name);
    let edit = |kind, text: &str| with_renaming(kind, text, (from, to), &references);
    FileChanges::plan(files, edit)?.show_and_write(app)?;
    tell_who_names_it_still(app, files, &from, &to);
    Ok(())
}

/// Shows what goes and asks, unless `yes`; and removes it.
pub(super) fn remove(app: &App, named: Named, name: &str, yes: bool) -> Result<(), Failure> {
    let files = app.profiles()?;
    let section = Section::find(files, named, name)?;
    let users = files.references(named, name);
    let edit = |kind, text: &str| without_sections(kind, text, section.target());
    let changes = FileChanges::plan(files, edit)?;
    changes.show(app)?;
    for Reference { profile, key, at, .. } in &users {
        if named == Named::SsoSession || profile != name {
            app.out().warning(&format!("{at}: {key} of profile \"{profile}\" names it"));
        }
    }
    let command = format!("awsx config {} remove {} --yes", section.word(), word(name));
    if !yes {
        let question = format!("Remove {}?", section.describe());
        let answer = app.person().ask(|terminal| terminal.confirm(&question, false));
        let instead = format!("`{command}` does not ask");
        if !answer.map_err(|error| Failure::no_answer(&error, instead))? {
            app.out().notice("nothing is written");
            return Ok(());
        }
    }
    changes.write(app)?;
    tell_what_stays(app, files, &section);
    Ok(())
}

/// What a removed section leaves elsewhere.
fn tell_what_stays(app: &App, files: &Profiles, section: &Section<'_>) {
    let name = word(section.name);
    if section.named == Named::SsoSession {
        app.out().notice(&format!("a login there stays until `awsx logout {name}`"));
        return;
    }
    if has_stored_keys(app, section.name) {
        app.out().notice(&format!("its access key stays in the vault: `awsx keys remove {name}`"));
    }
    if let Some(session) = syncing_session(files, section.name) {
        let session = word(&session).into_owned();
        app.out().warning(&format!(
            "`awsx sso sync {session}` adds it again, unless a rule of awsx's settings skips the role"
        ));
    }
}

/// The session in whose block of generated profiles it is.
fn syncing_session(files: &Profiles, profile: &str) -> Option<String> {
    let written = files.as_written(profile)?;
    let session = written.get("sso_session")?.value.trim().to_owned();
    let block = format!("sso {session}");
    let lines = crate::config::block::lines_of_block(files.config_text(), &block).ok()??;
    let is_in = |at: &crate::profile::Location| {
        *at.file == *files.config_file() && lines.contains(&at.line)
    };
    written.headers().iter().any(is_in).then_some(session)
}

fn has_stored_keys(app: &App, name: &str) -> bool {
    let Ok(vault) = app.vault() else { return false };
    !matches!(StoredKeysHeader::find(vault, name), Ok(None))
}

/// What names the section by its old name and is no setting of the AWS files that was changed.
fn tell_who_names_it_still(app: &App, files: &Profiles, from: &Section<'_>, to: &Section<'_>) {
    let (old, new) = (from.name, to.name);
    let warn = |message: String| app.out().warning(&message);
    if from.named == Named::Profile {
        for name in files.names() {
            let written = files.as_written(name);
            let line = written.as_ref().and_then(|written| written.get("credential_process"));
            let is_word = |word: &str| word.trim_matches(['"', '\'']) == old;
            if let Some(line) = line.filter(|line| line.value.split_whitespace().any(is_word)) {
                let at = &line.location;
                warn(format!("{at}: credential_process of profile \"{name}\" may name \"{old}\""));
            }
        }
        if has_stored_keys(app, old) {
            let (old, new) = (word(old), word(new));
            warn(format!(
                "its access key in the vault is still that of {old}: `awsx keys add {new}`, then \
                 `awsx keys remove {old}`"
            ));
        }
        for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
            if app.env.get(variable) == Some(old) {
                warn(format!("{variable} is still {old}"));
            }
        }
    } else {
        app.out().notice(&format!("`awsx login sso {}` logs in under the new name", word(new)));
    }
    let Some(path) = Preferences::path(&app.env) else { return };
    let text = files::read(&path, 1 << 20).unwrap_or_default();
    for (at, line) in String::from_utf8_lossy(&text).lines().enumerate() {
        let named = [format!("\"{old}\""), format!("'{old}'"), format!("sso.{old}]")];
        if named.iter().any(|named| line.contains(named)) {
            warn(format!("{}:{}: awsx's settings name \"{old}\"", path.display(), at + 1));
        }
    }
}
