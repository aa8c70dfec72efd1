//! atmos: the identities of `auth` in `atmos.yaml`.
//! <https://atmos.tools/cli/configuration/auth/identities>

use super::finding::{Fate, Finding, Tool};
use super::looked::{Looked, OwnFile};
use super::mapping::Mapping;
use super::sso::{Portal, Role, Sessions};

pub(super) fn find(
    looked: &Looked<'_>,
    own: Option<&OwnFile>,
    sessions: &mut Sessions,
) -> Vec<Finding> {
    let Some(own) = own else { return Vec::new() };
    let file = Mapping::read(&own.text);
    let identities = file.entries.iter().filter(|entry| match &entry.path[..] {
        [auth, identities, _] => auth == "auth" && identities == "identities",
        _ => false,
    });
    let mut found = Vec::new();
    for identity in identities {
        let [.., name] = &identity.path[..] else { continue };
        if looked.profiles.contains(name) {
            continue;
        }
        let value =
            |path: &[&str]| file.value(&[&["auth", "identities", &**name][..], path].concat());
        let kind = value(&["kind"]).unwrap_or("of no kind");
        let fate = match kind {
            "aws/permission-set" => {
                let provider = value(&["via", "provider"]).unwrap_or_default();
                let of_provider = |key| file.value(&["auth", "providers", provider, key]);
                let role_name =
                    value(&["principal", "name"]).or(value(&["principal", "permission_set"]));
                match (
                    of_provider("start_url"),
                    of_provider("region"),
                    value(&["principal", "account", "id"]),
                    role_name,
                ) {
                    (Some(start_url), Some(region), Some(account_id), Some(role_name)) => {
                        let portal = Portal { start_url, region, name: Some(provider) };
                        let role = Role { portal, account_id, role_name };
                        sessions.move_profile(name, None, role, &[], &[])
                    }
                    _ => Fate::stays(
                        "the file does not say start_url, region, account.id and name of it",
                        "`awsx config sso` makes a profile of a role",
                    ),
                }
            }
            _ => Fate::stays(
                format!("it is {kind}"),
                "`awsx config` makes such a profile, step by step",
            ),
        };
        let (place, what) =
            (format!("{}:{}", own.place, identity.line), format!("identity {name}"));
        found.push(Finding { tool: Tool::Atmos, place, what, fate });
    }
    found
}
