//! awsx's own settings: when it may open a login, and how the profiles of an organization are named
//! and furnished. The file holds no secret and is read only by commands that need it.
//!
//! - `file`: where it is. `read`: from its text to the `settings`, each mistake with line and column.
//! - `rule`: the profile of one role in one account. `template`: the name of that profile.

mod file;
mod glob;
mod read;
mod role;
mod rule;
mod settings;
mod template;

pub(crate) use file::PreferencesError;
#[cfg(test)]
pub(crate) use glob::Glob;
pub use role::Role;
pub(crate) use rule::RoleProfile;
#[cfg(test)]
pub(crate) use rule::Rule;
pub use settings::Preferences;
pub(crate) use settings::SsoPreferences;
pub use template::Template;
