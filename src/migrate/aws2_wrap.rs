//! aws2-wrap gives the credentials of a profile of IAM Identity Center to what knows none.
//! <https://github.com/linaro-its/aws2-wrap#use-the-credentials-via-awsconfig>

use super::finding::{Finding, Tool};
use super::looked::{Looked, OwnFile};
use super::other_profile::by_other_profile;
use super::process::Process;
use super::sso::Sessions;

pub(super) fn find(looked: &Looked<'_>, _: Option<&OwnFile>, _: &mut Sessions) -> Vec<Finding> {
    let of_profile = |profile: &_| {
        let process =
            Process::of(profile).filter(|process| process.runs("aws2-wrap", "--process"))?;
        let other = process.value(&["--profile"]);
        Some(by_other_profile(Tool::Aws2Wrap, profile, &process, other, "its own settings"))
    };
    looked.all_profiles().filter_map(|profile| of_profile(&profile)).collect()
}
