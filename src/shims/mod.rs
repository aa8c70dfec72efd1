//! Other tools by their own names: a line of aws-vault, `assume`, aws-mfa or aws2-wrap in awsx's own words. Pure. What
//! is not understood is refused, with awsx's way to do it: never a silent difference.

mod assume;
mod aws2_wrap;
mod aws_mfa;
mod aws_vault;
mod page;
mod parts;
mod peers;
mod read;
mod translate;

pub(crate) use parts::{ByProfile, Refusal, Translated};
pub(crate) use peers::{PEERS, find, speaks_otherwise};
pub(crate) use translate::{Outcome, translate};
