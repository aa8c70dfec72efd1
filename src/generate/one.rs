//! Writes a single profile among the person's own: outside of the block, so that it is theirs from then
//! on.

use super::change::read_back;
use super::{GenerateError, GeneratedProfile, GeneratedSession};
use crate::config::edit::{EditError, Target, with_setting};
use crate::profile::{FileKind, Profiles};

/// The config file's text with a new profile, and with a new session where one is given. Their names must
/// be free.
pub(crate) fn with_profile(
    files: &Profiles,
    session: Option<&GeneratedSession>,
    profile: &GeneratedProfile,
) -> Result<String, GenerateError> {
    let edit =
        |source: EditError| GenerateError::Edit { file: files.config_file().to_path_buf(), source };
    let mut text = files.config_text().to_owned();
    let session_lines = session
        .into_iter()
        .flat_map(|new| new.settings.iter().map(|line| (Target::SsoSession(&new.name), line)));
    let profile_lines = profile.settings.iter().map(|line| (Target::Profile(&profile.name), line));
    for (target, (key, value)) in session_lines.chain(profile_lines) {
        text = with_setting(FileKind::Config, &text, target, key, value).map_err(edit)?;
    }
    read_back(&text, std::slice::from_ref(profile))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_and_profile_are_appended() {
        let files = Profiles::from_texts("[default]\nregion = x", "").unwrap();
        let line = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let session =
            GeneratedSession { name: "corp".into(), settings: vec![line("sso_region", "r")] };
        let profile = GeneratedProfile {
            name: "dev".into(),
            settings: vec![line("sso_session", "corp"), line("region", "eu-west-1")],
        };
        let text = with_profile(&files, Some(&session), &profile).unwrap();
        assert_eq!(
            text,
            "[default]\nregion = x\n\n[sso-session corp]\nsso_region = r\n\n\
             [profile dev]\nsso_session = corp\nregion = eu-west-1\n"
        );
        let files = Profiles::from_texts(&text, "").unwrap();
        let again = with_profile(&files, None, &GeneratedProfile { name: "x".into(), ..profile });
        assert!(
            again.unwrap().ends_with("\n\n[profile x]\nsso_session = corp\nregion = eu-west-1\n")
        );
    }

    #[test]
    fn what_the_file_cannot_hold_is_refused() {
        let files = Profiles::from_texts("", "").unwrap();
        for (docs, name, value) in [
            ("a line break", "dev", "a\nb"),
            ("a comment", "dev", "a # b"),
            ("a name", "a\nb", "c"),
        ] {
            let settings = vec![("sso_session".to_owned(), value.to_owned())];
            let profile = GeneratedProfile { name: name.into(), settings };
            assert!(with_profile(&files, None, &profile).is_err(), "{docs}");
        }
    }
}
