//! The constraints that AWS's API reference puts on parameters, and how STS words what breaks them.

use std::ops::RangeInclusive;

use super::answer::Refusal;
use super::request::Parameters;

/// The constraints on a text parameter.
pub(crate) struct Text {
    length: RangeInclusive<usize>,
    /// The pattern, and the characters in it beside `\w`
    pattern: Option<(&'static str, &'static str)>,
}

impl Text {
    const fn word(
        length: RangeInclusive<usize>,
        pattern: &'static str,
        others: &'static str,
    ) -> Self {
        Self { length, pattern: Some((pattern, others)) }
    }

    const fn any(length: RangeInclusive<usize>) -> Self {
        Self { length, pattern: None }
    }
}

/// `RoleArn`, `PolicyArns.member.N.arn`
pub(crate) const ARN: Text = Text::any(20..=2048);
/// `RoleSessionName`
pub(crate) const NAME: Text = Text::word(2..=64, r"[\w+=,.@-]*", "+=,.@-");
pub(crate) const SOURCE_IDENTITY: Text = Text::word(2..=256, r"[\w+=,.@-]*", "+=,.@-");
/// `Name` of whom a user vouches for
pub(crate) const FEDERATED_NAME: Text = Text::word(2..=32, r"[\w+=,.@-]*", "+=,.@-");
pub(crate) const EXTERNAL_ID: Text = Text::word(2..=1224, r"[\w+=,.@:\/-]*", "+=,.@:/-");
pub(crate) const SERIAL_NUMBER: Text = Text::word(9..=256, r"[\w+=/:,.@-]*", "+=/:,.@-");
/// `UserName` of one that exists
pub(crate) const USER_NAME: Text = Text::word(1..=128, r"[\w+=,.@-]+", "+=,.@-");
pub(crate) const ACCESS_KEY_ID: Text = Text::word(16..=128, r"[\w]+", "");
pub(crate) const STATUS: Text = Text::any(1..=16);
/// `VirtualMFADeviceName`
pub(crate) const DEVICE_NAME: Text = Text::word(1..=226, r"[\w+=,.@-]+", "+=,.@-");
/// Of digits; what is none is a wrong code
pub(crate) const AUTHENTICATION_CODE: Text = Text::word(6..=6, r"[\d]+", "");
pub(crate) const POLICY: Text = Text::any(1..=2048);
/// `ScopedSessionDescription`
pub(crate) const DESCRIPTION: Text = Text::any(2..=256);
pub(crate) const WEB_IDENTITY_TOKEN: Text = Text::any(4..=20_000);
pub(crate) const SAML_ASSERTION: Text = Text::any(4..=100_000);
pub(crate) const PROVIDER_ID: Text = Text::any(4..=2048);
/// `TargetPrincipal`
pub(crate) const PRINCIPAL: Text = Text::any(12..=2048);
/// `Audience.member.N`
pub(crate) const AUDIENCE: Text = Text::any(1..=1000);
/// `SigningAlgorithm`
pub(crate) const ALGORITHM: Text = Text::any(5..=5);
pub(crate) const ENCODED_MESSAGE: Text = Text::any(1..=10_240);
/// `Tags.member.N.Key`
pub(crate) const TAG_KEY: Text = Text::any(1..=128);
/// `Tags.member.N.Value`
pub(crate) const TAG_VALUE: Text = Text::any(0..=256);

/// The parameters of one request, and what is wrong with those read so far.
pub(crate) struct Input<'a> {
    parameters: &'a Parameters,
    violations: Vec<String>,
}

impl<'a> Input<'a> {
    pub(crate) fn new(parameters: &'a Parameters) -> Self {
        Self { parameters, violations: Vec::new() }
    }

    /// A parameter that may be left out.
    pub(crate) fn text(&mut self, name: &str, rule: &Text) -> Option<&'a str> {
        let value = self.parameters.get(name)?.as_str();
        let (shortest, longest) = (*rule.length.start(), *rule.length.end());
        let length = value.chars().count();
        if length < shortest {
            let constraint = format!("length greater than or equal to {shortest}");
            self.violation(name, &format!("'{value}'"), &format!("Member must have {constraint}"));
        }
        if length > longest {
            let constraint = format!("length less than or equal to {longest}");
            self.violation(name, &format!("'{value}'"), &format!("Member must have {constraint}"));
        }
        if let Some((pattern, others)) = rule.pattern
            && !value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || others.contains(c))
        {
            let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
            self.violation(name, &format!("'{value}'"), &constraint);
        }
        Some(value)
    }

    /// A parameter that may not be left out.
    pub(crate) fn require(&mut self, name: &str, rule: &Text) -> &'a str {
        self.text(name, rule).unwrap_or_else(|| {
            self.violation(name, "null", "Member must not be null");
            ""
        })
    }

    /// `TokenCode`: six digits.
    pub(crate) fn token_code(&mut self) -> Option<&'a str> {
        let code = self.text("TokenCode", &Text::any(6..=6))?;
        if !code.chars().all(|c| c.is_ascii_digit()) {
            let constraint = r"Member must satisfy regular expression pattern: [\d]*";
            self.violation("TokenCode", &format!("'{code}'"), constraint);
        }
        Some(code)
    }

    /// `DurationSeconds`
    pub(crate) fn duration_seconds(&mut self, allowed: RangeInclusive<i64>) -> Option<i64> {
        let text = self.parameters.get("DurationSeconds")?;
        let seconds = text.parse().unwrap_or(0);
        let constraint = if seconds < *allowed.start() {
            format!("greater than or equal to {}", allowed.start())
        } else if seconds > *allowed.end() {
            format!("less than or equal to {}", allowed.end())
        } else {
            return Some(seconds);
        };
        let constraint = format!("Member must have value {constraint}");
        self.violation("DurationSeconds", &format!("'{text}'"), &constraint);
        None
    }

    /// The values of `prefix.1.suffix`, `prefix.2.suffix`, … (no suffix: of `prefix.1`, …).
    pub(crate) fn list(
        &mut self,
        prefix: &str,
        suffix: &str,
        most: usize,
        rule: &Text,
    ) -> Vec<&'a str> {
        let names = (1..).map(|index| format!("{prefix}.{index}{suffix}"));
        let names: Vec<_> = names.take_while(|name| self.parameters.contains_key(name)).collect();
        if names.len() > most {
            let member = prefix.trim_end_matches(".member");
            let constraint = format!("Member must have length less than or equal to {most}");
            self.violations.push(format!(
                "Value at '{}' failed to satisfy constraint: {constraint}",
                lower_camel(member)
            ));
        }
        names.iter().filter_map(|name| self.text(name, rule)).collect()
    }

    fn violation(&mut self, name: &str, value: &str, constraint: &str) {
        let member = lower_camel(name);
        self.violations.push(format!(
            "Value {value} at '{member}' failed to satisfy constraint: {constraint}"
        ));
    }

    /// Refuses if anything was wrong.
    pub(crate) fn check(self) -> Result<(), Refusal> {
        match self.violations.len() {
            0 => Ok(()),
            count => {
                let plural = if count == 1 { "" } else { "s" };
                Err(Refusal::invalid(format!(
                    "{count} validation error{plural} detected: {}",
                    self.violations.join("; ")
                )))
            }
        }
    }
}

/// `RoleArn` as AWS names the member: `roleArn`.
fn lower_camel(name: &str) -> String {
    name.split('.')
        .map(|part| part[..1].to_ascii_lowercase() + &part[1..])
        .collect::<Vec<_>>()
        .join(".")
}
