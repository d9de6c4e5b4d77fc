//! What a generation listens on, and why it cannot.

use std::fmt;
use std::sync::Arc;

use engine::{Auth, Authentication, Caller, Channel, Engine};

use super::pace::Pace;
use crate::auth::{Guard, jwt, shown};
use crate::inbound::{self, Paths};
use crate::transport::{self, BadTls};

/// Why messages cannot be taken in.
#[derive(Debug)]
pub enum Error {
    /// Two channels listen on one path.
    Paths(inbound::router::Error),
    /// Tokens of callers cannot be verified, or ours not be signed.
    Key(jwt::BadKey),
    /// Connections to this partner cannot be made.
    Tls { partner: Box<str>, bad: BadTls },
    /// The channel of this name asks for a certificate, and the listener takes none.
    NoCertificates(Box<str>),
}

/// A channel, and how long its messages take.
pub(super) struct Listening {
    pub channel: Arc<Channel>,
    pub guard: Guard,
    pub pace: Pace,
}

/// All that is listened on.
pub(super) fn listening(engine: &Engine, certificates: bool) -> Result<(Vec<Listening>, Paths), Error> {
    let asks = |channel: &&Arc<Channel>| matches!(channel.auth, Some(Caller::Certificate { .. }));
    if let (false, Some(channel)) = (certificates, engine.channels().find(asks)) {
        return Err(Error::NoCertificates(channel.name.clone()));
    }
    for Authentication { name, auth } in engine.endpoints().filter_map(|endpoint| endpoint.auth.as_ref()) {
        if let Auth::Jwt { jwt, .. } = &**auth {
            shown::signing_key(name, jwt).map_err(Error::Key)?;
        }
    }
    let mut checked = None;
    for endpoint in engine.endpoints().filter(|endpoint| endpoint.tls.is_some()) {
        // They come by name: those of one partner together, and with one `tls`.
        if let (Some(tls), true) = (&endpoint.tls, checked != Some(&endpoint.partner)) {
            let partner = endpoint.partner.clone();
            transport::check(tls).map_err(|bad| Error::Tls { partner, bad })?;
            checked = Some(&endpoint.partner);
        }
    }
    // Those that somebody can reach come first: a path leads to a place among them.
    let (open, internal): (Vec<_>, Vec<_>) = engine.channels().partition(|channel| channel.door.is_some());
    let doors = open.iter().filter_map(|channel| channel.door.as_ref());
    let paths = Paths::new(doors.map(|(method, path)| (method.as_str(), &**path)));
    let listening = |channel: &&Arc<Channel>| {
        let guard = Guard::new(channel).map_err(Error::Key)?;
        Ok(Listening { channel: Arc::clone(*channel), guard, pace: Pace::default() })
    };
    let channels = open.iter().chain(&internal).map(listening).collect::<Result<_, _>>()?;
    Ok((channels, paths.map_err(Error::Paths)?))
}

impl Error {
    /// The partner whose files say so, where it is one.
    #[must_use]
    pub fn partner(&self) -> Option<&str> {
        match self {
            Self::Paths(_) => None,
            Self::Key(error) => Some(error.partner()),
            Self::Tls { partner, .. } => Some(partner),
            Self::NoCertificates(channel) => channel.split('/').next(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paths(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Tls { partner, bad } => write!(f, "{partner}: {bad}"),
            Self::NoCertificates(channel) => write!(
                f,
                "{channel}: callers are to show a certificate, and none can be shown: tolmach.yaml has no `tls` with \
                 `client_ca`"
            ),
        }
    }
}
