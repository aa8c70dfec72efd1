//! What leads to this process, in a variable: the commands of `credential_process` and `mfa_process` above
//! it, and the sessions that they are run for. So a command that ends up calling itself is found.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::credentials::SessionKey;
use crate::env::Env;

/// Commands are digests, as a command line can hold secrets. The AWS CLI guards itself with
/// `_AWS_CLI_PROFILE_CHAIN`.
pub(super) const CHAIN: &str = "AWSX_CREDENTIAL_PROCESS_CHAIN";
/// The most commands, each called by another.
const DEPTH: usize = 4;

fn links(env: &Env) -> impl Iterator<Item = &str> {
    env.get(CHAIN).unwrap_or_default().split(',').filter(|link| !link.is_empty())
}

/// The sessions that processes above this one are getting.
pub(super) fn sessions(env: &Env) -> Vec<SessionKey> {
    links(env).filter_map(SessionKey::from_hex).collect()
}

/// The variable for this command, which is run for these sessions; else why it must not be run.
pub(super) fn extend(env: &Env, line: &str, held: &[SessionKey]) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    let this = format!("{:016x}", hasher.finish());
    if links(env).any(|link| link == this) {
        return Err("calls itself: its profile leads back to the same command".into());
    }
    if links(env).filter(|link| SessionKey::from_hex(link).is_none()).count() >= DEPTH {
        return Err(format!("is more than {DEPTH} commands deep, each called by another"));
    }
    let held = held.iter().map(|key| key.to_hex());
    let chain: Vec<String> = links(env).map(str::to_owned).chain([this]).chain(held).collect();
    Ok(chain.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_found_again() {
        let key = SessionKey::builder("t").build();
        let chain = extend(&Env::default(), "a", &[key]).unwrap();
        let env = Env::from_pairs([(CHAIN, chain)]);
        assert_eq!(sessions(&env), [key]);
        let deeper = Env::from_pairs([(CHAIN, extend(&env, "b", &[]).unwrap())]);
        assert_eq!(sessions(&deeper), [key]);
        assert!(extend(&deeper, "a", &[]).unwrap_err().starts_with("calls itself"));
    }
}
