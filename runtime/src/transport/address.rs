//! Where a name of a host leads: to addresses of the public Internet, or of networks that the settings allow.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec;

use engine::Networks;
use hyper_util::client::legacy::connect::dns::Name;
use ipnet::{Ipv4Net, Ipv6Net};
use tower_service::Service;

type Answer = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Who knows what a name stands for.
pub(super) type Lookup = Arc<dyn Fn(String) -> Answer + Send + Sync>;

/// Looks names up and gives the addresses only that may be called: what is connected to is what was checked. An address that
/// is written in a URL comes by no name; it is meant as it is.
#[derive(Clone)]
pub(super) struct Resolver {
    pub lookup: Lookup,
    /// Networks of ours that names may lead to.
    pub private: Arc<Networks>,
}

/// A name leads to addresses only that are not public; this is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Forbidden(pub IpAddr);

/// The resolver of the system.
pub(super) fn system() -> Lookup {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }))
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Box<dyn StdError + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, private) = ((self.lookup)(name.as_str().to_owned()), Arc::clone(&self.private));
        Box::pin(async move { Ok(admitted(name.as_str(), found.await?, &private)?.into_iter()) })
    }
}

/// Of what a name stands for what may be called.
fn admitted(name: &str, found: Vec<SocketAddr>, private: &Networks) -> Result<Vec<SocketAddr>, Forbidden> {
    // RFC 6761, section 6.3.
    let local = name.eq_ignore_ascii_case("localhost");
    let may_be_called = |address: IpAddr| {
        is_global(address) || private.hold(address) || (local && address.to_canonical().is_loopback())
    };
    let (admitted, forbidden): (Vec<_>, Vec<_>) = found.into_iter().partition(|at| may_be_called(at.ip()));
    match forbidden.first() {
        Some(first) if admitted.is_empty() => Err(Forbidden(first.ip().to_canonical())),
        _ => Ok(admitted),
    }
}

/// IANA's special-purpose registry (RFC 6890), multicast and what is reserved.
const SPECIAL_4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];
/// The only unicast that is global (RFC 4291, section 2.4).
const GLOBAL_6: Ipv6Net = v6([0x2000, 0, 0], 3);
/// What is special in it: protocols with Teredo, documentation, 6to4, documentation again.
const SPECIAL_6: [Ipv6Net; 4] =
    [v6([0x2001, 0, 0], 23), v6([0x2001, 0x0db8, 0], 32), v6([0x2002, 0, 0], 16), v6([0x3fff, 0, 0], 20)];
/// IPv4 behind a translator (RFC 6052): the address is in the last 32 bits.
const TRANSLATED: Ipv6Net = v6([0x0064, 0xff9b, 0], 96);

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6([a, b, c]: [u16; 3], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

/// Whether an address is one of the public Internet. An IPv4 address that is written as IPv6 is one of IPv4.
fn is_global(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !SPECIAL_4.iter().any(|special| special.contains(&address)),
        IpAddr::V6(address) if TRANSLATED.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            is_global(IpAddr::from([a, b, c, d]))
        }
        IpAddr::V6(address) => {
            GLOBAL_6.contains(&address) && !SPECIAL_6.iter().any(|special| special.contains(&address))
        }
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name leads to {}, which is not public", self.0)
    }
}

impl StdError for Forbidden {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn found(addresses: &[&str]) -> Vec<SocketAddr> {
        addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect()
    }

    #[test]
    fn only_addresses_of_the_internet_are_global() {
        let special = "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 \
                       192.0.2.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 \
                       255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::a00:1 \
                       64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:a00:1::1 3fff::1 fc00::1 fd00:ec2::254 fe80::1 \
                       fec0::1 ff02::1";
        for address in special.split_whitespace() {
            assert!(!is_global(address.parse().unwrap()), "{address}");
        }
        let public = "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0 192.167.255.255 \
                      198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2a02:6b8::feed:ff ::ffff:8.8.8.8 \
                      64:ff9b::808:808";
        for address in public.split_whitespace() {
            assert!(is_global(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_may_not_be_called_is_left_out_and_the_rest_is_called() {
        let none = Networks::default();
        let mixed = found(&["169.254.169.254", "1.1.1.1", "::1"]);
        assert_eq!(admitted("bank.example", mixed, &none), Ok(found(&["1.1.1.1"])));
        let mapped = found(&["::ffff:127.0.0.1"]);
        assert_eq!(admitted("bank.example", mapped, &none), Err(Forbidden(IpAddr::from([127, 0, 0, 1]))));
        assert_eq!(admitted("bank.example", Vec::new(), &none), Ok(Vec::new()));
    }

    #[test]
    fn networks_of_ours_and_localhost_are_meant() {
        let ours = Networks::new(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd00::7"] {
            assert_eq!(admitted("bank.internal", found(&[address]), &ours), Ok(found(&[address])));
        }
        let other = IpAddr::from([192, 168, 0, 1]);
        assert_eq!(admitted("bank.internal", found(&["192.168.0.1"]), &ours), Err(Forbidden(other)));
        assert_eq!(admitted("LOCALHOST", found(&["::1"]), &ours), Ok(found(&["::1"])));
        assert_eq!(admitted("localhost", found(&["192.168.0.1"]), &ours), Err(Forbidden(other)));
        assert!(admitted("localhost.bank.example", found(&["127.0.0.1"]), &ours).is_err());
    }
}
