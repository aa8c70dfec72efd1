//! aws-mfa: access keys of `[NAME-long-term]` in the credentials file.
//! <https://github.com/broamski/aws-mfa>

use super::finding::{Fate, Finding, KeySource, Tool};
use super::looked::{Looked, OwnFile};
use super::sso::Sessions;

pub(super) fn find(looked: &Looked<'_>, _: Option<&OwnFile>, _: &mut Sessions) -> Vec<Finding> {
    let long_terms = looked.long_terms.iter();
    long_terms
        .map(|key| Finding {
            tool: Tool::AwsMfa,
            place: key.place.clone(),
            what: format!("the access key of {}", key.name),
            fate: match &key.problem {
                Some(problem) => Fate::stays(
                    problem.clone(),
                    "correct it there, or give awsx the key: `awsx keys add NAME`",
                ),
                None => Fate::Keys(KeySource::LongTerm(key.name.clone())),
            },
        })
        .collect()
}
