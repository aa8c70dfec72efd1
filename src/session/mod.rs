//! Carries out a plan.

pub mod ports;
