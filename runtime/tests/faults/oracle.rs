//! Sends numbered orders, remembers each that was acknowledged, is the partner they go to, and judges in the end.
//!
//! A key has one sender: it repeats an order until it is acknowledged, and only then sends the next, so that the order of
//! effects is known. An order in [`DOUBTFUL`] is not repeated: whoever got no answer may have been heard all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Answer, Call, Caller, Folder, Gate, Partner, Process, Reply, command};

/// One order in so many is not repeated.
const DOUBTFUL: usize = 5;
/// What a full backlog takes to be delivered, on a machine that is busy.
const DEADLINE: Duration = Duration::from_secs(120);
/// The pause of a sender that was refused.
const PAUSE: Duration = Duration::from_millis(20);

const THEN: &str = "
then:
  delivered:
    - record: {order: {id: message().id, number: message().id}}
    - send: bank/notices
      map: {id: message().id}
";

pub struct Oracle {
    pub bank: Partner,
    senders: Vec<Arc<Mutex<Sender>>>,
    heard: Arc<Heard>,
    /// Deliveries that were under way when a process was killed.
    lost: usize,
    padding: usize,
}

/// What one key has sent.
struct Sender {
    key: String,
    next: usize,
    acknowledged: Vec<usize>,
}

/// Counts what happens.
#[derive(Default)]
struct Heard {
    /// Acknowledgements and effects.
    events: AtomicUsize,
    refusals: AtomicUsize,
    stop: AtomicBool,
}

/// Senders at work; they end when nobody answers, or when they are told to.
pub struct Sending {
    senders: JoinSet<()>,
    heard: Arc<Heard>,
}

/// What the oracle has found to be true.
pub struct Verdict {
    pub acknowledged: usize,
    pub delivered: usize,
    pub repeated: usize,
}

impl Oracle {
    /// So many keys; the partner takes an order in 0 to 7 ms.
    pub fn new(keys: usize, bank: Partner) -> Self {
        let heard: Arc<Heard> = Arc::default();
        let events = Arc::clone(&heard);
        bank.answer(move |call| {
            events.events.fetch_add(1, Ordering::SeqCst);
            thinking(call.number)
        });
        let sender = |key| Sender { key: format!("k{key}"), next: 0, acknowledged: Vec::new() };
        let senders = (0..keys).map(sender).map(Mutex::new).map(Arc::new).collect();
        Self { bank, senders, heard, lost: 0, padding: 0 }
    }

    /// Bytes that each order is longer.
    pub fn padded(mut self, bytes: usize) -> Self {
        self.padding = bytes;
        self
    }

    /// Orders to the partner, each followed by a record and a notice.
    pub fn folder(&self) -> Folder {
        Folder::orders(&self.bank).patient().route(THEN)
    }

    pub async fn start(&mut self, folder: &Folder) -> Process {
        let process = Process::start(folder).await;
        if let Some(line) = process.said("interrupted deliveries are made again") {
            let lost = usize::try_from(line["deliveries"].as_u64().unwrap()).unwrap();
            assert!(
                lost <= self.senders.len(),
                "one delivery of a key is under way at a time, and not {lost}"
            );
            self.lost += lost;
        }
        process
    }

    /// Lets all keys send at once.
    pub fn send(&self, caller: &Caller) -> Sending {
        self.heard.stop.store(false, Ordering::SeqCst);
        let mut senders = JoinSet::new();
        for sender in &self.senders {
            let (caller, sender, padding) = (caller.clone(), Arc::clone(sender), self.padding);
            senders.spawn(send(caller, sender, Arc::clone(&self.heard), padding));
        }
        Sending { senders, heard: Arc::clone(&self.heard) }
    }

    /// Waits until so much more has happened: acknowledgements and effects.
    pub async fn happens(&self, events: usize) {
        reaches("events", &self.heard.events, events).await;
    }

    /// Waits until so many more answers were 503.
    pub async fn refused(&self, times: usize) {
        reaches("refusals", &self.heard.refusals, times).await;
    }

