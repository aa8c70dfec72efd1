//! The names by which `aws configure get` and `aws configure set` take a setting.
//! <https://docs.aws.amazon.com/cli/latest/reference/configure/get.html>

/// Which setting a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettingName {
    /// The profile, where the name says it
    pub profile: Option<String>,
    /// In lower case
    pub key: String,
    /// The key below that one: `s3.addressing_style`
    pub nested: Option<String>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a setting is named KEY, KEY.NESTED, PROFILE.KEY or profile.PROFILE.KEY")]
pub(crate) struct NoSettingName;

impl SettingName {
    /// Names of profiles may have dots, and the longest that `is_profile` knows is meant. Without any, `s3.x` is `x`
    /// below `s3` of the current profile, and `profile.a.b` is of a profile that is not there yet.
    pub(crate) fn read(
        text: &str,
        is_profile: impl Fn(&str) -> bool,
    ) -> Result<Self, NoSettingName> {
        let of_profile = text.strip_prefix("profile.");
        let rest = of_profile.unwrap_or(text);
        let is_known = |name: &str| name == "default" || is_profile(name);
        // From the right, since one or two keys end the name.
        let known = rest.rmatch_indices('.').take(2).find(|(dot, _)| is_known(&rest[..*dot]));
        let dot = known.map(|(dot, _)| dot).or_else(|| of_profile?.find('.'));
        match (dot, of_profile) {
            (Some(dot), _) => {
                let profile = Some(rest[..dot].to_owned()).filter(|name| !name.is_empty());
                profile.as_ref().ok_or(NoSettingName)?;
                Ok(Self { profile, ..Self::in_section(&rest[dot + 1..])? })
            }
            (None, Some(_)) => Err(NoSettingName),
            (None, None) => Self::in_section(text),
        }
    }

    /// The same in a section that is given.
    pub(crate) fn in_section(text: &str) -> Result<Self, NoSettingName> {
        let (key, nested) = match text.split_once('.') {
            Some((key, nested)) => (key, Some(nested.to_owned())),
            None => (text, None),
        };
        let is_key = |key: &str| !key.is_empty() && !key.contains('.');
        match is_key(key) && nested.as_deref().is_none_or(is_key) {
            true => Ok(Self { profile: None, key: key.to_ascii_lowercase(), nested }),
            false => Err(NoSettingName),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_the_aws_cli_reads_them() {
        let known = ["dev", "s3", "my.dev", "my"];
        for (docs, text, expected) in [
            ("a key", "Region", "-/region/-"),
            ("below another", "ec2.max", "-/ec2/max"),
            ("of default", "default.region", "default/region/-"),
            ("the same", "profile.default.s3.max", "default/s3/max"),
            ("of a profile", "profile.dev.region", "dev/region/-"),
            ("without the word", "dev.region", "dev/region/-"),
            ("nested there", "dev.s3.max", "dev/s3/max"),
            ("a profile of that name", "s3.max", "s3/max/-"),
            ("a name with a dot", "profile.my.dev.region", "my.dev/region/-"),
            ("without the word", "my.dev.region", "my.dev/region/-"),
            ("the longest", "my.dev.s3.max", "my.dev/s3/max"),
            ("a shorter one", "my.s3.max", "my/s3/max"),
            ("one that is not there", "profile.new.region", "new/region/-"),
            ("nested there", "profile.new.s3.max", "new/s3/max"),
            ("the word as a key", "profile", "-/profile/-"),
            ("no key", "profile.dev", "none"),
            ("no name", "profile..region", "none"),
            ("empty", "", "none"),
            ("a dot at the end", "region.", "none"),
            ("too deep", "a.b.c", "none"),
            ("too deep in a profile", "profile.new.a.b.c", "none"),
        ] {
            let found = SettingName::read(text, |name| known.contains(&name));
            let shown = found.map_or("none".to_owned(), |found| {
                let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".into());
                format!("{}/{}/{}", or_none(found.profile), found.key, or_none(found.nested))
            });
            assert_eq!(shown, expected, "{docs}: {text}");
        }
    }
}
