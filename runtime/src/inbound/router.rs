//! Which channel listens on a path.

use std::collections::BTreeMap;
use std::fmt;

use matchit::InsertError;

use super::percent;

/// Why a set of paths cannot be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Two paths of one method match the same requests.
    Conflict { method: String, path: String, with: String },
    /// The pattern is not one: `{name}` stands for a whole segment or a part of it.
    Pattern { path: String },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { method, path, with } => {
                write!(f, "{method} {path} conflicts with {with}")
            }
            Self::Pattern { path } => write!(f, "{path} is not a path pattern"),
        }
    }
}

impl std::error::Error for Error {}

/// What a request's method and path lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    Found {
        /// The place of the path among those the table was built from.
        index: usize,
        /// Decoded, in the order of the pattern.
        params: Vec<(String, String)>,
    },
    /// The path is there for other methods: the value of `Allow`.
    MethodNotAllowed { allow: String },
    /// No pattern matches, or a parameter cannot be decoded.
    NotFound,
}

/// The paths we listen on. Methods are apart, so that two may name one parameter differently.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    methods: BTreeMap<String, matchit::Router<usize>>,
}

impl Paths {
    /// From pairs of method and pattern (`/a/{b}`); their order gives the index.
    ///
    /// # Errors
    /// [`Error`] for the first pair that cannot be added.
    pub fn new<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Result<Self, Error> {
        let mut paths = Self::default();
        for (index, (method, path)) in pairs.into_iter().enumerate() {
            paths
                .methods
                .entry(method.to_owned())
                .or_default()
                .insert(path, index)
                .map_err(|error| reason(error, method, path))?;
        }
        Ok(paths)
    }

    /// Finds the channel of a request; `path` is as it came, without the query.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Match {
        let own = self.methods.get(method);
        if let Some(found) = own.and_then(|router| router.at(path).ok()) {
            return match decoded(&found.params) {
                Some(params) => Match::Found { index: *found.value, params },
                None => Match::NotFound,
            };
        }
        let others: Vec<&str> = self
            .methods
            .iter()
            .filter(|(_, router)| router.at(path).is_ok())
            .map(|(method, _)| method.as_str())
            .collect();
        if others.is_empty() { Match::NotFound } else { Match::MethodNotAllowed { allow: others.join(", ") } }
    }
}

fn decoded(params: &matchit::Params<'_, '_>) -> Option<Vec<(String, String)>> {
    params.iter().map(|(name, value)| Some((name.to_owned(), percent::decode(value.as_bytes())?))).collect()
}

fn reason(error: InsertError, method: &str, path: &str) -> Error {
    match error {
        InsertError::Conflict { with } => {
            Error::Conflict { method: method.to_owned(), path: path.to_owned(), with }
        }
        _ => Error::Pattern { path: path.to_owned() },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn paths() -> Paths {
        Paths::new([
            ("POST", "/bank/callbacks"),
            ("GET", "/orders/{id}"),
            ("PUT", "/orders/{number}"),
            ("GET", "/orders/{id}/documents/{name}.pdf"),
        ])
        .unwrap()
    }

    fn found(index: usize, params: &[(&str, &str)]) -> Match {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Match::Found { index, params }
    }

    #[test]
    fn a_path_leads_to_its_channel() {
        let paths = paths();
        assert_eq!(paths.find("POST", "/bank/callbacks"), found(0, &[]));
        assert_eq!(paths.find("PUT", "/orders/7"), found(2, &[("number", "7")]));
        assert_eq!(
            paths.find("GET", "/orders/%D0%B0%2Fb+c/documents/x.pdf"),
            found(3, &[("id", "а/b+c"), ("name", "x")])
        );
    }

    #[test]
    fn another_method_is_told_what_is_allowed() {
        let allow = |allow: &str| Match::MethodNotAllowed { allow: allow.to_owned() };
        assert_eq!(paths().find("DELETE", "/orders/7"), allow("GET, PUT"));
        assert_eq!(paths().find("HEAD", "/bank/callbacks"), allow("POST"));
    }

    #[test]
    fn what_no_pattern_matches_is_not_found() {
        for path in ["", "*", "/", "/bank/callbacks/", "/Bank/callbacks", "/orders/", "/orders/%ff"] {
            assert_eq!(paths().find("GET", path), Match::NotFound, "{path}");
        }
    }

    #[test]
    fn patterns_that_cannot_be_served_are_errors() {
        let conflict = Paths::new([("GET", "/a/{b}"), ("GET", "/a/{c}")]).unwrap_err();
        assert_eq!(conflict.to_string(), "GET /a/{c} conflicts with /a/{b}");
        let broken = Paths::new([("GET", "/a/{")]).unwrap_err();
        assert_eq!(broken.to_string(), "/a/{ is not a path pattern");
    }
}
