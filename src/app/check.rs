//! Collects what is wrong with the files.

use std::path::{Path, PathBuf};

use super::App;
use crate::check::{
    Code, Finding, Place, Severity, Tool, check_access, check_chains, check_for_tool, check_guards,
    check_lines, check_own_settings, check_patterns, check_settings, join_findings,
    mark_mechanical, mistake_of_file,
};
use crate::config::ConfigError;
use crate::config::edit::EditError;
use crate::config::location;
use crate::config::mend::mend;
use crate::config::survey::survey;
use crate::keys::record::StoredKeysHeader;
use crate::preferences::Preferences;
use crate::profile::{FileKind, Location};
use crate::report::Failure;
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
        self.check_files_for(None, &[])
    }

    /// The same for a tool as well; of these profiles alone, if any are named.
    pub(crate) fn check_files_for(&self, tool: Option<Tool>, names: &[String]) -> Checked {
        let survey = survey(&self.env);
        let profiles = self.files.complete(survey.profiles);
        let mut found: Vec<Finding> = survey.errors.iter().map(mistake_of_file).collect();
        found.extend(check_lines(&survey.oddities));
        found.extend(check_chains(&profiles, &self.env));
        found.extend(check_guards(&profiles));
        found.extend(check_settings(&profiles, &|id| self.age_of_key(id)));
        if let Some(tool) = tool {
            found.extend(check_for_tool(tool, &profiles));
            let only = found.iter_mut().filter(|finding| finding.code == Code::OnlyAwsx);
            only.for_each(|finding| finding.severity = Severity::Error);
        }
        let aws = [FileKind::Config, FileKind::Credentials];
        let mut paths: Vec<PathBuf> =
            aws.iter().map(|kind| location::path(&self.env, *kind)).collect();
        if let Some(path) = Preferences::path(&self.env) {
            let read = Preferences::load(&self.env);
            let mistakes = Preferences::mistakes(&path);
            found.extend(check_own_settings(&read, &mistakes, &path, &profiles));
            let guards = read.as_ref().map(Preferences::guards).unwrap_or_default();
            found.extend(check_patterns(guards, &path, &profiles));
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
        let of_access: Vec<Finding> =
            accesses.flat_map(|(path, has_keys)| check_access(path, has_keys)).collect();
        found.extend(of_access);
        let order: Vec<&Path> = paths.iter().map(|path| &**path).collect();
        let mut findings = join_findings(found, &order);
        for kind in aws {
            let file = profiles.file(kind);
            let mended = mend(kind, &file.text).map(|mended| mended.done).unwrap_or_default();
            mark_mechanical(&mut findings, &file.path, &mended);
        }
        if !names.is_empty() {
            let odd: Vec<&Location> = names
                .iter()
                .flat_map(|name| profiles.warnings_of(name))
                .map(|warning| &warning.location)
                .collect();
            findings.retain(|finding| match &finding.place {
                // What makes a tool reject the file is everybody's.
                _ if finding.profiles.is_empty() && finding.is_of_whole_file() => true,
                Place::Line(at) if finding.profiles.is_empty() => odd.contains(&at),
                _ => finding.profiles.iter().any(|name| names.contains(name)),
            });
        }
        Checked { findings, files: paths }
    }

    /// Mends what is plain, and shows what changes.
    pub(crate) fn mend_files(&self) -> Result<(), Failure> {
        let tell = |message: &str| self.out().notice(message);
        let writer = self.writer(&tell);
        for kind in [FileKind::Config, FileKind::Credentials] {
            let path = location::path(&self.env, kind);
            // What is no file is found and told, not mended.
            if !path.is_file() {
                continue;
            }
            let mut texts = None;
            let changed = writer.update(&path, |text| {
                let new = mend_wholly(kind, text).map_err(|_| EditError::TooLarge)?;
                texts = Some((text.to_owned(), new.clone()));
                Ok(new)
            })?;
            if let Some((before, after)) = texts.filter(|_| changed) {
                self.out().show_diff(&path, self.env.home(), &before, &after)?;
            }
        }
        self.close_files()
    }

    /// Takes away what others may do with the files and should not.
    #[cfg(unix)]
    fn close_files(&self) -> Result<(), Failure> {
        for finding in self.check_files().findings {
            let (Some((path, _)), true) = (finding.place.parts(), finding.code.is_of_modes())
            else {
                continue;
            };
            let bits = if finding.code == Code::OthersCanRead { 0o077 } else { 0o022 };
            let failed =
                |error| Failure::io(&format!("{} cannot be changed", path.display()), &error);
            let (old, new) = crate::state::access::take_bits(path, bits).map_err(failed)?;
            self.out()
                .notice(&format!("{} has mode {new:03o} now, {old:03o} before", path.display()));
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn close_files(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// When a key was made, where the vault knows it.
    fn age_of_key(&self, access_key_id: &str) -> Option<String> {
        let headers = self.vault().ok()?.headers::<StoredKeysHeader>().ok()?;
        let is_it = |header: &StoredKeysHeader| header.access_key_id == access_key_id;
        let header = headers.into_iter().map(|(_, header)| header).find(is_it)?;
        Some(self.ago(header.created_at?))
    }
}

/// Mends until nothing is left: a line may have two faults.
fn mend_wholly(kind: FileKind, text: &str) -> Result<String, ConfigError> {
    const MOST: usize = 4;
    let mut text = text.to_owned();
    for _ in 0..MOST {
        let mended = mend(kind, &text)?;
        if mended.done.is_empty() {
            break;
        }
        text = mended.text;
    }
    Ok(text)
}
