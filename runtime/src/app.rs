//! Configuration -> running process -> drained process.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use engine::{Compiled, Engine, Secret};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

use crate::admin::access::{self, Access, Posted};
use crate::admin::{self, Admin};
use crate::bundle;
use crate::config::Config;
use crate::configuration::{Configuration, base};
use crate::delivery::{Attempt, Worker};
use crate::destination::Destinations;
use crate::inbound::{Limits, Tls, serve, tls};
use crate::live::{Active, Live};
use crate::metrics::Metrics;
use crate::outbound::Client;
use crate::pauses::Pauses;
use crate::reload::{Ask, Reload, Standings};
use crate::retention;
use crate::schedule;
use crate::service::{self, Service, Shared};
use crate::store::Store;
use crate::store::sqlite::SqliteStore;
use crate::world::StoredRecords;

/// How often queued messages are looked for.
const QUEUE_LOOK: Duration = Duration::from_secs(1);

/// Why the process could not start, or had to stop.
pub enum Error {
    Listen {
        address: SocketAddr,
        error: std::io::Error,
    },
    Tls(tls::Error),
    Bundle(bundle::Error),
    /// The configuration has errors; it is given back to be shown.
    Configuration(Box<Compiled>),
    Store(Box<dyn std::error::Error + Send + Sync>),
    Client(crate::outbound::Error),
    Service(service::Error),
    /// Nobody could find the operator's API.
    Access(std::io::Error),
    /// The store failed while running: to go on would be to lose messages.
    StoreFailed(String),
}

/// A process that has its port, its configuration and its store, and has not begun.
pub struct App {
    listener: TcpListener,
    tls: Option<Tls>,
    address: SocketAddr,
    configuration: Configuration,
    store: SqliteStore,
    client: Client,
    pauses: Pauses,
    /// The operator's API, and where it is.
    admin: Option<(TcpListener, Access, Posted)>,
    reloads: (mpsc::Sender<Ask>, mpsc::Receiver<Ask>),
    config: Config,
}

