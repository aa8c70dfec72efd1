//! What a profile means. Plain data; `config` fills it from the files.

mod client;

pub use client::ClientSettings;
