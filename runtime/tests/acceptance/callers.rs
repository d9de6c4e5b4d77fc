//! Who is let in: published vectors, and what is nearly right. The next case is a file in `callers/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use engine::diagnostic::render::text;
use engine::{Bundle, Environment, File, Inbound, NilIds, NoRecords, Variables, World, compile};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use jiff::Timestamp;
use runtime::auth::Guard;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::{Folder, Partner, command};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Where it is from.
    #[serde(rename = "from")]
    _from: String,
    settings: Value,
    auth: Value,
    #[serde(default)]
    method: Option<String>,
    requests: Vec<Request>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    why: String,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    query: BTreeMap<String, String>,
    body: String,
    /// Seconds since 1970.
    #[serde(default)]
    at: i64,
    /// `in`, or why not.
    verdict: String,
}

/// One channel, and what may be wrong with it.
fn guard(method: &str, settings: &Value, auth: &Value) -> Result<Guard, String> {
    let contract = json!({
        "partner": "p",
        "settings": settings,
        "channels": {"c": {method: "/c", "auth": auth, "message": "'m'", "messages": {"m": null}}},
    });
    let file = File { path: "mappings/p/partner.yaml".to_owned(), bytes: contract.to_string().into_bytes() };
    let environment = Environment {
        variables: std::collections::BTreeMap::default(),
        settings: std::collections::BTreeMap::default(),
        listen: String::new(),
        sandbox: false,
        unset: Variables::Required,
        stopwatch: runtime::world::stopwatch,
    };
    let compiled = compile(&Bundle::from_iter([file]), &environment);
    let text = text::render(compiled.diagnostics.as_slice(), &compiled.sources, false);
    let engine = compiled.engine.ok_or(text)?;
    let channel = engine.channel("p/c").ok_or("there is no channel")?;
    Guard::new(channel).map_err(|error| error.to_string())
}

fn verdict(guard: &Guard, method: &str, request: &Request) -> Result<(), String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
    }
    let now = Timestamp::from_second(request.at).unwrap();
    let lower = |(name, value): (&String, &String)| (name.to_ascii_lowercase(), value.clone());
    let inbound = Inbound {
        headers: request.headers.iter().map(lower).collect(),
        query: request.query.clone().into_iter().collect(),
        path_params: Vec::new(),
    };
    let world = World { now, ids: &NilIds, records: &NoRecords };
    let body = request.body.as_bytes();
    let json = if method == "get" { b"{}" } else { body };
    guard
        .check(&headers, None, now)
        .and_then(|()| guard.check_message((body, json), &inbound, world))
        .map_err(|denied| denied.reason().to_string())
}

#[test]
fn those_are_let_in_who_prove_who_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acceptance/callers");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let name = path.display();
        let case: Case = serde_json::from_slice(&fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let method = case.method.as_deref().unwrap_or("post");
        let guard =
            guard(method, &case.settings, &case.auth).unwrap_or_else(|error| panic!("{name}: {error}"));
        for request in &case.requests {
            let verdict = verdict(&guard, method, request).err().unwrap_or_else(|| "in".to_owned());
            assert_eq!(verdict, request.verdict, "{name}: {}", request.why);
        }
    }
}

#[test]
fn a_key_that_is_none_is_told_before_the_first_message() {
    for (algorithm, key) in
        [("RS256", "no PEM"), ("ES256", "no PEM"), ("EdDSA", "no PEM"), ("PS256", "no PEM")]
    {
        let auth = json!({"jwt": {"algorithm": algorithm, "key": "key"}});
        let error = guard("post", &json!({"key": key}), &auth).err();
        let expected = format!("p/c: the key is none of {algorithm}: a shared secret for HS, else PEM");
        assert_eq!(error.as_deref(), Some(&*expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_one_that_we_sign_with() {
    let folder = Folder::orders(&Partner::start())
        .endpoint("auth: token")
        .contract("auth: {token: {jwt: {algorithm: RS256, key: url}}}");
    let run = ["run", "--listen", "127.0.0.1:0"];
    let ended = command().arg("--config").arg(folder.path()).args(run).output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(2), "{told}");
    assert!(told.contains("error: bank/token: the key is none of RS256: a shared secret"), "{told}");
}
