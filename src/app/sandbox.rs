//! The ways around awsx that are open where it runs: what an agent in a sandbox or a container could take in the place
//! of what awsx hands over. Nothing that is found is shown, only where it is.

mod files;
mod folders;
#[cfg(unix)]
mod homes;
#[cfg(target_os = "linux")]
mod processes;
mod special;
mod table;
mod way;

use super::App;
use way::Look;
pub(crate) use way::Way;

/// How a way is.
pub(crate) enum Open {
    At(Vec<String>),
    Nowhere,
    /// It takes a call
    NotLookedAt,
}

impl App {
    /// Every way of the table, and how it is.
    pub(crate) fn find_ways_around(&self, online: bool) -> Vec<(&'static Way, Open)> {
        table::WAYS.iter().map(|way| (way, self.look_at(&way.look, online))).collect()
    }

    fn look_at(&self, look: &Look, online: bool) -> Open {
        let places = match look {
            Look::Variables(names) => self.variables(names),
            Look::NotOfAwsx(is_of_awsx, _) if is_of_awsx(self) => Vec::new(),
            Look::NotOfAwsx(_, names) => self.variables(names),
            Look::Files(places) => self.readable_files(places),
            Look::Folders(folders) => self.readable_folders(folders),
            Look::Texts(places) => self.texts_with_keys(places),
            #[cfg(unix)]
            Look::Sockets(places) => self.sockets_with_listeners(places),
            Look::Special(find) => find(self),
            Look::Online(_) if !online => return Open::NotLookedAt,
            Look::Online(find) => find(self),
        };
        match places.is_empty() {
            true => Open::Nowhere,
            false => Open::At(places),
        }
    }

    fn variables(&self, names: &[&str]) -> Vec<String> {
        let names = names.iter().filter(|name| self.inherited.path(name).is_some());
        names.map(|name| (*name).to_owned()).collect()
    }
}
