//! The region of profiles that awsx writes: without one, most commands of AWS fail.

use super::answers::parse_region;
use super::new_session::Question;
use crate::app::App;
use crate::report::failure::{Failure, word};

/// The answer of who wants no region.
pub(super) const NO_REGION: &str = "none";

/// What the AWS CLI offers where nothing says a region.
pub(super) const OF_AWS_CLI: (&str, &str) = ("us-east-1", "");

/// What `sso_region` is, in the question.
pub(super) const OF_IDENTITY_CENTER: &str = "that of IAM Identity Center, ";

/// Asks for the region of `whose` profiles, "the profile". Enter alone is `usual`, else that of the
/// environment or of the profile `default`, else `otherwise`, of which the question says what it is: "that of IAM
/// Identity Center, "
pub(super) fn ask_for_region(
    app: &App,
    whose: &str,
    usual: Option<String>,
    otherwise: (&str, &str),
    flag: &str,
    command: &str,
) -> Result<Option<String>, Failure> {
    let (default, remark) = match usual.or_else(|| region_at_hand(app)) {
        Some(region) => (region, ""),
        None => (otherwise.0.to_owned(), otherwise.1),
    };
    let text = format!("Region of {whose} ({remark}or {NO_REGION})");
    let question = Question { text: &text, default: Some(&default), flag };
    let check = |text: &str| match text {
        NO_REGION => Ok(text.to_owned()),
        text => parse_region(text),
    };
    let answer = question.ask(app, command, &check)?;
    Ok(Some(answer).filter(|answer| answer != NO_REGION))
}

/// What is said of a profile without one.
pub(super) fn no_region(profile: &str) -> String {
    format!(
        "profile \"{profile}\" has no region: give --region, or run `awsx config set region REGION -p {}`",
        word(profile)
    )
}

fn region_at_hand(app: &App) -> Option<String> {
    let of_env =
        || ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|name| app.env.get(name));
    if let Some(region) = of_env() {
        return Some(region.to_owned());
    }
    let default = app.profiles().ok()?.as_written("default")?;
    Some(default.get("region")?.value.trim().to_owned())
}
