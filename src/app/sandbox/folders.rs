//! Where sessions, logins and keys rest in files: below one's own home, and below those of others.

use crate::migrate::Place;
use crate::migrate::Place::{Home, InVariable, Variable};

/// A directory, and how the names of its files end that are meant: `None` for any.
pub(super) type Folder = (Place, Option<&'static str>);

/// Of the AWS CLI and boto.
pub(super) const CACHES: &[Folder] = &[
    (Home(".aws/sso/cache"), Some("json")),
    (Home(".aws/cli/cache"), Some("json")),
    (Home(".aws/login/cache"), Some("json")),
    (Variable("AWS_LOGIN_CACHE_DIRECTORY"), Some("json")),
    (Home(".aws/boto/cache"), Some("json")),
];

pub(super) const OF_OTHER_TOOLS: &[Folder] = &[
    (Home(".awsvault/keys"), None),
    (InVariable("AWS_VAULT_FILE_DIR", ""), None),
    (Home(".granted"), None),
    (Home(".aws-sso"), None),
    (Home(".password-store/aws-vault"), None),
];
