//! Whose program is at the other end of a connection on this machine, where Linux tells.

use std::net::SocketAddr;
#[cfg(target_os = "linux")]
use std::net::SocketAddrV4;

/// Whether the program at `peer` runs as another user of this machine. Not root: a forwarded port may end
/// in one of its programs. Root itself, which may log in for anybody, is asked nothing.
#[cfg(target_os = "linux")]
pub(super) fn is_another_user(peer: SocketAddr) -> bool {
    let SocketAddr::V4(peer) = peer else { return false };
    let own = rustix::process::getuid().as_raw();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    own != 0 && owner(&table, peer).is_some_and(|owner| owner != own && owner != 0)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_another_user(_: SocketAddr) -> bool {
    false
}

/// The user of the socket with this local address, in the format of proc_net_tcp(5).
#[cfg(target_os = "linux")]
fn owner(table: &str, local: SocketAddrV4) -> Option<u32> {
    let address = format!("{:08X}:{:04X}", u32::from_ne_bytes(local.ip().octets()), local.port());
    let mut sockets = table.lines().map(|line| line.split_ascii_whitespace());
    let mut socket = sockets.find(|fields| fields.clone().nth(1) == Some(&*address))?;
    socket.nth(7)?.parse().ok()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn a_socket_has_a_user() {
        // Of a little-endian machine.
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n   \
                     0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1\n   \
                     1: 0100007F:D431 0100007F:1F90 01 00000000:00000000 00:00000000 00000000 65534        0 2\n";
        let at = |port| SocketAddrV4::new([127, 0, 0, 1].into(), port);
        if cfg!(target_endian = "little") {
            assert_eq!(owner(table, at(0xD431)), Some(65534));
            assert_eq!(owner(table, at(0x1F90)), Some(1000));
            assert_eq!(owner(table, at(1)), None);
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert!(!is_another_user(stream.local_addr().unwrap()), "it is this test's");
    }
}
