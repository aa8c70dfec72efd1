//! `include_profile`, as aws-vault's users know it: settings that a profile leaves unset come from
//! the profile it includes, and from what that one includes. Static keys never do, nor a
//! `source_profile` that would make a profile its own source. A profile that says where its credentials
//! come from gets no other kind of source.

use super::{Location, Profile, Profiles, Setting};

/// How many profiles may lead from one to the next: more are a mistake, or meant to keep awsx busy.
pub(crate) const LONGEST: usize = 100;

/// An `include_profile` that leads nowhere or in a circle.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("{at}: profile `{profile}` includes profile `{included}`, which does not exist")]
    NotFound { profile: String, included: String, at: Location },
    #[error("{at}: include_profile leads in a circle: {}", path.join(" -> "))]
    Cycle { path: Vec<String>, at: Location },
    #[error("{at}: more than {LONGEST} profiles include one another")]
    TooLong { at: Location },
}

impl ProfileError {
    /// The line of `include_profile`.
    pub(crate) fn place(&self) -> &Location {
        match self {
            Self::NotFound { at, .. } | Self::Cycle { at, .. } | Self::TooLong { at } => at,
        }
    }
}

impl Profiles {
    /// The profile, with what `include_profile` brings; `None` if neither file defines it and no key is stored
    /// for it.
    ///
    /// # Errors
    /// `include_profile` names a profile that does not exist, or leads in a circle.
    pub fn profile(&self, name: &str) -> Result<Option<Profile>, ProfileError> {
        let Some(mut profile) = self.as_known(name) else { return Ok(None) };
        for included in self.includes_of(&profile)? {
            profile.fill_from(&included);
        }
        Ok(Some(profile))
    }

    /// The profiles that it includes, as they are written, the nearest first.
    pub(crate) fn includes_of(&self, profile: &Profile) -> Result<Vec<Profile>, ProfileError> {
        let mut found: Vec<Profile> = Vec::new();
        let mut next = profile.get("include_profile").cloned();
        let mut path = Vec::new();
        while let Some(Setting { value: included, location: at, .. }) = next {
            let includer = found.last().unwrap_or(profile).name().to_owned();
            path.push(includer.clone());
            if path.contains(&included) {
                path.push(included);
                return Err(ProfileError::Cycle { path, at });
            }
            if path.len() >= LONGEST {
                return Err(ProfileError::TooLong { at });
            }
            let Some(written) = self.as_written(&included) else {
                return Err(ProfileError::NotFound { profile: includer, included, at });
            };
            next = written.get("include_profile").cloned();
            found.push(written);
        }
        Ok(found)
    }
}

/// The settings that make a profile one kind of source.
const KINDS: [&[&str]; 7] = [
    &["role_arn", "source_profile", "credential_source"],
    &["web_identity_token_file", "oidc"],
    &["saml_command", "saml_login_url", "saml_consumer", "principal_arn"],
    &["sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region"],
    &["login_session"],
    &["credential_process"],
    &["aws_access_key_id", "aws_secret_access_key"],
];

