//! Where a request comes from, also behind proxies of ours.

use std::net::{IpAddr, SocketAddr};

use engine::Networks;
use hyper::HeaderMap;
use hyper::header::HeaderName;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the caller: of who is connected, or, where that is one of our proxies, of the last that a proxy of ours
/// names and that is none itself. What others have written before it is believed by nobody. None where a proxy does not say.
#[must_use]
pub fn caller(peer: IpAddr, headers: &HeaderMap, proxies: &Networks) -> Option<IpAddr> {
    if !proxies.hold(peer) {
        return Some(peer);
    }
    let mut named: Vec<&str> = Vec::new();
    for line in headers.get_all(FORWARDED_FOR) {
        named.extend(line.to_str().ok()?.split(','));
    }
    for address in named.iter().rev() {
        let address = parsed(address.trim())?;
        if !proxies.hold(address) {
            return Some(address);
        }
    }
    None
}

/// Some proxies write the port as well.
fn parsed(address: &str) -> Option<IpAddr> {
    let with_port = || address.parse().ok().map(|address: SocketAddr| address.ip());
    address.parse().ok().or_else(with_port)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn from(peer: &str, lines: &[&str]) -> Option<String> {
        let proxies = Networks::new(["10.0.0.0/8", "::1/128"].map(|network| network.parse().unwrap()).into());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        caller(peer.parse().unwrap(), &headers, &proxies).map(|address| address.to_string())
    }

    #[test]
    fn a_caller_is_who_is_connected_or_whom_a_proxy_of_ours_names() {
        for (peer, lines, expected) in [
            ("192.0.2.7", &[][..], Some("192.0.2.7")),
            // Whoever is no proxy of ours may write what it likes.
            ("192.0.2.7", &["10.1.1.1"], Some("192.0.2.7")),
            ("10.0.0.1", &["192.0.2.7"], Some("192.0.2.7")),
            ("10.0.0.1", &["198.51.100.1, 192.0.2.7, 10.2.2.2"], Some("192.0.2.7")),
            ("10.0.0.1", &["198.51.100.1", "192.0.2.7"], Some("192.0.2.7")),
            ("::ffff:10.0.0.1", &["2001:db8::1"], Some("2001:db8::1")),
            ("10.0.0.1", &["192.0.2.7:1234, [::1]:80"], Some("192.0.2.7")),
            ("10.0.0.1", &[], None),
            ("10.0.0.1", &["unknown"], None),
            ("10.0.0.1", &["192.0.2.7, _hidden"], None),
        ] {
            assert_eq!(from(peer, lines).as_deref(), expected, "{peer} {lines:?}");
        }
    }
}
