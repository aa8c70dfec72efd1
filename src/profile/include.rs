//! `include_profile`, as aws-vault's users know it: settings that a profile leaves unset come from
//! the profile it includes, and from what that one includes. Static keys never do, nor a
//! `source_profile` that would make a profile its own source.

use super::{Location, Profile, Profiles};

/// An `include_profile` that leads nowhere or in a circle.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The included profile does not exist
    #[error("{at}: profile `{profile}` includes profile `{included}`, which does not exist")]
    IncludeNotFound {
        /// The profile that has the `include_profile`
        profile: String,
        /// The profile it names
        included: String,
        /// The line of the `include_profile`
        at: Location,
    },
    /// Profiles include each other in a circle
    #[error("{at}: include_profile leads in a circle: {}", path.join(" -> "))]
    IncludeCycle {
        /// The profiles in order; the last one is among those before
        path: Vec<String>,
        /// The line of the `include_profile` that closes the circle
        at: Location,
    },
}

impl Profiles {
    pub(super) fn with_included(&self, mut profile: Profile) -> Result<Profile, ProfileError> {
        let mut path = vec![profile.name.clone()];
        let mut next = profile.get("include_profile").cloned();
        while let Some(include) = next {
            let (name, at) = (include.value, include.location);
            let known = path.contains(&name);
            path.push(name);
            if known {
                return Err(ProfileError::IncludeCycle { path, at });
            }
            let [.., includer, name] = path.as_slice() else {
                unreachable!("the path starts with the profile")
            };
            let Some(included) = self.as_written(name) else {
                return Err(ProfileError::IncludeNotFound {
                    profile: includer.clone(),
                    included: name.clone(),
                    at,
                });
            };
            profile.fill_from(&included);
            next = included.get("include_profile").cloned();
        }
        Ok(profile)
    }
}

impl Profile {
    fn fill_from(&mut self, included: &Profile) {
        for setting in included.settings() {
            let own_source = setting.key == "source_profile" && setting.value == self.name;
            let brought = !setting.is_blank()
                && !setting.is_static_key()
                && setting.key != "include_profile"
                && !own_source;
            if brought && self.get(&setting.key).is_none() {
                self.included.push(setting.clone());
            }
        }
    }
}
