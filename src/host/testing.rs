//! What tests of several listeners need.

use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// Whether nobody listens at this port of 127.0.0.1 any more. What another test's listener took as it became free
/// ends with that test, so it is asked until then.
pub(super) fn becomes_free(port: u16) -> bool {
    (0..600).any(|_| {
        let is_free = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err();
        if !is_free {
            pause();
        }
        is_free
    })
}

/// A tenth of a second.
#[expect(clippy::disallowed_methods, reason = "a test has no clock")]
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}
