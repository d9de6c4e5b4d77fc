//! docs/packs/*.md, played: each `curl` is sent to the sandboxes and gets what the page shows.

use std::collections::HashMap;
use std::fs;

use regex::Regex;
use serde_json::json;

use crate::harness::{Answer, Authority, Folder, Partner, Process, Reply, Tolmach, eventually_so, words};

/// One command of a page, and the line behind it.
struct Example {
    command: String,
    shows: String,
}

fn examples(page: &str) -> Vec<Example> {
    let blocks = page.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines: Vec<&str> = blocks.flat_map(str::lines).collect();
    lines
        .chunks(2)
        .map(|pair| Example {
            command: pair[0].strip_prefix("$ curl ").unwrap().to_owned(),
            shows: pair[1].to_owned(),
        })
        .collect()
}

/// What a page calls `$ORDER` is whatever came there first.
type Bound = HashMap<String, String>;

fn filled(text: &str, bound: &Bound) -> String {
    bound.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value))
}

/// Whether this came; what the names in it stand for is bound then.
fn matches(shows: &str, came: &str, bound: &mut Bound) -> bool {
    let shows = filled(shows, bound);
    let name = Regex::new(r"\$([A-Z]+)").unwrap();
    let names: Vec<&str> = name.captures_iter(&shows).map(|found| found.extract::<1>().1[0]).collect();
    let mut pattern = String::from("^");
    for (at, text) in name.split(&shows).enumerate() {
        pattern.push_str(&regex::escape(text));
        match names.get(at) {
            Some(&"REST") => pattern.push_str("(.*)"),
            Some(_) => pattern.push_str("([^\"/]+)"),
            None => pattern.push('$'),
        }
    }
    let Some(found) = Regex::new(&pattern).unwrap().captures(came) else { return false };
    let named = names.iter().zip(found.iter().skip(1).flatten()).filter(|(name, _)| **name != "REST");
    for (name, value) in named {
        let first = bound.entry((*name).to_owned()).or_insert_with(|| value.as_str().to_owned());
        assert_eq!(first, value.as_str(), "{name} is two things in {came}");
    }
    true
}

