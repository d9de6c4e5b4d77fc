//! The generation at work, and how the next one takes its place: what has begun comes to its end on its own, what begins is
//! the next one's.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use engine::diagnostic::Severity;
use engine::{Advance, Engine, Fate};
use hyper::Request;
use hyper::body::Incoming;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

use crate::bundle;
use crate::configuration::Configuration;
use crate::delivery::Attempt;
use crate::inbound::{Handler, Response};
use crate::service::{self, Service};
use crate::store::Store;
use crate::world::StoredRecords;

/// What works by one generation of the configuration.
pub struct Active {
    pub service: Service,
    pub attempt: Attempt,
}

/// The generation that is at work now.
#[derive(Clone)]
pub struct Live(pub watch::Receiver<Arc<Active>>);

impl Live {
    #[must_use]
    pub fn now(&self) -> Arc<Active> {
        Arc::clone(&self.0.borrow())
    }
}

impl Handler for Live {
    async fn handle(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        self.now().service.answer(request, peer).await
    }
}

/// Makes the next generation where the files have changed.
pub struct Reload {
    /// None while the next one is in the making, and after that has failed by a fault of ours.
    pub configuration: Option<Configuration>,
    pub folder: PathBuf,
    pub sandbox: bool,
    pub store: Arc<dyn Store>,
    pub active: watch::Sender<Arc<Active>>,
}

impl Reload {
    /// Reads the files each time it is asked to, until nobody can ask any more.
    pub async fn run(mut self, mut asked: mpsc::Receiver<()>) {
        while asked.recv().await.is_some() {
            self.once().await;
        }
    }

    async fn once(&mut self) {
        let (folder, sandbox) = (self.folder.clone(), self.sandbox);
        let Some(configuration) = self.configuration.take() else { return };
        let work = move || {
            let mut configuration = configuration;
            let advance = bundle::read(&folder, sandbox).map(|wanted| {
                let Configuration { generation, environment, memo } = &mut configuration;
                generation.advance(&wanted, environment, memo)
            });
            (configuration, advance)
        };
        let Ok((configuration, advance)) = spawn_blocking(work).await else {
            tracing::error!(
                "the files could not be compiled by a fault of ours; there is no reload any more"
            );
            return;
        };
        self.configuration = Some(configuration);
        match advance {
            Ok(advance) => self.take_over(advance).await,
            Err(error) => tracing::error!(%error, "the files cannot be read; all stays as it was"),
        }
    }

    /// Lets the next generation work, and runs what belongs to the start of partners that have changed.
    async fn take_over(&mut self, advance: Advance) {
        report(&advance);
        let Advance { generation, fates, .. } = advance;
        if fates.values().all(|fate| !matches!(fate, Fate::Changed | Fate::Removed)) {
            return;
        }
        // The borrow ends here: what is looked at cannot be replaced.
        let next = self.active.borrow().next(generation.engine(), &self.store);
        match next {
            Ok(next) => drop(self.active.send_replace(Arc::new(next))),
            Err(error) => {
                tracing::error!(%error, "the files cannot be used; all stays as it was");
                return;
            }
        }
        if let Some(configuration) = &mut self.configuration {
            configuration.generation = generation;
        }
        let active = Arc::clone(&self.active.borrow());
        for (partner, _) in fates.iter().filter(|(_, fate)| **fate == Fate::Changed) {
            active.service.begin(Some(partner)).await;
        }
    }
}

impl Active {
    fn next(&self, engine: &Arc<Engine>, store: &Arc<dyn Store>) -> Result<Self, service::Error> {
        let records = Arc::new(StoredRecords::new(Arc::clone(store), Arc::clone(engine)));
        let service = self.service.next(Arc::clone(engine), Arc::clone(&records))?;
        let attempt =
            Attempt { engine: Arc::clone(engine), records, client: Arc::clone(&self.attempt.client) };
        Ok(Self { service, attempt })
    }
}

/// A line for each partner whose files are others, and one for each mistake.
fn report(advance: &Advance) {
    let Advance { fates, diagnostics, sources, .. } = advance;
    for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error) {
        let span = diagnostic.primary.span;
        let (line, column) = sources.line_column(span);
        let place = format!("{}:{line}:{column}", sources.name(span.source));
        tracing::error!(code = %diagnostic.code, place, "{}", diagnostic.message);
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (partner, fate) in fates {
        let word = match fate {
            Fate::Unchanged => "unchanged",
            Fate::Changed => "changed",
            Fate::Removed => "removed",
            Fate::Broken => "broken",
            Fate::Held { .. } => "held",
        };
        *counts.entry(word).or_default() += 1;
        match fate {
            Fate::Unchanged => {}
            Fate::Changed | Fate::Removed => tracing::info!(partner, "reloaded: {word}"),
            Fate::Broken => tracing::warn!(partner, "its files have mistakes: it goes on as before"),
            Fate::Held { by } => {
                let by = by.iter().cloned().collect::<Vec<_>>().join(", ");
                tracing::warn!(
                    partner,
                    by,
                    "its files do not go together with those of others: it goes on as before"
                );
            }
        }
    }
    let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    tracing::info!("reload: {}", counts.join(", "));
}
