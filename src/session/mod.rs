//! Carries out a plan: back to the deepest fresh cached step, then forward.

mod mfa_call;
pub(crate) mod mint;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod used_codes;

pub(crate) use mfa_call::CodeError;
