//! How a caller is known to us, as written.

use super::auth::{API_KEY_KEY, BASIC_KEY, BEARER_KEY, Credential, Jwt, SHOWN, kind};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Key, Keys, Law, Node, Reader, Scalar, Shape};

/// The names in here are names of settings, if nothing else is said.
#[derive(Debug)]
pub enum Caller {
    Constant(Credential),
    Jwt(Jwt),
    Signature {
        given: Scalar,
        is: Scalar,
        at: Option<Scalar>,
        within: Option<Scalar>,
    },
    /// A signature whose expressions everybody knows.
    Webhook {
        scheme: Scheme,
        secret: Scalar,
        within: Option<Scalar>,
    },
    /// What the caller has shown when it connected.
    Certificate {
        name: Option<Scalar>,
        sha256: Option<Scalar>,
    },
}

/// Who has laid down how it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// <https://github.com/standard-webhooks/standard-webhooks>
    Standard,
    /// <https://docs.stripe.com/webhooks#verify-manually>
    Stripe,
    /// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>
    GitHub,
}

/// No proof is asked for.
pub(super) const NONE: [(&str, ()); 1] = [("none", ())];

const KINDS: [&str; 9] = [
    "basic",
    "bearer",
    "api_key",
    "jwt",
    "signature",
    "standard_webhooks",
    "stripe",
    "github",
    "certificate",
];

const WITHIN: Key = Key::new("within", "how far its time may be from ours: 5m").of(Shape::Duration).or("5m");

pub(super) static KEYS: Keys = Keys {
    what: "the `auth` of a caller",
    laws: &[Law::One { of: &KINDS, pairs: &[] }],
    keys: &[
        BASIC_KEY,
        BEARER_KEY,
        API_KEY_KEY,
        Key::new("jwt", "{algorithm, key, issuer, audience}: a signed token").of(Shape::Keys(&SHOWN)),
        Key::new("signature", "{given, is, at, within}: expressions").of(Shape::Keys(&SIGNATURE)),
        Key::new("standard_webhooks", "{secret, within}").of(Shape::Keys(&TIMED)),
        Key::new("stripe", "{secret, within}").of(Shape::Keys(&TIMED)),
        Key::new("github", "{secret}").of(Shape::Keys(&UNTIMED)),
        Key::new("certificate", "{name, sha256}: what is shown with TLS").of(Shape::Keys(&CERTIFICATE)),
    ],
};

static SIGNATURE: Keys = Keys {
    what: "`signature`",
    laws: &[Law::Needs { keys: &["within"], owners: &["at"] }],
    keys: &[
        Key::required("given", "an expression: the signature that came, or a list of them")
            .of(Shape::Expression),
        Key::required("is", "an expression: what it must be, or a list of such").of(Shape::Expression),
        Key::new("at", "an expression: when it was signed, in seconds since 1970").of(Shape::Expression),
        WITHIN,
    ],
};

static TIMED: Keys = Keys {
    what: "`standard_webhooks` and `stripe`",
    laws: &[],
    keys: &[Key::required("secret", "a setting's name"), WITHIN],
};

static CERTIFICATE: Keys = Keys {
    what: "`certificate`",
    laws: &[Law::Some(&["name", "sha256"])],
    keys: &[
        Key::new("name", "the DNS name or address that it is for: bank.example"),
        Key::new("sha256", "the name of a setting with its fingerprint, in hexadecimal"),
    ],
};

static UNTIMED: Keys =
    Keys { what: "`github`", laws: &[], keys: &[Key::required("secret", "a setting's name")] };

impl Caller {
    /// None within where no proof is asked for.
    #[allow(
        clippy::option_option,
        reason = "the outer one is whether it could be read, the inner one is `none`"
    )]
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Option<Self>> {
        if node.as_scalar().is_some_and(|scalar| NONE.iter().any(|(word, ())| scalar.text == *word)) {
            return Some(None);
        }
        if node.get("oauth2").is_some() {
            let message = "oauth2 is how we get a token; a caller shows one";
            let diagnostic = Diagnostic::error(Code::BadValue, message, node.span);
            reader.report(diagnostic.help(format!("a channel takes one of: none, {}", KINDS.join(", "))));
            return None;
        }
        let (kind, inner) = kind(reader, node, &KEYS)?;
        Self::of_kind(kind, reader, inner).map(Some)
    }

    /// Whether the proof is made of the body, which must be read for it.
    pub fn signs_body(&self) -> bool {
        matches!(self, Self::Signature { .. } | Self::Webhook { .. })
    }

    fn of_kind(kind: &str, reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        Some(match kind {
            "jwt" => {
                let fields = reader.fields(node, &SHOWN)?;
                Self::Jwt(Jwt::read(reader, &fields)?)
            }
            "signature" => Self::signature(reader, node)?,
            "standard_webhooks" => Self::webhook(Scheme::Standard, &TIMED, reader, node)?,
            "stripe" => Self::webhook(Scheme::Stripe, &TIMED, reader, node)?,
            "certificate" => Self::certificate(reader, node)?,
            "github" => Self::webhook(Scheme::GitHub, &UNTIMED, reader, node)?,
            constant => Self::Constant(Credential::read(constant, reader, node)?),
        })
    }

    fn signature(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &SIGNATURE)?;
        if fields.has("within") && !fields.has("at") && !fields.misspells("at") {
            let message = "`within` says nothing without `at`";
            let diagnostic = Diagnostic::error(Code::MissingKey, message, fields.key_span("within"));
            reader.report(diagnostic.help("`at` is an expression that tells when it was signed"));
        }
        let (given, is) = (reader.scalar(&fields, "given"), reader.scalar(&fields, "is"));
        let (at, within) = (reader.scalar(&fields, "at"), reader.scalar(&fields, "within"));
        Some(Self::Signature { given: given?, is: is?, at, within })
    }

    fn certificate(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &CERTIFICATE)?;
        let (name, sha256) = (reader.scalar(&fields, "name"), reader.scalar(&fields, "sha256"));
        if fields.is_whole() && !fields.has("name") && !fields.has("sha256") {
            let message = "`certificate` lets everybody in who has one";
            let diagnostic = Diagnostic::error(Code::MissingKey, message, node.span);
            reader.report(diagnostic.help("`name` says whose it is to be, `sha256` which one"));
        }
        Some(Self::Certificate { name, sha256 })
    }

    fn webhook(scheme: Scheme, keys: &'static Keys, reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, keys)?;
        let within = if fields.has("within") { reader.scalar(&fields, "within") } else { None };
        Some(Self::Webhook { scheme, secret: reader.scalar(&fields, "secret")?, within })
    }
}
