//! How we are known to an endpoint, as written; and what a caller may show as well.

use crate::diagnostic::{Code, Diagnostic};
use crate::document::reader::Fields;
use crate::document::{Key, Keys, Law, Node, Reader, Scalar, Shape};

/// The names in here are names of settings, if nothing else is said.
#[derive(Debug)]
pub enum Auth {
    Constant(Credential),
    Jwt {
        jwt: Jwt,
        subject: Option<Scalar>,
        lifetime: Option<Scalar>,
    },
    StandardWebhooks {
        secret: Scalar,
    },
    OAuth2 {
        token_url: Scalar,
        client_id: Scalar,
        client_secret: Option<Scalar>,
        user: Option<User>,
        scope: Option<Scalar>,
    },
}

/// What is shown the same with every request.
#[derive(Debug)]
pub enum Credential {
    Basic { user: Scalar, password: Scalar },
    Bearer { token: Scalar },
    ApiKey { header: Scalar, key: Scalar },
}

/// A signed token: what is in it, beside times.
#[derive(Debug)]
pub struct Jwt {
    pub algorithm: &'static str,
    pub key: Scalar,
    pub issuer: Option<Scalar>,
    pub audience: Option<Scalar>,
}

/// For whom a token is asked, by the password grant.
#[derive(Debug)]
pub struct User {
    pub name: Scalar,
    pub password: Scalar,
}

/// Pinned: what a token says of itself decides nothing (RFC 8725, section 3.1).
const ALGORITHMS: [(&str, &str); 12] = [
    ("HS256", "HS256"),
    ("HS384", "HS384"),
    ("HS512", "HS512"),
    ("RS256", "RS256"),
    ("RS384", "RS384"),
    ("RS512", "RS512"),
    ("PS256", "PS256"),
    ("PS384", "PS384"),
    ("PS512", "PS512"),
    ("ES256", "ES256"),
    ("ES384", "ES384"),
    ("EdDSA", "EdDSA"),
];

pub(super) const BASIC_KEY: Key =
    Key::new("basic", "{user, password}: names of settings").of(Shape::Keys(&BASIC));
pub(super) const BEARER_KEY: Key =
    Key::new("bearer", "{token}: the name of a setting").of(Shape::Keys(&BEARER));
pub(super) const API_KEY_KEY: Key =
    Key::new("api_key", "{header, key}: the header's name, and a setting's").of(Shape::Keys(&API_KEY));

const SETTING: &str = "a setting's name";

const ALGORITHM: Key =
    Key::required("algorithm", "how it is signed: HS256, RS256, ES256, …").of(Shape::Choice(&ALGORITHMS));
const ISSUER: Key = Key::new("issuer", "the claim `iss`");
const AUDIENCE: Key = Key::new("audience", "the claim `aud`");

pub(super) static KEYS: Keys = Keys {
    what: "`auth`",
    laws: &[Law::One {
        of: &["basic", "bearer", "api_key", "jwt", "standard_webhooks", "oauth2"],
        pairs: &[],
    }],
    keys: &[
        BASIC_KEY,
        BEARER_KEY,
        API_KEY_KEY,
        Key::new(
            "jwt",
            "{algorithm, key, issuer, audience, subject, lifetime}: a token made for each attempt",
        )
        .of(Shape::Keys(&ISSUED)),
        Key::new("standard_webhooks", "{secret}: what we send is signed").of(Shape::Keys(&SECRET)),
        Key::new("oauth2", "{token_url, client_id, client_secret, user, password, scope}")
            .of(Shape::Keys(&OAUTH2)),
    ],
};

static BASIC: Keys = Keys {
    what: "`basic`",
    laws: &[],
    keys: &[Key::required("user", SETTING), Key::required("password", SETTING)],
};

static BEARER: Keys = Keys { what: "`bearer`", laws: &[], keys: &[Key::required("token", SETTING)] };

static API_KEY: Keys = Keys {
    what: "`api_key`",
    laws: &[],
    keys: &[Key::required("header", "the header's name: X-Api-Key"), Key::required("key", SETTING)],
};

/// A token that a caller shows.
pub(super) static SHOWN: Keys = Keys {
    what: "the `jwt` of a caller",
    laws: &[],
    keys: &[
        ALGORITHM,
        Key::required("key", "a setting's name: the shared secret, or the public key as PEM"),
        ISSUER,
        AUDIENCE,
    ],
};

static ISSUED: Keys = Keys {
    what: "`jwt`",
    laws: &[],
    keys: &[
        ALGORITHM,
        Key::required("key", "a setting's name: the shared secret, or the private key as PEM"),
        ISSUER,
        AUDIENCE,
        Key::new("subject", "the claim `sub`"),
        Key::new("lifetime", "from `iat` to `exp`: 5m").of(Shape::Duration).or("5m"),
    ],
};

