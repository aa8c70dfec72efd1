//! Settings that name a profile or another section: who says them.

use super::name::bare_name;
use super::{Location, Profiles, Setting};

/// What a setting names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Profile,
    SsoSession,
}

impl Named {
    /// The settings that name one. `parent_profile` is aws-vault's.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Profile => &["source_profile", "include_profile", "parent_profile"],
            Self::SsoSession => &["sso_session"],
        }
    }

    /// What stands before a name in its section's header, and by mistake in references too.
    fn word(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::SsoSession => "sso-session",
        }
    }
}

/// A setting of a profile that names something.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) profile: String,
    pub(crate) key: String,
    /// As it stands there
    pub(crate) value: String,
    pub(crate) at: Location,
}

impl Profiles {
    /// The settings that name this, in the files' order, whether they count or not.
    pub(crate) fn references(&self, named: Named, name: &str) -> Vec<Reference> {
        let is_it = |setting: &&Setting| bare_name(&setting.value, named.word()) == name;
        let mut found = Vec::new();
        for profile in self.names() {
            let Some(written) = self.as_written(profile) else { continue };
            found.extend(written.all_of(named.keys()).filter(is_it).map(|setting| Reference {
                profile: profile.to_owned(),
                key: setting.key.to_string(),
                value: setting.value.clone(),
                at: setting.location.clone(),
            }));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_names_a_profile_is_found() {
        let profiles = Profiles::from_texts(
            "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = b\n[profile c]\n\
             include_profile = \"profile b\"\nsso_session = b\n[profile d]\nsource_profile = B\n",
            "[e]\nsource_profile = b\n",
        )
        .unwrap();
        let found = |named| -> Vec<String> {
            let all = profiles.references(named, "b").into_iter();
            all.map(|found| format!("{} {} {}", found.profile, found.key, found.at)).collect()
        };
        assert_eq!(
            found(Named::Profile),
            [
                "a source_profile config:2",
                "b source_profile config:4",
                "c include_profile config:6",
                "e source_profile credentials:2"
            ]
        );
        assert_eq!(found(Named::SsoSession), ["c sso_session config:7"]);
    }
}
