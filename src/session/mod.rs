//! Carries out a plan.

mod by_assertion;
mod codes;
mod mfa_call;
pub(crate) mod mint;
mod narrow;
pub(crate) mod reason;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod trust_policy;
pub(crate) mod whose;

pub(crate) use by_assertion::SamlError;
pub(crate) use codes::CodeError;
