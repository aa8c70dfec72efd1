//! What other tools left in files, and what it becomes with awsx. Pure: whoever calls it reads the files, and
//! writes what is agreed to.

mod apply;
mod atmos;
mod aws2_wrap;
mod aws_mfa;
mod aws_sso_cli;
mod aws_sso_util;
mod aws_vault;
mod finding;
mod granted;
mod looked;
mod mapping;
mod other_profile;
mod other_tools;
mod process;
mod saml2aws;
mod settings;
mod sso;
mod table;

pub(crate) use apply::apply;
pub(crate) use finding::{Fate, Finding, KeySource, Move, Tool};
pub(crate) use looked::{LongTerm, Looked, Own, OwnFile, Store};
pub(crate) use table::{Place, find, settle};
