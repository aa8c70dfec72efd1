//! Sessions in the credentials file, for tools that read nothing else.

use super::App;
use crate::config::rewrite::with_settings;
use crate::credentials::aws_mfa::SETTINGS;
use crate::profile::{FileKind, Profiles, Setting};
use crate::report::failure::{Failure, Kind, word};
use crate::resolve::{SourceKind, sources_beside_file};

/// Sources that the AWS CLI and the SDKs ask after the credentials file.
const AFTER_FILE: [SourceKind; 3] =
    [SourceKind::LoginSession, SourceKind::CredentialProcess, SourceKind::ConfigFile];

/// Fails where a session may not be written there, before a person is asked for anything. `request` says whose
/// session it is, as words of the command line.
pub(crate) fn check_section(
    app: &App,
    section: &str,
    profile: Option<&str>,
    request: &str,
) -> Result<(), Failure> {
    let files = app.profiles()?;
    let other = format!(
        "`awsx sessions write {request} --as {}` leaves it alone",
        name_beside(files, section)
    );
    if let Some(setting) = foreign_credentials(files, section) {
        return Err(Failure::say(refusal(section, &setting), Kind::Config.with(other)));
    }
    let written = files.profile(section)?;
    let beside = written.iter().flat_map(sources_beside_file);
    for (kind, setting) in beside {
        let what = match &setting {
            Some(setting) => format!("{} ({})", setting.key, setting.location),
            None => kind.to_string(),
        };
        if profile != Some(section) {
            let message = format!("profile \"{section}\" has credentials of its own: {what}");
            return Err(Failure::say(message, Kind::Config.with(other)));
        }
        if AFTER_FILE.contains(&kind) {
            app.out().warning(&format!(
                "to the AWS CLI and the SDKs the session comes before {what} of profile \"{section}\", also when \
                 it is over; {other}"
            ));
        }
    }
    let tell = |message: &str| app.out().notice(message);
    Ok(app.writer(&tell).check(files.credentials_file())?)
}

/// Puts the settings of a session into the section, in the place of those that it has.
pub(crate) fn write_section(
    app: &App,
    section: &str,
    settings: &[(&str, String)],
) -> Result<(), Failure> {
    edit_section(app, section, settings).map(drop)
}

/// Takes the session out of the section; whether there was one.
pub(crate) fn remove_section(app: &App, section: &str) -> Result<bool, Failure> {
    let files = app.profiles()?;
    if let Some(setting) = foreign_credentials(files, section) {
        let hint = match setting.value.trim().starts_with("AKIA") {
            true => {
                format!("`awsx keys import {} --remove` takes an access key out", word(section))
            }
            false => "awsx takes out only what it, or aws-mfa, wrote".to_owned(),
        };
        return Err(Failure::say(refusal(section, &setting), Kind::Config.with(hint)));
    }
    edit_section(app, section, &[])
}

/// A setting of the section that is neither awsx's nor aws-mfa's to write.
fn foreign_credentials(files: &Profiles, section: &str) -> Option<Setting> {
    files.as_written(section)?.foreign_credentials().cloned()
}

fn refusal(section: &str, setting: &Setting) -> String {
    let Setting { key, location, .. } = setting;
    format!("{location}: {key} of [{section}] is neither awsx's nor aws-mfa's")
}

/// A name for a section beside this one.
fn name_beside(files: &Profiles, section: &str) -> String {
    let mut name = format!("{section}-session");
    while files.knows(&name) {
        name.push('2');
    }
    word(&name).into_owned()
}

fn edit_section(app: &App, section: &str, settings: &[(&str, String)]) -> Result<bool, Failure> {
    let path = app.profiles()?.credentials_file();
    let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let tell = |message: &str| app.out().notice(message);
    let mut is_foreign = false;
    let changed = app.writer(&tell).update_in_private(path, |text| {
        // Somebody may have written it since it was looked at.
        let now = Profiles::from_texts("", text);
        is_foreign = now.is_ok_and(|now| foreign_credentials(&now, section).is_some());
        match is_foreign {
            true => Ok(text.to_owned()),
            false => with_settings(FileKind::Credentials, text, section, &SETTINGS, &settings),
        }
    })?;
    match is_foreign {
        true => Err(Failure::say(
            format!("{} was changed meanwhile; [{section}] is as it was", path.display()),
            Kind::Config.with("run it again"),
        )),
        false => Ok(changed),
    }
}
