//! The server that somebody wants to ask.

use crate::app::App;
use crate::app::servers::{Server, Status, servers};
use crate::report::Failure;
use crate::report::failure::{Kind, word};

/// What of it matters besides its profiles.
pub(in crate::cli) struct Need {
    pub is_met: fn(&Status) -> bool,
    /// Where it has to be, in words: ` at 169.254.170.2`
    pub place: &'static str,
    /// The flags of one that will do
    pub flags: &'static str,
}

/// Any will do.
pub(in crate::cli) const ANY: Need = Need { is_met: |_| true, place: "", flags: "" };

/// The newest server that has the profile; without a name the one profile that is served.
pub(in crate::cli) fn find_server(
    app: &App,
    named: Option<&str>,
    need: &Need,
) -> Result<(Server, String), Failure> {
    let mut running = servers(app)?;
    running.retain(|server| (need.is_met)(&server.status));
    let all: Vec<String> = running
        .iter()
        .flat_map(|server| server.status.profiles.iter().map(|profile| profile.name.clone()))
        .collect();
    let profile = match (named, &all[..]) {
        (Some(name), _) => name.to_owned(),
        (None, [first, rest @ ..]) if rest.iter().all(|other| other == first) => first.clone(),
        (None, []) => return Err(none_runs(None, need)),
        (None, _) => {
            let message = format!("several profiles are served: {}", all.join(", "));
            return Err(Failure::usage(message, "name one of them"));
        }
    };
    let has = |server: &Server| server.status.profiles.iter().any(|one| one.name == profile);
    match running.into_iter().find(has) {
        Some(server) => Ok((server, profile)),
        None => Err(none_runs(Some(&profile), need)),
    }
}

fn none_runs(profile: Option<&str>, need: &Need) -> Failure {
    let Need { place, flags, .. } = need;
    let message = match profile {
        None => format!("no server runs{place}"),
        Some(name) => format!("no server runs{place} that has the profile \"{name}\""),
    };
    let name = profile.map_or("PROFILE".into(), word);
    let hint = format!("`awsx serve {name}{flags}` starts one, in another terminal");
    Failure::say(message, Kind::NoCredentials.with(hint))
}
