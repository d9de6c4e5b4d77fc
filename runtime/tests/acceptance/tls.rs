//! TLS of the listener, and callers that are known by their certificates.

use std::fs;

use sha2::{Digest as _, Sha256};

use crate::harness::{Authority, Folder, Identity, Partner, Process, command, eventually, order};

const SETTINGS: &str = "tls: {certificate: ours.pem, key: ours.key, client_ca: callers.pem}\n";

fn folder(authority: &Authority, callers: &Authority, ours: &Identity) -> Folder {
    Folder::orders(&Partner::start())
        .file("tolmach.yaml", SETTINGS)
        .file("ours.pem", &[&ours.certificate, authority.pem()].concat())
        .file("ours.key", &ours.key)
        .file("callers.pem", callers.pem())
}

/// A caller that trusts an authority, and may have a certificate to show.
fn caller(trusted: &Authority, shown: Option<&Identity>) -> reqwest::Client {
    let root = reqwest::Certificate::from_pem(trusted.pem().as_bytes()).unwrap();
    let mut builder = reqwest::Client::builder().no_proxy().tls_certs_only([root]);
    if let Some(shown) = shown {
        let pem = format!("{}{}", shown.key, shown.certificate);
        builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap());
    }
    builder.build().unwrap()
}

async fn status(caller: &reqwest::Client, process: &Process, id: &str) -> Result<u16, reqwest::Error> {
    let url = format!("https://localhost:{}/orders", process.address().port());
    let request = caller.post(url).header("content-type", "application/json").body(order(id, "anna"));
    Ok(request.send().await?.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_are_known_by_their_certificates() {
    let (authority, callers, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let (shop, other) = (callers.identity(&["shop.example"]), callers.identity(&["other.example"]));
    let folder = folder(&authority, &callers, &authority.identity(&["localhost"]));
    let contract = fs::read_to_string(folder.path().join("mappings/shop/partner.yaml")).unwrap();
    let folder = folder.file(
        "mappings/shop/partner.yaml",
        &contract.replace("auth: none", "auth: {certificate: {name: shop.example}}"),
    );
    let process = Process::start(&folder).await;
    assert_eq!(status(&caller(&authority, Some(&shop)), &process, "o1").await.unwrap(), 200);
    assert_eq!(status(&caller(&authority, Some(&other)), &process, "o2").await.unwrap(), 401);
    assert_eq!(status(&caller(&authority, None), &process, "o3").await.unwrap(), 401);
    for unknown in [strangers.identity(&["shop.example"]), callers.expired(&["shop.example"])] {
        assert!(status(&caller(&authority, Some(&unknown)), &process, "o4").await.is_err());
    }
    assert!(status(&caller(&strangers, Some(&shop)), &process, "o5").await.is_err(), "we are a stranger");
    assert_eq!(process.messages().len(), 1);

    // One certificate and no other.
    let fingerprint: String = Sha256::digest(&other.der).iter().map(|byte| format!("{byte:02X}:")).collect();
    let pinned = contract.replace("auth: none", "auth: {certificate: {sha256: pin}}");
    let pinned = format!("{pinned}settings: {{pin: \"{}\"}}\n", fingerprint.trim_end_matches(':'));
    let folder = folder.file("mappings/shop/partner.yaml", &pinned);
    process.reload();
    eventually("the other one is let in", || process.log().contains("reloaded: changed").then_some(())).await;
    assert_eq!(status(&caller(&authority, Some(&other)), &process, "o6").await.unwrap(), 200);
    assert_eq!(status(&caller(&authority, Some(&shop)), &process, "o7").await.unwrap(), 401);
    drop(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_and_a_bad_one_is_not_taken() {
    let (authority, next) = (Authority::new(), Authority::new());
    let folder = folder(&authority, &authority, &authority.identity(&["localhost"]));
    let process = Process::start(&folder).await;
    let before = caller(&authority, None);
    assert_eq!(status(&before, &process, "o1").await.unwrap(), 200);
    let renewed = next.identity(&["localhost"]);
    let folder = folder.file("ours.pem", &renewed.certificate);
    let reload = || command().arg("-C").arg(folder.path()).arg("reload").output().unwrap();
    let told = reload();
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(text.contains("the certificate stays as it was: the certificate and the key"), "{text}");
    assert_eq!(told.status.code(), Some(1));
    assert_eq!(status(&caller(&authority, None), &process, "o2").await.unwrap(), 200);

    fs::write(folder.path().join("ours.key"), &renewed.key).unwrap();
    assert_eq!(reload().status.code(), Some(0));
    assert_eq!(status(&caller(&next, None), &process, "o3").await.unwrap(), 200);
    assert_eq!(status(&before, &process, "o4").await.unwrap(), 200, "the connection is there");
    assert!(status(&caller(&authority, None), &process, "o5").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_without_tls_is_not_waited_for() {
    let authority = Authority::new();
    let folder = folder(&authority, &authority, &authority.identity(&["localhost"]));
    let process = Process::start(&folder).await;
    assert!(!process.try_order("o1", "anna").await);
    assert_eq!(status(&caller(&authority, None), &process, "o2").await.unwrap(), 200);
}

#[test]
fn what_cannot_be_used_is_told_at_the_start() {
    let authority = Authority::new();
    let (ours, another) = (authority.identity(&["localhost"]), authority.identity(&["localhost"]));
    let mut text = String::new();
    for (what, file, contents) in [
        ("no certificate", "ours.pem", Some(&*ours.key)),
        ("no key", "ours.key", Some(&*ours.certificate)),
        ("another's key", "ours.key", Some(&*another.key)),
        ("no authority", "callers.pem", Some("")),
        ("nothing", "ours.pem", None),
    ] {
        let folder = Folder::empty()
            .file("mappings/shop/partner.yaml", "partner: shop\n")
            .file("tolmach.yaml", SETTINGS)
            .file("ours.pem", &ours.certificate)
            .file("ours.key", &ours.key)
            .file("callers.pem", authority.pem());
        match contents {
            Some(contents) => fs::write(folder.path().join(file), contents).unwrap(),
            None => fs::remove_file(folder.path().join(file)).unwrap(),
        }
        let ended = command().arg("-C").arg(folder.path()).arg("run").output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{told}");
        text.push_str(&format!("{what}: {}", told.replace(folder.path().to_str().unwrap(), "FOLDER")));
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_asks_for_what_nobody_can_show_is_told_at_the_start() {
    let folder = Folder::orders(&Partner::start());
    let contract = fs::read_to_string(folder.path().join("mappings/shop/partner.yaml")).unwrap();
    let asking = contract.replace("auth: none", "auth: {certificate: {name: shop.example}}");
    let folder = folder.file("mappings/shop/partner.yaml", &asking);
    let ended =
        command().arg("-C").arg(folder.path()).args(["run", "--listen", "127.0.0.1:0"]).output().unwrap();
    let told = String::from_utf8(ended.stderr).unwrap();
    assert!(told.contains("error: shop/orders: callers are to show a certificate"), "{told}");
}

/// A shop's orders go to a bank that is another Tolmach, by TLS that is set up so.
fn ordering(bank: &Process, tls: &str) -> Folder {
    let port = bank.address().port();
    let contract = format!(
        "partner: bank\nrecords: {{order: {{key: id}}}}\nendpoints:\n  orders:\n    post: \"https://localhost:{port}/orders\"\n    \
         retry: {{attempts: 1000, first: 20ms, max: 20ms}}\n{tls}"
    );
    let route = "receive: shop/orders\nmessage: Order\nanswer: {status: 200}\nsend: bank/orders\n\
                 map: {type: {value: Order}, id: id, customer: customer, amount: amount}\n";
    Folder::orders(&Partner::start())
        .file("mappings/bank/partner.yaml", &contract)
        .file("mappings/bank/order.yaml", route)
}

/// `tls` of a contract, with what its settings hold.
fn tls(authority: Option<&Authority>, shown: Option<&Identity>) -> String {
    let indented = |pem: &str| pem.lines().map(|line| format!("    {line}\n")).collect::<String>();
    let (mut keys, mut settings) = (Vec::new(), String::new());
    let parts = [
        ("ca", authority.map(Authority::pem)),
        ("certificate", shown.map(|shown| &*shown.certificate)),
        ("key", shown.map(|shown| &*shown.key)),
    ];
    for (name, pem) in parts.into_iter().filter_map(|(name, pem)| Some((name, pem?))) {
        keys.push(format!("{name}: {name}"));
        settings.push_str(&format!("  {name}: |\n{}", indented(pem)));
    }
    format!("tls: {{{}}}\nsettings:\n{settings}", keys.join(", "))
}

#[tokio::test(flavor = "multi_thread")]
async fn we_show_a_partner_who_we_are_and_see_who_it_is() {
    let (authority, callers) = (Authority::new(), Authority::new());
    let folder = folder(&authority, &callers, &authority.identity(&["localhost"]));
    let contract = fs::read_to_string(folder.path().join("mappings/shop/partner.yaml")).unwrap();
    let asking = contract.replace("auth: none", "auth: {certificate: {name: us.example}}");
    let folder = folder.file("mappings/shop/partner.yaml", &asking);
    let bank = Process::start(&folder).await;
    let us = callers.identity(&["us.example"]);
    let ours = ordering(&bank, &tls(Some(&authority), Some(&us)));
    let process = Process::start(&ours).await;
    process.order("o1", "anna").await;
    process.all_once(runtime::store::MessageState::Delivered).await;
    assert_eq!(bank.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_nobody_trusts_whom_is_told() {
    let (authority, strangers) = (Authority::new(), Authority::new());
    let (localhost, elsewhere) = (authority.identity(&["localhost"]), authority.identity(&["elsewhere"]));
    let expired = authority.expired(&["localhost"]);
    let mut text = String::new();
    for (what, server, tls) in [
        ("another authority", &localhost, tls(Some(&strangers), None)),
        ("the system's authorities", &localhost, String::new()),
        ("another name", &elsewhere, tls(Some(&authority), None)),
        ("its time is over", &expired, tls(Some(&authority), None)),
    ] {
        let bank_folder = folder(&authority, &authority, server);
        let bank = Process::start(&bank_folder).await;
        let ours = ordering(&bank, &tls);
        let process = Process::start(&ours).await;
        process.order("o1", "anna").await;
        let fault = eventually("an attempt has failed", || {
            process.messages().first()?.summary.deliveries.first()?.last_fault.clone()
        })
        .await;
        text.push_str(&format!("{what}: {fault}\n"));
        assert!(bank.messages().is_empty());
    }
    let times = regex::Regex::new(r"\d{9,10}").unwrap();
    insta::assert_snapshot!(times.replace_all(&text, "[time]"));
}

#[test]
fn what_is_no_pem_is_told_at_the_start() {
    let authority = Authority::new();
    let us = authority.identity(&["us.example"]);
    let mut text = String::new();
    for (what, tls) in [
        ("no authority", "tls: {ca: url}\nsettings: {url: none}\n".to_owned()),
        ("no key", tls(None, Some(&us)).replace("key: key", "key: certificate")),
        ("half of it", "tls: {certificate: url}\nsettings: {url: none}\n".to_owned()),
        ("no setting", "tls: {ca: nowhere}\n".to_owned()),
    ] {
        let contract =
            format!("partner: bank\nendpoints: {{orders: {{post: \"https://bank.example/\"}}}}\n{tls}");
        let folder = Folder::empty().file("mappings/bank/partner.yaml", &contract);
        let run = ["run", "--listen", "127.0.0.1:0"];
        let ended = command().arg("-C").arg(folder.path()).args(run).output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        text.push_str(&format!("# {what}\n{told}\n"));
        assert!(!told.contains("BEGIN"), "{told}");
    }
    insta::assert_snapshot!(text);
}
