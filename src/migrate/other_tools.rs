//! Tools of which nothing can come along by itself, or nothing has to.

use super::finding::{Fate, Finding, Tool};
use super::looked::{Looked, OwnFile};
use super::mapping::Mapping;
use super::process::Process;
use super::settings::{Known, find_settings};
use super::sso::Sessions;
use crate::profile::{FileKind, Profile};

/// awsume reads the AWS files, and marks the sessions that it writes there.
/// <https://awsu.me/general/usage.html>
pub(super) fn find_awsume(
    looked: &Looked<'_>,
    own: Option<&OwnFile>,
    _: &mut Sessions,
) -> Vec<Finding> {
    let sessions = find_sessions(looked, Tool::Awsume, |profile| {
        let marks = [("manager", "awsume"), ("autoawsume", "true")];
        marks.iter().any(|(key, mark)| {
            profile.get(key).is_some_and(|setting| setting.value.trim() == *mark)
        })
    });
    let file = own.map(|own| Finding {
        tool: Tool::Awsume,
        place: own.place.clone(),
        what: "its settings; profiles are those of the AWS files".to_owned(),
        fate: Fate::Works("`awsx use PROFILE`, as `awsume PROFILE`".to_owned()),
    });
    let settings = own.map(|own| {
        let file = Mapping::read(&own.text);
        let top = file.entries.iter().filter(|entry| entry.path.len() == 1);
        let said = top.map(|entry| (&*entry.path[0], entry.line));
        find_settings(Tool::Awsume, &own.place, said, &SETTINGS_OF_AWSUME)
    });
    file.into_iter().chain(settings.into_iter().flatten()).chain(sessions).collect()
}

/// What awsx has in the place of what `awsume --config` keeps.
/// <https://awsu.me/general/config.html>
const SETTINGS_OF_AWSUME: [Known; 6] = [
    ("role-duration", "`duration_seconds` in the role's profile, or `--duration`"),
    ("region", "`awsx config set region REGION -p PROFILE`"),
    ("role-session-name", "`role_session_name` in the role's profile, or `--session-name`"),
    ("fuzzy-match", "`awsx use` alone has a list to search; a name that is typed is never guessed"),
    ("colors", "the variable NO_COLOR"),
    ("console", "`browser_command` of [console] in config.toml, or the variable AWSX_BROWSER"),
];

/// yawsso writes the session of a profile into the credentials file, for tools that know no SSO: the end is told by a
/// setting of its own.
/// <https://github.com/victorskl/yawsso/blob/main/README.md>
pub(super) fn find_yawsso(
    looked: &Looked<'_>,
    _: Option<&OwnFile>,
    _: &mut Sessions,
) -> Vec<Finding> {
    let has = |profile: &Profile, key| profile.get_in(FileKind::Credentials, key).is_some();
    let marks = ["aws_session_token", "aws_security_token", "aws_session_expiration"];
    let is_session = |profile: &Profile| marks.iter().all(|key| has(profile, key));
    find_sessions(looked, Tool::Yawsso, is_session).collect()
}

/// Sessions that a tool wrote.
fn find_sessions<'a>(
    looked: &'a Looked<'_>,
    tool: Tool,
    is_session: impl Fn(&Profile) -> bool + 'a,
) -> impl Iterator<Item = Finding> + 'a {
    looked.all_profiles().filter(move |profile| is_session(profile)).map(move |profile| {
        let place = profile.get_in(FileKind::Credentials, "aws_session_token");
        let place = place.map(|setting| &setting.location).or(profile.header());
        Finding {
            tool,
            place: place.map(ToString::to_string).unwrap_or_default(),
            what: format!("session {}", profile.name()),
            fate: Fate::stays(
                "a session, which ends by itself",
                "`awsx exec PROFILE` makes another one",
            ),
        }
    })
}

/// Leapp: what it keeps is sealed by the keychain of its own program.
/// <https://docs.leapp.cloud/latest/concepts/>
pub(super) fn find_leapp(
    looked: &Looked<'_>,
    own: Option<&OwnFile>,
    _: &mut Sessions,
) -> Vec<Finding> {
    const HINT: &str = "`awsx config sso` and `awsx sso sync` make profiles of your roles";
    let finding = |place: String, what: String| Finding {
        tool: Tool::Leapp,
        place,
        what,
        fate: Fate::stays("only Leapp opens what it keeps", HINT),
    };
    let of_process = |profile: Profile| {
        let process = Process::of(&profile).filter(|process| process.is_of("leapp"))?;
        Some(finding(process.place, format!("profile {}: by Leapp", profile.name())))
    };
    let file = own.map(|own| finding(own.place.clone(), "its sessions".to_owned()));
    file.into_iter().chain(looked.all_profiles().filter_map(of_process)).collect()
}

/// 1Password's shell plugin: `aws` is an alias of `op plugin run -- aws`.
/// <https://developer.1password.com/docs/cli/shell-plugins/aws/>
pub(super) fn find_one_password(
    _: &Looked<'_>,
    own: Option<&OwnFile>,
    _: &mut Sessions,
) -> Vec<Finding> {
    let own = own.filter(|own| own.text.contains("op plugin run -- aws"));
    own.map(|own| Finding {
        tool: Tool::OnePassword,
        place: own.place.clone(),
        what: "the alias of aws".to_owned(),
        fate: Fate::stays(
            "only 1Password opens its items",
            "`awsx keys add NAME` asks for a key; take the alias out, else it is in front of awsx's",
        ),
    })
    .into_iter()
    .collect()
}
