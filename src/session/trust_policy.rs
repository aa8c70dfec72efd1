//! Why a role does not let a token in: AWS does not say it, the token's claims may.

use crate::credentials::{Claims, Secret, arn};
use crate::ports::CallError;

/// What a token says beside what trust policies look at most, and what people look for there.
const OTHERS: [&str; 6] =
    ["repository", "ref", "environment", "event_name", "job_workflow_ref", "project_path"];

/// Whether AWS means the trust policy, or the provider that it names.
pub(super) fn is_of_trust(cause: &CallError) -> bool {
    matches!(cause, CallError::Refused { code, message, .. }
        if message.starts_with("Not authorized to perform sts:AssumeRoleWithWebIdentity")
            || code == "InvalidIdentityToken")
}

/// The claims as the lines of a trust policy that lets the token in; none where it is no JSON Web Token.
pub(super) fn words_of_trust(token: &Secret, role_arn: &str) -> Vec<String> {
    let Some(claims) = Claims::of(token) else { return Vec::new() };
    let Some(issuer) = claims.text("iss") else { return Vec::new() };
    let host = issuer.strip_prefix("https://").unwrap_or(&issuer);
    let partition = role_arn.split(':').nth(1).unwrap_or("aws");
    let account = arn::account(role_arn).unwrap_or_default();
    let provider = format!("arn:{partition}:iam::{account}:oidc-provider/{host}");
    let mut lines = vec![
        "the token fits a trust policy that says, to the letter and with its capitals:".to_owned(),
        format!("  \"Federated\": \"{provider}\""),
    ];
    let condition = |name: &&str| Some(format!("  \"{host}:{name}\": \"{}\"", claims.text(name)?));
    lines.extend(["aud", "sub"].iter().filter_map(condition));
    let other = |name: &&str| Some(format!("{name} {}", claims.text(name)?));
    let others: Vec<String> = OTHERS.iter().filter_map(other).collect();
    if !others.is_empty() {
        lines.push(format!("it also says: {}", others.join(", ")));
    }
    if claims.text("sub").is_some_and(|sub| sub.contains(":environment:")) {
        lines.push(
            "a job with an environment has that in sub, in the place of its branch".to_owned(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

    use super::*;

    fn words(claims: &str) -> Vec<String> {
        let token = format!("h.{}.planted", BASE64_URL_SAFE_NO_PAD.encode(claims));
        words_of_trust(&Secret::new(token), "arn:aws-cn:iam::222222222222:role/Ci")
    }

    #[test]
    fn the_claims_are_shown_as_a_policy_would_have_them() {
        let said = words(
            r#"{"iss":"https://token.actions.githubusercontent.com","aud":"sts.amazonaws.com",
                "sub":"repo:Example/App:environment:prod","ref":"refs/heads/main"}"#,
        );
        assert_eq!(
            said,
            [
                "the token fits a trust policy that says, to the letter and with its capitals:",
                "  \"Federated\": \"arn:aws-cn:iam::222222222222:oidc-provider/token.actions.githubusercontent.com\"",
                "  \"token.actions.githubusercontent.com:aud\": \"sts.amazonaws.com\"",
                "  \"token.actions.githubusercontent.com:sub\": \"repo:Example/App:environment:prod\"",
                "it also says: ref refs/heads/main",
                "a job with an environment has that in sub, in the place of its branch",
            ]
        );
        assert!(words("{}").is_empty() && words("planted").is_empty());
    }
}