impl Profile {
    fn fill_from(&mut self, included: &Profile) {
        let has = |key: &str| self.get(key).is_some();
        let own: Vec<_> = KINDS.iter().filter(|kind| kind.iter().any(|key| has(key))).collect();
        let fits = |key: &str| match (key, KINDS.iter().find(|kind| kind.contains(&key))) {
            _ if own.is_empty() => true,
            (_, None) => true,
            ("role_arn", _) if has("web_identity_token_file") || has("oidc") => true,
            ("role_arn", _) if has("saml_command") || has("saml_login_url") => true,
            // A role has one source.
            ("source_profile", _) if has("credential_source") => false,
            ("credential_source", _) if has("source_profile") => false,
            ("oidc", _) if has("web_identity_token_file") => false,
            ("web_identity_token_file", _) if has("oidc") => false,
            (_, Some(kind)) => own.contains(&kind),
        };
        let is_shared = |setting: &&Setting| {
            let is_own_source = setting.key == "source_profile" && setting.value == self.own.name;
            !setting.is_blank()
                && !setting.is_static_key()
                && setting.key != "include_profile"
                && !is_own_source
                && !has(&setting.key)
                && fits(&setting.key)
        };
        let shared: Vec<_> = included.settings().filter(is_shared).cloned().collect();
        self.included.extend(shared);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(config: &str) -> Profiles {
        Profiles::from_texts(config, "").unwrap()
    }

    #[test]
    fn unset_settings_come_from_the_included_profiles() {
        let profiles = read(
            "[profile prod]\ninclude_profile = base\nregion = a\noutput =\n\
             [profile base]\ninclude_profile = far\nregion = b\noutput = json\n\
             source_profile = prod\naws_access_key_id = AKIA\naws_session_token = t\n\
             [profile far]\nregion = c\nmfa_serial = m\nsource_profile = keys\n",
        );
        let prod = profiles.profile("prod").unwrap().unwrap();
        for (key, value) in [
            ("region", Some("a")),
            ("output", Some("json")),
            ("mfa_serial", Some("m")),
            ("source_profile", Some("keys")),
            ("include_profile", Some("base")),
            ("aws_access_key_id", None),
            ("aws_session_token", None),
        ] {
            assert_eq!(prod.get(key).map(|s| &*s.value), value, "{key}");
        }
        assert_eq!(prod.get("mfa_serial").unwrap().location.line, 14);
        assert!(profiles.as_written("prod").unwrap().get("mfa_serial").is_none());
        let keys: Vec<_> = prod.settings().map(|s| &*s.key).collect();
        assert_eq!(
            keys,
            ["include_profile", "region", "output", "mfa_serial", "source_profile"],
            "each key once, the blank one not at all"
        );
    }

    /// Docs, the profile, the one that it includes, and the keys that come from there.
    #[test]
    fn no_other_kind_of_credentials_comes_from_an_included_profile() {
        const SSO: &str = "sso_account_id = 1\nsso_role_name = r\nregion = x\n";
        for (docs, own, included, expected) in [
            ("nothing of its own", "", SSO, "sso_account_id sso_role_name region"),
            ("a part of the same kind", "sso_account_id = 2\n", SSO, "sso_role_name region"),
            ("keys", "aws_access_key_id = A\n", SSO, "region"),
            ("a role", "role_arn = r\nsource_profile = b\n", SSO, "region"),
            ("a role without source", "role_arn = r\n", "source_profile = b\n", "source_profile"),
            ("a role, and a token", "role_arn = r\n", "web_identity_token_file = t\n", ""),
            ("a role, and an assertion", "role_arn = r\n", "saml_command = c\n", ""),
            ("an assertion without role", "saml_command = c\n", "role_arn = r\n", "role_arn"),
            ("a role, and a CI job", "role_arn = r\n", "oidc = github\n", ""),
            (
                "one token",
                "oidc = github\n",
                "web_identity_token_file = t\nrole_arn = r\n",
                "role_arn",
            ),
            ("a token without role", "web_identity_token_file = t\n", "role_arn = r\n", "role_arn"),
            ("a sign-in, and half a role", "login_session = a\n", "role_arn = r\n", ""),
            ("a command", "credential_process = c\n", "sso_account_id = 1\n", ""),
            (
                "one source",
                "credential_source = E\n",
                "source_profile = b\nmfa_serial = m\n",
                "mfa_serial",
            ),
        ] {
            let config = format!("[profile p]\ninclude_profile = i\n{own}[profile i]\n{included}");
            let profile = read(&config).profile("p").unwrap().unwrap();
            let keys: Vec<_> = profile.included.iter().map(|setting| &*setting.key).collect();
            assert_eq!(keys.join(" "), expected, "{docs}");
        }
    }

    #[test]
    fn circles_and_missing_profiles_are_named_with_their_line() {
        for (config, message) in [
            (
                "[profile a]\ninclude_profile = b\n[profile b]\ninclude_profile = a\n",
                "config:4: include_profile leads in a circle: a -> b -> a",
            ),
            (
                "[profile a]\ninclude_profile = a\n",
                "config:2: include_profile leads in a circle: a -> a",
            ),
            (
                "[profile a]\ninclude_profile = b\n[profile b]\ninclude_profile = c\n\
                 [profile c]\ninclude_profile = b\n",
                "config:6: include_profile leads in a circle: a -> b -> c -> b",
            ),
            (
                "[profile a]\ninclude_profile = b\n[profile b]\ninclude_profile = c\n",
                "config:4: profile `b` includes profile `c`, which does not exist",
            ),
        ] {
            let profiles = read(config);
            assert_eq!(profiles.profile("a").unwrap_err().to_string(), message);
            assert!(profiles.as_written("a").is_some());
        }
        assert!(read("").profile("a").unwrap().is_none());
    }
}
