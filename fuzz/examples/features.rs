//! Built beside the targets, so that cargo gives them the features that the tests have: what awsx stands on is
//! compiled once for both.

fn main() {}
