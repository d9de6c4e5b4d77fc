//! The configuration at work: the files, what was compiled of them, and what a change is compiled with.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use engine::{Bundle, Compiled, Environment, Generation, Memo, Variables};

/// What runs, and all that the next generation is made with.
pub struct Configuration {
    pub generation: Generation,
    pub environment: Environment,
    pub memo: Memo,
}

impl Configuration {
    /// Compiles the first generation for a process that is reached by `base`.
    ///
    /// # Errors
    /// The files have mistakes; what is told of them is given back.
    pub fn new(bundle: Bundle, base: String, sandbox: bool) -> Result<Self, Box<Compiled>> {
        let environment = Environment {
            variables: std::env::vars().collect(),
            settings: BTreeMap::new(),
            listen: base,
            sandbox,
            unset: Variables::Required,
            stopwatch: crate::world::stopwatch,
        };
        let mut memo = Memo::default();
        let (generation, ..) = Generation::new(bundle, &environment, &mut memo)?;
        Ok(Self { generation, environment, memo })
    }
}

impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Variables are secrets.
        f.debug_struct("Configuration").finish_non_exhaustive()
    }
}

/// By which URL a process on this machine reaches the address; one that listens everywhere, by the loopback.
#[must_use]
pub fn base(address: SocketAddr, tls: bool) -> String {
    format!("{}://{}", if tls { "https" } else { "http" }, reachable(address))
}

fn reachable(address: SocketAddr) -> SocketAddr {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        reachable.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    reachable
}
