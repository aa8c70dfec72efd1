//! `awsx ci`: what a CI job needs besides credentials.

pub(super) mod cleanup;
