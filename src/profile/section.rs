//! A section with its settings copied out, and the profile that one or several of them make.

use super::{FileKind, Location, Need, Setting, StoredKey, StoredKeys, UnreadableKey};
use crate::text::has_control;

/// The sections of one name and kind: `[profile NAME]`, `[sso-session NAME]` or `[services NAME]`.
///
/// The last of several settings counts, and a blank value counts as unset.
#[derive(Clone, Debug)]
pub struct Section {
    pub(super) name: String,
    pub(super) headers: Vec<Location>,
    /// As written, config file first
    pub(super) settings: Vec<Setting>,
}

impl Section {
    /// The first section header that defines it.
    pub fn header(&self) -> Option<&Location> {
        self.headers.first()
    }

    /// All section headers that define it.
    pub fn headers(&self) -> &[Location] {
        &self.headers
    }

    /// The setting with this (lower-case) key, if it is not blank.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        last(&self.settings, key).filter(|setting| !setting.is_blank())
    }

    /// The settings that count, each key once, blank ones too, in the file's order.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        let counts = |(at, setting): &(usize, &Setting)| {
            !self.settings[at + 1..].iter().any(|later| later.key == setting.key)
        };
        self.settings.iter().enumerate().filter(counts).map(|(_, setting)| setting)
    }

    /// The `endpoint_url` that a `[services NAME]` section has for a service, by the service's key there
    /// (`sts`, `sso_oidc`); a blank one counts as unset.
    ///
    /// # Errors
    /// The service has a plain value: neither the SDKs nor the AWS CLI read that.
    pub fn endpoint_url(&self, service: &str) -> Result<Option<Setting>, ServicesError> {
        let Some(setting) = last(&self.settings, service) else { return Ok(None) };
        if !setting.value.is_empty() && !setting.value.starts_with('\n') {
            return Err(ServicesError::NotNested {
                name: self.name.clone(),
                service: service.to_owned(),
                at: setting.location.clone(),
            });
        }
        Ok(last(&setting.nested, "endpoint_url").filter(|url| !url.is_blank()).cloned())
    }
}

/// A `services` section that does not say what it should.
#[derive(Debug, thiserror::Error)]
pub enum ServicesError {
    /// `sts = URL` instead of `sts =` with `endpoint_url = URL` indented below
    #[error(
        "{at}: `{service}` in [services {name}] must have `endpoint_url = URL` on an indented line \
         of its own below `{service} =`"
    )]
    NotNested { name: String, service: String, at: Location },
}

/// A profile: the settings of all its sections in both files. A setting in the credentials file replaces
/// the one in the config file; what `include_profile` brings fills what is unset.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(super) own: Section,
    /// Through `include_profile`; only keys that are unset in `own`, each once
    pub(super) included: Vec<Setting>,
    pub(super) stored: StoredKeys,
    /// `NAME-long-term`
    pub(super) long_term: Option<Box<Profile>>,
    pub(super) need: Need,
}

impl Profile {
    /// The profile's name, without the `profile` prefix and quotes.
    pub fn name(&self) -> &str {
        &self.own.name
    }

    /// The first section header that defines it: the config file's, if that has one, or that of
    /// `NAME-long-term`. None where it has stored keys alone.
    pub fn header(&self) -> Option<&Location> {
        self.own.header().or_else(|| self.long_term()?.header())
    }

    /// The access key of this name that rests in the vault.
    pub(crate) fn key_in_vault(&self) -> Result<Option<StoredKey>, UnreadableKey> {
        self.stored.find(self.name())
    }

    /// All section headers that define it, config file first.
    pub fn headers(&self) -> &[Location] {
        self.own.headers()
    }

    /// The setting with this (lower-case) key, if it is not blank.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.own.get(key).or_else(|| last(&self.included, key))
    }

    /// The same, from one of the files only: AWS takes static keys from one file, never half from
    /// each. Includes nothing from other profiles.
    pub fn get_in(&self, kind: FileKind, key: &str) -> Option<&Setting> {
        let mut own = self.own.settings.iter();
        own.rfind(|setting| setting.file_kind == kind && setting.key == key)
            .filter(|setting| !setting.is_blank())
    }

    /// All settings that have one of these keys, whether they count or not.
    pub(crate) fn all_of<'a>(&'a self, keys: &'a [&str]) -> impl Iterator<Item = &'a Setting> {
        let all = self.own.settings.iter().chain(&self.included);
        all.filter(|setting| keys.contains(&&*setting.key))
    }

    /// Whether it is the one of its key that counts.
    pub(crate) fn counts(&self, setting: &Setting) -> bool {
        self.get(&setting.key).is_some_and(|counts| std::ptr::eq(counts, setting))
    }

    /// The setting with this key that is there and blank.
    pub(crate) fn blank(&self, key: &str) -> Option<&Setting> {
        self.own.settings.iter().rfind(|setting| setting.key == key && setting.is_blank())
    }

    /// The values that it has of these settings, if it says no more than some of them, each once and on one line.
    pub(crate) fn plain_values<const N: usize>(
        &self,
        keys: &[&str; N],
    ) -> Option<[Option<&str>; N]> {
        if !self.included.is_empty() {
            return None;
        }
        let mut values = [None; N];
        for Setting { key, value, .. } in &self.own.settings {
            let at = keys.iter().position(|known| *known == key)?;
            let is_plain = !value.trim().is_empty() && !has_control(value);
            if !is_plain || values[at].replace(value.trim()).is_some() {
                return None;
            }
        }
        Some(values)
    }

    /// A setting with this key that counts, and an earlier one of the same file with another value.
    pub(crate) fn contradiction(&self, key: &str) -> Option<(&Setting, &Setting)> {
        [FileKind::Config, FileKind::Credentials].into_iter().find_map(|file| {
            let last = self.get_in(file, key)?;
            let is_other = |own: &&Setting| {
                own.file_kind == file
                    && own.key == key
                    && !own.is_blank()
                    && own.value != last.value
            };
            Some((self.own.settings.iter().find(is_other)?, last))
        })
    }

    /// The settings that count, each key once, blank ones too: those of the config file in its
    /// order, then the credentials file's, then the included ones.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        let is_own = |own: &&Setting| last(&self.included, &own.key).is_none();
        self.own.settings().filter(is_own).chain(&self.included)
    }
}

