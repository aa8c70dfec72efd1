//! What a server on this machine answers to programs that ask it for credentials: which request is one, for
//! which profile, and in which words it is answered or refused.
//!
//! Pure: `host/server.rs` has the sockets, and who makes the credentials stands behind [`Backend`].

mod access;
mod backend;
mod container;
#[cfg(unix)]
pub(crate) mod control;
mod head;
#[cfg(unix)]
mod imds;
mod protocol;
mod reply;
#[cfg(test)]
mod testing;
mod token;

pub(crate) use access::{Access, path_of};
#[cfg(unix)]
pub(crate) use access::{Forwarded, RELAYED, own_hosts};
pub(crate) use backend::{Backend, Served, Unavailable};
pub(crate) use container::document;
#[cfg(unix)]
pub(crate) use imds::{Imds, Instance};
pub(crate) use protocol::{Asked, Protocol, answer};
pub(crate) use reply::Reply;
