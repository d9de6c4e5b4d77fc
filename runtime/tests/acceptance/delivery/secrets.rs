//! Secrets that a partner wants in the body: they are put in as it goes out, and are kept nowhere.

use runtime::store::MessageState;

use crate::harness::{Folder, Partner, Tolmach};

const SETTINGS: &str = "  account:
    post: \"{url}/account\"
    secrets: {login.password: password}
  form:
    post: \"{url}/form\"
    body: form
    secrets: {password: password}
";

fn folder(bank: &Partner) -> Folder {
    let contract = format!(
        "
partner: bank
settings: {{url: \"{}\", password: {{default: \"s&cret \\\" 1\", secret: true}}}}
records: {{order: {{key: id, unique: [number]}}}}
endpoints:
  orders: {{post: \"{{url}}/orders\"}}
{SETTINGS}",
        bank.url()
    );
    Folder::orders(bank).file("mappings/bank/partner.yaml", &contract).route(
        "then:
  delivered:
    - {send: account, map: {login.user: message().id}}
    - {send: form, map: {user: message().id}}",
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn they_go_out_and_are_not_kept() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(folder(&bank)).await;
    tolmach.order("o1", "anna").await;
    let calls = bank.called(3).await;
    assert_eq!(calls[1].body, r#"{"login":{"user":"o1","password":"s&cret \" 1"}}"#);
    assert_eq!(calls[2].body, "user=o1&password=s%26cret+%22+1");
    let message = tolmach.only_message_once(MessageState::Delivered).await;
    for delivery in &message.deliveries {
        assert!(!String::from_utf8_lossy(&delivery.body).contains("s&cret"));
    }
    let file = std::fs::read(tolmach.store_path()).unwrap();
    assert!(!file.windows(6).any(|window| window == b"s&cret"));
}