    /// How many orders were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.senders.iter().map(|sender| sender.lock().unwrap().acknowledged.len()).sum()
    }

    /// Waits until all is delivered, and holds it against what was acknowledged.
    pub async fn judge(&self, process: &Process, folder: &Folder) -> Verdict {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let counts = process.store().counts().unwrap();
            if counts.accepted == 0 {
                break;
            }
            assert!(Instant::now() < deadline, "not delivered in {DEADLINE:?}: {counts:?}");
            tokio::time::sleep(PAUSE).await;
        }
        let calls = self.bank.calls();
        let (orders, notices) = (Effects::of(&calls, "/orders"), Effects::of(&calls, "/notices"));
        let listed = listed(folder.path());
        assert_eq!(
            listed,
            BTreeMap::from([("delivered".to_owned(), orders.first.len())]),
            "kept and no effect"
        );
        self.nothing_is_missing(&orders, &notices, process);
        for effects in [&orders, &notices] {
            effects.each_key_in_order();
            assert_eq!(effects.keys.len(), effects.first.len(), "an idempotency key a delivery");
        }
        let repeated = orders.repeated + notices.repeated;
        assert!(repeated <= self.lost, "{repeated} repeats, and {} were under way at a kill", self.lost);
        Verdict { acknowledged: self.acknowledged(), delivered: orders.first.len(), repeated }
    }

    fn nothing_is_missing(&self, orders: &Effects, notices: &Effects, process: &Process) {
        let records =
            process.store().list_records("bank.order", None, usize::MAX >> 1, jiff::Timestamp::now());
        let record = |text: &String| id(&serde_json::from_str(text).unwrap());
        let recorded: BTreeSet<String> = records.unwrap().iter().map(record).collect();
        for sender in &self.senders {
            let sender = sender.lock().unwrap();
            for number in &sender.acknowledged {
                let id = format!("{}-{number}", sender.key);
                assert!(orders.known.contains(&id), "{id} was acknowledged and is lost");
            }
        }
        assert_eq!(orders.known, notices.known, "each delivery is followed by its notice");
        assert_eq!(orders.known, recorded, "each delivery leaves its record");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, delivered, repeated } = self;
        write!(f, "{acknowledged} orders acknowledged, {delivered} delivered, {repeated} requests came twice")
    }
}

impl Sending {
    /// They stop after what they are at.
    pub async fn stop(self) {
        self.heard.stop.store(true, Ordering::SeqCst);
        self.gone().await;
    }

    /// They have met a process that does not answer any more.
    pub async fn gone(mut self) {
        while let Some(ended) = self.senders.join_next().await {
            ended.unwrap();
        }
    }
}

async fn send(caller: Caller, sender: Arc<Mutex<Sender>>, heard: Arc<Heard>, padding: usize) {
    while !heard.stop.load(Ordering::SeqCst) {
        let (key, number) = {
            let sender = sender.lock().unwrap();
            (sender.key.clone(), sender.next)
        };
        let order = json!({"type": "Order", "id": format!("{key}-{number}"), "customer": key, "amount": 10,
            "note": "x".repeat(padding)});
        let request = caller.request("POST", "/orders").header("content-type", "application/json");
        match Answer::of(request.body(order.to_string())).await {
            Ok(answer) if answer.status == 200 => {
                let mut sender = sender.lock().unwrap();
                sender.acknowledged.push(number);
                sender.next += 1;
                heard.events.fetch_add(1, Ordering::SeqCst);
            }
            Ok(answer) => {
                assert_eq!(answer.status, 503, "{}", answer.shown());
                heard.refusals.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(PAUSE).await;
            }
            Err(_) => {
                sender.lock().unwrap().next += usize::from(number % DOUBTFUL == 0);
                return;
            }
        }
    }
}

/// An answer that takes its time, which differs from call to call.
fn thinking(number: usize) -> Reply {
    let gate = Gate::shut();
    let opened = gate.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis((number % 8) as u64)).await;
        opened.open();
    });
    Reply::json(200, "{}").held(&gate)
}

async fn reaches(what: &str, counter: &AtomicUsize, more: usize) {
    let (deadline, from) = (Instant::now() + DEADLINE, counter.load(Ordering::SeqCst));
    while counter.load(Ordering::SeqCst) < from + more {
        assert!(Instant::now() < deadline, "not in {DEADLINE:?}: {more} {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What an operator sees: how many messages there are in each state.
fn listed(folder: &Path) -> BTreeMap<String, usize> {
    let arguments = ["messages", "--format", "json", "--limit", "10000000"];
    let output = command().arg("--config").arg(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut states = BTreeMap::new();
    for message in serde_json::from_slice::<Vec<Value>>(&output.stdout).unwrap() {
        *states.entry(message["state"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    states
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

/// What has arrived at one endpoint.
#[derive(Default)]
struct Effects {
    /// Ids in the order they first came.
    first: Vec<String>,
    known: BTreeSet<String>,
    /// The ids of each idempotency key.
    keys: BTreeMap<String, String>,
    repeated: usize,
}

impl Effects {
    fn of(calls: &[Call], path: &str) -> Self {
        let mut effects = Self::default();
        for call in calls.iter().filter(|call| call.path == path) {
            let id = call.id();
            let known = effects.keys.entry(call.idempotency_key().to_owned()).or_insert_with(|| id.clone());
            assert_eq!(*known, id, "one idempotency key for two orders");
            if effects.known.insert(id.clone()) {
                effects.first.push(id);
            } else {
                effects.repeated += 1;
            }
        }
        effects
    }

    fn each_key_in_order(&self) {
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for id in &self.first {
            let (key, number) = id.split_once('-').unwrap();
            let number = number.parse().unwrap();
            let before = last.insert(key, number);
            assert!(before < Some(number), "{key}: {number} after {before:?}");
        }
    }
}