/// Sends what the command says; the text that came.
async fn curl(tolmach: &Tolmach, command: &str) -> (bool, String) {
    let (mut method, mut headers, mut user, mut body, mut url) = ("GET", Vec::new(), None, None, "");
    let mut words = words(command).into_iter();
    while let Some(word) = words.next() {
        match word {
            "-X" => method = if words.next().unwrap() == "POST" { "POST" } else { panic!("{command}") },
            "-H" => headers.push(words.next().unwrap()),
            "-u" => user = words.next(),
            "-d" => body = words.next().map(|body| body.as_bytes().to_vec()),
            "--data-binary" => {
                let file = words.next().unwrap();
                body = Some(fs::read(Folder::shipped().join(file.strip_prefix('@').unwrap())).unwrap());
            }
            _ => url = word,
        }
    }
    let path = url.strip_prefix("http://127.0.0.1:8080").unwrap();
    let method = if body.is_some() { "POST" } else { method };
    let mut request = tolmach.request(method, path);
    for header in &headers {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    if let Some((user, password)) = user.and_then(|user| user.split_once(':')) {
        request = request.basic_auth(user, Some(password));
    }
    let answer = request.body(body.unwrap_or_default()).send().await.unwrap();
    let text = answer.text().await.unwrap();
    // Pages are written for the usual address.
    (method == "GET", text.replace(&tolmach.address().to_string(), "127.0.0.1:8080"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_packs_are_true() {
    let tolmach = Tolmach::sandbox(Folder::empty()).await;
    let mut pages: Vec<_> = fs::read_dir(Folder::shipped().join("docs/packs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pages.sort();
    assert!(pages.len() >= 9);
    for page in pages {
        let mut bound = Bound::new();
        let examples = examples(&fs::read_to_string(&page).unwrap());
        assert!(!examples.is_empty(), "{}", page.display());
        for Example { command, shows } in examples {
            let what = format!("{}: {command}\n{shows}", page.display());
            eventually_so(&what, async || {
                let (may_come, came) = curl(&tolmach, &filled(&command, &bound)).await;
                let shown = matches(&shows, &came, &mut bound);
                // What is asked for may still be on its way; what is sent is answered at once.
                assert!(shown || may_come, "{what}\n{came}");
                shown.then_some(())
            })
            .await;
        }
    }
}

/// Dolyame as its reference describes it: one half of what it is asked needs the certificate, the other the password, and
/// all of it a correlation id.
const DOLYAME: &str = "
partner: dolyame
settings: {user: shop, password: known}
channels:
  create: {post: /v1/orders/create, auth: {certificate: {name: shop.example}}, id: header('x-correlation-id'), message: \"'Create'\", messages: {Create: null}}
  info: {get: '/v1/orders/{id}/info', auth: {basic: {user: user, password: password}}, id: header('x-correlation-id'), message: \"'Info'\", messages: {Info: null}}
  commit: {post: '/v1/orders/{id}/commit', auth: {certificate: {name: shop.example}}, id: header('x-correlation-id'), message: \"'Commit'\", messages: {Commit: null}}
";

fn says(channel: &str, message: &str, status: &str) -> String {
    format!(
        "receive: {channel}\nmessage: {message}\nanswer: {{map: {{status: {{value: {status}}}, amount: {{value: 2101.00}}, \
         link: {{value: \"https://dolyame.example/1\"}}}}}}\n"
    )
}

/// The pack as it is shipped, against a partner that asks for a certificate: the sandbox asks for none.
#[tokio::test(flavor = "multi_thread")]
async fn dolyame_is_shown_our_certificate_and_our_password() {
    let (authority, callers) = (Authority::new(), Authority::new());
    let (server, us) = (authority.identity(&["localhost"]), callers.identity(&["shop.example"]));
    let theirs = Folder::empty()
        .file("tolmach.yaml", "tls: {certificate: ours.pem, key: ours.key, client_ca: callers.pem}\n")
        .file("ours.pem", &server.certificate)
        .file("ours.key", &server.key)
        .file("callers.pem", callers.pem())
        .file("mappings/dolyame/partner.yaml", DOLYAME)
        .file("mappings/dolyame/create.yaml", &says("create", "Create", "new"))
        .file("mappings/dolyame/info.yaml", &says("info", "Info", "wait_for_commit"))
        .file("mappings/dolyame/commit.yaml", &says("commit", "Commit", "committed"));
    let dolyame = Process::start(&theirs).await;
    let fiscal = Partner::start().answering(|_| Reply::json(200, r#"{"url": "https://receipts.example/1"}"#));

    let ours = Folder::empty()
        .pack("giberno")
        .pack("dolyame")
        .file("authority.pem", authority.pem())
        .file("tolmach.yaml", "private: [127.0.0.0/8]\n");
    let url = format!("https://localhost:{}", dolyame.address().port());
    let trusted = ours.path().join("authority.pem");
    let giberno = Process::with_variables(
        &ours,
        &[
            ("SSL_CERT_FILE", trusted.to_str().unwrap()),
            ("DOLYAME_URL", &url),
            ("DOLYAME_PASSWORD", "known"),
            ("DOLYAME_CERTIFICATE", &us.certificate),
            ("DOLYAME_KEY", &us.key),
            ("DOLYAME_NETWORKS", "127.0.0.1"),
            ("GIBERNO_TOKEN", "token"),
            ("GIBERNO_FISCAL_URL", &fiscal.url()),
            ("GIBERNO_FISCAL_TOKEN", "token"),
        ],
    )
    .await;
    let ask = async |method: &str, path: &str, body: serde_json::Value| {
        let request = giberno.request(method, path).bearer_auth("token");
        let request = request.header("content-type", "application/json").body(body.to_string());
        Answer::of(request).await.unwrap().json()
    };
    let item = json!({"name": "Кофе", "quantity": 1, "price": 2101});
    let order = ask(
        "POST",
        "/api/v1/order",
        json!({"project": "Кофейня", "email": "a@example.org", "items": [item]}),
    )
    .await;
    let uuid = order["uuid"].as_str().unwrap();
    let link = ask("POST", "/api/v1/payment", json!({"order_uuid": uuid, "code": "split"})).await;
    assert_eq!(link["url"], "https://dolyame.example/1");
    let notification = json!({"id": link["payment"], "status": "approved", "amount": 2101.0});
    eventually_so("the payment is known", async || {
        let answer = giberno.post("/api/dolyame/notifications", notification.to_string()).await;
        (answer.status == 200).then_some(())
    })
    .await;
    eventually_so("the order is paid", async || {
        let state = ask("GET", &format!("/api/v1/order/{uuid}"), json!({})).await;
        (state["status"] == "PAID" && state["receipts"] == json!(["https://receipts.example/1"]))
            .then_some(())
    })
    .await;
}

/// Every route of the packs, those of the sandboxes too, has a case at least.
#[test]
fn each_route_has_a_case() {
    let shipped = Folder::shipped();
    let environment = engine::Environment {
        sandbox: true,
        listen: "http://127.0.0.1:8080".to_owned(),
        ..engine::Environment::default()
    };
    let bundle = runtime::bundle::read(&shipped, true).unwrap();
    let engine = engine::compile(&bundle, &environment).engine.unwrap();
    let cases =
        |route: &str| fs::read_dir(shipped.join("tests/cases").join(route)).map_or(0, Iterator::count);
    let without: Vec<_> =
        engine.routes().filter(|route| cases(&route.name) == 0).map(|route| &route.name).collect();
    assert!(without.is_empty(), "no case: {without:?}");
}

/// The vendor lists 335 codes of errors; a case for each would say no more.
#[test]
fn t_bank_has_all_codes_of_errors() {
    let table = fs::read_to_string(Folder::shipped().join("mappings/tbank/errors.tsv")).unwrap();
    let codes: std::collections::BTreeSet<&str> =
        table.lines().skip(1).map(|row| row.split('\t').next().unwrap()).collect();
    assert_eq!((codes.len(), table.lines().count()), (335, 336));
}

#[test]
fn a_provider_is_a_folder_of_less_than_a_hundred_lines() {
    let folder = Folder::shipped().join("mappings/yookassa");
    let files =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let lines: usize = files.map(|file| fs::read_to_string(file).unwrap().lines().count()).sum();
    assert!((1..100).contains(&lines), "{lines}");
}
