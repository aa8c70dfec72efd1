//! What is in the sandbox's home: sample profiles, their keys, tokens and programs, and an MFA device.

use std::path::Path;

use anyhow::Result;
use chrono::TimeDelta;

use super::fake_aws::totp::MfaDevice;
use super::fake_aws::{FakeAws, sample};
use super::home::{program, write_private};

/// Writes the AWS files, the tokens and the little programs that the profiles use.
pub(super) fn furnish(home: &Path, aws: &FakeAws, this: &Path) -> Result<()> {
    let (dot_aws, bin) = (home.join(".aws"), home.join("bin"));
    std::fs::create_dir(&dot_aws)?;
    std::fs::create_dir(&bin)?;
    let (token, tool) = aws.control(|state| {
        let end = state.now() + TimeDelta::hours(12);
        let token = state.iam.identity_providers[0].token(sample::SUBJECT, end);
        state.portal.grow(12, 3);
        (token, state.issue_role(sample::READ_ONLY, "tool", 3600))
    });
    let tool = serde_json::json!({
        "Version": 1,
        "AccessKeyId": tool.access_key_id,
        "SecretAccessKey": tool.secret_access_key,
        "SessionToken": tool.session_token,
        "Expiration": tool.expiration_text(),
    });
    let (token_file, tool_file) = (home.join("ci-token.jwt"), home.join("tool.json"));
    write_private(&token_file, &token)?;
    write_private(&tool_file, &tool.to_string())?;
    write_private(&home.join("passphrase"), "sandbox")?;

    let print = if cfg!(windows) { "type" } else { "cat" };
    #[cfg(unix)]
    std::os::unix::fs::symlink(this, bin.join("awsx"))?;
    #[cfg(not(unix))]
    std::fs::hard_link(this, bin.join("awsx.exe"))
        .or_else(|_| std::fs::copy(this, bin.join("awsx.exe")).map(drop))?;
    // Each shell's own place for its prompt: a system's start files would overrule a variable.
    let fish = home.join(".config/fish");
    std::fs::create_dir_all(&fish)?;
    for (file, text) in [
        (home.join(".bashrc"), "PS1='(awsx sandbox) \\$ '\n"),
        (home.join(".zshrc"), "PROMPT='(awsx sandbox) %# '\n"),
        (fish.join("config.fish"), "function fish_prompt; echo '(awsx sandbox) > '; end\n"),
    ] {
        std::fs::write(file, text)?;
    }
    let tool = program(&bin, "tool-credentials", &[print, &tool_file.to_string_lossy()])?;
    let code = program(&bin, "mfa-code", &[&this.to_string_lossy(), "--mfa-code"])?;
    program(&bin, "browser", &[&this.to_string_lossy(), "--browser"])?;
    let config = config(&token_file, &tool, &code);
    std::fs::write(dot_aws.join("config"), config)?;
    let credentials = format!(
        "# The long-term keys of an IAM user.\n\
         [dev]\n\
         aws_access_key_id = {}\n\
         aws_secret_access_key = {}\n",
        sample::KEY_ID,
        sample::SECRET_KEY
    );
    write_private(&dot_aws.join("credentials"), &credentials)
}

/// The sample profiles.
fn config(token_file: &Path, tool: &Path, mfa_code: &Path) -> String {
    let (token_file, tool, mfa_code) = (token_file.display(), tool.display(), mfa_code.display());
    let sample_roles =
        (sample::READ_ONLY, sample::ADMIN, sample::AUDIT, sample::CI, sample::SHARED);
    let (read_only, admin, audit, ci, shared) = sample_roles;
    let (session, start_url) = (sample::SSO_SESSION.0, sample::SSO_START_URL.0);
    let sso_role = sample::SSO_ROLE_NAME;
    let (serial, external_id, region) = (sample::MFA_SERIAL, sample::EXTERNAL_ID, sample::REGION);
    format!(
        "\
# What is used when no profile is named: a role, with dev's keys, without MFA.
[default]
region = {region}
role_arn = {read_only}
source_profile = dev

# An IAM user; the keys are in ./credentials.
[profile dev]
region = {region}

# A role in another account, which wants an MFA code.
[profile prod]
region = {region}
role_arn = {admin}
source_profile = dev
mfa_serial = {serial}

# The same, with a program that gives the code.
[profile auto]
region = {region}
role_arn = {admin}
source_profile = dev
mfa_serial = {serial}
mfa_process = {mfa_code}

# A chain: dev's keys, prod's role, then this one.
[profile audit]
region = {region}
role_arn = {audit}
source_profile = prod
external_id = {external_id}

# What a CI job has: a token instead of keys.
[profile ci]
region = {region}
role_arn = {ci}
web_identity_token_file = {token_file}

# IAM Identity Center: `awsx login sso` logs in.
[sso-session {session}]
sso_start_url = {start_url}
sso_region = {region}

[profile sso]
region = {region}
sso_session = {session}
sso_account_id = 222222222222
sso_role_name = {sso_role}

# Credentials that another program prints.
[profile tool]
region = {region}
credential_process = {tool}

# What a machine in EC2 has.
[profile machine]
region = {region}
role_arn = {shared}
credential_source = Ec2InstanceMetadata
"
    )
}

/// What the sample user's MFA device shows now.
#[expect(clippy::disallowed_methods, reason = "an MFA device has its own clock")]
pub(super) fn mfa_code() -> String {
    MfaDevice::new(sample::MFA_SERIAL, sample::MFA_SEED).code(chrono::Utc::now())
}
