//! Carries out a plan: back to the deepest fresh cached step, then forward.

pub mod lock;
pub mod ports;
