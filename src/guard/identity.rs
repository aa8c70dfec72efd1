//! Who credentials are, as far as a guard asks.

use crate::credentials::arn;
use crate::text::Glob;

/// An account, and the role in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub account: String,
    /// The ARN, or the name of the permission set
    pub role: Option<String>,
}

/// How roles of permission sets are called in IAM: `AWSReservedSSO_Admin_0123456789abcdef`.
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
const OF_PERMISSION_SET: &str = "AWSReservedSSO_";

impl Identity {
    /// Of a role, of its session or of a user; nothing where the ARN names no account.
    pub(crate) fn of_arn(text: &str) -> Option<Self> {
        let role = arn::role_name(text).map(|_| text.to_owned());
        Some(Self { account: arn::account(text)?.to_owned(), role })
    }

    /// Of a permission set at IAM Identity Center.
    pub(crate) fn of_permission_set(account: &str, role: &str) -> Self {
        Self { account: account.to_owned(), role: Some(role.to_owned()) }
    }

    /// The name of the role, as people call it.
    pub(crate) fn role_name(&self) -> Option<&str> {
        let role = self.role.as_deref()?;
        let name = arn::role_name(role).unwrap_or(role);
        let of_set = name.strip_prefix(OF_PERMISSION_SET).and_then(|rest| rest.rsplit_once('_'));
        Some(of_set.map_or(name, |(set, _)| set))
    }

    /// Whether the role has this name, or this ARN. IAM tells no two names apart by case.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
    pub(crate) fn has_role(&self, pattern: &Glob) -> bool {
        let Some(role) = self.role.as_deref() else { return false };
        let in_iam = arn::role_name(role).unwrap_or(role);
        let names = [Some(role), Some(in_iam), self.role_name()];
        names.into_iter().flatten().any(|name| pattern.matches_in_any_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_known_by_its_name_and_its_arn() {
        let of_arn = |text| Identity::of_arn(text).unwrap();
        let set =
            "arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann";
        let in_path = "arn:aws:iam::222222222222:role/team/Admin";
        for (identity, pattern, expected) in [
            (of_arn(in_path), "admin", true),
            (of_arn(in_path), "Adm", false),
            (of_arn(in_path), "arn:aws:iam::*:role/team/*", true),
            (of_arn(set), "Admin", true),
            (of_arn(set), "AWSReservedSSO_*", true),
            (of_arn(set), "Ad_*", false),
            (Identity::of_permission_set("1", "Admin"), "*min", true),
            (of_arn("arn:aws:iam::222222222222:user/Admin"), "*", false),
        ] {
            assert_eq!(identity.has_role(&Glob::new(pattern)), expected, "{identity:?} {pattern}");
        }
        assert_eq!(of_arn(set).role_name(), Some("Admin"));
        assert_eq!(Identity::of_arn("arn:aws:s3:::bucket"), None);
    }
}
