//! `awsx config install-process`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::file_changes::FileChanges;
use super::section_names::{Section, with_renaming};
use crate::app::App;
use crate::cli::page::page;
use crate::config::edit::EditError;
use crate::config::sections::{with_new_section, without_sections};
use crate::host::own_program;
use crate::keys::record::StoredKeysHeader;
use crate::profile::{FileKind, Named, Profile, Profiles, Reference, is_portable_name};
use crate::report::failure::{Failure, Kind, word};
use crate::text::shell_words;

/// Let tools that know no SSO, MFA or sign-in take credentials from awsx
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Adds a profile NAME-awsx whose credential_process is awsx, for NAME. With
--replace it is NAME itself, and what that said is NAME-original from then on.
";
    "awsx config install-process prod            for AWS_PROFILE=prod-awsx"
    "awsx config install-process prod --replace  for AWS_PROFILE=prod"
    "awsx config install-process prod --remove"
))]
pub(in crate::cli) struct InstallProcess {
    /// The profiles
    #[arg(value_name = "PROFILE", required_unless_present = "all", value_parser = NonEmptyStringValueParser::new())]
    profiles: Vec<String>,
    /// All profiles that take a login, an MFA code or a role
    #[arg(long, conflicts_with_all = ["profiles", "replace"])]
    all: bool,
    /// In the place of the profile itself
    #[arg(long, conflicts_with = "remove")]
    replace: bool,
    /// Take it out again
    #[arg(long)]
    remove: bool,
}

/// What the name of the twin, and of what was replaced, ends with.
const TWIN: &str = "-awsx";
const ORIGINAL: &str = "-original";

/// Settings that a tool reads beside credentials; the twin has them too.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>
const BESIDE_CREDENTIALS: [&str; 12] = [
    "region",
    "output",
    "ca_bundle",
    "cli_pager",
    "defaults_mode",
    "endpoint_url",
    "max_attempts",
    "retry_mode",
    "sdk_ua_app_id",
    "services",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
];

/// Settings for which tools need awsx.
const NEEDS_AWSX: [&str; 6] =
    ["role_arn", "mfa_serial", "sso_session", "sso_start_url", "login_session", "oidc"];

impl InstallProcess {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let files = app.profiles()?;
        let names = match self.all {
            true => self.all_that_need_it(files),
            false => self.profiles.clone(),
        };
        if names.is_empty() {
            app.out().notice("no profile needs it");
            return Ok(());
        }
        let program = own_program(&app.env)
            .map_err(|error| Failure::io("where awsx itself is cannot be found", &error))?;
        let mut steps = Vec::new();
        for name in &names {
            let section = Section::find(files, Named::Profile, name)?;
            steps.push(match self.remove {
                true => step_back(files, section.name)?,
                false => self.step(app, files, section.name, &program)?,
            });
        }
        let edit = |kind, text: &str| {
            steps.iter().try_fold(text.to_owned(), |text, step| step.apply(kind, &text))
        };
        FileChanges::plan(files, edit)?.show_and_write(app)?;
        if let (false, [Step::Add { twin, .. }]) = (self.remove, &steps[..]) {
            app.out().notice(&format!(
                "try it: `AWS_PROFILE={} aws sts get-caller-identity`",
                word(twin)
            ));
        }
        Ok(())
    }

    fn all_that_need_it(&self, files: &Profiles) -> Vec<String> {
        let is_meant = |name: &&str| {
            let Some(written) = files.as_written(name) else { return false };
            let twin = [*name, TWIN].concat();
            let needs = NEEDS_AWSX.iter().any(|key| written.get(key).is_some());
            match self.remove {
                true => files.as_written(&twin).is_some_and(|twin| is_process_of(&twin, name)),
                false => needs && profile_of_process(&written).is_none() && !files.contains(&twin),
            }
        };
        files.names().filter(is_meant).map(str::to_owned).collect()
    }

    fn step(
        &self,
        app: &App,
        files: &Profiles,
        name: &str,
        program: &str,
    ) -> Result<Step, Failure> {
        let written = files.as_written(name);
        let written = written.as_ref();
        if let Some(of) = written.and_then(profile_of_process) {
            let message =
                format!("profile \"{name}\" takes its credentials from awsx already, as {of}");
            let hint = format!("name that one: `awsx config install-process {}`", word(&of));
            return Err(Failure::say(message, Kind::Config.with(hint)));
        }
        let beside = BESIDE_CREDENTIALS.into_iter().filter_map(|key| {
            let setting = written?.get(key)?;
            let is_line = !setting.value.contains('\n');
            is_line.then(|| (key.to_owned(), setting.value.clone()))
        });
        let beside: Vec<_> = beside.collect();
        let added = match self.replace {
            true => [name, ORIGINAL].concat(),
            false => [name, TWIN].concat(),
        };
        Section::find_free(files, Named::Profile, &added)?;
        let of = if self.replace { &added } else { name };
        let line = process_line(program, of).ok_or_else(|| {
            let message = format!("no line can hold {program} and \"{of}\" for every tool");
            Failure::say(message, Kind::Config.with("install awsx below a path of plain letters"))
        })?;
        let process = ("credential_process".to_owned(), line);
        let settings: Vec<_> = [process].into_iter().chain(beside).collect();
        if !self.replace {
            return Ok(Step::Add { twin: added, settings });
        }
        if !matches!(StoredKeysHeader::find(app.vault()?, name), Ok(None)) {
            let message =
                format!("the access key of profile \"{name}\" in the vault goes by its name");
            let hint = format!(
                "without --replace: `awsx config install-process {}` adds {}",
                word(name),
                word(&[name, TWIN].concat())
            );
            return Err(Failure::say(message, Kind::Config.with(hint)));
        }
        let own = files.references(Named::Profile, name).into_iter();
        let own = own.filter(|found| found.profile == name).collect();
        Ok(Step::Replace { name: name.to_owned(), original: added, settings, own })
    }
}

