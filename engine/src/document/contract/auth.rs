//! How a caller is known to us, or we to an endpoint, as written.

use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Key, Keys, Law, Node, Reader, Scalar, Shape};

/// The names in here are names of settings.
#[derive(Debug)]
pub enum Auth {
    Basic { user: Scalar, password: Scalar },
    Bearer { token: Scalar },
    OAuth2 { token_url: Scalar, client_id: Scalar, client_secret: Scalar, scope: Option<Scalar> },
}

/// No proof is asked for.
pub(super) const NONE: [(&str, ()); 1] = [("none", ())];

const BASIC_KEY: Key = Key::new("basic", "{user, password}: names of settings").of(Shape::Keys(&BASIC));
const BEARER_KEY: Key = Key::new("bearer", "{token}: the name of a setting").of(Shape::Keys(&BEARER));

pub(super) static KEYS: Keys = Keys {
    what: "`auth`",
    laws: &[Law::One { of: &["basic", "bearer", "oauth2"], pairs: &[] }],
    keys: &[
        BASIC_KEY,
        BEARER_KEY,
        Key::new("oauth2", "{token_url, client_id, client_secret, scope}").of(Shape::Keys(&OAUTH2)),
    ],
};

/// What of it a caller can show. It is read by the keys of all, so that the one that is no caller's is explained.
pub(super) static CALLER: Keys = Keys {
    what: "the `auth` of a caller",
    laws: &[Law::One { of: &["basic", "bearer"], pairs: &[] }],
    keys: &[BASIC_KEY, BEARER_KEY],
};

static BASIC: Keys = Keys {
    what: "`basic`",
    laws: &[],
    keys: &[Key::required("user", "a setting's name"), Key::required("password", "a setting's name")],
};

static BEARER: Keys =
    Keys { what: "`bearer`", laws: &[], keys: &[Key::required("token", "a setting's name")] };

static OAUTH2: Keys = Keys {
    what: "`oauth2`",
    laws: &[],
    keys: &[
        Key::required("token_url", "the URL; {name} is a setting"),
        Key::required("client_id", "a setting's name"),
        Key::required("client_secret", "a setting's name"),
        Key::new("scope", "the scope to ask for"),
    ],
};

impl Auth {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
        let mut given = KEYS.names().filter_map(|name| Some((name, fields.get(name)?)));
        let Some((kind, inner)) = given.next() else {
            if fields.is_whole() {
                let diagnostic = Diagnostic::error(Code::MissingKey, "`auth` says nothing", node.span);
                reader.report(diagnostic.help("it has one of: basic, bearer, oauth2"));
            }
            return None;
        };
        if let Some((second, _)) = given.next() {
            let message = format!("`{kind}` and `{second}` exclude each other");
            reader.report(Diagnostic::error(Code::ConflictingKeys, message, fields.key_span(second)));
        }
        match kind {
            "basic" => Self::basic(reader, inner),
            "bearer" => Self::bearer(reader, inner),
            _ => Self::oauth2(reader, inner),
        }
    }

    fn basic(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &BASIC)?;
        let (user, password) = (reader.scalar(&fields, "user"), reader.scalar(&fields, "password"));
        Some(Self::Basic { user: user?, password: password? })
    }

    fn bearer(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &BEARER)?;
        Some(Self::Bearer { token: reader.scalar(&fields, "token")? })
    }

    fn oauth2(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &OAUTH2)?;
        let (id, secret) = (reader.scalar(&fields, "client_id"), reader.scalar(&fields, "client_secret"));
        Some(Self::OAuth2 {
            token_url: reader.scalar(&fields, "token_url")?,
            client_id: id?,
            client_secret: secret?,
            scope: reader.scalar(&fields, "scope"),
        })
    }
}
