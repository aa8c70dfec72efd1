//! Files, directories and sockets that can be used from here.

use std::fs;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::folders::Folder;
use crate::app::App;
#[cfg(unix)]
use crate::host::local_socket::is_answered;
use crate::migrate::Place;
use crate::scan::{Rules, read};
use crate::state::files::read_prefix;

/// Bytes of a text that are looked at.
pub(super) const LONGEST: u64 = 16 * 1024 * 1024;
/// Entries of a directory that are looked at.
pub(super) const MOST: usize = 1000;

impl App {
    pub(super) fn readable_files(&self, places: &[Place]) -> Vec<String> {
        let paths = places.iter().filter_map(|place| self.path_of(*place));
        paths.filter(|path| is_readable(path)).map(|path| path.display().to_string()).collect()
    }

    pub(super) fn readable_folders(&self, folders: &[Folder]) -> Vec<String> {
        let readable =
            |(place, extension): &Folder| describe_folder(&self.path_of(*place)?, *extension);
        let mut found: Vec<String> = folders.iter().filter_map(readable).collect();
        found.dedup();
        found
    }

    pub(super) fn texts_with_keys(&self, places: &[Place]) -> Vec<String> {
        let first_key = |path: PathBuf| {
            let text = Zeroizing::new(read_prefix(&path, LONGEST).ok()?);
            let hits = read(&text[..], &Rules::default()).ok()??;
            Some(format!("{}:{}", path.display(), hits.first()?.line))
        };
        places.iter().filter_map(|place| self.path_of(*place)).filter_map(first_key).collect()
    }

    #[cfg(unix)]
    pub(super) fn sockets_with_listeners(&self, places: &[Place]) -> Vec<String> {
        let mut found: Vec<PathBuf> = Vec::new();
        for place in places {
            let path = match place {
                Place::Variable(name) => self.env.get(name).and_then(path_of_socket),
                place => self.path_of(*place),
            };
            found.extend(path.filter(|path| !found.contains(path) && is_answered(path)));
        }
        found.iter().map(|path| path.display().to_string()).collect()
    }
}

/// A directory with files that can be read, and how many; `None` for any name.
pub(super) fn describe_folder(folder: &Path, extension: Option<&str>) -> Option<String> {
    let entries = fs::read_dir(folder).ok()?.flatten().take(MOST);
    let is_meant = |path: &PathBuf| {
        extension.is_none_or(|wanted| path.extension().is_some_and(|found| found == wanted))
    };
    let paths = entries.map(|entry| entry.path()).filter(is_meant);
    match paths.filter(|path| is_readable(path)).count() {
        0 => None,
        1 => Some(format!("{} (1 file)", folder.display())),
        count => Some(format!("{} ({count} files)", folder.display())),
    }
}

/// Whether it is a regular file with something in it.
fn is_readable(path: &Path) -> bool {
    read_prefix(path, 1).is_ok_and(|begin| !begin.is_empty())
}

/// The file of an address of D-Bus (`unix:path=/run/user/1000/bus,guid=…`) or docker (`unix:///…`), or of one that is a
/// path itself. A list of D-Bus has others behind semicolons; the first counts.
#[cfg(unix)]
fn path_of_socket(address: &str) -> Option<PathBuf> {
    let first = address.split(';').next().unwrap_or_default().trim();
    let path = match first.strip_prefix("unix:") {
        Some(rest) => match rest.strip_prefix("//") {
            Some(path) => path,
            None => rest.split(',').find_map(|part| part.strip_prefix("path="))?,
        },
        None => first,
    };
    path.starts_with('/').then(|| PathBuf::from(path))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn sockets_have_addresses_of_three_kinds() {
        for (address, expected) in [
            ("unix:path=/run/user/1000/bus", Some("/run/user/1000/bus")),
            ("unix:guid=1,path=/a;unix:path=/b", Some("/a")),
            ("unix:abstract=/a,guid=1", None),
            ("unix:///var/run/docker.sock", Some("/var/run/docker.sock")),
            ("tcp://127.0.0.1:2375", None),
            ("/a/agent.1", Some("/a/agent.1")),
            ("", None),
        ] {
            assert_eq!(path_of_socket(address).as_deref(), expected.map(Path::new), "{address}");
        }
    }
}