fn last<'a>(settings: &'a [Setting], key: &str) -> Option<&'a Setting> {
    settings.iter().rfind(|setting| setting.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profiles;

    #[test]
    fn the_credentials_file_replaces_and_blank_counts_as_unset() {
        let profiles = Profiles::from_texts(
            "[profile a]\nregion = x\noutput = json\nregion = y\naws_access_key_id = C\n",
            "[a]\noutput =\naws_access_key_id = K\naws_secret_access_key = planted\n",
        )
        .unwrap();
        let profile = profiles.profile("a").unwrap().unwrap();
        let value = |setting: Option<&Setting>| setting.map(|s| s.value.clone());
        assert_eq!(value(profile.get("region")).as_deref(), Some("y"));
        assert_eq!(value(profile.get("output")), None);
        assert_eq!(value(profile.get("aws_access_key_id")).as_deref(), Some("K"));
        let in_config = profile.get_in(FileKind::Config, "aws_access_key_id");
        assert_eq!(value(in_config).as_deref(), Some("C"));
        assert_eq!(value(profile.get_in(FileKind::Config, "aws_secret_access_key")), None);
        assert_eq!(value(profile.get_in(FileKind::Config, "output")).as_deref(), Some("json"));
        let at: Vec<_> = profile.headers().iter().map(ToString::to_string).collect();
        assert_eq!(at, ["config:1", "credentials:1"]);
        let settings: Vec<_> = profile.settings().map(|s| format!("{s:?}")).collect();
        assert_eq!(
            settings,
            [
                r#"region = "y" (config:4)"#,
                r#"output = "" (credentials:2)"#,
                r#"aws_access_key_id = "K" (credentials:3)"#,
                r#"aws_secret_access_key = "***" (credentials:4)"#,
            ]
        );
        let shown = format!("{profile:?} {profiles:?}");
        assert!(!shown.contains("planted"), "{shown}");
    }

    #[test]
    fn nested_settings_have_their_own_lines() {
        let profiles = Profiles::from_texts(
            "[default]\ns3 =\n  a = 1 # kept\n\n  b=2\nregion = x\n more = y\n",
            "",
        )
        .unwrap();
        let profile = profiles.profile("default").unwrap().unwrap();
        let nested: Vec<_> =
            profile.get("s3").unwrap().nested.iter().map(|s| format!("{s:?}")).collect();
        assert_eq!(nested, [r#"a = "1 # kept" (config:3)"#, r#"b = "2" (config:5)"#]);
        assert!(profile.get("region").unwrap().nested.is_empty());
        assert!(profile.get("absent").is_none());
    }

    #[test]
    fn service_endpoints() {
        let profiles = Profiles::from_texts(
            "[services x]\nsts =\n  endpoint_url = http://a\nsso = http://b\niam =\n\
             signin =\n  endpoint_url =\n",
            "",
        )
        .unwrap();
        let services = profiles.services("x").unwrap();
        let url = |key| services.endpoint_url(key).unwrap().map(|s| s.value.clone());
        assert_eq!(url("sts").as_deref(), Some("http://a"));
        assert_eq!((url("iam"), url("signin"), url("s3")), (None, None, None));
        assert_eq!(
            services.endpoint_url("sso").unwrap_err().to_string(),
            "config:4: `sso` in [services x] must have `endpoint_url = URL` on an indented line of \
             its own below `sso =`"
        );
        assert!(profiles.services("y").is_none());
    }

    #[test]
    fn sso_sessions() {
        let profiles = Profiles::from_texts(
            "[sso-session corp]\nsso_region = a\nsso_region = b\nsso_start_url =\n",
            "",
        )
        .unwrap();
        assert_eq!(profiles.sso_session_names().collect::<Vec<_>>(), ["corp"]);
        let session = profiles.sso_session("corp").unwrap();
        assert_eq!(session.get("sso_region").unwrap().value, "b");
        assert!(session.get("sso_start_url").is_none());
        assert_eq!(session.settings().count(), 2);
        assert_eq!((&*session.name, session.header().unwrap().line), ("corp", 1));
        assert!(profiles.sso_session("other").is_none());
    }
}
