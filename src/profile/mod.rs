//! What the AWS files say about each profile, as located settings. Plain data and lookups:
//! [`crate::config`] reads the files into it, [`crate::resolve`] decides what a profile means for
//! credentials.

mod duration;
mod include;
mod name;
mod profiles;
mod section;
mod setting;
mod warning;
pub(crate) mod written;

pub use duration::{InvalidDuration, display_duration, parse_duration};
pub use include::ProfileError;
pub use name::{is_portable_name, is_region, is_start_url};
pub use profiles::Profiles;
pub use section::{Profile, Services, ServicesError, SsoSession};
pub use setting::{FileKind, Location, Setting};
pub use warning::{Warning, WarningKind};

pub(crate) use profiles::{Index, IndexedSection};
