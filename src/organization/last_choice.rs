//! Which account and which role a person picked last at a login: a list begins there the next time. Whatever is wrong
//! with the file, it counts as absent: nothing but a suggestion depends on it.

use serde::{Deserialize, Serialize};

use super::kept::{file, key};
use crate::credentials::SsoLogin;
use crate::state::{StateDir, encode_record, parse_record};

/// An id and a name are far shorter.
const LIMIT: u64 = 4096;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastChoice {
    pub account_id: Option<String>,
    pub role_name: Option<String>,
}

impl LastChoice {
    pub(crate) fn recall(state: Option<&StateDir>, login: &SsoLogin) -> Self {
        let content = state.and_then(|state| state.read(&name(login), LIMIT).ok().flatten());
        content.and_then(|content| parse_record(&content)).unwrap_or_default()
    }

    pub(crate) fn note(&self, state: Option<&StateDir>, login: &SsoLogin) {
        if let Some(state) = state {
            let _ = state.write(&name(login), &encode_record(self));
        }
    }
}

fn name(login: &SsoLogin) -> String {
    file(&key(login), "last.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::testing::sso_login;

    #[test]
    fn what_is_broken_counts_as_absent() {
        let root = tempfile::tempdir().unwrap();
        let (state, login) = (StateDir::at(root.path()), sso_login());
        let recall = || LastChoice::recall(Some(&state), &login);
        assert_eq!(recall(), LastChoice::default());
        let choice = LastChoice { account_id: Some("1".into()), role_name: None };
        choice.note(Some(&state), &login);
        assert_eq!(recall(), choice);
        let other = SsoLogin { region: "eu-north-1".into(), ..login.clone() };
        assert_eq!(LastChoice::recall(Some(&state), &other), LastChoice::default());
        for text in ["{", r#"{"version":2,"account_id":"1"}"#] {
            std::fs::write(state.file(&name(&login)), text).unwrap();
            assert_eq!(recall(), LastChoice::default(), "{text}");
        }
        LastChoice::default().note(None, &login);
    }
}
