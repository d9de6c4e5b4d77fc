//! A message whose caller waits for an endpoint's response: called once, committed, answered.

use std::pin::pin;
use std::time::Instant;

use engine::{Answered, Call, Concluded, Fault, Outcome, Verdict, World};
use jiff::Timestamp;

use super::answer::{self, Summary, conflict, into_response, problem, repeated, unavailable};
use super::asked::{Asked, End, failed};
use super::flight::Flight;
use super::{Arrival, RETRY_AFTER, Service, json_of, unread};
use crate::delivery::again::again;
use crate::delivery::intake::{self, Origin};
use crate::delivery::{PATIENCE, patiently};
use crate::destination::{Closed, UnderWay};
use crate::inbound::{Refusal, Response, body};
use crate::outbound::{self, Broken, Opened, Progress, Upload};
use crate::store::{self, Acceptance, Accepted, Disposition, NewMessage};
use crate::world::{RandomIds, with_arena};

/// A message that is to be answered with what an endpoint says.
pub(super) struct Calling {
    pub call: Call,
    /// What is kept, if anything is; its answer is not known yet.
    pub message: NewMessage,
    /// What the routes of the message cause beside the call.
    pub deliveries: Vec<engine::Delivery>,
    pub records: Vec<engine::RecordWrite>,
}

impl Service {
    pub(super) async fn call(
        &self,
        arrival: &Arrival<'_>,
        calling: Box<Calling>,
        upload: Option<Upload>,
    ) -> Result<Response, Refusal> {
        let (_flight, room) = match self.admit(arrival, &calling) {
            Ok(Ok(admitted)) => admitted,
            Ok(Err(known)) => return Ok(known),
            Err(refusal) => return Err(unread(refusal, upload).await),
        };
        let endpoint = self.engine.endpoint(&calling.call.request.endpoint).ok_or(Refusal::Internal)?;
        let asked = Asked { arrival, endpoint, calling, started: Instant::now() };
        if asked.calling.call.forward {
            return Box::pin(self.forward(asked, upload, room)).await;
        }
        let (headers, key, parent) = (asked.headers(), asked.key(), asked.arrival.trace.parent());
        let end = match self.shared.client.call(asked.request(&headers, &key, &parent)).await {
            Ok(response) => self.understand(&asked, response).await?,
            Err(error) => End { outcome: Outcome::Failed, response: Err(error) },
        };
        self.conclude(asked, end).await
    }

    /// UnderWay for the call. A message is called for once at a time; one whose first call has ended meanwhile has its answer.
    fn admit(
        &self,
        arrival: &Arrival<'_>,
        calling: &Calling,
    ) -> Result<Result<(Option<Flight>, UnderWay), Response>, Refusal> {
        let mut flight = None;
        if let Some(known) = &calling.message.idempotency {
            flight = Some(self.flights.begin(known).ok_or(Refusal::UnderWay { retry_after: RETRY_AFTER })?);
            let first = self.shared.store.first_answer(&known.scope, &known.id, &known.digest);
            if let Some(known) = first.map_err(|error| unavailable(arrival.channel, &error))? {
                return repeated(arrival.channel, known).map(|answer| Err(into_response(answer)));
            }
        }
        let room = self.shared.client.destinations().call(&calling.call.request.partner, Instant::now());
        let closed = |Closed { retry_after }| Refusal::Overloaded { retry_after };
        Ok(Ok((flight, room.map_err(closed)?)))
    }