/// What becomes of one profile.
enum Step {
    Add {
        twin: String,
        settings: Vec<(String, String)>,
    },
    /// `own`: how the profile names itself
    Replace {
        name: String,
        original: String,
        settings: Vec<(String, String)>,
        own: Vec<Reference>,
    },
    Remove {
        twin: String,
    },
    Restore {
        name: String,
        original: String,
        own: Vec<Reference>,
    },
}

impl Step {
    fn apply(&self, kind: FileKind, text: &str) -> Result<String, EditError> {
        let section = |name| Section { named: Named::Profile, name };
        let add = |text: &str, name, settings: &[(String, String)]| match kind {
            FileKind::Credentials => Ok(text.to_owned()),
            FileKind::Config => {
                let settings: Vec<_> =
                    settings.iter().map(|(key, value)| (&**key, &**value)).collect();
                with_new_section(kind, text, section(name).target(), &settings)
            }
        };
        match self {
            Self::Add { twin, settings } => add(text, twin, settings),
            Self::Replace { name, original, settings, own } => {
                let text = with_renaming(kind, text, (section(name), section(original)), own)?;
                add(&text, name, settings)
            }
            Self::Remove { twin } => without_sections(kind, text, section(twin).target()),
            Self::Restore { name, original, own } => {
                let text = match kind {
                    FileKind::Config => without_sections(kind, text, section(name).target())?,
                    FileKind::Credentials => text.to_owned(),
                };
                with_renaming(kind, &text, (section(original), section(name)), own)
            }
        }
    }
}

/// How the twin of a profile goes, or what was replaced comes back.
fn step_back(files: &Profiles, name: &str) -> Result<Step, Failure> {
    let twin = [name, TWIN].concat();
    let original = [name, ORIGINAL].concat();
    let is_of =
        |twin: &str, of: &str| files.as_written(twin).is_some_and(|twin| is_process_of(&twin, of));
    if is_of(&twin, name) {
        return Ok(Step::Remove { twin });
    }
    if is_of(name, &original) && files.contains(&original) {
        let own = files.references(Named::Profile, &original).into_iter();
        let own = own.filter(|found| found.profile == original).collect();
        return Ok(Step::Restore { name: name.to_owned(), original, own });
    }
    let message = format!("profile \"{name}\" has no {twin} that takes its credentials from awsx");
    let hint = format!("`awsx config install-process {}` adds it", word(name));
    Err(Failure::say(message, Kind::Config.with(hint)))
}

fn is_process_of(twin: &Profile, name: &str) -> bool {
    profile_of_process(twin).as_deref() == Some(name)
}

/// The profile that a `credential_process` of awsx names.
fn profile_of_process(profile: &Profile) -> Option<String> {
    let line = profile.get("credential_process")?;
    match &shell_words(&line.value)?[..] {
        [_, command, name] if command == "credential-process" => Some(name.clone()),
        _ => None,
    }
}

/// `/opt/awsx credential-process prod`, as every tool splits it: with the words of Python's shlex, of `sh -c`, and on
/// Windows of `cmd /c`. None where no quotes do that.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
fn process_line(program: &str, name: &str) -> Option<String> {
    let quote = |text: &str| {
        let is_plain = |c: char| c.is_alphanumeric() || "/._-+@:,".contains(c);
        let is_path = |c: char| is_plain(c) || cfg!(windows) && c == '\\';
        // What a shell or a reader of the file would take for more than itself.
        let is_safe = |c: char| !c.is_control() && !"\"'$`\\!%#;".contains(c);
        match text {
            text if text.is_empty() || text.starts_with('-') => None,
            text if text.chars().all(is_path) => Some(text.to_owned()),
            text if text.chars().all(|c| is_safe(c) || is_path(c)) => Some(format!("\"{text}\"")),
            _ => None,
        }
    };
    let is_plain_name = is_portable_name(name) && !name.contains('%') && !name.starts_with('-');
    let name = if is_plain_name { Some(name.to_owned()) } else { quote(name) };
    Some(format!("{} credential-process {}", quote(program)?, name?))
        .filter(|_| !program.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_split_alike_by_all() {
        for (program, name, expected) in [
            ("/usr/bin/awsx", "prod", Some("/usr/bin/awsx credential-process prod")),
            ("/opt/my tools/awsx", "prod", Some("\"/opt/my tools/awsx\" credential-process prod")),
            ("/usr/bin/awsx", "two words", Some("/usr/bin/awsx credential-process \"two words\"")),
            ("/usr/bin/awsx", "søk", Some("/usr/bin/awsx credential-process søk")),
            ("/opt/$HOME/awsx", "prod", None),
            ("/opt/a\"b/awsx", "prod", None),
            ("/opt/a #b/awsx", "prod", None),
            ("/usr/bin/awsx", "a'b", None),
            ("/usr/bin/awsx", "a%b", None),
            ("/usr/bin/awsx", "-x", None),
        ] {
            let line = process_line(program, name);
            assert_eq!(line.as_deref(), expected, "{program} {name}");
            if let Some(line) = line {
                let words = shell_words(&line).unwrap();
                assert_eq!(words, [program, "credential-process", name]);
            }
        }
    }
}
