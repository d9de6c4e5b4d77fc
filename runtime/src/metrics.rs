//! What is counted while the process runs, in the form of OpenMetrics, by partner.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// Seconds: a partner in the same room to one that is asked again for hours.
const BUCKETS: [f64; 12] = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 7200.0];

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Partner {
    partner: String,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ended {
    partner: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refused {
    partner: String,
    status: u16,
}

#[derive(Debug, Clone)]
struct Seconds;

impl MetricConstructor<Histogram> for Seconds {
    fn new_metric(&self) -> Histogram {
        Histogram::new(BUCKETS)
    }
}

type Times = Family<Partner, Histogram, Seconds>;

/// The counters. A copy counts into the same.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    accepted: Family<Partner, Counter>,
    parked: Family<Partner, Counter>,
    refused: Family<Refused, Counter>,
    requests: Times,
    attempts: Family<Ended, Counter>,
    attempt_times: Times,
    delivery_times: Times,
    calls: Family<Ended, Counter>,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct State {
    state: &'static str,
}

/// What is looked up when somebody asks.
#[derive(Debug, Default)]
pub struct Levels {
    /// Partner, lanes that wait, age of the oldest delivery of them.
    pub queues: Vec<(String, u64, Duration)>,
    /// Partner, requests under way, whether it is left alone.
    pub destinations: Vec<(String, usize, bool)>,
    pub paused: Vec<String>,
    /// Those that go on by their old files.
    pub stale: Vec<String>,
    /// Messages by state.
    pub messages: Vec<(&'static str, u64)>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("tolmach");
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "The version that runs", Info::new(version));
        let seconds = || Times::new_with_constructor(Seconds);
        let mut metrics = Self {
            registry: Arc::default(),
            accepted: Family::default(),
            parked: Family::default(),
            refused: Family::default(),
            requests: seconds(),
            attempts: Family::default(),
            attempt_times: seconds(),
            delivery_times: seconds(),
            calls: Family::default(),
        };
        metrics.register(&mut registry);
        metrics.registry = Arc::new(registry);
        metrics
    }
}

impl Metrics {
    fn register(&self, registry: &mut Registry) {
        registry.register("messages_parked", "Messages parked on arrival, by sender", self.parked.clone());
        registry.register("messages_accepted", "Messages that are durable, by sender", self.accepted.clone());
        registry.register(
            "requests_refused",
            "Requests answered with a problem, by sender",
            self.refused.clone(),
        );
        registry.register("attempts", "Ended attempts of deliveries, by destination", self.attempts.clone());
        registry.register(
            "calls",
            "Ended calls that a caller waited for, by destination",
            self.calls.clone(),
        );
        let times = [
            ("request_duration", "From the head of a request to its answer, by sender", &self.requests),
            ("attempt_duration", "One attempt of a delivery, by destination", &self.attempt_times),
            (
                "delivery_duration",
                "From when a delivery was due to its end, by destination",
                &self.delivery_times,
            ),
        ];
        for (name, about, times) in times {
            registry.register_with_unit(name, about, Unit::Seconds, times.clone());
        }
    }

    /// A message is durable, or waits for a person.
    pub fn accepted(&self, partner: &str, parked: bool) {
        let family = if parked { &self.parked } else { &self.accepted };
        family.get_or_create(&of(partner)).inc();
    }

    /// A request was answered; of a refusal, with which status. Of no channel's the partner is empty.
    pub fn answered(&self, partner: &str, refused: Option<u16>, took: Duration) {
        if let Some(status) = refused {
            self.refused.get_or_create(&Refused { partner: partner.to_owned(), status }).inc();
        }
        self.requests.get_or_create(&of(partner)).observe(took.as_secs_f64());
    }

    /// An attempt has ended; where it was the last, how long ago the delivery was due first.
    pub fn attempted(&self, partner: &str, outcome: &'static str, took: Duration, since: Option<Duration>) {
        self.attempts.get_or_create(&Ended { partner: partner.to_owned(), outcome }).inc();
        self.attempt_times.get_or_create(&of(partner)).observe(took.as_secs_f64());
        if let Some(since) = since {
            self.delivery_times.get_or_create(&of(partner)).observe(since.as_secs_f64());
        }
    }

    pub fn called(&self, partner: &str, outcome: &'static str) {
        self.calls.get_or_create(&Ended { partner: partner.to_owned(), outcome }).inc();
    }

    /// All of it as text.
    #[must_use]
    pub fn text(&self, levels: &Levels) -> String {
        let mut text = String::new();
        // A String takes whatever is written to it.
        let _ = encode_registry(&mut text, &self.registry)
            .and_then(|()| encode_registry(&mut text, &levels.registry()))
            .and_then(|()| encode_eof(&mut text));
        text
    }
}

impl Levels {
    /// One for each who asks: two who ask at a time must not see each other's halves.
    fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("tolmach");
        let queues = || self.queues.iter();
        let lanes = by_partner(queues().map(|(partner, lanes, _)| (partner, *lanes)));
        let under_way = by_partner(self.destinations.iter().map(|(name, count, _)| (name, *count as u64)));
        let open = by_partner(self.destinations.iter().map(|(name, _, open)| (name, u64::from(*open))));
        let gauges = [
            ("queue_lanes", "Lanes with a delivery that waits, by destination", lanes),
            ("requests_under_way", "Requests under way, by destination", under_way),
            ("breaker_open", "1 where a destination is left alone because it fails", open),
            ("paused", "1 where a person has paused a partner", marked(&self.paused)),
            ("files_stale", "1 where a partner goes on by its old files", marked(&self.stale)),
        ];
        for (name, about, gauge) in gauges {
            registry.register(name, about, gauge);
        }
        let about = "Age of the oldest delivery that waits, by destination";
        let age = by_partner(queues().map(|(partner, _, age)| (partner, age.as_secs())));
        registry.register_with_unit("queue_age", about, Unit::Seconds, age);
        let messages = Family::<State, Gauge>::default();
        for (state, count) in &self.messages {
            messages.get_or_create(&State { state }).set(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        registry.register("messages", "Messages in the store, by state", messages);
        registry
    }
}

fn by_partner<'p>(values: impl Iterator<Item = (&'p String, u64)>) -> Family<Partner, Gauge> {
    let family = Family::<Partner, Gauge>::default();
    for (partner, value) in values {
        family.get_or_create(&of(partner)).set(i64::try_from(value).unwrap_or(i64::MAX));
    }
    family
}

fn marked(partners: &[String]) -> Family<Partner, Gauge> {
    by_partner(partners.iter().map(|partner| (partner, 1)))
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn of(partner: &str) -> Partner {
    Partner { partner: partner.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_can_be_read() {
        let metrics = Metrics::default();
        metrics.accepted("shop", false);
        metrics.accepted("shop", true);
        metrics.answered("shop", None, Duration::from_millis(3));
        metrics.answered("", Some(404), Duration::from_millis(1));
        metrics.attempted("bank", "retry", Duration::from_millis(80), None);
        metrics.attempted("bank", "delivered", Duration::from_millis(80), Some(Duration::from_secs(7)));
        metrics.called("bank", "rejected");
        let levels = Levels {
            queues: vec![("bank".to_owned(), 2, Duration::from_secs(90))],
            destinations: vec![("bank".to_owned(), 1, true)],
            paused: vec!["shop".to_owned()],
            stale: vec!["bank".to_owned()],
            messages: vec![("parked", 4)],
        };
        let text = metrics.text(&levels);
        // Those of one family come in no order.
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        insta::assert_snapshot!(lines.join("\n"));
        assert!(!metrics.text(&Levels::default()).contains("queue_lanes{"), "what is over is not shown");
    }
}
