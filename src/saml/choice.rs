//! Which of an assertion's roles is meant.

use super::assertion::SamlRole;

/// Why none of them is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRole {
    #[error("{}: it has {}", lacks(.role_arn.as_deref(), .principal_arn.as_deref()), list(.roles))]
    Lacks { role_arn: Option<String>, principal_arn: Option<String>, roles: Vec<SamlRole> },
    /// The same role, by several providers
    #[error("the assertion has the role {} by {} providers: {}", .0[0].role_arn, .0.len(), providers(.0))]
    SeveralProviders(Vec<SamlRole>),
    #[error("the assertion has {} roles: {}", .0.len(), list(.0))]
    Several(Vec<SamlRole>),
}

/// The only role that is left by what is asked for.
pub(crate) fn choose<'a>(
    roles: &'a [SamlRole],
    role_arn: Option<&str>,
    principal_arn: Option<&str>,
) -> Result<&'a SamlRole, NoRole> {
    let is_asked = |role: &&SamlRole| {
        role_arn.is_none_or(|asked| asked == role.role_arn)
            && principal_arn.is_none_or(|asked| asked == role.principal_arn)
    };
    let found: Vec<&SamlRole> = roles.iter().filter(is_asked).collect();
    let all = |roles: &[&SamlRole]| roles.iter().map(|role| (*role).clone()).collect::<Vec<_>>();
    match found[..] {
        [only] => Ok(only),
        [] => Err(NoRole::Lacks {
            role_arn: role_arn.map(str::to_owned),
            principal_arn: principal_arn.map(str::to_owned),
            roles: roles.to_vec(),
        }),
        [first, ref rest @ ..] if rest.iter().all(|role| role.role_arn == first.role_arn) => {
            Err(NoRole::SeveralProviders(all(&found)))
        }
        _ => Err(NoRole::Several(all(&found))),
    }
}

fn lacks(role_arn: Option<&str>, principal_arn: Option<&str>) -> String {
    let role = role_arn.map(|role| format!("role {role}"));
    let provider = principal_arn.map(|provider| format!("provider {provider}"));
    let asked: Vec<_> = [role, provider].into_iter().flatten().collect();
    format!("the assertion has no {}", asked.join(" by "))
}

/// The most that a sentence names.
const SHOWN: usize = 8;

fn list(roles: &[SamlRole]) -> String {
    shorten(roles, |role| &role.role_arn)
}

fn providers(roles: &[SamlRole]) -> String {
    shorten(roles, |role| &role.principal_arn)
}

fn shorten(roles: &[SamlRole], name: impl Fn(&SamlRole) -> &str) -> String {
    let names: Vec<&str> = roles.iter().map(name).collect();
    match names.split_at_checked(SHOWN) {
        Some((first, rest)) if !rest.is_empty() => {
            format!("{} and {} more", first.join(", "), rest.len())
        }
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_chosen_by_what_is_asked() {
        let role = |role: &str, principal: &str| SamlRole {
            role_arn: role.to_owned(),
            principal_arn: principal.to_owned(),
        };
        let one = [role("a", "p")];
        let many = [role("a", "p"), role("b", "p"), role("b", "q")];
        for (docs, roles, asked, expected) in [
            ("the only one", &one[..], (None, None), "a p"),
            ("by its name", &many, (Some("a"), None), "a p"),
            ("by both", &many, (Some("b"), Some("q")), "b q"),
            ("by the provider", &many, (None, Some("q")), "b q"),
            ("nothing is asked", &many, (None, None), "the assertion has 3 roles: a, b, b"),
            (
                "two providers",
                &many,
                (Some("b"), None),
                "the assertion has the role b by 2 providers: p, q",
            ),
            ("another", &one, (Some("c"), None), "the assertion has no role c: it has a"),
            (
                "another provider",
                &many,
                (Some("a"), Some("q")),
                "the assertion has no role a by provider q: it has a, b, b",
            ),
        ] {
            let said = match choose(roles, asked.0, asked.1) {
                Ok(role) => format!("{} {}", role.role_arn, role.principal_arn),
                Err(error) => error.to_string(),
            };
            assert_eq!(said, expected, "{docs}");
        }
    }

    #[test]
    fn a_crowd_of_roles_is_cut() {
        let roles: Vec<_> = (0..100)
            .map(|n| SamlRole { role_arn: n.to_string(), principal_arn: "p".into() })
            .collect();
        let said = choose(&roles, None, None).unwrap_err().to_string();
        assert_eq!(said, "the assertion has 100 roles: 0, 1, 2, 3, 4, 5, 6, 7 and 92 more");
    }
}