static SECRET: Keys = Keys {
    what: "`standard_webhooks`",
    laws: &[],
    keys: &[Key::required("secret", "a setting's name: whsec_…")],
};

static OAUTH2: Keys = Keys {
    what: "`oauth2`",
    laws: &[
        Law::Some(&["client_secret", "user"]),
        Law::Needs { keys: &["user"], owners: &["password"] },
        Law::Needs { keys: &["password"], owners: &["user"] },
    ],
    keys: &[
        Key::required("token_url", "the URL; {name} is a setting"),
        Key::required("client_id", SETTING),
        Key::new("client_secret", "a setting's name; only a user's token can be had without one"),
        Key::new("user", "a setting's name: the password grant, for this user"),
        Key::new("password", "a setting's name: the user's"),
        Key::new("scope", "the scope to ask for"),
    ],
};

impl Auth {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let (kind, inner) = kind(reader, node, &KEYS)?;
        match kind {
            "jwt" => {
                let fields = reader.fields(inner, &ISSUED)?;
                let (subject, lifetime) =
                    (reader.scalar(&fields, "subject"), reader.scalar(&fields, "lifetime"));
                Some(Self::Jwt { jwt: Jwt::read(reader, &fields)?, subject, lifetime })
            }
            "standard_webhooks" => {
                let fields = reader.fields(inner, &SECRET)?;
                Some(Self::StandardWebhooks { secret: reader.scalar(&fields, "secret")? })
            }
            "oauth2" => Self::oauth2(reader, inner),
            constant => Credential::read(constant, reader, inner).map(Self::Constant),
        }
    }

    fn oauth2(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &OAUTH2)?;
        let (id, secret) = (reader.scalar(&fields, "client_id"), reader.scalar(&fields, "client_secret"));
        let (name, password) = (reader.scalar(&fields, "user"), reader.scalar(&fields, "password"));
        for (key, other) in [("user", "password"), ("password", "user")] {
            if fields.has(key) && !fields.has(other) && !fields.misspells(other) {
                let message = format!("`{key}` says nothing without `{other}`");
                let diagnostic = Diagnostic::error(Code::MissingKey, message, fields.key_span(key));
                reader.report(diagnostic.help("the password grant asks for a token with both"));
            }
        }
        if !["client_secret", "user", "password"]
            .into_iter()
            .any(|key| fields.has(key) || fields.misspells(key))
        {
            let message = "`oauth2` needs `client_secret`, or `user` and `password`";
            let diagnostic = Diagnostic::error(Code::MissingKey, message, fields.span);
            reader.report(diagnostic.help("a client alone shows its secret; a user shows a password"));
        }
        Some(Self::OAuth2 {
            token_url: reader.scalar(&fields, "token_url")?,
            client_id: id?,
            client_secret: secret,
            user: name.zip(password).map(|(name, password)| User { name, password }),
            scope: reader.scalar(&fields, "scope"),
        })
    }
}

/// The one kind that is written.
pub(super) fn kind<'n>(
    reader: &mut Reader<'_>,
    node: &'n Node,
    keys: &'static Keys,
) -> Option<(&'static str, &'n Node)> {
    let fields = reader.fields(node, keys)?;
    let mut given = keys.names().filter_map(|name| Some((name, fields.get(name)?)));
    let Some((kind, inner)) = given.next() else {
        if fields.is_whole() {
            let diagnostic =
                Diagnostic::error(Code::MissingKey, format!("{} says nothing", keys.what), node.span);
            let known = keys.names().collect::<Vec<_>>().join(", ");
            reader.report(diagnostic.help(format!("it has one of: {known}")));
        }
        return None;
    };
    if let Some((second, _)) = given.next() {
        let message = format!("`{kind}` and `{second}` exclude each other");
        reader.report(Diagnostic::error(Code::ConflictingKeys, message, fields.key_span(second)));
    }
    Some((kind, inner))
}

impl Credential {
    pub(super) fn read(kind: &str, reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(
            node,
            match kind {
                "basic" => &BASIC,
                "bearer" => &BEARER,
                _ => &API_KEY,
            },
        )?;
        let mut text = |key| reader.scalar(&fields, key);
        match kind {
            "basic" => {
                let (user, password) = (text("user"), text("password"));
                Some(Self::Basic { user: user?, password: password? })
            }
            "bearer" => Some(Self::Bearer { token: text("token")? }),
            _ => {
                let (header, key) = (text("header"), text("key"));
                Some(Self::ApiKey { header: header?, key: key? })
            }
        }
    }
}

impl Jwt {
    pub(super) fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let (issuer, audience) = (reader.scalar(fields, "issuer"), reader.scalar(fields, "audience"));
        let algorithm = reader.choice(fields.get("algorithm")?, "`algorithm`", &ALGORITHMS);
        let key = reader.scalar(fields, "key");
        Some(Self { algorithm: algorithm?, key: key?, issuer, audience })
    }
}
