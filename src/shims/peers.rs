//! The tools.

use super::parts::Peer;
use super::{assume, aws_mfa, aws_vault, aws2_wrap};
use crate::env::Env;

/// In the order in which they are listed.
pub(crate) const PEERS: [&Peer; 4] =
    [&aws_vault::PEER, &assume::PEER, &aws_mfa::PEER, &aws2_wrap::PEER];

/// The tool of a program's name.
pub(crate) fn find(name: &str) -> Option<&'static Peer> {
    PEERS.into_iter().find(|peer| peer.name == name)
}

/// The variables that are set and that say something to the tool, but not to awsx: what awsx does with each.
pub(crate) fn speaks_otherwise<'e>(
    peer: &'static Peer,
    env: &'e Env,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<'e> {
    let is_lost = |what: &str| ["nothing", "refused"].iter().any(|word| what.starts_with(word));
    let variables = peer.variables.iter().copied();
    variables.filter(move |(name, what)| is_lost(what) && env.get(name).is_some())
}
