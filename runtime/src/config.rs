//! The runtime's own settings: `tolmach.yaml` as written, the command line, and what comes of both.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use engine::document::{Key, Keys, Node, Reader, Scalar, Shape, yaml};
use engine::source::{Sources, Span};
use engine::{Networks, Secret, Variables};

use crate::inbound::tls;

const FILE: &str = "tolmach.yaml";
const LISTEN: &str = "127.0.0.1:8080";
const STORE: &str = "tolmach.db";
/// What sandboxes are sent must never mix with what partners are owed.
const SANDBOX_STORE: &str = "tolmach-sandbox.db";
/// Any free port of it.
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
const DRAIN: Duration = Duration::from_secs(30);
const KEEP: Duration = Duration::from_secs(90 * 24 * 3600);

/// The keys of `tolmach.yaml`.
pub static KEYS: Keys = Keys {
    what: FILE,
    laws: &[],
    keys: &[
        Key::new("listen", "the address we listen on: 0.0.0.0:8080").or(LISTEN),
        Key::new("store", "the database file; its folder must exist").or(STORE),
        Key::new("drain", "how long work that is under way is waited for at the end: 30s")
            .of(Shape::Duration)
            .or("30s"),
        Key::new("keep", "how long messages that are over are kept; ids are known as long: 90d")
            .of(Shape::Duration)
            .or("90d"),
        Key::new(
            "admin",
            "the address of the operator's API, or none; without one any free port of 127.0.0.1",
        ),
        Key::new("tls", "{certificate, key, client_ca}: files of PEM; without it the listener is plain HTTP")
            .of(Shape::Keys(&TLS)),
        Key::new("proxies", "reverse proxies of ours, whose X-Forwarded-For is believed: 10.0.0.0/8")
            .of(Shape::List(&Shape::Text)),
        Key::new("private", "networks of ours that names of partners' hosts may lead to: 10.0.0.0/8")
            .of(Shape::List(&Shape::Text)),
    ],
};

static TLS: Keys = Keys {
    what: "`tls`",
    laws: &[],
    keys: &[
        Key::required("certificate", "our certificate, then those up to its authority"),
        Key::required("key", "its private key"),
        Key::new("client_ca", "authorities whose certificates callers may show"),
    ],
};

/// What the command line says; it wins over the file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub listen: Option<SocketAddr>,
    pub store: Option<PathBuf>,
    pub sandbox: bool,
    /// What opens the operator's API, where that is not left to chance.
    pub token: Option<Secret>,
    /// What it means where that is not set and others can reach the API.
    pub unset: Variables,
}

/// The settings of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The folder with `mappings/` and `schemas/`.
    pub folder: PathBuf,
    pub listen: SocketAddr,
    pub store: PathBuf,
    pub drain: Duration,
    /// How long what is over is kept.
    pub keep: Duration,
    /// What they say of where a request comes from is believed.
    pub proxies: Networks,
    /// Names of partners' hosts may lead there, beside public addresses.
    pub private: Networks,
    /// Of the listener; none is plain HTTP, and so is a sandbox.
    pub tls: Option<tls::Files>,
    /// Where the operator's API listens.
    pub admin: Option<SocketAddr>,
    /// What opens it; without one a token is made.
    pub token: Option<Secret>,
    pub sandbox: bool,
}

/// What is wrong with `tolmach.yaml`, ready to be rendered.
#[derive(Debug)]
pub struct Mistakes {
    pub diagnostics: Diagnostics,
    pub sources: Sources,
}

/// The file as written.
#[derive(Default)]
struct Written {
    listen: Option<Scalar>,
    store: Option<Scalar>,
    drain: Option<Scalar>,
    keep: Option<Scalar>,
    admin: Option<Scalar>,
    tls: Option<Certified>,
    proxies: Vec<Scalar>,
    private: Vec<Scalar>,
}

impl Config {
    /// Reads `tolmach.yaml` in `folder`, if there is one; every setting has a default.
    ///
    /// # Errors
    /// All mistakes of the file.
    pub fn load(folder: &Path, overrides: Overrides) -> Result<Self, Box<Mistakes>> {
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let loaded = Self::load_beside(folder, overrides, &mut sources, &mut diagnostics);
        loaded.ok_or_else(|| Box::new(Mistakes { diagnostics, sources }))
    }

