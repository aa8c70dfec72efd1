//! The text of an AWS file with other values of some settings.

use std::cmp::Reverse;

use super::edit::{EditError, ParsedText, Target};
use super::remove::is_same;
use crate::profile::FileKind;

/// A value that is to be another one.
#[derive(Clone, Copy)]
pub(crate) struct Replacement<'a> {
    pub profile: &'a str,
    pub key: &'a str,
    pub old: &'a str,
    pub new: &'a str,
}

/// The text with the new values wherever a section of the profile has the old ones, however often that is and
/// however the section is spelled. Every other byte stays.
pub(crate) fn with_other_values(
    kind: FileKind,
    text: &str,
    replacements: &[Replacement<'_>],
) -> Result<String, EditError> {
    let before = ParsedText::read(kind, text)?;
    let places = replacements.iter().flat_map(|Replacement { profile, key, old, new }| {
        let is_meant = |found: &str, value: &str| found.eq_ignore_ascii_case(key) && value == *old;
        let places = before.places_of(Target::Profile(profile), is_meant);
        places.into_iter().map(move |(line, place)| (line, place, *new))
    });
    let mut places: Vec<_> = places.collect();
    places.sort_unstable_by_key(|(_, place, _)| Reverse(place.start));
    let mut expected = before.sections_as_read(|_| true);
    for setting in expected.iter_mut().flat_map(|(_, settings)| settings) {
        if let Some((_, _, new)) = places.iter().find(|(line, ..)| *line == setting.location.line) {
            (*new).clone_into(&mut setting.value);
        }
    }
    let mut new = text.to_owned();
    for (_, place, value) in places {
        new.replace_range(place, value);
    }
    let after = ParsedText::read_new(kind, &new)?;
    match is_same(&expected, &after.sections_as_read(|_| true)) {
        true => Ok(new),
        false => Err(EditError::Meaning),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_replaced_where_they_stand() {
        let replace = |text: &str| {
            let replacement = |key, old, new| Replacement { profile: "a", key, old, new };
            let replacements = [
                replacement("aws_access_key_id", "AKIA", "AKIB"),
                replacement("aws_secret_access_key", "s+1/x", "t+2/y"),
            ];
            with_other_values(FileKind::Credentials, text, &replacements).unwrap()
        };
        for (docs, text, expected) in [
            (
                "the usual",
                "[a]\naws_access_key_id = AKIA\naws_secret_access_key = s+1/x\nregion = x\n",
                "[a]\naws_access_key_id = AKIB\naws_secret_access_key = t+2/y\nregion = x\n",
            ),
            (
                "indented comments",
                "[a]\naws_access_key_id = AKIA\n  # c\n\n  ; d\nx = y\n",
                "[a]\naws_access_key_id = AKIB\n  # c\n\n  ; d\nx = y\n",
            ),
            (
                "comments, CRLF, blanks and capitals stay",
                "# é\r\n[a] # of work\r\n  AWS_ACCESS_KEY_ID=AKIA\t; old\r\n\r\naws_secret_access_key\t=  s+1/x",
                "# é\r\n[a] # of work\r\n  AWS_ACCESS_KEY_ID=AKIB\t; old\r\n\r\naws_secret_access_key\t=  t+2/y",
            ),
            (
                "twice, and in two sections",
                "[a]\naws_access_key_id = AKIA\naws_access_key_id = AKIA\n[b]\n[a]\naws_access_key_id = AKIA\n",
                "[a]\naws_access_key_id = AKIB\naws_access_key_id = AKIB\n[b]\n[a]\naws_access_key_id = AKIB\n",
            ),
            (
                "other values, and those of others",
                "[a]\naws_access_key_id = AKIC\n[b]\naws_access_key_id = AKIA\n",
                "[a]\naws_access_key_id = AKIC\n[b]\naws_access_key_id = AKIA\n",
            ),
        ] {
            assert_eq!(replace(text), expected, "{docs}");
        }
    }
}
