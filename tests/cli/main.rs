//! The command-line tests.