    /// As [`Self::load`], with its mistakes among those of other files; `None` where there are any.
    pub fn load_beside(
        folder: &Path,
        overrides: Overrides,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let before = diagnostics.len();
        let written = match std::fs::read_to_string(folder.join(FILE)) {
            Ok(text) => Written::read(&text, sources, diagnostics),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Written::default(),
            Err(error) => {
                let at = Span::new(sources.add(FILE, ""), 0, 0);
                let message = format!("the file cannot be read: {error}");
                diagnostics.push(Diagnostic::error(Code::NotUtf8, message, at));
                Written::default()
            }
        };
        let listen = written.listen.as_ref().and_then(|listen| address(listen, diagnostics));
        let mut duration = |written: &Option<Scalar>| {
            written.as_ref().and_then(|written| engine::duration(written, diagnostics))
        };
        let (drain, keep) = (duration(&written.drain), duration(&written.keep));
        let admin = written.admin.as_ref().map_or(Some(LOOPBACK), |admin| {
            if admin.text == "none" { None } else { address(admin, diagnostics) }
        });
        let exposed = written.admin.filter(|_| overrides.token.is_none()).zip(admin).and_then(exposed);
        if let (Some(exposed), Variables::Required) = (&exposed, overrides.unset) {
            diagnostics.push(exposed.clone());
        }
        let proxies = engine::networks(&written.proxies, diagnostics);
        let private = engine::networks(&written.private, diagnostics);
        if diagnostics.len() > before {
            return None;
        }
        // Where nothing is run it is no mistake: the machine that runs it may have the token.
        if let Some(exposed) = exposed {
            diagnostics.push(Diagnostic { severity: Severity::Warning, ..exposed });
        }
        let default = SocketAddr::from(([127, 0, 0, 1], 8080));
        let store = match written.store {
            Some(store) if !overrides.sandbox => PathBuf::from(store.text),
            _ => PathBuf::from(if overrides.sandbox { SANDBOX_STORE } else { STORE }),
        };
        Some(Self {
            folder: folder.to_owned(),
            listen: overrides.listen.or(listen).unwrap_or(default),
            store: overrides.store.unwrap_or_else(|| folder.join(store)),
            drain: drain.unwrap_or(DRAIN),
            keep: keep.unwrap_or(KEEP),
            proxies,
            private,
            tls: written.tls.filter(|_| !overrides.sandbox).map(|tls| tls.below(folder)),
            admin,
            token: overrides.token,
            sandbox: overrides.sandbox,
        })
    }
}

impl Written {
    fn read(text: &str, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Self {
        let source = sources.add(FILE, text);
        let Some(node) = yaml::parse(source, sources, diagnostics) else { return Self::default() };
        let mut reader = Reader::new(sources, diagnostics);
        let Some(fields) = reader.fields(&node, &KEYS) else { return Self::default() };
        let mut networks = |key: &str| {
            let written = fields.get(key).and_then(|node| reader.sequence(node, &format!("`{key}`")));
            let written = written.unwrap_or_default().iter();
            written.filter_map(|node| reader.text(node, "a network")).collect()
        };
        let (proxies, private) = (networks("proxies"), networks("private"));
        let tls = fields.get("tls").and_then(|node| Certified::read(&mut reader, node));
        let mut text = |key: &str| reader.scalar(&fields, key);
        Self {
            listen: text("listen"),
            store: text("store"),
            drain: text("drain"),
            keep: text("keep"),
            admin: text("admin"),
            tls,
            proxies,
            private,
        }
    }
}

/// `tls` as written.
struct Certified {
    certificate: Scalar,
    key: Scalar,
    client_ca: Option<Scalar>,
}

impl Certified {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &TLS)?;
        let mut text = |key: &str| reader.scalar(&fields, key);
        let (certificate, key, client_ca) = (text("certificate"), text("key"), text("client_ca"));
        Some(Self { certificate: certificate?, key: key?, client_ca })
    }

    /// The files, as seen from the configuration's folder.
    fn below(self, folder: &Path) -> tls::Files {
        let file = |written: Scalar| folder.join(written.text);
        tls::Files {
            certificate: file(self.certificate),
            key: file(self.key),
            client_ca: self.client_ca.map(file),
        }
    }
}

/// What is wrong with an address of the operator's API that others can reach, where no token was chosen.
fn exposed((admin, address): (Scalar, SocketAddr)) -> Option<Diagnostic> {
    let message = format!("others can reach {address}, and no token is chosen");
    let exposed = Diagnostic::error(Code::BadAddress, message, admin.span)
        .help("set TOLMACH_ADMIN_TOKEN where it runs, or listen on 127.0.0.1");
    (!address.ip().is_loopback()).then_some(exposed)
}

fn address(scalar: &Scalar, diagnostics: &mut Diagnostics) -> Option<SocketAddr> {
    let parsed = scalar.text.parse().ok();
    if parsed.is_none() {
        let message = format!("`{}` is not an address to listen on", scalar.text);
        diagnostics.push(
            Diagnostic::error(Code::BadAddress, message, scalar.span)
                .help(format!("an address and a port: {LISTEN}")),
        );
    }
    parsed
}
