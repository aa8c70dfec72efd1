//! Carries out a plan.

mod codes;
mod mfa_call;
pub(crate) mod mint;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use codes::CodeError;
