//! What a client of the Model Context Protocol and awsx say to each other over two pipes: JSON-RPC 2.0, one message a
//! line. <https://modelcontextprotocol.io/specification/2026-07-28>; why it is awsx's own: `docs/decisions/0013`.

mod answer;
mod calls;
pub(crate) mod clients;
mod lines;
mod message;
mod server;
mod tools;
mod version;

pub(crate) use server::{Tools, serve};
pub(crate) use tools::ToolName;
