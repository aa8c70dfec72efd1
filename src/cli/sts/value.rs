//! What the values of flags become as parameters: the AWS CLI's forms and awsx's own, held to AWS's bounds.

use std::borrow::Cow;

use serde_json::Value;
use zeroize::Zeroizing;

use super::operations::{Flag, Form, Member, TASKS};
use crate::cli::proof::Proof;
use crate::cli::request::policy_text;
use crate::credentials::Secret;
use crate::credentials::arn::check_role_arn;
use crate::env::Env;
use crate::profile::{display_duration, parse_duration};
use crate::report::Failure;
use crate::state::files;

/// Bytes of a file that a value names, at most.
const LARGEST: u64 = 256 * 1024;
/// Characters of a policy beside blanks, says AWS.
const POLICY: usize = 2048;

/// A flag of a call, as it was given.
pub(super) struct Given<'a> {
    pub env: &'a Env,
    /// `sts:AssumeRole`
    pub call: &'static str,
    pub flag: &'static Flag,
    pub warn: &'a dyn Fn(&str),
}

impl Given<'_> {
    /// The parameters that the values become.
    pub(super) fn parameters(&self, values: &[&String]) -> Result<Vec<(String, Secret)>, Failure> {
        let one = |text: String| Ok(vec![(self.flag.parameter.to_owned(), Secret::new(text))]);
        let first = values.first().map_or("", |value| value);
        let texts = || values.iter().map(|value| self.text(value)).collect::<Result<Vec<_>, _>>();
        match &self.flag.form {
            Form::Text(shortest, longest, of) => {
                let text = self.text(first)?;
                check_text(&text, *shortest, *longest, *of).map_err(|p| self.refuse(&text, &p))?;
                one(text.into_owned())
            }
            Form::RoleArn => {
                let text = self.text(first)?;
                let checked = check_role_arn(&text);
                checked.map_err(|problem| self.refuse(&text, &format!("it {problem}")))?;
                one(text.into_owned())
            }
            Form::Duration(least, most) => {
                one(self.seconds(&self.text(first)?, *least, *most)?.to_string())
            }
            Form::Number(least, most) => {
                let text = self.text(first)?;
                let number = text.trim().parse().ok().filter(|n| (least..=most).contains(&n));
                let problem = format!("it is no number from {least} to {most}");
                let number: u64 = number.ok_or_else(|| self.refuse(&text, &problem))?;
                one(number.to_string())
            }
            Form::Policy => one(self.policy(first)?),
            Form::Proof(longest) => {
                let proof = self.proof(first)?;
                let length = proof.trim().chars().count();
                if !(4..=*longest).contains(&length) {
                    let problem =
                        format!("it has {length} characters, and AWS takes 4 to {longest}");
                    return Err(self.refuse("", &problem));
                }
                Ok(vec![(self.flag.parameter.to_owned(), Secret::new(proof.trim()))])
            }
            Form::OneOf(words) => {
                let text = self.text(first)?;
                if !words.contains(&&*text) {
                    let problem = format!("expected one of {}", words.join(", "));
                    return Err(self.refuse(&text, &problem));
                }
                one(text.into_owned())
            }
            Form::Task => one(self.task(&self.text(first)?)?),
            Form::Texts(most, longest, between) => {
                let items = self.items(&texts()?, |text| Ok(split(text, *between)))?;
                self.list(&items, *most, &[Member("", 1, *longest)])
            }
            Form::Structures(most, members) => {
                let items = self.items(&texts()?, |text| structures(text, members))?;
                self.list(&items, *most, members)
            }
        }
    }

    /// The value, or what the file holds that it names with `file://`.
    fn text<'v>(&self, value: &'v str) -> Result<Cow<'v, str>, Failure> {
        let Some(path) = value.strip_prefix("file://") else { return Ok(value.into()) };
        let problem = |problem: String| self.refuse(value, &problem);
        let read = files::read(&self.env.expand_home(path.as_ref()), LARGEST);
        let bytes = read.map_err(|error| problem(format!("it cannot be read: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|_| problem("it is no text".to_owned()))?;
        Ok(text.into())
    }

    /// What a file, stdin or the value itself holds. It is a secret.
    fn proof(&self, given: &str) -> Result<Zeroizing<String>, Failure> {
        let refuse = |shown: &str, problem: &str| self.refuse(shown, problem);
        Proof { env: self.env, flag: self.flag.name, warn: self.warn, refuse: &refuse }.read(given)
    }

    /// The ARN of a task's policy.
    fn task(&self, given: &str) -> Result<String, Failure> {
        let arn = given.strip_prefix("arn=").unwrap_or(given);
        let found = match serde_json::from_str::<Value>(arn) {
            Ok(object) => object.get("arn").and_then(Value::as_str).unwrap_or_default().to_owned(),
            Err(_) => arn.to_owned(),
        };
        if TASKS.contains(&&*found) {
            return Ok(format!("arn:aws:iam::aws:policy/root-task/{found}"));
        }
        if !found.starts_with("arn:") {
            let hint = format!("give one of {}", TASKS.join(", "));
            let problem = format!("--{} {given}: AWS has no such policy", self.flag.name);
            return Err(Failure::usage(problem, &hint));
        }
        check_text(&found, 20, 2048, None).map_err(|problem| self.refuse(given, &problem))?;
        Ok(found)
    }

    fn seconds(&self, given: &str, least: u64, most: u64) -> Result<u64, Failure> {
        let asked =
            parse_duration(given).map_err(|error| self.refuse(given, &error.to_string()))?;
        let seconds = asked.as_secs();
        let nearest = seconds.clamp(least, most);
        if nearest == seconds {
            return Ok(seconds);
        }
        let words = |seconds| display_duration(std::time::Duration::from_secs(seconds));
        let Self { call, flag: Flag { name, .. }, .. } = self;
        Err(Failure::usage(
            format!(
                "--{name} {} is out of bounds: AWS allows {} to {} for {call}",
                words(seconds),
                words(least),
                words(most)
            ),
            &format!("give --{name} {}", words(nearest)),
        ))
    }

    fn policy(&self, given: &str) -> Result<String, Failure> {
        let path = given.strip_prefix("file://");
        let path = path.map(|path| self.env.expand_home(path.as_ref()).display().to_string());
        let text = policy_text(path.as_deref().unwrap_or(given))?;
        let length = text.chars().filter(|c| !c.is_whitespace()).count();
        if length > POLICY {
            let problem = format!(
                "the policy has {length} characters, and AWS takes {POLICY} (blanks not counted)"
            );
            return Err(Failure::usage(
                problem,
                "shorten it with wildcards, or name managed policies: --policy-arns ARN",
            ));
        }
        Ok(text)
    }

    /// What the values hold: one or several each, in JSON or as `read` says.
    fn items(
        &self,
        texts: &[Cow<'_, str>],
        read: impl Fn(&str) -> Result<Vec<Structure>, String>,
    ) -> Result<Vec<Structure>, Failure> {
        let mut items = Vec::new();
        for text in texts {
            let found = match text.trim_start().starts_with(['[', '{']) {
                true => of_json(text),
                false => read(text),
            };
            items.extend(found.map_err(|problem| self.refuse(text, &problem))?);
        }
        Ok(items)
    }

    /// The items as AWS's Query protocol has them, if they are what AWS takes.
    fn list(
        &self,
        items: &[Structure],
        most: usize,
        members: &[Member],
    ) -> Result<Vec<(String, Secret)>, Failure> {
        let Flag { name, parameter, .. } = self.flag;
        if items.len() > most {
            let problem = format!("--{name} has {} values, and AWS takes {most}", items.len());
            return Err(Failure::usage(problem, &self.reference()));
        }
        let mut parameters = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let shown = || {
                let parts = item.iter().map(|(member, text)| match &**member {
                    "" => text.clone(),
                    member => format!("{member}={text}"),
                });
                parts.collect::<Vec<_>>().join(",")
            };
            if let Some((stranger, _)) =
                item.iter().find(|(name, _)| members.iter().all(|known| known.0 != name))
            {
                return Err(self.refuse(&shown(), &format!("there is no member {stranger}")));
            }
            for Member(member, shortest, longest) in members {
                let found = item.iter().find(|(name, _)| name == member);
                let (_, text) =
                    found.ok_or_else(|| self.refuse(&shown(), &format!("{member} is missing")))?;
                check_text(text, *shortest, *longest, None)
                    .map_err(|problem| self.refuse(&shown(), &problem))?;
                let member = if member.is_empty() { "" } else { &format!(".{member}") };
                let name = format!("{parameter}.member.{}{member}", at + 1);
                parameters.push((name, Secret::new(text.clone())));
            }
        }
        Ok(parameters)
    }

    /// Where AWS says what it takes.
    fn reference(&self) -> String {
        let operation = self.call.trim_start_matches("sts:");
        format!(
            "AWS says what it takes: https://docs.aws.amazon.com/STS/latest/APIReference/API_{operation}.html"
        )
    }

    fn refuse(&self, given: &str, problem: &str) -> Failure {
        let shown: String = match given.chars().count() {
            0..=80 => given.to_owned(),
            _ => given.chars().take(79).chain(['…']).collect(),
        };
        // What proves who asks is not shown, and neither is nothing.
        let shown = match (&self.flag.form, shown.is_empty()) {
            (Form::Proof(_), true) => "",
            (_, true) => " \"\"",
            (_, false) => &format!(" {shown}"),
        };
        Failure::usage(format!("--{}{shown}: {problem}", self.flag.name), &self.reference())
    }
}

fn check_text(text: &str, shortest: usize, longest: usize, of: Option<&str>) -> Result<(), String> {
    let length = text.chars().count();
    let is_legal = |c: char| {
        of.is_none_or(|others| c.is_ascii_alphanumeric() || c == '_' || others.contains(c))
    };
    match ((shortest..=longest).contains(&length) && text.chars().all(is_legal), of) {
        (true, _) => Ok(()),
        (false, Some(others)) => {
            Err(format!("it is not {shortest} to {longest} letters, digits and _{others}"))
        }
        (false, None) => Err(format!("it is not {shortest} to {longest} characters long")),
    }
}

/// Members and their texts; a text alone is a member without a name.
type Structure = Vec<(String, String)>;

fn split(text: &str, between: Option<char>) -> Vec<Structure> {
    let alone = |text: &str| vec![(String::new(), text.to_owned())];
    match between {
        Some(between) => text.split(between).map(alone).collect(),
        None => vec![alone(text)],
    }
}

/// `Key=a,Value=b` as the AWS CLI has it, `a=b` as awsx does; one member alone needs no name.
fn structures(text: &str, members: &[Member]) -> Result<Vec<Structure>, String> {
    let is_named = members
        .iter()
        .any(|Member(name, ..)| text.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
    match members {
        [Member(name, ..)] if !is_named => {
            let one = |text: &str| vec![((*name).to_owned(), text.to_owned())];
            Ok(text.split(',').map(one).collect())
        }
        [Member(key, ..), Member("Value", ..)] if !is_named => {
            let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
            let (name, value) = pair.ok_or("it is neither KEY=VALUE nor Key=KEY,Value=VALUE")?;
            let pairs = [((*key).to_owned(), name.to_owned()), ("Value".into(), value.to_owned())];
            Ok(vec![pairs.to_vec()])
        }
        _ => Ok(vec![shorthand(text)?]),
    }
}

/// `Name=text,Name="te,xt"`, each once.
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html>
fn shorthand(text: &str) -> Result<Structure, String> {
    let mut found = Structure::new();
    let mut rest = text;
    loop {
        let (name, after) = rest.split_once('=').ok_or("it is not of the form Name=VALUE,…")?;
        let (value, after) = value(after)?;
        let name = name.trim();
        if found.iter().any(|(known, _)| known == name) {
            return Err(format!("{name} is there twice"));
        }
        found.push((name.to_owned(), value));
        match after.trim_start() {
            "" => return Ok(found),
            after => rest = after.strip_prefix(',').ok_or("there is more behind a quoted value")?,
        }
    }
}

/// A value up to the next comma, or in quotes with backslashes; and what comes after it.
fn value(text: &str) -> Result<(String, &str), String> {
    let Some(quote) = text.chars().next().filter(|c| ['"', '\''].contains(c)) else {
        let end = text.find(',').unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = text[1..].char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c if c == quote => return Ok((value, &text[1 + at + c.len_utf8()..])),
            c => value.push(c),
        }
    }
    Err(format!("a {quote} is missing"))
}

/// A list, or what one of it would be: objects of texts, or texts.
fn of_json(text: &str) -> Result<Vec<Structure>, String> {
    let found: Value =
        serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let list = match found {
        Value::Array(list) => list,
        one => vec![one],
    };
    let item = |item: Value| match item {
        Value::String(text) => Some(vec![(String::new(), text)]),
        Value::Object(members) => {
            let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
            members.into_iter().map(text).collect()
        }
        _ => None,
    };
    let items = list.into_iter().map(item).collect::<Option<Vec<_>>>();
    items.ok_or_else(|| "its values are not all texts".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::sts::operations::OPERATIONS;

    /// `NAME=VALUE` of each parameter, or what is wrong.
    fn read(command: &str, name: &str, values: &[&str]) -> String {
        let operation = OPERATIONS.iter().find(|known| known.command == command).unwrap();
        let flag = operation.flags.iter().find(|flag| flag.name == name).unwrap();
        let given = Given { env: &Env::default(), call: operation.call, flag, warn: &|_| () };
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        match given.parameters(&values.iter().collect::<Vec<_>>()) {
            Ok(parameters) => {
                let shown =
                    parameters.iter().map(|(name, value)| format!("{name}={}", value.expose()));
                shown.collect::<Vec<_>>().join(" ")
            }
            Err(failure) => failure.message().to_owned(),
        }
    }

    #[test]
    fn the_aws_clis_forms_and_awsxs_own() {
        let tags = "Tags.member.1.Key=a Tags.member.1.Value=b";
        let two = format!("{tags} Tags.member.2.Key=c Tags.member.2.Value=");
        let arns = "PolicyArns.member.1.arn=arn:aws:iam::aws:policy/x \
                    PolicyArns.member.2.arn=arn:aws:iam::aws:policy/q=y";
        let (x, y) = ("arn:aws:iam::aws:policy/x", "arn:aws:iam::aws:policy/q=y");
        for (name, values, expected) in [
            ("tags", &["a=b"][..], tags),
            ("tags", &["Key=a,Value=b"], tags),
            ("tags", &["Value=b,Key=a"], tags),
            ("tags", &["Key=a,Value=b", "c="], &two),
            ("tags", &[r#"[{"Key":"a","Value":"b"},{"Key":"c","Value":""}]"#], &two),
            ("tags", &[r#"{"Key":"a","Value":"b"}"#, "Key=c,Value="], &two),
            ("tags", &[r#"Key="a",Value='b'"#], tags),
            (
                "tags",
                &[r#"Key=a,Value="b\"c,d""#],
                r#"Tags.member.1.Key=a Tags.member.1.Value=b"c,d"#,
            ),
            ("tags", &["a=b=c"], "Tags.member.1.Key=a Tags.member.1.Value=b=c"),
            ("tags", &["Key=a"], "--tags Key=a: Value is missing"),
            (
                "tags",
                &["Key=a,Value=b,Colour=c"],
                "--tags Key=a,Value=b,Colour=c: there is no member Colour",
            ),
            ("tags", &["Key=a,Key=b"], "--tags Key=a,Key=b: Key is there twice"),
            ("tags", &["Key=a,Value=\"b"], "--tags Key=a,Value=\"b: a \" is missing"),
            ("tags", &["a"], "--tags a: it is neither KEY=VALUE nor Key=KEY,Value=VALUE"),
            ("tags", &["=b"], "--tags =b: it is neither KEY=VALUE nor Key=KEY,Value=VALUE"),
            ("tags", &["[1]"], "--tags [1]: its values are not all texts"),
            ("policy-arns", &[x, y], arns),
            ("policy-arns", &[&format!("{x},{y}")], arns),
            ("policy-arns", &[&format!("arn={x}"), &format!("arn={y}")], arns),
            ("policy-arns", &[&format!(r#"[{{"arn":"{x}"}},{{"arn":"{y}"}}]"#)], arns),
            ("policy-arns", &["x"], "--policy-arns arn=x: it is not 20 to 2048 characters long"),
            (
                "transitive-tag-keys",
                &["a,b"],
                "TransitiveTagKeys.member.1=a TransitiveTagKeys.member.2=b",
            ),
            (
                "transitive-tag-keys",
                &["a", "b"],
                "TransitiveTagKeys.member.1=a TransitiveTagKeys.member.2=b",
            ),
            (
                "transitive-tag-keys",
                &[r#"["a","b"]"#],
                "TransitiveTagKeys.member.1=a TransitiveTagKeys.member.2=b",
            ),
            (
                "provided-contexts",
                &["ProviderArn=arn:aws:iam::aws:contextProvider/x,ContextAssertion=abcd"],
                "ProvidedContexts.member.1.ProviderArn=arn:aws:iam::aws:contextProvider/x \
                 ProvidedContexts.member.1.ContextAssertion=abcd",
            ),
            ("duration-seconds", &["900"], "DurationSeconds=900"),
            ("duration-seconds", &["15m"], "DurationSeconds=900"),
            (
                "duration-seconds",
                &["13h"],
                "--duration-seconds 13h is out of bounds: AWS allows 15m to 12h for sts:AssumeRole",
            ),
            (
                "duration-seconds",
                &["1x"],
                "--duration-seconds 1x: expected a duration such as 15m, 1h30m or 3600 (seconds)",
            ),
            (
                "external-id",
                &["a"],
                "--external-id a: it is not 2 to 1224 letters, digits and _+=,.@:/-",
            ),
            (
                "external-id",
                &[""],
                "--external-id \"\": it is not 2 to 1224 letters, digits and _+=,.@:/-",
            ),
            (
                "role-arn",
                &["admin"],
                "--role-arn admin: it is not the ARN of a role, such as arn:aws:iam::123456789012:role/NAME",
            ),
            ("policy", &["{}"], "Policy={}"),
            (
                "policy",
                &["{"],
                "--policy is not JSON: EOF while parsing an object at line 1 column 1",
            ),
        ] {
            assert_eq!(read("assume-role", name, values), expected, "{values:?}");
        }
    }

    #[test]
    fn aws_bounds_are_held() {
        let name = |length| "n".repeat(length);
        let tags: Vec<String> = (0..51).map(|n| format!("k{n}=v")).collect();
        let tags: Vec<&str> = tags.iter().map(|tag| &**tag).collect();
        let policy = format!(r#"{{"Sid": "{}"}}"#, name(2048));
        let keys = format!("{}=", name(129));
        for (command, flag, values, expected) in [
            ("assume-role", "source-identity", &[&*name(256)][..], "SourceIdentity=nn"),
            ("assume-role", "source-identity", &[&name(257)], "2 to 256 letters"),
            ("assume-role", "role-session-name", &[&name(65)], "2 to 64 letters"),
            ("assume-role", "tags", &tags, "--tags has 51 values, and AWS takes 50"),
            ("assume-role", "tags", &[&keys], "it is not 1 to 128 characters long"),
            (
                "assume-role",
                "policy",
                &[&policy],
                "the policy has 2058 characters, and AWS takes 2048",
            ),
            ("get-federation-token", "name", &[&name(33)], "2 to 32 letters"),
            ("get-federation-token", "duration-seconds", &["37h"], "15m to 36h for sts:GetFed"),
            ("get-session-token", "duration-seconds", &["60"], "15m to 36h for sts:GetSession"),
            ("assume-root", "duration-seconds", &["16m"], "0s to 15m for sts:AssumeRoot"),
            (
                "assume-root",
                "task-policy-arn",
                &["S3UnlockBucketPolicy"],
                "TaskPolicyArn.arn=arn:aws:iam::aws:policy/root-task/S3U",
            ),
            (
                "assume-root",
                "task-policy-arn",
                &["arn=arn:aws:iam::aws:policy/root-task/New"],
                "TaskPolicyArn.arn=arn:aws:iam::aws:policy/root-task/New",
            ),
            (
                "assume-root",
                "task-policy-arn",
                &[r#"{"arn":"arn:aws:iam::aws:policy/root-task/New"}"#],
                "TaskPolicyArn.arn=arn:aws:iam::aws:policy/root-task/New",
            ),
            (
                "assume-root",
                "task-policy-arn",
                &["S3Unlock"],
                "--task-policy-arn S3Unlock: AWS has no such policy",
            ),
            ("get-web-identity-token", "audience", &["a,b"], "Audience.member.1=a,b"),
            ("get-web-identity-token", "audience", &[&name(1001)], "1 to 1000 characters"),
            (
                "get-web-identity-token",
                "signing-algorithm",
                &["HS256"],
                "expected one of RS256, ES384",
            ),
            (
                "get-session-token",
                "minimum-session-token-size",
                &["4096"],
                "MinimumSessionTokenSize=4096",
            ),
            (
                "assume-root",
                "minimum-session-token-size",
                &["4097"],
                "it is no number from 0 to 4096",
            ),
            (
                "assume-role",
                "minimum-session-token-size",
                &["-1"],
                "it is no number from 0 to 4096",
            ),
            ("get-access-key-info", "access-key-id", &["AKIA"], "16 to 128 letters"),
            (
                "assume-role-with-saml",
                "saml-assertion",
                &["abc"],
                "--saml-assertion: it has 3 characters, and AWS takes 4 to 100000",
            ),
            (
                "assume-role-with-web-identity",
                "web-identity-token",
                &[&name(20_001)],
                "--web-identity-token: it has 20001",
            ),
            (
                "assume-role-with-web-identity",
                "web-identity-token",
                &["file:///none"],
                "/none: it cannot be read: ",
            ),
        ] {
            let found = read(command, flag, values);
            assert!(found.contains(expected), "{command} {flag}: {found}");
        }
    }
}
