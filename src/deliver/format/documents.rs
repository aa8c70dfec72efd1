//! JSON, dotenv files, and a section of the AWS credentials file. The error says why a value cannot be
//! carried, as a clause without the value.

use std::collections::BTreeMap;

use crate::deliver::overlay::Overlay;

/// The overlay as one JSON object; with `nulls`, a variable that is unset is `null`.
pub(super) fn json(overlay: &Overlay, nulls: bool, text: &mut String) {
    let object: BTreeMap<_, _> = overlay
        .iter()
        .filter(|(_, value)| nulls || value.is_some())
        .map(|(name, value)| (name, value.map(|value| value.expose())))
        .collect();
    let json = serde_json::to_string(&object).expect("a map of strings is valid JSON");
    text.push_str(&zeroize::Zeroizing::new(json));
    text.push('\n');
}

/// As far as the many readers of dotenv files agree. Credentials, regions and times need no quotes, and
/// `docker run --env-file` knows none. Other values stand between single quotes, without what some reader
/// unescapes or expands there.
pub(super) fn set_dotenv(text: &mut String, name: &str, value: &str) -> Result<(), &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    let quote = if value.chars().all(is_plain) { "" } else { "'" };
    if let Some(problem) = value.chars().find_map(|c| match c {
        '\'' | '\\' | '$' | '`' => Some("readers of dotenv files disagree about one of ' \\ $ `"),
        c if c.is_control() => Some("it has a control character"),
        _ => None,
    }) {
        return Err(problem);
    }
    text.extend([name, "=", quote, value, quote, "\n"]);
    Ok(())
}

/// The settings of the AWS credentials file, each with the variable of the same meaning. The expiration
/// is no setting of AWS's; tools such as aws-vault write and read it.
const SETTINGS: [(&str, &str); 7] = [
    ("aws_access_key_id", "AWS_ACCESS_KEY_ID"),
    ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
    ("aws_session_token", "AWS_SESSION_TOKEN"),
    ("aws_credential_expiration", "AWS_CREDENTIAL_EXPIRATION"),
    ("aws_account_id", "AWS_ACCOUNT_ID"),
    ("region", "AWS_REGION"),
    ("endpoint_url", "AWS_ENDPOINT_URL"),
];

/// A section named after `AWSX_PROFILE`, or `default`. The error names the variable that it cannot carry.
pub(super) fn ini(
    overlay: &Overlay,
    text: &mut String,
) -> Result<(), (&'static str, &'static str)> {
    let section = overlay.value("AWSX_PROFILE").map_or("default", |value| value.expose());
    check_section(section).map_err(|problem| ("AWSX_PROFILE", problem))?;
    text.extend(["[", section, "]\n"]);

    for (setting, variable) in SETTINGS {
        let Some(value) = overlay.value(variable).map(|value| value.expose()) else { continue };
        // A blank would end the value at a `#` or `;`, a new line would begin another setting.
        if value.is_empty() || value.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err((variable, "it is empty or has a blank or control character"));
        }
        text.extend([setting, " = ", value, "\n"]);
    }
    Ok(())
}

fn check_section(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.trim() != name {
        return Err("a section's name cannot be empty or begin or end with a blank");
    }
    if name.chars().any(|c| c.is_control() || "[]#;\"'\\".contains(c)) {
        return Err("a section's name cannot have control characters or one of [ ] # ; \" ' \\");
    }
    Ok(())
}
