//! Collects what is wrong with the files.

use std::path::{Path, PathBuf};

use super::App;
use crate::check::{
    Code, Finding, check_access, check_chains, check_lines, check_own_settings, check_settings,
    join_findings, mistake_of_file,
};
use crate::config::location;
use crate::config::survey::survey;
use crate::keys::record::StoredKeysHeader;
use crate::preferences::Preferences;
use crate::profile::FileKind;
use crate::state::access::Access;
use crate::state::files;

/// What was found, and where it was looked for.
pub(crate) struct Checked {
    /// The files, whether they are there or not
    pub files: Vec<PathBuf>,
    pub findings: Vec<Finding>,
}

impl App {
    /// Looks at both AWS files and awsx's own, all of them.
    pub(crate) fn check_files(&self) -> Checked {
        let survey = survey(&self.env);
        let profiles = self.files.complete(survey.profiles);
        let mut found: Vec<Finding> = survey.errors.iter().map(mistake_of_file).collect();
        found.extend(check_lines(&survey.oddities));
        found.extend(check_chains(&profiles, &self.env));
        found.extend(check_settings(&profiles, &|id| self.age_of_key(id)));
        let aws = [FileKind::Config, FileKind::Credentials];
        let mut paths: Vec<PathBuf> =
            aws.iter().map(|kind| location::path(&self.env, *kind)).collect();
        if let Some(path) = Preferences::path(&self.env) {
            let read = Preferences::load(&self.env);
            found.extend(check_own_settings(&read, &path, &profiles));
            paths.push(path);
        }
        let has_keys = |path: &Path| {
            let is_key = |finding: &Finding| {
                finding.code == Code::KeyInClearText
                    && finding.place.parts().is_some_and(|(file, _)| file == path)
            };
            found.iter().any(is_key)
        };
        let accesses: Vec<_> = paths.iter().map(|path| (&**path, has_keys(path))).collect();
        let mut directories: Vec<&Path> = paths.iter().map(|path| files::directory(path)).collect();
        directories.dedup();
        let accesses =
            accesses.into_iter().chain(directories.into_iter().map(|path| (path, false)));
        let of_access: Vec<Finding> = accesses
            .filter_map(|(path, has_keys)| Some(check_access(&Access::of(path)?, has_keys)))
            .flatten()
            .collect();
        found.extend(of_access);
        let order: Vec<&Path> = paths.iter().map(|path| &**path).collect();
        Checked { findings: join_findings(found, &order), files: paths }
    }

    /// When a key was made, where the vault knows it.
    fn age_of_key(&self, access_key_id: &str) -> Option<String> {
        let headers = self.vault().ok()?.headers::<StoredKeysHeader>().ok()?;
        let is_it = |header: &StoredKeysHeader| header.access_key_id == access_key_id;
        let header = headers.into_iter().map(|(_, header)| header).find(is_it)?;
        Some(self.ago(header.created_at?))
    }
}
