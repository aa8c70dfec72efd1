//! awsx's own settings: when it may open a login, how the profiles of an organization are named
//! and furnished, and scopes by name. The file holds no secret and is read only by commands that need it.

mod console;
mod directory;
mod edit;
mod file;
mod read;
mod settings;
mod template;

pub(crate) use console::Separate;
pub(crate) use directory::{DirectorySettings, FILE as DIRECTORY_FILE};
pub(crate) use edit::{setting_line, with_sso_setting};
pub(crate) use file::PreferencesError;
pub(crate) use settings::NamedScope;
pub use settings::Preferences;
#[cfg(test)]
pub(crate) use settings::Rule;
pub(crate) use settings::{RoleProfile, SsoPreferences};
pub use template::{Role, Template};
