//! Carries out a plan: back to the deepest fresh cached step, then forward.

pub mod mint;
mod step_up;
mod used_codes;

pub use step_up::CodeError;
