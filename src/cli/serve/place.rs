//! Where a server listens, and which addresses SDKs take.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::flags::Serve;
use crate::host::server::{Port, listen_at};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::server::RELAYED;

/// The addresses to which SDKs send http, besides the loopback ones.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
const OF_CONTAINERS: [IpAddr; 3] = [
    IpAddr::V4(RELAYED),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
];

/// Where an instance has its metadata.
const OF_INSTANCES: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Listens where the command line says.
pub(super) fn listen(serve: &Serve) -> Result<(Port, SocketAddr), Failure> {
    let known: &[IpAddr] = if serve.imds { &OF_INSTANCES } else { &OF_CONTAINERS };
    if !serve.address.is_loopback() && !known.contains(&serve.address) {
        let message = format!("SDKs send http to no address such as {}", serve.address);
        let names: Vec<String> = known.iter().map(ToString::to_string).collect();
        return Err(Failure::usage(
            message,
            &format!("--address 127.0.0.1, or one of {}", names.join(", ")),
        ));
    }
    let port = match serve.port {
        Some(port) => port,
        // Whoever asks there asks at that port.
        None if serve.imds && !serve.address.is_loopback() => 80,
        None => 0,
    };
    let at = SocketAddr::new(serve.address, port);
    listen_at(at).map_err(|error| {
        let message = format!("{at} cannot be listened on: {error}");
        Failure::say(message, Kind::Config.with(hint(at, error.kind())))
    })
}

fn hint(at: SocketAddr, kind: ErrorKind) -> String {
    let ip = at.ip();
    match kind {
        ErrorKind::AddrNotAvailable if cfg!(target_os = "macos") => {
            format!("this machine has no such address: `sudo ifconfig lo0 alias {ip}`")
        }
        ErrorKind::AddrNotAvailable => {
            let length = if ip.is_ipv4() { 32 } else { 128 };
            format!("this machine has no such address: `sudo ip address add {ip}/{length} dev lo`")
        }
        ErrorKind::PermissionDenied => {
            "`sudo sysctl net.ipv4.ip_unprivileged_port_start=80` lets everybody have that port"
                .into()
        }
        _ => "another program has it, perhaps another `awsx serve`: give another --port".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_its_command() {
        for (at, kind, expected) in [
            (
                "169.254.170.2:80",
                ErrorKind::AddrNotAvailable,
                "this machine has no such address: `sudo ip address add 169.254.170.2/32 dev lo`",
            ),
            (
                "[fd00:ec2::23]:80",
                ErrorKind::AddrNotAvailable,
                "this machine has no such address: `sudo ip address add fd00:ec2::23/128 dev lo`",
            ),
            (
                "127.0.0.1:80",
                ErrorKind::PermissionDenied,
                "`sudo sysctl net.ipv4.ip_unprivileged_port_start=80` lets everybody have that port",
            ),
        ] {
            if cfg!(target_os = "linux") {
                assert_eq!(hint(at.parse().unwrap(), kind), expected);
            }
        }
    }
}
