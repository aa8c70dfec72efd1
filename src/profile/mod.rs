//! What the AWS files say about each profile, as located settings. Plain data and lookups:
//! [`crate::config`] reads the files into it, [`crate::resolve`] decides what a profile means for
//! credentials.

mod display;
mod duration;
mod file_session;
mod include;
mod name;
mod need;
mod profiles;
mod reference;
mod region;
mod section;
mod setting;
mod setting_name;
mod stored;
mod warning;
pub(crate) mod written;

pub(crate) use display::display_value;
pub(crate) use duration::{display_duration, parse_duration};
pub(crate) use file_session::{Author, FileSession};
pub(crate) use include::{LONGEST, ProfileError};
pub use name::is_portable_name;
pub(crate) use name::portable_length;
pub(crate) use name::{
    IDENTITY, bare_name, is_known_key, is_region, is_start_url, keys_of_profiles, misspelt_key,
    nearest, session_name,
};
pub(crate) use need::Need;
pub use profiles::Profiles;
pub(crate) use profiles::{Index, IndexedSection, Roots, Stray};
pub(crate) use reference::{Named, Reference};
pub(crate) use region::{has_form_of_region, is_known_region, regions, similar_region};
pub(crate) use section::{Profile, Section, ServicesError};
pub use setting::FileKind;
pub(crate) use setting::{Location, Setting, is_quoted, is_secret_key};
pub(crate) use setting_name::{NoSettingName, SettingName};
pub(crate) use stored::{KeyHolder, StoredKey, StoredKeys, UnreadableKey};
pub(crate) use warning::{Warning, WarningKind};
