//! Session tags and session policies: what may be passed along with a role.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use super::answer::Refusal;
use super::iam::SessionContext;
use super::input::{ARN, Input, POLICY, TAG_KEY, TAG_VALUE};
use super::policy;

/// The session tags of a request.
#[derive(Default)]
pub(crate) struct SessionTags {
    tags: Vec<(String, String)>,
    transitive_keys: Vec<String>,
}

impl SessionTags {
    /// `Tags` and `TransitiveTagKeys`
    pub(crate) fn of(input: &mut Input<'_>) -> Self {
        let keys = input.list("Tags.member", ".Key", 50, &TAG_KEY);
        let values = input.list("Tags.member", ".Value", 50, &TAG_VALUE);
        let transitive = input.list("TransitiveTagKeys.member", "", 50, &TAG_KEY);
        let own = |text: &&str| (*text).to_owned();
        Self {
            tags: keys.iter().map(own).zip(values.iter().map(own)).collect(),
            transitive_keys: transitive.iter().map(own).collect(),
        }
    }

    /// Whether the role must allow `sts:TagSession`.
    pub(crate) fn need_permission(&self, caller: &SessionContext) -> bool {
        !self.tags.is_empty() || !caller.transitive_tags.is_empty()
    }

    /// The tags that the new session hands down, beside those it inherits. Keys differ in more than
    /// case, a transitive key is one of the tags, and what is inherited stays as it is.
    pub(crate) fn transitive(
        &self,
        caller: &SessionContext,
    ) -> Result<Vec<(String, String)>, Refusal> {
        let refused = |message: &str| Err(Refusal::new(400, "InvalidParameterValue", message));
        let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
        for (index, (key, _)) in self.tags.iter().enumerate() {
            if key.to_ascii_lowercase().starts_with("aws:") {
                return refused("Tag keys beginning with 'aws:' are reserved.");
            }
            if self.tags[..index].iter().any(|(other, _)| same(other, key)) {
                return refused(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                );
            }
            if caller.transitive_tags.iter().any(|(inherited, _)| same(inherited, key)) {
                return refused(
                    "One of the specified transitive tag keys can't be set because it conflicts with a \
                     transitive tag key from the calling session.",
                );
            }
        }
        let mut transitive = caller.transitive_tags.clone();
        for key in &self.transitive_keys {
            match self.tags.iter().find(|(name, _)| same(name, key)) {
                Some(tag) => transitive.push(tag.clone()),
                None => {
                    return refused(
                        "The specified transitive tag key must be included in the requested tags.",
                    );
                }
            }
        }
        Ok(transitive)
    }
}

/// The session policies of a request.
pub(crate) struct SessionPolicies<'a> {
    policy: Option<&'a str>,
    arns: Vec<&'a str>,
}

impl<'a> SessionPolicies<'a> {
    /// `Policy` and `PolicyArns`
    pub(crate) fn of(input: &mut Input<'a>) -> Self {
        Self {
            policy: input.text("Policy", &POLICY),
            arns: input.list("PolicyArns.member", ".arn", 10, &ARN),
        }
    }

    /// What they limit the session to; nothing where one is not known.
    pub(crate) fn limits(&self) -> Vec<Vec<String>> {
        let known = self.arns.iter().map(|arn| policy::of_arn(arn));
        match self.policy.map(Some).into_iter().chain(known).collect::<Option<Vec<_>>>() {
            Some(texts) if !texts.is_empty() => {
                vec![texts.into_iter().map(str::to_owned).collect()]
            }
            _ => Vec::new(),
        }
    }

    /// Refuses what is no policy.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        self.policy.map_or(Ok(()), check_policy)?;
        match self.arns.iter().find(|arn| !arn.contains(":iam::") || !arn.contains(":policy/")) {
            Some(arn) => Err(Refusal::invalid(format!("ARN {arn} is not valid."))),
            None => Ok(()),
        }
    }
}

/// Refuses what is no session policy.
pub(crate) fn check_policy(policy: &str) -> Result<(), Refusal> {
    let malformed = |message: &str| Err(Refusal::new(400, "MalformedPolicyDocument", message));
    let Ok(document) = serde_json::from_str::<serde_json::Value>(policy) else {
        return malformed("This policy contains invalid Json");
    };
    let statements = match document.get("Statement") {
        Some(serde_json::Value::Array(list)) => list.clone(),
        Some(one @ serde_json::Value::Object(_)) => vec![one.clone()],
        _ => return malformed("Syntax errors in policy."),
    };
    if statements.iter().any(|statement| statement.get("Effect").is_none()) {
        return malformed("Syntax errors in policy.");
    }
    if statements.iter().any(|statement| statement.get("Principal").is_some()) {
        return malformed("Policy document should not specify a principal.");
    }
    Ok(())
}

/// `PackedPolicySize`, where there is anything to pack. AWS does not say how it packs; this is one that more text
/// makes larger.
pub(crate) fn packed_size(
    policies: &SessionPolicies<'_>,
    tags: &SessionTags,
) -> Result<Option<usize>, Refusal> {
    let policy = policies.policy.map_or(0, |policy| policy.len() / 24 + 1);
    let tag = |(key, value): &(String, String)| (key.len() + value.len()) / 24 + 1;
    let size = policy + 5 * policies.arns.len() + tags.tags.iter().map(tag).sum::<usize>();
    match size {
        0 => Ok(None),
        1..=100 => Ok(Some(size)),
        _ => Err(Refusal::new(
            400,
            "PackedPolicyTooLarge",
            format!("Packed size of session tags and policies consumes {size}% of allotted space."),
        )),
    }
}