    /// Passes the endpoint's response on unread, if it means `delivered`.
    async fn forward(
        &self,
        asked: Asked<'_>,
        upload: Option<Upload>,
        room: UnderWay,
    ) -> Result<Response, Refusal> {
        let progress = upload.as_ref().map(Upload::progress);
        let (headers, key, parent) = (asked.headers(), asked.key(), asked.arrival.trace.parent());
        let opened = match self.shared.client.open(asked.request(&headers, &key, &parent), upload).await {
            Ok(opened) => opened,
            Err(error) => {
                cut(progress, asked.arrival.channel.max_body).await?;
                return self.conclude(asked, End { outcome: Outcome::Failed, response: Err(error) }).await;
            }
        };
        let sent = &asked.calling.call.request.body;
        let verdict = patiently(|| {
            let status = opened.status();
            with_arena(|arena| self.engine.verdict_unread(asked.endpoint, sent, status, self.world(), arena))
                .map_err(|fault| vec![fault])
        });
        match verdict.await.map_err(|faults| asked.unanswerable(&faults))? {
            Verdict::Delivered => {
                self.report(&asked, Outcome::Delivered, Some(opened.status()), None);
                let (status, headers) = (opened.status(), opened.headers());
                self.keep_passed(asked).await?;
                Ok(passed(status, headers, opened, room))
            }
            Verdict::Rejected | Verdict::Retry => {
                let end = match opened.read().await {
                    Ok(response) => self.understand(&asked, response).await?,
                    Err(error) => End { outcome: Outcome::Failed, response: Err(error) },
                };
                self.conclude(asked, end).await
            }
        }
    }

    /// What the response means.
    async fn understand(&self, asked: &Asked<'_>, response: outbound::Response) -> Result<End, Refusal> {
        let sent = &asked.calling.call.request.body;
        let verdict = patiently(|| {
            let seen = engine::Response { status: response.status, body: &response.body };
            with_arena(|arena| self.engine.verdict(asked.endpoint, sent, seen, self.world(), arena))
                .map_err(|fault| vec![fault])
        });
        let outcome = match verdict.await.map_err(|faults| asked.unanswerable(&faults))? {
            Verdict::Delivered => Outcome::Delivered,
            Verdict::Rejected => Outcome::Rejected,
            Verdict::Retry => Outcome::Failed,
        };
        Ok(End { outcome, response: Ok(response) })
    }

    fn report(
        &self,
        asked: &Asked<'_>,
        outcome: Outcome,
        status: Option<u16>,
        error: Option<&outbound::Error>,
    ) {
        asked.report(outcome, status, error);
        let word = match outcome {
            Outcome::Delivered => "delivered",
            Outcome::Rejected => "rejected",
            Outcome::Failed => "failed",
        };
        self.shared.metrics.called(&asked.endpoint.partner, word);
    }

    /// The answer that is made of the end, once all that follows is committed. A call that failed leaves nothing.
    async fn conclude(&self, asked: Asked<'_>, end: End) -> Result<Response, Refusal> {
        let answered = patiently(|| self.answered(&asked, &end)).await;
        let answered = answered.map_err(|faults| asked.unanswerable(&faults))?;
        let status = end.response.as_ref().ok().map(|response| response.status);
        self.report(&asked, end.outcome, status, end.response.as_ref().err());
        if end.outcome == Outcome::Failed {
            return answered
                .reply
                .map(|reply| into_response(answer::answer(reply)))
                .ok_or_else(|| failed(&end));
        }
        let Answered { reply, deliveries, records } = answered;
        let forward = asked.calling.call.forward;
        if let (Outcome::Delivered, None, true, Ok(response)) = (end.outcome, &reply, forward, end.response) {
            // It was read to be understood: a row of `outcome` says by the body that it was delivered.
            self.keep_passed(asked).await?;
            return Ok(read(response));
        }
        let effects = asked.has_effects() || !deliveries.is_empty() || !records.is_empty();
        let answer = match reply {
            Some(reply) => answer::answer(reply),
            None if !effects => return Err(Refusal::CallRejected),
            None => problem(Refusal::CallRejected),
        };
        if !effects && asked.calling.message.idempotency.is_none() {
            return Ok(into_response(answer));
        }
        let disposition = match end.outcome {
            Outcome::Delivered => Disposition::Accepted,
            Outcome::Rejected | Outcome::Failed => Disposition::Rejected,
        };
        let end = NewEnd { answer, disposition };
        Box::pin(self.keep_called(asked, (deliveries, records), end)).await
    }

