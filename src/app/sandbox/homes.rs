//! Home directories that `HOME` does not name, which is a variable, and those below the root of another process, which
//! a change of root alone does not keep out.

use std::fs;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::files::{LONGEST, MOST, describe_folder};
use super::folders::{CACHES, OF_OTHER_TOOLS};
use crate::app::App;
use crate::migrate::Place;
use crate::state::files::read_prefix;

/// A file with keys, where it has them.
const KEYS: &str = ".aws/credentials";
/// What has home directories in it.
const OF_HOMES: [&str; 2] = ["home", "Users"];

pub(super) fn find_other_homes(app: &App) -> Vec<String> {
    let own = app.env.home().and_then(|home| fs::canonicalize(home).ok());
    let found = open_below(Path::new("/"), own.as_deref());
    #[cfg(target_os = "linux")]
    let found = {
        let roots = super::processes::other_roots().into_iter();
        found.into_iter().chain(roots.flat_map(|root| open_below(&root, None))).collect()
    };
    found
}

/// What can be read in the homes below this root, but for one's own.
fn open_below(root: &Path, own: Option<&Path>) -> Vec<String> {
    let mut homes: Vec<PathBuf> = homes_below(root).collect();
    homes.sort();
    homes.dedup();
    homes.retain(|home| own.is_none_or(|own| fs::canonicalize(home).is_ok_and(|home| home != own)));
    homes.iter().flat_map(|home| open_in(home)).collect()
}

fn homes_below(root: &Path) -> impl Iterator<Item = PathBuf> {
    let users = read_prefix(&root.join("etc/passwd"), LONGEST).unwrap_or_default();
    let users = String::from_utf8_lossy(&users).into_owned();
    let of_users: Vec<_> = users
        .lines()
        .take(MOST)
        .filter_map(|line| line.split(':').nth(5)?.strip_prefix('/'))
        .filter(|home| !home.is_empty())
        .map(|home| root.join(home))
        .collect();
    let entries = OF_HOMES.iter().flat_map(|name| fs::read_dir(root.join(name)));
    let entries: Vec<_> = entries
        .flat_map(|entries| entries.flatten().take(MOST))
        .map(|entry| entry.path())
        .collect();
    of_users.into_iter().chain(entries)
}

fn open_in(home: &Path) -> Vec<String> {
    let keys = home.join(KEYS);
    let text = read_prefix(&keys, LONGEST).map(Zeroizing::new).unwrap_or_default();
    let has_keys =
        memchr::memmem::find(&text.to_ascii_lowercase(), b"aws_secret_access_key").is_some();
    let keys = has_keys.then(|| keys.display().to_string());
    let folders =
        CACHES.iter().chain(OF_OTHER_TOOLS).filter_map(|(place, extension)| match place {
            Place::Home(name) => describe_folder(&home.join(name), *extension),
            _ => None,
        });
    keys.into_iter().chain(folders).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_of_users_are_looked_at_but_for_ones_own() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        let write = |name: &str, text: &str| {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), text).unwrap();
        };
        assert_eq!(open_below(&root, None), [""; 0]);
        write(
            "etc/passwd",
            "root:x:0:0::/root:/bin/sh\nnobody:x:9:9::/:/bin/sh\nx\nann:x:1:1::/home/ann:\n",
        );
        write("root/.aws/credentials", "[a]\nAWS_Secret_Access_Key = x\n");
        write("home/ann/.aws/sso/cache/a.json", "{}");
        write("home/bob/.awsvault/keys/a", "x");
        write("home/eve/.aws/credentials", "[a]\nregion = x\n");
        write("home/eve/.aws/config", "[a]\nregion = x\n");
        let expected = [
            "home/ann/.aws/sso/cache (1 file)",
            "home/bob/.awsvault/keys (1 file)",
            "root/.aws/credentials",
        ];
        let expected = expected.map(|name| root.join(name).display().to_string());
        assert_eq!(open_below(&root, None), expected);
        assert_eq!(open_below(&root, Some(&root.join("home/ann"))), expected[1..]);
    }
}
