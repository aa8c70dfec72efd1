//! The default `RoleSessionName`: CloudTrail shows it, so it says who asks.

use crate::env::Env;

/// `awsx-<user name>`, within what STS accepts (`[\w+=,.@-]{2,64}`); `awsx` where the user's name is
/// unknown. Stable, so that one session serves every command of the user.
pub(super) fn default_session_name(env: &Env) -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| env.get(name));
    let Some(user) = user else { return "awsx".to_owned() };
    let allowed =
        |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
    "awsx-".chars().chain(user.trim().chars().map(allowed)).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_what_sts_accepts() {
        for (user, expected) in [
            ("alice", "awsx-alice"),
            ("CORP\\Ann Lee", "awsx-CORP-Ann-Lee"),
            ("jürgen", "awsx-j-rgen"),
        ] {
            assert_eq!(default_session_name(&Env::from_pairs([("USER", user)])), expected);
        }
        assert_eq!(default_session_name(&Env::default()), "awsx");
        assert_eq!(default_session_name(&Env::from_pairs([("USER", "x".repeat(99))])).len(), 64);
    }
}
