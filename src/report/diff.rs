//! What comes and what goes in a file that is written: red and green, and no secret among it.

use std::borrow::Cow;
use std::path::Path;

use super::common_lines::common_lines;
use super::failure::Failure;
use super::output::Out;
use super::screen::Screen;
use crate::profile::display_value;
use crate::text::Look;
use crate::text::abbreviate;

impl Out {
    /// Shows on stdout what changes in an AWS file: its path, then below the header of each section the lines that go
    /// and come. Values that may be secrets are `***`. Nothing where nothing changes.
    pub(crate) fn show_diff(
        &self,
        file: &Path,
        home: Option<&Path>,
        before: &str,
        after: &str,
    ) -> Result<(), Failure> {
        if before == after {
            return Ok(());
        }
        let mut screen = self.screen();
        let path = file.display().to_string();
        screen.look(Look::Strong, &abbreviate(&path, home)).line();
        self.show(screen.changes(before, after))
    }
}

impl Screen {
    /// The lines of an AWS file that go and come, below the header of their section.
    pub(crate) fn changes(&mut self, before: &str, after: &str) -> &mut Self {
        for change in changes(before, after) {
            let (look, mark) = match change.kind {
                ChangeKind::Gone => (Look::Bad, "- "),
                ChangeKind::New => (Look::Good, "+ "),
                ChangeKind::Header => (Look::Plain, "  "),
            };
            self.look(look, &format!("{mark}{}", mask(change.text))).line();
        }
        self
    }

    /// The lines of another file that go and come, as they are. A comma at a line's end, which comes and goes with a
    /// neighbour, is no difference.
    pub(crate) fn lines_that_differ(&mut self, before: &str, after: &str) -> &mut Self {
        fn lines(text: &str) -> Vec<&str> {
            text.lines().map(|line| line.trim_end_matches(',')).collect()
        }
        let (old, new) = (lines(before), lines(after));
        let (mut at, mut other) = (0, 0);
        let ends = [(old.len(), new.len())];
        for (same_old, same_new) in common_lines(&old, &new).into_iter().chain(ends) {
            for line in &old[at..same_old] {
                self.look(Look::Bad, &format!("- {line}")).line();
            }
            for line in &new[other..same_new] {
                self.look(Look::Good, &format!("+ {line}")).line();
            }
            (at, other) = (same_old + 1, same_new + 1);
        }
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChangeKind {
    Gone,
    New,
    /// The section that the next ones are in
    Header,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change<'a> {
    kind: ChangeKind,
    text: &'a str,
}

/// The lines that differ, in order; before those of a section its header, where that stays.
fn changes<'a>(before: &'a str, after: &'a str) -> Vec<Change<'a>> {
    let lines = |text: &'a str| -> Vec<&'a str> { text.split_inclusive('\n').collect() };
    let (old, new) = (lines(before), lines(after));
    let mut found = Vec::new();
    let mut told = None;
    let mut add = |kind, line: &'a str, section: Option<&'a str>| {
        let text = line.trim_end_matches(['\r', '\n']);
        // Blank lines keep sections apart, and are of none.
        if text.trim().is_empty() {
            found.push(Change { kind, text });
            return;
        }
        if let Some(section) = section.filter(|_| told != section) {
            found.push(Change { kind: ChangeKind::Header, text: section });
        }
        told = section;
        found.push(Change { kind, text });
    };
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let mut section: Option<&str> = None;
    let (mut at, mut other) = (0, 0);
    for (same_old, same_new) in common_lines(&old, &new).into_iter().chain([(old.len(), new.len())])
    {
        let mut inner = section;
        for line in &old[at..same_old] {
            inner = if is_header(line) { None } else { inner };
            add(ChangeKind::Gone, line, inner);
        }
        let mut inner = section;
        for line in &new[other..same_new] {
            inner = if is_header(line) { None } else { inner };
            add(ChangeKind::New, line, inner);
        }
        if new[other..same_new].iter().any(|line| is_header(line)) {
            section = None;
        }
        if let Some(line) = old.get(same_old).filter(|line| is_header(line)) {
            section = Some(line.trim_end());
        }
        (at, other) = (same_old + 1, same_new + 1);
    }
    found
}

/// The line as far as it may be shown.
fn mask(line: &str) -> Cow<'_, str> {
    let trimmed = line.trim();
    let said = trimmed.trim_start_matches(['#', ';', ' ', '\t']);
    if trimmed.starts_with('[') || said.is_empty() {
        return line.into();
    }
    let is_comment = said.len() < trimmed.len();
    let Some(at) = said.find(['=', ':']) else {
        // Words are no key, and a part of one has no blanks.
        let is_prose = is_comment && said.split_whitespace().all(|word| word.len() < 20);
        return if is_prose { line.into() } else { "***".into() };
    };
    let (key, value) = (said[..at].trim().to_ascii_lowercase(), said[at + 1..].trim());
    match display_value(&key, value) {
        shown if shown == value || value.is_empty() => line.into(),
        shown => {
            let begins = line.len() - line.trim_start().len() + trimmed.len() - said.len();
            let (head, _) = line.split_at(begins + at + 1);
            format!("{head} {shown}").into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        Screen::new(None).changes(before, after).text().to_owned()
    }

    #[test]
    fn lines_that_differ_are_shown_below_their_section() {
        for (docs, before, after, expected) in [
            ("nothing", "[a]\nregion = x\n", "[a]\nregion = x\n", ""),
            ("a new file", "", "[a]\nregion = x\n", "+ [a]\n+ region = x\n"),
            (
                "another value",
                "[a]\nregion = x\noutput = json\n",
                "[a]\nregion = y\noutput = json\n",
                "  [a]\n- region = x\n+ region = y\n",
            ),
            (
                "in two sections",
                "[a]\nregion = x\n[b]\nregion = x\n[c]\noutput = json\n",
                "[a]\n[b]\nregion = x\n[c]\noutput = text\n",
                "  [a]\n- region = x\n  [c]\n- output = json\n+ output = text\n",
            ),
            (
                "a section goes",
                "[a]\nregion = x\n\n[b]\nregion = y\n",
                "[a]\nregion = x\n",
                "- \n- [b]\n- region = y\n",
            ),
            (
                "secrets are not shown",
                "[a]\naws_secret_access_key = planted\n# aws_session_token=planted\n  planted\n",
                "[a]\nunknown: planted\n# a remark\n",
                "  [a]\n- aws_secret_access_key = ***\n- # aws_session_token= ***\n- ***\n\
                 + unknown: ***\n+ # a remark\n",
            ),
            (
                "an end of line",
                "[a]\nregion = x",
                "[a]\nregion = x\n",
                "  [a]\n- region = x\n+ region = x\n",
            ),
        ] {
            assert_eq!(diff(before, after), expected, "{docs}");
        }
    }
}
