//! How connections to a partner are made, as written.

use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Key, Keys, Law, Node, Reader, Scalar};

/// Names of settings that hold PEM.
#[derive(Debug)]
pub struct Tls {
    pub ca: Option<Scalar>,
    /// Ours, and its key.
    pub identity: Option<(Scalar, Scalar)>,
}

pub static KEYS: Keys = Keys {
    what: "the `tls` of a contract",
    laws: &[
        Law::Needs { keys: &["certificate"], owners: &["key"] },
        Law::Needs { keys: &["key"], owners: &["certificate"] },
        Law::Some(&["ca", "certificate"]),
    ],
    keys: &[
        Key::new("ca", "a setting with the authorities of the partner's certificate; else the system's"),
        Key::new("certificate", "a setting with the certificate that we show"),
        Key::new("key", "a setting with its private key"),
    ],
};

impl Tls {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
        for (one, other) in [("certificate", "key"), ("key", "certificate")] {
            if fields.has(one) && !fields.has(other) && !fields.misspells(other) {
                let message = format!("`{one}` is of no use without `{other}`");
                let diagnostic = Diagnostic::error(Code::MissingKey, message, fields.key_span(one));
                reader.report(diagnostic.help(format!("`{other}` names a setting as well")));
            }
        }
        let mut text = |key: &str| reader.scalar(&fields, key);
        let (ca, certificate, key) = (text("ca"), text("certificate"), text("key"));
        Some(Self { ca, identity: certificate.zip(key) })
    }
}
