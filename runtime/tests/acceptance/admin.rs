//! The operator's API, as the commands use it and as others do.

use runtime::admin::access::Access;
use runtime::store::MessageState;
use serde_json::Value;

use crate::harness::{Answer, Folder, Gate, Partner, Process, Reply, command, eventually, order};

/// The API of a process.
struct Api {
    access: Access,
    http: reqwest::Client,
}

impl Api {
    fn of(process: &Process) -> Self {
        let access = Access::find(process.store_path()).unwrap().expect("the process has an API");
        Self { access, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("http://{}{path}", self.access.address))
    }

    async fn call(&self, method: &str, path: &str) -> Answer {
        let request = self.request(method, path).bearer_auth(self.access.token.reveal());
        Answer::of(request).await.unwrap()
    }
}

/// What a command prints and how it ends.
fn run(folder: &Folder, arguments: &[&str]) -> (String, i32) {
    let output = command().arg("-C").arg(folder.path()).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    (text, output.status.code().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_token_is_told_how_the_process_feels_and_nothing_else() {
    let folder = Folder::orders(&Partner::start());
    let process = Process::start(&folder).await;
    let api = Api::of(&process);
    for (method, path, status) in [
        ("GET", "/health", 200),
        ("GET", "/ready", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/metrics", 401),
        ("GET", "/messages", 401),
        ("POST", "/reload", 401),
        ("POST", "/partners/bank/pause", 401),
        ("GET", "/nothing", 404),
        ("DELETE", "/messages", 405),
    ] {
        let answer = Answer::of(api.request(method, path)).await.unwrap();
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.shown());
        let wrong = Answer::of(api.request(method, path).bearer_auth("another")).await.unwrap();
        assert_eq!(wrong.status, status, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_told() {
    let folder = Folder::orders(&Partner::start());
    let process = Process::start(&folder).await;
    let api = Api::of(&process);
    let mut text = String::new();
    for (method, path) in [
        ("GET", "/messages?stat=parked"),
        ("GET", "/messages?state=lost"),
        ("GET", "/messages?since=yesterday"),
        ("GET", "/messages?limit=100000"),
        ("GET", "/messages/none"),
        ("POST", "/messages/none/retry"),
        ("POST", "/messages/none/discard"),
        ("POST", "/partners/none/pause"),
        ("POST", "/partners/bank/pause?what=all"),
    ] {
        let answer = api.call(method, path).await;
        text.push_str(&format!("{method} {path}: {} {}\n", answer.status, answer.json()["detail"]));
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_found_shown_retried_and_given_up() {
    let bank = Partner::start().answering(|_| Reply::json(400, "{}"));
    let folder = Folder::orders(&bank);
    let process = Process::start(&folder).await;
    let api = Api::of(&process);
    process.order("o1", "anna").await;
    process.order("o2", "boris").await;
    process.all_once(MessageState::Rejected).await;
    let listed = api.call("GET", "/messages?state=rejected&key=anna").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    assert!(listed[0].get("body").is_none());
    let hidden = api.call("GET", &format!("/messages/{id}")).await.json();
    assert!(hidden.get("body").is_none() && hidden["deliveries"][0]["body"].is_null());
    let shown = api.call("GET", &format!("/messages/{id}?payload=true")).await.json();
    assert_eq!(shown["body"], order("o1", "anna"));

    bank.answer(|_| Reply::json(200, "{}"));
    assert_eq!(api.call("POST", &format!("/messages/{id}/retry")).await.json()["deliveries"], 1);
    eventually("it is delivered", || {
        (process.messages()[0].summary.state == MessageState::Delivered).then_some(())
    })
    .await;
    assert_eq!(api.call("POST", &format!("/messages/{id}/discard")).await.json()["deliveries"], 0);
    let metrics = api.call("GET", "/metrics").await;
    let text = String::from_utf8(metrics.body.to_vec()).unwrap();
    for line in [
        "tolmach_messages_accepted_total{partner=\"shop\"} 2",
        "tolmach_attempts_total{partner=\"bank\",outcome=\"delivered\"} 1",
        "tolmach_attempts_total{partner=\"bank\",outcome=\"rejected\"} 2",
        "tolmach_messages{state=\"rejected\"} 1",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_partner_waits_and_its_pause_outlives_the_process() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank);
    let mut process = Process::start(&folder).await;
    assert_eq!(run(&folder, &["pause", "bank"]), ("bank: paused\n".to_owned(), 0));
    assert_eq!(run(&folder, &["pause", "shop", "--messages"]).0, "shop: paused: its messages\n");
    let refused = process.post("/orders", order("o0", "anna")).await;
    insta::assert_snapshot!(refused.shown());
    assert_eq!(run(&folder, &["resume", "shop"]).0, "shop: not paused\n");
    process.order("o1", "anna").await;
    process.terminate().await;
    process.ended().await;
    assert!(run(&folder, &["partners"]).0.contains("no process serves"));

    let process = Process::start(&folder).await;
    assert!(run(&folder, &["partners"]).0.contains("paused; 1 waiting"));
    process.order("o2", "boris").await;
    assert!(bank.calls().is_empty(), "nobody is called");
    assert_eq!(run(&folder, &["resume", "bank"]).0, "bank: not paused\n");
    process.all_once(MessageState::Delivered).await;
    assert_eq!(run(&folder, &["pause", "nobody"]), ("error: there is no partner nobody\n".to_owned(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_says_what_became_of_each_partner() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank);
    let told = run(&folder, &["reload"]);
    assert!(told.0.contains("no process serves") && told.1 == 2, "{told:?}");
    let process = Process::start(&folder).await;
    assert_eq!(run(&folder, &["reload"]), ("2 unchanged\n".to_owned(), 0));
    let folder = folder.endpoint("timeout: 3s").file("mappings/new/partner.yaml", "partner: new\n");
    assert_eq!(run(&folder, &["reload"]), ("changed   bank\nchanged   new\n1 unchanged\n".to_owned(), 0));
    let folder =
        folder.file("mappings/new/partner.yaml", "partner: new\nchanels: {}\n").endpoint("timeout: 4s");
    let (text, code) = run(&folder, &["reload"]);
    insta::assert_snapshot!(text);
    assert_eq!(code, 1);
    let json = run(&folder, &["reload", "--format", "json"]).0;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["partners"][0]["fate"], "broken");
    let api = Api::of(&process);
    let metrics = String::from_utf8(api.call("GET", "/metrics").await.body.to_vec()).unwrap();
    assert!(metrics.contains("tolmach_files_stale{partner=\"new\"} 1"), "{metrics}");
    let ready = api.call("GET", "/ready").await;
    assert_eq!((ready.status, &ready.json()["configuration"]), (200, &"mistakes".into()));
    let (text, code) = run(&folder, &["partners"]);
    assert!(text.contains("its new files have mistakes") && code == 1, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_holds_back_its_partner_only() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank);
    let process = Process::start(&folder).await;
    let folder = folder
        .endpoint("auth: token")
        .contract("auth: {token: {jwt: {algorithm: RS256, key: url}}}")
        .file("mappings/new/partner.yaml", "partner: new\n");
    let (text, code) = run(&folder, &["reload"]);
    insta::assert_snapshot!(text);
    assert_eq!(code, 1);
    process.order("o1", "anna").await;
    assert_eq!(bank.called(1).await[0].header("authorization"), None, "it goes on as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sensitive_is_shown_nowhere() {
    let gate = Gate::shut();
    let bank = Partner::start();
    bank.answer(move |_| Reply::json(200, r#"{"echo": "4000-1234", "token": "secret-1"}"#).held(&gate));
    let folder = Folder::orders(&bank)
        .endpoint("request: bank/order\nresponse: bank/result\ntimeout: 100ms\nretry: {attempts: 1}")
        .file("schemas/bank/order.json", r#"{"properties": {"id": {}, "card": {"x-sensitive": true}, "amount": {}}}"#)
        .file("schemas/bank/result.json", r#"{"properties": {"token": {"x-sensitive": true}}}"#)
        .file(
            "mappings/bank/order.yaml",
            "receive: shop/orders\nmessage: Order\nanswer: {map: {card: customer}}\nsend: bank/orders\nmap: {id: id, card: customer}\n",
        );
    let mut process = Process::start(&folder).await;
    let answer = process.post("/orders", order("o1", "4000-1234")).await;
    assert!(answer.shown().contains("4000-1234"), "the sender is answered in clear");
    process.all_once(MessageState::Parked).await;
    let id = process.messages()[0].summary.id.clone();
    let show = || run(&folder, &["messages", "show", &id, "--payload", "--format", "json"]).0;
    let running = show();
    process.terminate().await;
    process.ended().await;
    for text in [running, show()] {
        let shown: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(shown["deliveries"][0]["body"], r#"{"id":"o1","card":"***"}"#);
        assert_eq!(shown["body"], order("o1", "***"));
        assert_eq!(shown["answer"]["body"], r#"{"card":"***"}"#);
    }
    assert!(!process.log().contains("4000-1234"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_others_can_reach_needs_a_token_where_it_runs() {
    let folder = Folder::orders(&Partner::start()).file("tolmach.yaml", "admin: 0.0.0.0:0\n");
    let with = |token: &str, arguments: &[&str]| {
        let mut command = command();
        command.arg("-C").arg(folder.path()).args(arguments).env("TOLMACH_ADMIN_TOKEN", token);
        let output = command.output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        format!("{}\n{text}--- exit {}\n\n", arguments.join(" "), output.status.code().unwrap())
    };
    let mut text = with("", &["run"]);
    text.push_str(&with("too-short", &["run"]));
    // On another machine.
    text.push_str(&with("", &["check"]));
    text.push_str(&with("a-token-that-is-long", &["check"]));
    text.push_str(&with("", &["partners"]));
    insta::assert_snapshot!(text.replace(folder.path().to_str().unwrap(), "FOLDER"));
}
