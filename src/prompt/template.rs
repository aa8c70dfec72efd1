//! What is shown of a segment, and in which order: text with placeholders such as `{profile}`, and sections such as
//! `[ ({left})]`, which are left out where a placeholder in them has nothing to show. A bracket or a brace that is
//! meant itself is written twice.

use chrono::{DateTime, Utc};

use super::dialect::Ink;
use super::segment::{Segment, State};
use crate::text::Colour;
use crate::text::moment::span;

/// What a placeholder shows, and in which colour.
struct Shown(String, Option<Colour>);

type Placeholder = fn(&Segment, DateTime<Utc>) -> Option<Shown>;

const PLACEHOLDERS: [(&str, Placeholder); 8] = [
    ("profile", |segment, _| Some(Shown(segment.name().to_owned(), segment.colour))),
    ("account", |segment, _| plain(segment.account_name.as_ref().or(segment.account_id.as_ref()))),
    ("account_id", |segment, _| plain(segment.account_id.as_ref())),
    ("role", |segment, _| plain(segment.role.as_ref())),
    ("region", |segment, _| plain(segment.region.as_ref())),
    ("left", |segment, now| {
        let (left, state) = segment.left(now)?;
        let text = match state {
            State::Ended => state.name().to_owned(),
            State::Lasting | State::Ending => span(left),
        };
        Some(Shown(text, state.colour()))
    }),
    ("by", |segment, _| Some(Shown(segment.chosen_by?.to_owned(), None))),
    ("colour", |segment, _| Some(Shown(segment.colour?.name().to_owned(), None))),
];

fn plain(text: Option<&String>) -> Option<Shown> {
    Some(Shown(text?.clone(), None))
}

#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Section>);

#[derive(Clone, Debug, Default)]
struct Section {
    /// Whether it is left out where something in it has nothing to show
    is_optional: bool,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Value(Placeholder),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at} of the template: {problem}")]
pub(crate) struct TemplateError {
    at: usize,
    problem: String,
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut sections = vec![Section::default()];
        let mut opened_at = None;
        let mut at = 0;
        while let Some(sign) = text[at..].chars().next() {
            let error = |at: usize, problem: &str| TemplateError {
                at: text[..at].chars().count() + 1,
                problem: problem.to_owned(),
            };
            let rest = &text[at + sign.len_utf8()..];
            let section = sections.last_mut().expect("one is made ahead");
            let begin = at;
            at += sign.len_utf8();
            match sign {
                '{' | '}' | '[' | ']' if rest.starts_with(sign) => {
                    section.push(sign);
                    at += 1;
                }
                '{' => {
                    let end = rest.find('}').ok_or_else(|| error(begin, "`{` without `}`"))?;
                    let name = &rest[..end];
                    let known = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
                    let (_, value) = known.ok_or_else(|| {
                        let all: Vec<_> = PLACEHOLDERS.iter().map(|(name, _)| *name).collect();
                        let all = all.join(", ");
                        let name = name.trim();
                        error(at, &format!("`{name}` is no placeholder: expected one of {all}"))
                    })?;
                    section.pieces.push(Piece::Value(*value));
                    at += end + 1;
                }
                '[' if opened_at.is_some() => {
                    return Err(error(begin, "a section in a section; `[[` is a bracket"));
                }
                '[' => {
                    opened_at = Some(begin);
                    sections.push(Section { is_optional: true, pieces: Vec::new() });
                }
                ']' => {
                    let Some(opened) = opened_at.take() else {
                        return Err(error(begin, "`]` without `[`; `]]` is a bracket"));
                    };
                    if !section.pieces.iter().any(|piece| matches!(piece, Piece::Value(_))) {
                        return Err(error(
                            opened,
                            "a section without a placeholder; `[[` is a bracket",
                        ));
                    }
                    sections.push(Section::default());
                }
                '}' => return Err(error(begin, "`}` without `{`; `}}` is a brace")),
                _ => section.push(sign),
            }
            if at == text.len()
                && let Some(opened) = opened_at
            {
                return Err(error(opened, "`[` without `]`; `[[` is a bracket"));
            }
        }
        Ok(Self(sections))
    }

    /// What the prompt says, written by `ink`.
    pub(crate) fn fill(&self, segment: &Segment, now: DateTime<Utc>, ink: Ink) -> String {
        self.0.iter().filter_map(|section| section.fill(segment, now, ink)).collect()
    }
}

