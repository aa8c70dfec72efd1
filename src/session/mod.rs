//! Carries out a plan: back to the deepest fresh cached step, then forward.

pub mod lock;
pub mod mint;
pub mod organization;
mod portal;
pub mod ports;
mod step_up;

pub use step_up::CodeError;
