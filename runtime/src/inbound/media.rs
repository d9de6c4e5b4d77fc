//! What kind of body a channel takes, judged by the headers.

use engine::Encoding;
use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderName};

use super::Refusal;
use crate::coding::Coding;

/// Checks that a body is one the channel reads: of a coding that is read, UTF-8, and JSON (`application/json`,
/// any `+json`, or no type at all) or a form, as `encoding` says.
///
/// # Errors
/// [`Refusal::UnsupportedMediaType`] and [`Refusal::UnsupportedCoding`] with what is taken instead.
pub fn check(headers: &HeaderMap, encoding: Encoding) -> Result<Coding, Refusal> {
    let coding = Coding::of(headers).ok_or(Refusal::UnsupportedCoding)?;
    let content_type = single(headers, &CONTENT_TYPE)?;
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    match encoding {
        Encoding::Json if content_type.is_some() && !is_json(&essence) => {
            return Err(refused("the channel takes application/json"));
        }
        Encoding::Form if essence != "application/x-www-form-urlencoded" => {
            return Err(refused("the channel takes application/x-www-form-urlencoded"));
        }
        Encoding::Json | Encoding::Form | Encoding::Raw | Encoding::Nothing => {}
    }
    if parts.all(is_utf8) { Ok(coding) } else { Err(refused("the channel takes UTF-8")) }
}

fn refused(detail: &'static str) -> Refusal {
    Refusal::UnsupportedMediaType { detail }
}

/// A header that may come once. Two could be read differently by us and by a proxy before us.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(refused("a header that describes the body is repeated"));
    }
    value.to_str().map(Some).map_err(|_| refused("a header that describes the body cannot be read"))
}

fn is_json(essence: &str) -> bool {
    essence == "application/json"
        || essence.split_once('/').is_some_and(|(kind, subtype)| {
            !kind.is_empty() && subtype.len() > "+json".len() && subtype.ends_with("+json")
        })
}

/// Every parameter but a charset says nothing to us.
fn is_utf8(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
        }
        Some(_) | None => true,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn taken(encoding: Encoding, headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, value.parse().unwrap());
        }
        check(&map, encoding).is_ok()
    }

    #[test]
    fn a_json_channel_takes_json() {
        assert!(taken(Encoding::Json, &[]));
        for value in [
            "application/json",
            "Application/JSON",
            "application/json; charset=UTF-8",
            "application/json;charset=\"utf-8\"; v=1",
            "application/vnd.bank.v1+json",
            "application/json;",
        ] {
            assert!(taken(Encoding::Json, &[("content-type", value)]), "{value}");
        }
    }

    #[test]
    fn a_json_channel_takes_nothing_else() {
        for value in [
            "",
            "text/plain",
            "application/jsonx",
            "application/+json",
            "/a+json",
            "application/json; charset=windows-1251",
            "application/x-www-form-urlencoded",
        ] {
            assert!(!taken(Encoding::Json, &[("content-type", value)]), "{value}");
        }
    }

    #[test]
    fn a_form_channel_takes_forms_that_say_so() {
        let form = "application/x-www-form-urlencoded";
        assert!(taken(Encoding::Form, &[("content-type", form)]));
        let charset = "application/x-www-form-urlencoded; charset=koi8-r";
        assert!(!taken(Encoding::Form, &[("content-type", charset)]));
        assert!(!taken(Encoding::Form, &[("content-type", "application/json")]));
        assert!(!taken(Encoding::Form, &[]));
    }

    #[test]
    fn a_compressed_or_ambiguous_body_is_refused() {
        let json = ("content-type", "application/json");
        assert!(taken(Encoding::Json, &[("content-encoding", "Identity")]));
        assert!(!taken(Encoding::Json, &[("content-encoding", "br")]));
        assert!(taken(Encoding::Json, &[("content-encoding", "gzip")]));
        assert!(!taken(Encoding::Json, &[("content-encoding", "identity, gzip")]));
        assert!(!taken(Encoding::Json, &[json, json]));
    }
}
