//! Merges the sections of both files into profiles by name: decides which spelling of a name counts, and
//! warns of what is defined twice.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::header::{SectionKind, header_text};
use super::line::BLANK;
use super::parse::{Parsed, Section};
use crate::profile::written::FileText;
use crate::profile::{
    Index, IndexedSection, Need, Profiles, StoredKeys, Stray, Warning, WarningKind,
};

pub(super) fn merge(config: Parsed, credentials: Parsed) -> Profiles {
    let mut sections = Sections::default();
    sections.add(&config);
    sections.add(&credentials);
    Profiles {
        stored: StoredKeys::default(),
        need: Need::default(),
        has_long_terms: OnceCell::new(),
        config: config.file,
        credentials: credentials.file,
        profiles: sections.profiles,
        sso_sessions: sections.sso_sessions,
        services: sections.services,
        strays: sections.strays,
        warnings: sections.warnings,
    }
}

#[derive(Default)]
struct Sections {
    profiles: Index,
    sso_sessions: Index,
    services: Index,
    strays: Vec<Stray>,
    warnings: Vec<Warning>,
}

impl Sections {
    fn add(&mut self, parsed: &Parsed) {
        let mut ignored = HashMap::new();
        self.profiles.reserve(parsed.sections.len());
        let mut warnings = parsed.warnings.clone();
        let ends = parsed.sections.iter().skip(1).map(|next| next.line).chain([u32::MAX]);
        for (section, end) in parsed.sections.iter().zip(ends) {
            let header = parsed.header(section);
            warnings.extend(header.warning.map(|kind| (section.line, kind)));
            let indexed = IndexedSection {
                file: parsed.file.kind,
                line: section.line,
                end,
                entries: section.entries.clone(),
                rank: header.rank,
            };
            match header.kind {
                SectionKind::Profile => self.profiles.add(&header.name, indexed, &mut warnings),
                SectionKind::SsoSession => {
                    self.sso_sessions.add(&header.name, indexed, &mut warnings);
                }
                SectionKind::Services => self.services.add(&header.name, indexed, &mut warnings),
                SectionKind::Ignored => {
                    self.strays.extend(stray(&parsed.file, section));
                    // Nobody reads it, but the AWS CLI rejects a file that has it twice.
                    let first = *ignored.entry(header.name).or_insert(section.line);
                    if first != section.line {
                        warnings.push((section.line, WarningKind::RepeatedSection { first }));
                    }
                }
            }
        }
        warnings.sort_by_key(|(line, _)| *line);
        let located = |(line, kind)| Warning { location: parsed.file.location(line), kind };
        self.warnings.extend(warnings.into_iter().map(located));
    }
}

/// What was probably meant with a section that is none.
fn stray(file: &FileText, section: &Section) -> Option<Stray> {
    let text = file.str(section.header).trim();
    let (is_session, name) = match text.split_once(BLANK) {
        Some((prefix, name)) if prefix.to_ascii_lowercase().starts_with("profile") => (false, name),
        Some((prefix, name)) if prefix.to_ascii_lowercase().starts_with("sso") => (true, name),
        _ => (false, text),
    };
    let kind = if is_session { SectionKind::SsoSession } else { SectionKind::Profile };
    let name = name.trim().trim_matches('"');
    (!name.is_empty()).then(|| Stray {
        is_session,
        name: name.to_owned(),
        text: text.to_owned(),
        instead: header_text(file.kind, kind, name),
        location: file.location(section.line),
    })
}

impl Index {
    /// Makes room at once: growing step by step is a fifth of what 10,000 sections cost.
    fn reserve(&mut self, more: usize) {
        self.names.reserve(more);
        self.positions.reserve(more);
    }

    /// Adds a section. Sections of one name are merged, except that within a file only those with
    /// the highest rank count: `[profile default]` replaces `[default]`.
    fn add(&mut self, name: &str, section: IndexedSection, warnings: &mut Vec<(u32, WarningKind)>) {
        let Some(&at) = self.positions.get(name) else {
            let name: Arc<str> = name.into();
            self.positions.insert(name.clone(), self.names.len());
            self.names.push((name, vec![section]));
            return;
        };
        let sections = &mut self.names[at].1;
        let rival = sections.iter().find(|other| other.file == section.file).cloned();
        if let Some(rival) = rival {
            if rival.rank > section.rank {
                warnings.push((section.line, WarningKind::ShadowedSection { winner: rival.line }));
                return;
            }
            if rival.rank == section.rank {
                warnings.push((section.line, WarningKind::RepeatedSection { first: rival.line }));
            }
            sections.retain(|other| {
                let stays = other.file != section.file || other.rank == section.rank;
                if !stays {
                    let winner = section.line;
                    warnings.push((other.line, WarningKind::ShadowedSection { winner }));
                }
                stays
            });
        }
        sections.push(section);
    }
}