impl App {
    /// Reads the configuration, takes the port, compiles, opens the store, makes interrupted deliveries due again.
    ///
    /// # Errors
    /// Any of them fails; nothing was accepted yet.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let bundle = bundle::read(&config.folder, config.sandbox).map_err(Error::Bundle)?;
        let tls = config.tls.clone().map(Tls::new).transpose().map_err(Error::Tls)?;
        let failed = |error| Error::Listen { address: config.listen, error };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let configuration = Configuration::new(bundle, base(address, tls.is_some()), config.sandbox)
            .map_err(Error::Configuration)?;
        let asks = tls.as_ref().is_some_and(Tls::asks);
        Service::check(configuration.generation.engine(), asks).map_err(Error::Service)?;
        let store = SqliteStore::open(&config.store).map_err(|error| Error::Store(Box::new(error)))?;
        let recovered =
            store.recover(Timestamp::now()).await.map_err(|error| Error::Store(Box::new(error)))?;
        if recovered > 0 {
            tracing::warn!(deliveries = recovered, "interrupted deliveries are made again");
        }
        let pauses = Pauses::read(&store).map_err(|error| Error::Store(Box::new(error)))?;
        let destinations = Destinations::new(pauses.clone());
        destinations.configure(configuration.generation.engine());
        let client = Client::new(destinations, config.private.clone()).map_err(Error::Client)?;
        let admin = match config.admin {
            Some(address) => Some(open(address, config.token.clone(), &config.store).await?),
            None => None,
        };
        let reloads = mpsc::channel(1);
        Ok(Self { listener, tls, address, configuration, store, client, pauses, admin, reloads, config })
    }

    /// Where we listen; the port is known even if 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// By which URL it is reached.
    #[must_use]
    pub fn base(&self) -> String {
        base(self.address, self.tls.is_some())
    }

    /// Where the operator's API listens, if it does.
    #[must_use]
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(|(_, access, _)| access.address)
    }

    /// Who asks here has the files read again; who finds no room has somebody before him who asks for the same.
    #[must_use]
    pub fn reloads(&self) -> mpsc::Sender<Ask> {
        self.reloads.0.clone()
    }

    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.configuration.generation.engine()
    }

    /// Serves until `shutdown`, then lets everything that is under way come to its end.
    ///
    /// # Errors
    /// The store failed.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        let (failed, drain) = (self.store.failed(), self.config.drain);
        let (stop, stopped) = watch::channel(false);
        let asked = Arc::new(OnceLock::new());
        let stamp = Arc::clone(&asked);
        let shutdown = async move {
            shutdown.await;
            let _ = stamp.set(Instant::now());
            // What is accepted from now on is durable, and delivered after the next start.
            let _ = stop.send(true);
        };
        let Working { listener, tls, live, mut under_way, _beside, _posted } = self.begin(&stopped)?;
        let limits = Limits { drain, ..Limits::default() };
        tokio::select! {
            () = serve(listener, Arc::new(live), shutdown, (limits, tls)) => {}
            reason = failed => return Err(Error::StoreFailed(reason)),
        }
        let spent = asked.get().map(Instant::elapsed).unwrap_or_default();
        let ended = async { while under_way.join_next().await.is_some() {} };
        if tokio::time::timeout(drain.saturating_sub(spent), ended).await.is_err() {
            tracing::warn!("deliveries under way are cut; they are made again at the next start");
        }
        Ok(())
    }

    /// Begins all that works beside the listener.
    fn begin(self, stopped: &watch::Receiver<bool>) -> Result<Working, Error> {
        let store: Arc<dyn Store> = Arc::new(self.store);
        let engine = Arc::clone(self.configuration.generation.engine());
        let records = Arc::new(StoredRecords::new(Arc::clone(&store), Arc::clone(&engine)));
        let shared = Shared {
            store: Arc::clone(&store),
            wake: Arc::new(Notify::new()),
            client: Arc::new(self.client),
            proxies: self.config.proxies,
            pauses: self.pauses,
            metrics: Metrics::default(),
            certificates: self.tls.as_ref().is_some_and(Tls::asks),
        };
        let attempt = Attempt {
            engine: Arc::clone(&engine),
            records: Arc::clone(&records),
            client: Arc::clone(&shared.client),
        };
        let service = Service::new(engine, records, shared.clone()).map_err(Error::Service)?;
        let (active, live) = watch::channel(Arc::new(Active { service, attempt }));
        let live = Live(live);
        let standings = Standings::new(self.configuration.generation.bundle().partners(), Timestamp::now());
        let (standings, known) = watch::channel(standings);
        let (asks, reloads) = self.reloads;
        let reload = Reload {
            configuration: Some(self.configuration),
            folder: self.config.folder,
            sandbox: self.config.sandbox,
            store: Arc::clone(&store),
            active,
            standings,
            tls: self.tls.clone(),
        };
        let worker = Worker {
            store: Arc::clone(&store),
            live: live.clone(),
            wake: Arc::clone(&shared.wake),
            destinations: shared.client.destinations().clone(),
            metrics: shared.metrics.clone(),
        };
        let (mut under_way, mut beside) = (JoinSet::new(), JoinSet::new());
        under_way.spawn(worker.run(stopped.clone()));
        under_way.spawn(resume(live.clone(), stopped.clone()));
        under_way.spawn(unprompted(live.clone(), stopped.clone()));
        beside.spawn(reload.run(reloads));
        beside.spawn(retention::run(store, self.config.keep, stopped.clone()));
        let mut posted = None;
        if let Some((listener, access, file)) = self.admin {
            let paths = admin::paths().map_err(|error| Error::Service(service::Error::Paths(error)))?;
            let token = access.token;
            let admin = Admin { token, live: live.clone(), shared, standings: known, reloads: asks, paths };
            let limits = Limits { connections: 64, ..Limits::default() };
            beside.spawn(serve(listener, Arc::new(admin), ended(stopped.clone()), (limits, None)));
            posted = Some(file);
        }
        let (listener, tls) = (self.listener, self.tls);
        Ok(Working { listener, tls, live, under_way, _beside: beside, _posted: posted })
    }
}

/// A process at work.
struct Working {
    listener: TcpListener,
    tls: Option<Tls>,
    live: Live,
    /// Comes to its end when it is told to stop.
    under_way: JoinSet<()>,
    /// Ends with the process.
    _beside: JoinSet<()>,
    _posted: Option<Posted>,
}

/// Takes the port of the operator's API, and tells where it is.
async fn open(
    address: SocketAddr,
    token: Option<Secret>,
    store: &Path,
) -> Result<(TcpListener, Access, Posted), Error> {
    let failed = |error| Error::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let access = Access { address, token: token.unwrap_or_else(access::fresh_token) };
    let posted = access.post(store).map_err(Error::Access)?;
    Ok((listener, access, posted))
}

async fn ended(mut stop: watch::Receiver<bool>) {
    // Who could say so no more has gone, too.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Looks for messages that an operator has queued, until it is told to stop.
async fn resume(live: Live, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        live.now().service.resume_queued().await;
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(QUEUE_LOOK) => {}
        }
    }
}

/// The routes that nobody asks for: those of a start, then those with a period.
async fn unprompted(live: Live, stop: watch::Receiver<bool>) {
    live.now().service.begin(None).await;
    schedule::run(live, stop).await;
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, error } => write!(f, "cannot listen on {address}: {error}"),
            Self::Tls(error) => error.fmt(f),
            Self::Bundle(error) => error.fmt(f),
            Self::Configuration(_) => f.write_str("the configuration has errors"),
            Self::Store(error) => error.fmt(f),
            Self::Client(error) => error.fmt(f),
            Self::Service(error) => error.fmt(f),
            Self::Access(error) => {
                write!(f, "the file that says how to reach the operator's API cannot be written: {error}")
            }
            Self::StoreFailed(reason) => {
                write!(f, "the store failed, and going on would lose messages: {reason}")
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
