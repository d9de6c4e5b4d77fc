//! One attempt of one delivery: call, understand the response, decide what follows.

use std::borrow::Cow;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use engine::{Concluded, Endpoint, Engine, Fault, Followed, Inbound, Outcome, Policy, Unknown, World};
use jiff::{SignedDuration, Timestamp};

use super::again::again;
use super::fault::{problem, stored};
use super::{backoff, intake};
use crate::inbound::json_of;
use crate::outbound::{self, Client};
use crate::service::Service;
use crate::store::{Claimed, Response, Settlement, Verdict};
use crate::trace::Trace;
use crate::world::{RandomIds, StoredRecords, with_arena};

/// Chains of follow-ups end: two partners that answer each other's answers would never.
const MAX_DEPTH: u16 = 32;
/// How long records that cannot be read are waited for, once the partner has done its part.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Why a delivery is given up whose last attempt has no end.
const LOST: &str = "the process ended during the last attempt";
/// What a person is told who has to find out.
const FIND_OUT: &str = "a person has to find out what the partner did";

/// What an attempt needs beside the delivery.
pub struct Attempt {
    pub engine: Arc<Engine>,
    pub records: Arc<StoredRecords>,
    pub client: Arc<Client>,
}

/// What came of an attempt, before what follows is worked out.
enum End {
    Ended(Outcome),
    Again {
        asked: Option<Duration>,
        /// The partner may have acted.
        unknown: bool,
    },
    /// It can never succeed as it is.
    Stuck(String),
}

impl Attempt {
    /// Makes the attempt; the settlement holds its end and all that follows.
    pub async fn make(&self, claimed: &Claimed, service: &Service) -> Settlement {
        let Some(endpoint) = self.engine.endpoint(&claimed.delivery.endpoint) else {
            let reason = format!("the configuration has no endpoint {} any more", claimed.delivery.endpoint);
            return settlement(claimed, Verdict::Parked, None, Some(problem(&reason)));
        };
        if claimed.attempt > claimed.delivery.max_attempts {
            return self.conclude(claimed, endpoint, End::Stuck(LOST.to_owned()), None, None).await;
        }
        if claimed.after_lost && endpoint.on_unknown == Unknown::Park {
            return unknown(claimed, LOST);
        }
        let made = match endpoint.channel() {
            Some(channel) => service.hand_over(channel, &claimed.delivery, claimed.trace.as_deref()).await,
            None => self.call(claimed, endpoint).await,
        };
        match made {
            Ok(response) => self.understand(claimed, endpoint, response).await,
            Err(error) if error.may_have_arrived() && endpoint.on_unknown == Unknown::Park => {
                unknown(claimed, &error.to_string())
            }
            Err(error) if error.is_retryable() => {
                let (fault, unknown) = (problem(&error.to_string()), error.may_have_arrived());
                self.conclude(claimed, endpoint, End::Again { asked: None, unknown }, None, Some(fault)).await
            }
            // The partner may have carried it out: it would be wrong to say that it failed.
            Err(error) if error.may_have_arrived() => unknown(claimed, &error.to_string()),
            Err(error) => {
                let reason = error.to_string();
                self.conclude(claimed, endpoint, End::Stuck(reason), None, None).await
            }
        }
    }

    async fn call(
        &self,
        claimed: &Claimed,
        endpoint: &Endpoint,
    ) -> Result<outbound::Response, outbound::Error> {
        let delivery = &claimed.delivery;
        let trace = Trace::restored(claimed.trace.as_deref());
        self.client
            .call(outbound::Request {
                method: &delivery.method,
                partner: &delivery.partner,
                tls: endpoint.tls.as_ref(),
                url: &delivery.url,
                headers: &delivery.headers,
                content_type: &delivery.content_type,
                body: outbound::encoded(&delivery.content_type, &endpoint.outgoing(&delivery.body)),
                idempotency_key: &delivery.idempotency_key,
                auth: endpoint.auth.as_ref(),
                timeout: endpoint.timeout,
                traceparent: Some(&trace.parent()),
                tracestate: trace.state(),
            })
            .await
    }

    async fn understand(
        &self,
        claimed: &Claimed,
        endpoint: &Endpoint,
        response: outbound::Response,
    ) -> Settlement {
        let verdict = patiently(|| self.verdict(claimed, endpoint, &response)).await;
        let kept = Some(Response { status: response.status, body: response.body.into() });
        let (end, fault) = match verdict {
            Ok(engine::Verdict::Delivered) => (End::Ended(Outcome::Delivered), None),
            Ok(engine::Verdict::Rejected) => {
                let reason = format!("the partner rejected the delivery (HTTP {})", response.status);
                (End::Ended(Outcome::Rejected), Some(problem(&reason)))
            }
            Ok(engine::Verdict::Retry) => {
                let reason = format!("the partner could not take the delivery (HTTP {})", response.status);
                let again = End::Again { asked: response.retry_after, unknown: false };
                (again, Some(problem(&reason)))
            }
            Err(found) => return settlement(claimed, Verdict::Parked, kept, Some(stored(&found))),
        };
        self.conclude(claimed, endpoint, end, kept, fault).await
    }

    fn verdict(
        &self,
        claimed: &Claimed,
        endpoint: &Endpoint,
        response: &outbound::Response,
    ) -> Result<engine::Verdict, Vec<Fault>> {
        let seen = engine::Response { status: response.status, body: &response.body };
        with_arena(|arena| self.engine.verdict(endpoint, &claimed.delivery.body, seen, self.world(), arena))
            .map_err(|fault| vec![fault])
    }

