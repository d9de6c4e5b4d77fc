//! The operator's side: an API on a listener of its own, for `tolmach`'s other commands, for probes and for metrics.

pub mod access;
mod messages;
mod openapi;
mod operations;
mod partners;

use std::sync::Arc;
use std::time::Duration;

use engine::Secret;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Request, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};

use crate::auth::caller::has_bearer;
use crate::inbound::router::Match;
use crate::inbound::{Handler, Paths, Peer, Problem, Response, whole};
use crate::live::Live;
use crate::metrics::Levels;
use crate::reload::{Ask, Standings};
use crate::service::Shared;
use crate::store;
pub use messages::{given_up, retried};
use operations::{OPERATIONS, Operation, Verb};

/// What is asked for beside the path.
type Query = Vec<(String, String)>;

/// Why a request of an operator cannot be carried out.
enum Refused {
    NotFound(String),
    Wrong(String),
    Store(store::Error),
    /// The process is about to end.
    Ending,
}

/// Serves the API.
pub struct Admin {
    pub token: Secret,
    pub live: Live,
    pub shared: Shared,
    pub standings: watch::Receiver<Standings>,
    pub reloads: mpsc::Sender<Ask>,
    pub paths: Paths,
}

/// The paths that are served.
///
/// # Errors
/// Two operations have one path.
pub fn paths() -> Result<Paths, crate::inbound::router::Error> {
    Paths::new(OPERATIONS.iter().map(|operation| (operation.method, operation.path)))
}

impl Handler for Admin {
    async fn handle(&self, request: Request<Incoming>, _: Arc<Peer>) -> Response {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let (operation, params) = match self.paths.find(method, path) {
            Match::Found { index, params } => (OPERATIONS.get(index), params),
            Match::MethodNotAllowed { allow } => {
                let title = "The path takes other methods";
                return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", title)
                    .header(ALLOW, &allow)
                    .into_response();
            }
            Match::NotFound => (None, Vec::new()),
        };
        let Some(operation) = operation else {
            let title = "There is nothing here";
            let problem = Problem::new(StatusCode::NOT_FOUND, "not-found", title);
            return problem.detail("GET /openapi.json tells what there is").into_response();
        };
        if !operation.open && !has_bearer(request.headers(), &self.token) {
            return unauthorized();
        }
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let query: Query = form_urlencoded::parse(query).into_owned().collect();
        let name = params.into_iter().next().map(|(_, value)| value).unwrap_or_default();
        match self.carry_out(operation, &name, &query).await {
            Ok(response) => response,
            Err(refused) => refused.into_response(),
        }
    }
}

impl Admin {
    async fn carry_out(&self, operation: &Operation, name: &str, query: &Query) -> Result<Response, Refused> {
        operation.check(query).map_err(Refused::Wrong)?;
        Ok(match operation.verb {
            Verb::Health => ok(&json!({"status": "ok"})),
            Verb::Ready => ok(&self.ready().await?),
            Verb::Metrics => self.metrics().await?,
            Verb::Document => ok(&openapi::document()),
            Verb::Reload => ok(&self.reload().await?),
            Verb::Partners => ok(&self.partners().await?),
            Verb::Pause => ok(&self.pause(name, query, true).await?),
            Verb::Resume => ok(&self.pause(name, query, false).await?),
            Verb::Messages => ok(&self.list(query).await?),
            Verb::Message => ok(&self.show(name, query).await?),
            Verb::Retry => ok(&self.retry(name).await?),
            Verb::Discard => ok(&self.discard(name).await?),
        })
    }

    /// Whether messages can be kept. Partners whose files have mistakes go on as before: that is told, and no reason to send
    /// messages elsewhere.
    async fn ready(&self) -> Result<Value, Refused> {
        self.shared.store.probe().await?;
        let stale = self.standings.borrow().stale().next().is_some();
        Ok(json!({"status": "ready", "configuration": if stale { "mistakes" } else { "good" }}))
    }

    async fn metrics(&self) -> Result<Response, Refused> {
        let shared = self.shared.clone();
        let mut levels = blocking(move || levels(&shared)).await?;
        levels.stale = self.standings.borrow().stale().map(str::to_owned).collect();
        let mut response = Response::new(whole(self.shared.metrics.text(&levels)));
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        Ok(response)
    }

    /// Reads the files again, and waits for what comes of it.
    async fn reload(&self) -> Result<Value, Refused> {
        let (tell, told) = oneshot::channel();
        self.reloads.send(Some(tell)).await.map_err(|_| Refused::Ending)?;
        let report = told.await.map_err(|_| Refused::Ending)?;
        Ok(json!(report))
    }
}

fn levels(shared: &Shared) -> Result<Levels, Refused> {
    let now = Timestamp::now();
    let age = |since: Timestamp| Duration::try_from(now.duration_since(since)).unwrap_or_default();
    let queues = shared.store.queues()?;
    let counts = shared.store.counts()?;
    let destinations = shared.client.destinations().standings();
    Ok(Levels {
        queues: queues.into_iter().map(|queue| (queue.partner, queue.lanes, age(queue.since))).collect(),
        destinations: destinations
            .into_iter()
            .map(|(partner, standing)| (partner, standing.under_way, standing.open))
            .collect(),
        paused: shared.pauses.all().into_iter().map(|pause| pause.partner).collect(),
        messages: counts.by_state().to_vec(),
        stale: Vec::new(),
    })
}

/// The store answers at once, but not always within the time that other requests can be kept waiting.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Refused::Ending)?
}

fn ok(value: &Value) -> Response {
    let mut response = Response::new(whole(value.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn unauthorized() -> Response {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "The token is missing or wrong")
        .detail("Authorization: Bearer TOKEN; the token is in the file beside the database, or in TOLMACH_ADMIN_TOKEN")
        .header(WWW_AUTHENTICATE, "Bearer realm=\"tolmach\"")
        .into_response()
}

impl Refused {
    fn into_response(self) -> Response {
        let (status, slug, title, detail) = match self {
            Self::NotFound(what) => (StatusCode::NOT_FOUND, "not-found", "It is not there", what),
            Self::Wrong(why) => {
                (StatusCode::BAD_REQUEST, "bad-request", "The request is not understood", why)
            }
            Self::Store(error) => {
                let title = "The store cannot be used now";
                (StatusCode::SERVICE_UNAVAILABLE, "store", title, error.to_string())
            }
            Self::Ending => {
                let title = "It was not carried out";
                let why = "the process is ending, or has failed in it".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, "ending", title, why)
            }
        };
        Problem::new(status, slug, title).detail(detail).into_response()
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// The engine that is at work.
fn engine_of(live: &Live) -> Arc<engine::Engine> {
    Arc::clone(&live.now().attempt.engine)
}
