//! Some partners hang: what the others get, beside a run in which nobody hangs.
//!
//! Messages come at a steady rate whatever becomes of those before, and are counted from when they were to come to when they
//! arrive at their partner: a process that falls behind cannot hide it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::form::form;
use crate::harness::{Answer, Caller, Folder, Gate, Partner, Process, Reply, eventually, together};

const PARTNERS: usize = 100;
/// Senders at once: more than messages come while one is answered.
const SENDERS: usize = 32;

/// What the partners that do not hang have got.
#[derive(Debug, Clone, Copy)]
struct Figures {
    /// Messages a second.
    throughput: f64,
    p99: Duration,
}

/// Partners `p0`, `p1`, … at one address; a message of type `T7` goes to `p7`.
fn folder(bank: &Partner) -> Folder {
    let types: Vec<String> = (0..PARTNERS).map(|n| format!("T{n}: null")).collect();
    let shop = format!(
        "partner: shop\nchannels:\n  orders:\n    post: /orders\n    auth: none\n    message: type\n    \
         messages: {{{}}}\n    id: id\n    key: id\n",
        types.join(", ")
    );
    let mut folder = Folder::empty().file("mappings/shop/partner.yaml", &shop);
    for n in 0..PARTNERS {
        let contract = format!(
            "partner: p{n}\nsettings: {{url: \"{}\"}}\nendpoints:\n  orders: {{post: \"{{url}}/{n}\", timeout: 5s, \
             retry: {{attempts: 1000, first: 1s, max: 1s}}}}\n",
            bank.url()
        );
        let route = format!("receive: shop/orders\nmessage: T{n}\nsend: p{n}/orders\nmap: {{id: id}}\n");
        folder = folder
            .file(&format!("mappings/p{n}/partner.yaml"), &contract)
            .file(&format!("mappings/p{n}/order.yaml"), &route);
    }
    folder
}

/// One run in which so many of the partners hang.
async fn run(hanging: usize, rate: usize, length: Duration) -> Figures {
    let count = rate * usize::try_from(length.as_secs()).unwrap();
    let arrived = Arc::new(Mutex::new(vec![None; count]));
    let (noted, never) = (Arc::clone(&arrived), Gate::shut());
    let bank = Partner::start().answering(move |call| {
        let id: usize = call.id().parse().unwrap();
        if id % PARTNERS < hanging {
            return Reply::json(200, "{}").held(&never);
        }
        noted.lock().unwrap()[id].get_or_insert_with(Instant::now);
        Reply::json(200, "{}")
    });
    let folder = folder(&bank);
    let process = Process::start(&folder).await;
    let begun = Instant::now();
    let due = move |id: usize| begun + Duration::from_secs_f64(id as f64 / rate as f64);
    together((0..SENDERS).map(|sender| send(process.caller(), (sender..count).step_by(SENDERS), due))).await;
    let healthy: Vec<usize> = (0..count).filter(|id| id % PARTNERS >= hanging).collect();
    let times: Vec<Instant> = eventually("all others have got theirs", || {
        let arrived = arrived.lock().unwrap();
        healthy.iter().map(|id| arrived[*id]).collect()
    })
    .await;
    let last = times.iter().max().unwrap();
    let mut latencies: Vec<Duration> =
        healthy.iter().zip(&times).map(|(id, time)| *time - due(*id)).collect();
    latencies.sort_unstable();
    Figures {
        throughput: healthy.len() as f64 / (*last - begun).as_secs_f64(),
        p99: latencies[latencies.len() * 99 / 100],
    }
}

async fn send(caller: Caller, ids: impl Iterator<Item = usize>, due: impl Fn(usize) -> Instant) {
    for id in ids {
        tokio::time::sleep_until(due(id).into()).await;
        let body = format!(r#"{{"type": "T{}", "id": "{id}"}}"#, id % PARTNERS);
        let request = caller.request("POST", "/orders").header("content-type", "application/json");
        let answer = Answer::of(request.body(body)).await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.shown());
    }
}

/// Runs without and with partners that hang in turn; of each kind what is in the middle.
async fn compared(hanging: usize) -> (Figures, Figures) {
    let (times, rate, length) = form((1, 100, 2), (3, 500, 10));
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..times {
        without.push(run(0, rate, Duration::from_secs(length)).await);
        with.push(run(hanging, rate, Duration::from_secs(length)).await);
    }
    eprintln!("{hanging} of {PARTNERS} hang, run by run: without {without:?}, with {with:?}");
    let middle = |mut runs: Vec<Figures>| {
        runs.sort_unstable_by_key(|figures| figures.p99);
        let p99 = runs[runs.len() / 2].p99;
        runs.sort_unstable_by(|one, other| one.throughput.total_cmp(&other.throughput));
        Figures { throughput: runs[runs.len() / 2].throughput, p99 }
    };
    (middle(without), middle(with))
}

/// `slower` is what the 99th percentile may be of that without, in percent. The short form is no measurement: a machine that
/// is busy is only to show that nobody waits for the one that hangs.
fn assert_unharmed((without, with): (Figures, Figures), hanging: usize, slower: f64) {
    let share = 1.0 - hanging as f64 / PARTNERS as f64;
    let throughput = with.throughput / (without.throughput * share);
    let (least, most) =
        form((0.5, Duration::from_secs(2)), (0.95, without.p99.mul_f64(1.0 + slower / 100.0)));
    assert!(throughput >= least, "the others have {throughput:.2} of their throughput");
    assert!(with.p99 <= most, "the 99th percentile of others is {:?}, and not {most:?}", with.p99);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_hundred_hangs() {
    assert_unharmed(compared(1).await, 1, 10.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_of_a_hundred_hang() {
    assert_unharmed(compared(10).await, 10, 25.0);
}