    /// The end of the attempt with everything that follows from it.
    async fn conclude(
        &self,
        claimed: &Claimed,
        endpoint: &Endpoint,
        end: End,
        response: Option<Response>,
        fault: Option<String>,
    ) -> Settlement {
        let unknown = matches!(end, End::Again { unknown: true, .. });
        if let End::Again { asked, .. } = end
            && let Some(due) = next(claimed, endpoint, asked, Timestamp::now())
        {
            let again = settlement(claimed, Verdict::Retry { due }, response, fault);
            return Settlement { unknown, ..again };
        }
        let (verdict, outcome, fault) = match end {
            End::Ended(Outcome::Delivered) => (Verdict::Delivered, Outcome::Delivered, fault),
            End::Ended(Outcome::Rejected) => (Verdict::Rejected, Outcome::Rejected, fault),
            End::Stuck(reason) => (Verdict::Parked, Outcome::Failed, Some(problem(&reason))),
            End::Ended(Outcome::Failed) | End::Again { .. } => (Verdict::Parked, Outcome::Failed, fault),
        };
        match patiently(|| self.follow(claimed, response.as_ref(), outcome)).await {
            Ok(followed) => {
                let mut settled = Settlement { unknown, ..settlement(claimed, verdict, response, fault) };
                self.add(&mut settled, claimed, followed);
                settled
            }
            Err(found) => settlement(claimed, Verdict::Parked, response, Some(stored(&found))),
        }
    }

    fn follow(
        &self,
        claimed: &Claimed,
        response: Option<&Response>,
        outcome: Outcome,
    ) -> Result<Followed, Vec<Fault>> {
        let inbound = Inbound::default();
        let (delivery, message) = (&claimed.delivery, self.message(claimed)?);
        let concluded = Concluded {
            route: &delivery.route,
            step: &delivery.step,
            endpoint: &delivery.endpoint,
            message: &message,
            key: intake::key_of(&delivery.lane, &delivery.partner),
            request: &delivery.body,
            response: response
                .map(|response| engine::Response { status: response.status, body: &response.body }),
            outcome,
        };
        let followed = with_arena(|arena| self.engine.follow(concluded, &inbound, self.world(), arena))?;
        if delivery.depth >= MAX_DEPTH && !followed.deliveries.is_empty() {
            let detail = format!("more than {MAX_DEPTH} deliveries follow one another");
            return Err(vec![Fault::new(engine::fault::Kind::Rule, detail)]);
        }
        Ok(followed)
    }

    /// The message as its channel reads it. Without that channel it is taken for JSON: most are, and it is only looked at
    /// where something follows.
    fn message<'c>(&self, claimed: &'c Claimed) -> Result<Cow<'c, [u8]>, Vec<Fault>> {
        let Some(channel) = self.engine.channel(&claimed.message_channel) else {
            return Ok(Cow::Borrowed(&claimed.message));
        };
        json_of(channel.encoding, channel.method(), &claimed.message)
            .map_err(|error| vec![Fault::new(engine::fault::Kind::Malformed, error.to_string())])
    }

    fn add(&self, settled: &mut Settlement, claimed: &Claimed, followed: Followed) {
        let origin = intake::Origin {
            message_id: &claimed.delivery.message_id,
            depth: claimed.delivery.depth + 1,
            at: settled.at,
        };
        settled.deliveries = intake::deliveries(followed.deliveries, &self.engine, origin);
        settled.records = intake::records(followed.records, settled.at);
    }

    fn world(&self) -> World<'_> {
        World { now: Timestamp::now(), ids: &RandomIds, records: &*self.records }
    }
}

/// When it is tried again, unless its attempts are spent or its time is over.
fn next(
    claimed: &Claimed,
    endpoint: &Endpoint,
    asked: Option<Duration>,
    now: Timestamp,
) -> Option<Timestamp> {
    let later = |from: Timestamp, wait: Duration| {
        from.checked_add(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX))
            .unwrap_or(Timestamp::MAX)
    };
    let jitter = f64::from(random(claimed)) / f64::from(u32::MAX);
    let due = later(now, backoff::wait(endpoint.retry, claimed.attempt, jitter, asked));
    let in_time = endpoint.retry.within.is_none_or(|within| due < later(claimed.since, within));
    (claimed.attempt < claimed.delivery.max_attempts && in_time).then_some(due)
}

/// Does `work` again while nothing is wrong but that the records cannot be read now.
pub async fn patiently<T>(work: impl Fn() -> Result<T, Vec<Fault>>) -> Result<T, Vec<Fault>> {
    let passes = |found: &Vec<Fault>| engine::policy(found) == Policy::Retry;
    again(PATIENCE, passes, || ready(work())).await
}

/// Any number will do, as long as two deliveries that failed together get two: their ids are random.
fn random(claimed: &Claimed) -> u32 {
    use std::hash::{BuildHasher, RandomState};
    let hash = RandomState::new().hash_one(&claimed.delivery.id);
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// Nobody knows whether the partner has acted: it would be wrong to say that it failed, and perhaps to try again.
fn unknown(claimed: &Claimed, reason: &str) -> Settlement {
    let fault = problem(&format!("{reason}; {FIND_OUT}"));
    Settlement { unknown: true, ..settlement(claimed, Verdict::Parked, None, Some(fault)) }
}

/// The end of an attempt from which nothing follows.
pub(super) fn settlement(
    claimed: &Claimed,
    verdict: Verdict,
    response: Option<Response>,
    fault: Option<String>,
) -> Settlement {
    Settlement {
        delivery_id: claimed.delivery.id.clone(),
        fence: claimed.fence,
        at: Timestamp::now(),
        verdict,
        unknown: false,
        response,
        fault,
        deliveries: Vec::new(),
        records: Vec::new(),
    }
}