impl Default for Template {
    fn default() -> Self {
        Self::parse("{profile}[ {account}][ {left}][ by {by}]")
            .expect("a constant that the tests read")
    }
}

impl Section {
    fn push(&mut self, sign: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(sign),
            _ => self.pieces.push(Piece::Text(sign.to_string())),
        }
    }

    fn fill(&self, segment: &Segment, now: DateTime<Utc>, ink: Ink) -> Option<String> {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(&ink.write(text)),
                Piece::Value(value) => match value(segment, now) {
                    Some(Shown(text, colour)) => filled.push_str(&ink.paint(&text, colour)),
                    None if self.is_optional => return None,
                    None => {}
                },
            }
        }
        Some(filled)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::text::Palette;

    fn show(template: &str, segment: &Segment) -> String {
        let template = Template::parse(template).unwrap();
        template.fill(segment, DateTime::UNIX_EPOCH, Ink::default())
    }

    fn segment() -> Segment {
        Segment {
            profile: Some("prod".into()),
            account_id: Some("111122223333".into()),
            role: Some("Admin".into()),
            ends: Some(DateTime::UNIX_EPOCH + TimeDelta::minutes(42)),
            colour: Some(Colour::Red),
            ..Segment::default()
        }
    }

    #[test]
    fn sections_are_left_out_where_something_is_missing() {
        let named = Segment { account_name: Some("billing".into()), ..segment() };
        let bare = Segment { profile: Some("dev".into()), ..Segment::default() };
        let default = "{profile}[ {account}][ {left}][ by {by}]";
        for (template, segment, expected) in [
            (default, segment(), "prod 111122223333 42m"),
            (default, named.clone(), "prod billing 42m"),
            (default, bare.clone(), "dev"),
            (
                default,
                Segment { chosen_by: Some(".awsx.toml"), ..bare.clone() },
                "dev by .awsx.toml",
            ),
            ("", named.clone(), ""),
            ("({account_id}/{role}@{region}) {colour}", named.clone(), "(111122223333/Admin@) red"),
            ("a[ {region} {profile}]b", named.clone(), "ab"),
            ("[[{{{profile}}}]]", bare.clone(), "[{dev}]"),
            ("[[[{profile}]]]", bare.clone(), "[dev]"),
            ("☁ [{left}][{profile}]ü", bare, "☁ devü"),
            (
                "{profile}",
                Segment { sso_role: Some("corp/1/Admin".into()), ..Segment::default() },
                "corp/1/Admin",
            ),
            (
                "{profile}",
                Segment { access_key_id: Some("ASIA".into()), ..Segment::default() },
                "ASIA",
            ),
            ("{profile}", Segment::default(), "server"),
        ] {
            assert_eq!(show(template, &segment), expected, "{template}");
        }
        let whole = Template::default().fill(&named, DateTime::UNIX_EPOCH, Ink::default());
        assert_eq!(whole, show(default, &named));
    }

    #[test]
    fn what_is_left_has_the_colour_of_its_urgency() {
        for (seconds, expected) in [
            (3600, "1h"),
            (300, "5m"),
            (299, "\x1b[1;33m5m\x1b[0m"),
            (1, "\x1b[1;33m1m\x1b[0m"),
            (0, "\x1b[1;31mended\x1b[0m"),
            (-100_000, "\x1b[1;31mended\x1b[0m"),
        ] {
            let ends = Some(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds));
            let ink = Ink { palette: Some(Palette::Named), ..Ink::default() };
            let template = Template::parse("{left}").unwrap();
            let segment = Segment { ends, ..segment() };
            assert_eq!(template.fill(&segment, DateTime::UNIX_EPOCH, ink), expected, "{seconds}");
        }
    }

    #[test]
    fn mistakes_name_their_character() {
        for (template, at, words) in [
            (
                "ü{nope}",
                3,
                "`nope` is no placeholder: expected one of profile, account, account_id, role, region, \
                 left, by, colour",
            ),
            ("{}", 2, "`` is no placeholder"),
            ("a{profile", 2, "`{` without `}`"),
            ("a}", 2, "`}` without `{`"),
            ("ab[ {left}", 3, "`[` without `]`"),
            ("[a[{left}]", 3, "a section in a section"),
            ("[ ]", 1, "a section without a placeholder"),
            ("a]", 2, "`]` without `[`"),
        ] {
            let error = Template::parse(template).unwrap_err();
            assert_eq!(error.at, at, "{template}: {error}");
            assert!(error.problem.starts_with(words), "{template}: {error}");
        }
    }
}
