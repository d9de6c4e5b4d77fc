//! What comes with a request beside its body: for the engine, and as it is kept with a parked message.

use engine::{Caller, Credential, Inbound};
use hyper::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use serde::Deserialize;
use serde_json::json;

/// Who calls is settled by now: neither a mapping nor the database has any business with these.
const SECRET: [HeaderName; 3] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];

/// Kept as JSON text.
#[derive(Deserialize)]
struct Kept {
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    path_params: Vec<(String, String)>,
}

/// All headers but those with credentials, also of a kind that the channel has for itself.
pub(super) fn headers(headers: &HeaderMap, caller: Option<&Caller>) -> Vec<(String, String)> {
    let key = match caller {
        Some(Caller::Constant(Credential::ApiKey { header, .. })) => Some(&**header),
        _ => None,
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .filter(|(name, _)| !SECRET.contains(name) && Some(name.as_str()) != key)
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect()
}

pub(super) fn query(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// As the store keeps it.
pub(super) fn kept(inbound: &Inbound) -> String {
    let Inbound { headers, query, path_params } = inbound;
    json!({"headers": headers, "query": query, "path_params": path_params}).to_string()
}

/// What [`kept`] has written.
///
/// # Errors
/// Something else has written it.
pub(super) fn restored(kept: &str) -> Result<Inbound, serde_json::Error> {
    let Kept { headers, query, path_params } = serde_json::from_str(kept)?;
    Ok(Inbound { headers, query, path_params })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use engine::Secret;

    use super::*;

    #[test]
    fn credentials_are_left_out() {
        let mut given = HeaderMap::new();
        for name in ["authorization", "x-api-key", "x-request-id", "cookie", "proxy-authorization"] {
            given.insert(name, HeaderValue::from_static("value"));
        }
        let caller =
            Caller::Constant(Credential::ApiKey { header: "x-api-key".into(), key: Secret::new("value") });
        assert_eq!(headers(&given, Some(&caller)), [("x-request-id".to_owned(), "value".to_owned())]);
    }

    #[test]
    fn what_is_kept_comes_back() {
        let pair = |name: &str| vec![(name.to_owned(), "\"a b\" \u{e9}".to_owned())];
        let given = Inbound { headers: pair("h"), query: pair("q"), path_params: pair("p") };
        let back = restored(&kept(&given)).unwrap();
        assert_eq!(
            (back.headers, back.query, back.path_params),
            (given.headers, given.query, given.path_params)
        );
    }
}
