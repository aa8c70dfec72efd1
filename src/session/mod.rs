//! Carries out a plan.

pub mod lock;
pub mod ports;