    fn answered(&self, asked: &Asked<'_>, end: &End) -> Result<Answered, Vec<Fault>> {
        let message = json_of(asked.arrival).map_err(|fault| vec![fault])?;
        let called = Concluded {
            route: &asked.calling.call.route,
            step: "call",
            endpoint: &asked.calling.call.request.endpoint,
            message: &message,
            key: asked.calling.message.key.as_deref(),
            request: &asked.calling.call.request.body,
            response: end
                .response
                .as_ref()
                .ok()
                .map(|response| engine::Response { status: response.status, body: &response.body }),
            outcome: end.outcome,
        };
        with_arena(|arena| self.engine.called(called, &asked.arrival.inbound, self.world(), arena))
    }

    /// Commits what follows a response that is passed on. The response itself is not kept: the repeat of a message that
    /// has left something calls no more, and is told so.
    async fn keep_passed(&self, asked: Asked<'_>) -> Result<(), Refusal> {
        if !asked.has_effects() {
            return Ok(());
        }
        let end = NewEnd { answer: problem(Refusal::PassedOn), disposition: Disposition::Accepted };
        Box::pin(self.keep_called(asked, (Vec::new(), Vec::new()), end)).await.map(drop)
    }

    /// One durable commit, for which the store is given some time: what the partner did is known here only.
    async fn keep_called(
        &self,
        asked: Asked<'_>,
        (deliveries, records): (Vec<engine::Delivery>, Vec<engine::RecordWrite>),
        end: NewEnd,
    ) -> Result<Response, Refusal> {
        let Calling { message, deliveries: beside, records: kept_beside, .. } = &*asked.calling;
        let origin = Origin { message_id: &message.id, depth: 0, at: Timestamp::now() };
        let mut made = intake::deliveries(beside.clone(), &self.engine, origin);
        made.extend(intake::deliveries(deliveries, &self.engine, Origin { depth: 1, ..origin }));
        let mut written = intake::records(kept_beside.clone(), origin.at);
        written.extend(intake::records(records, origin.at));
        let message = NewMessage { answer: end.answer, disposition: end.disposition, ..message.clone() };
        let answer = message.answer.clone();
        let acceptance = Acceptance { message, deliveries: made, records: written };
        let summary = Summary::of(&acceptance);
        let passes =
            |error: &store::Error| matches!(error, store::Error::Full | store::Error::Backend { .. });
        match again(PATIENCE, passes, || self.shared.store.accept(acceptance.clone())).await {
            Ok(Accepted::New) => {
                summary.report(&self.shared.metrics);
                self.shared.wake.notify_one();
                Ok(into_response(answer))
            }
            Ok(known) => repeated(asked.arrival.channel, known).map(into_response),
            Err(store::Error::RecordConflict { record, field }) => {
                Err(asked.unanswerable(&[conflict(&record, &field)]))
            }
            Err(error) => Err(unavailable(asked.arrival.channel, &error)),
        }
    }

    pub(super) fn world(&self) -> World<'_> {
        World { now: Timestamp::now(), ids: &RandomIds, records: &*self.records }
    }
}

/// What a message is kept with, now that its call has ended.
struct NewEnd {
    answer: store::Answer,
    disposition: Disposition,
}

/// A call may have failed because the caller's own body did.
async fn cut(progress: Option<Progress>, limit: usize) -> Result<(), Refusal> {
    let Some(progress) = progress else { return Ok(()) };
    match progress.broken() {
        None => Ok(()),
        Some(Broken::Cut) => Err(Refusal::BadRequest { detail: "the body breaks off before its end" }),
        Some(Broken::TooLarge) => {
            if let Some(rest) = progress.rest() {
                body::discard(pin!(rest)).await;
            }
            Err(Refusal::TooLarge { limit })
        }
    }
}

/// A response that goes on as it comes.
fn passed(status: u16, headers: hyper::HeaderMap, opened: Opened, room: UnderWay) -> Response {
    use http_body_util::BodyExt as _;
    let mut response = Response::new(opened.pass_on(room).map_err(Into::into).boxed_unsync());
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    *response.headers_mut() = headers;
    response
}

/// A response that was read and goes on.
fn read(response: outbound::Response) -> Response {
    let content_type = response.content_type.unwrap_or_default();
    let headers = Vec::new();
    into_response(store::Answer {
        status: response.status,
        content_type,
        headers,
        body: response.body.into(),
    })
}
