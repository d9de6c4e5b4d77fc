//! How a caller is known to us, or we to an endpoint, as written.

use super::text;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Key, Node, Reader, Scalar};

/// The names in here are names of settings.
#[derive(Debug)]
pub enum Auth {
    Basic { user: Scalar, password: Scalar },
    Bearer { token: Scalar },
    OAuth2 { token_url: Scalar, client_id: Scalar, client_secret: Scalar, scope: Option<Scalar> },
}

const KINDS: &[Key] = &[
    Key::new("basic", "{user, password}: names of settings"),
    Key::new("bearer", "{token}: the name of a setting"),
    Key::new("oauth2", "{token_url, client_id, client_secret, scope}"),
];

const BASIC: &[Key] =
    &[Key::required("user", "a setting's name"), Key::required("password", "a setting's name")];

const BEARER: &[Key] = &[Key::required("token", "a setting's name")];

const OAUTH2: &[Key] = &[
    Key::required("token_url", "the URL; {name} is a setting"),
    Key::required("client_id", "a setting's name"),
    Key::required("client_secret", "a setting's name"),
    Key::new("scope", "the scope to ask for"),
];

impl Auth {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`auth`", KINDS)?;
        let mut given = KINDS.iter().filter_map(|kind| Some((kind.name, fields.get(kind.name)?)));
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
        let fields = reader.fields(node, "`basic`", BASIC)?;
        let (user, password) = (text(reader, &fields, "user"), text(reader, &fields, "password"));
        Some(Self::Basic { user: user?, password: password? })
    }

    fn bearer(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`bearer`", BEARER)?;
        Some(Self::Bearer { token: text(reader, &fields, "token")? })
    }

    fn oauth2(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`oauth2`", OAUTH2)?;
        let (id, secret) = (text(reader, &fields, "client_id"), text(reader, &fields, "client_secret"));
        Some(Self::OAuth2 {
            token_url: text(reader, &fields, "token_url")?,
            client_id: id?,
            client_secret: secret?,
            scope: text(reader, &fields, "scope"),
        })
    }
}
