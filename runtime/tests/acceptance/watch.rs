//! Files that change are read again without a word from anybody.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use runtime::admin::access::Access;

use crate::harness::{Answer, Folder, Partner, Process, eventually, eventually_so, order};

async fn status_once(process: &Process, id: &str, expected: u16) {
    let mut attempt = 0;
    eventually_so(&format!("an order gets {expected}"), async || {
        attempt += 1;
        let answer = process.post("/orders", order(&format!("{id}-{attempt}"), "anna")).await;
        (answer.status == expected).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_written_or_takes_anothers_place_takes_effect() {
    let folder = Folder::orders(&Partner::start());
    let process = Process::watching(&folder).await;
    let route = |status: u16| format!("receive: shop/orders\nmessage: Order\nanswer: {{status: {status}}}\n");
    let path = folder.path().join("mappings/bank/order.yaml");
    fs::write(&path, route(201)).unwrap();
    status_once(&process, "a", 201).await;
    // As editors do it.
    fs::write(path.with_extension("tmp"), route(202)).unwrap();
    fs::rename(path.with_extension("tmp"), &path).unwrap();
    status_once(&process, "b", 202).await;
    // A folder that was not there before.
    let schema = folder.path().join("schemas/shop");
    fs::create_dir_all(&schema).unwrap();
    fs::write(schema.join("order.json"), r#"{"required": ["never"]}"#).unwrap();
    let contract = folder.path().join("mappings/shop/partner.yaml");
    let strict = fs::read_to_string(&contract).unwrap().replace("Order: null", "Order: shop/order");
    fs::write(&contract, strict).unwrap();
    status_once(&process, "c", 422).await;
    fs::write(schema.join("order.json"), "{}").unwrap();
    status_once(&process, "d", 202).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_told_and_changes_nothing() {
    let folder = Folder::orders(&Partner::start());
    let process = Process::watching(&folder).await;
    fs::write(folder.path().join("mappings/bank/order.yaml"), "receive: [\n").unwrap();
    eventually("the log tells it", || {
        process.log().contains("its files have mistakes: it goes on as before").then_some(())
    })
    .await;
    process.order("o1", "anna").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_read_once_or_twice() {
    let folder = Folder::orders(&Partner::start()).file("schemas/bank/a.json", "{}");
    let process = Process::watching(&folder).await;
    for number in 0..1000 {
        fs::write(folder.path().join(format!("schemas/bank/{number}.json")), "{}").unwrap();
    }
    let route = "receive: shop/orders\nmessage: Order\nanswer: {status: 201}\n";
    fs::write(folder.path().join("mappings/bank/order.yaml"), route).unwrap();
    status_once(&process, "a", 201).await;
    let access = Access::find(process.store_path()).unwrap().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = http.get(format!("http://{}/partners", access.address)).bearer_auth(access.token.reveal());
    let reloads = Answer::of(asked).await.unwrap().json()["reloads"].as_u64().unwrap();
    // On a machine that is busy, the thousand take longer than any burst may last.
    assert!((1..20).contains(&reloads), "{reloads}");
}

/// Lets the link `name` lead to `to`, in one step.
fn swap(place: &Path, name: &str, to: &str) {
    symlink(to, place.join("next")).unwrap();
    fs::rename(place.join("next"), place.join(name)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (entry, to) = (entry.unwrap(), to.to_owned());
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn answering(place: &Path, status: u16) {
    let route = format!("receive: shop/orders\nmessage: Order\nanswer: {{status: {status}}}\n");
    fs::write(place.join("mappings/bank/order.yaml"), route).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_swapped_is_a_change() {
    // A release beside the last one, as deployments do it; then the folder within.
    let folder = Folder::orders(&Partner::start());
    let place = folder.path();
    copy(&place.join("mappings"), &place.join("first/mappings"));
    copy(&place.join("first"), &place.join("second"));
    swap(place, "current", "first");
    let process = Process::watching_at(&folder, &place.join("current")).await;
    answering(&place.join("second"), 201);
    swap(place, "current", "second");
    status_once(&process, "a", 201).await;
    // It is the new place that is watched.
    answering(&place.join("second"), 202);
    status_once(&process, "b", 202).await;
}
