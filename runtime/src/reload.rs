//! Reads the files again and lets the next generation work: partner by partner, all of a partner or nothing of it.

mod report;
mod standing;
pub mod watch;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use engine::{Advance, Bundle, Fate};
use tokio::sync::{mpsc, oneshot, watch::Sender};
use tokio::task::spawn_blocking;

pub use report::{Changed, Report};
pub use standing::{Condition, Standing, Standings};

use crate::bundle;
use crate::configuration::Configuration;
use crate::inbound::Tls;
use crate::live::Active;
use crate::service;
use crate::store::Store;

/// Asks for a reload; who wants to know what came of it says where to tell.
pub type Ask = Option<oneshot::Sender<Report>>;

/// Makes the next generation where the files have changed.
pub struct Reload {
    /// None while the next one is in the making, and after that has failed by a fault of ours.
    pub configuration: Option<Configuration>,
    pub folder: PathBuf,
    pub sandbox: bool,
    pub store: Arc<dyn Store>,
    pub active: Sender<Arc<Active>>,
    pub standings: Sender<Standings>,
    /// Its certificate is read again, too.
    pub tls: Option<Tls>,
}

/// What is to work next.
struct Made {
    advance: Advance,
    active: Active,
    /// Partners whose files are sound, and cannot be worked by.
    refused: BTreeMap<String, service::Error>,
}

impl Reload {
    /// Reads the files each time it is asked to, until nobody can ask any more.
    pub async fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        while let Some(ask) = asked.recv().await {
            let mut report = self.once().await;
            if let Some(Err(error)) = self.tls.as_ref().map(Tls::renew) {
                report.stays(&error);
            }
            report.log();
            self.standings.send_modify(|standings| standings.note(&report, jiff::Timestamp::now()));
            if let Some(tell) = ask {
                // Who has gone away need not be told.
                drop(tell.send(report));
            }
        }
    }

    async fn once(&mut self) -> Report {
        let (folder, sandbox) = (self.folder.clone(), self.sandbox);
        let Some(mut configuration) = self.configuration.take() else {
            return Report::failed("an earlier reload has failed by a fault of ours: start the process anew");
        };
        let (active, store) = (Arc::clone(&self.active.borrow()), Arc::clone(&self.store));
        let work = move || {
            let made = match bundle::read(&folder, sandbox) {
                Ok(wanted) => make(&mut configuration, &active, &store, wanted),
                Err(error) => Err(format!("the files cannot be read: {error}")),
            };
            (configuration, made)
        };
        let Ok((configuration, made)) = spawn_blocking(work).await else {
            return Report::failed("the files could not be compiled by a fault of ours");
        };
        let configuration = self.configuration.insert(configuration);
        match made {
            Err(reason) => Report::failed(&reason),
            Ok(Made { advance, active, refused }) => {
                let report = Report::new(&advance, &refused);
                if report.changes() {
                    configuration.generation = advance.generation;
                    take_over(&self.active, active, &report).await;
                }
                report
            }
        }
    }
}

/// Lets the next generation work, and runs what belongs to the start of partners that have changed.
async fn take_over(at_work: &Sender<Arc<Active>>, next: Active, report: &Report) {
    next.attempt.client.destinations().configure(&next.attempt.engine);
    let next = Arc::new(next);
    at_work.send_replace(Arc::clone(&next));
    for partner in report.at_work() {
        next.service.begin(Some(partner)).await;
    }
}

/// The next generation; a partner that cannot be worked by has the files that it had.
fn make(
    configuration: &mut Configuration,
    active: &Active,
    store: &Arc<dyn Store>,
    mut wanted: Bundle,
) -> Result<Made, String> {
    let Configuration { generation, environment, memo } = configuration;
    let mut refused = BTreeMap::new();
    loop {
        let mut advance = generation.advance(&wanted, environment, memo);
        match active.next(advance.generation.engine(), store) {
            Ok(active) => {
                for partner in refused.keys() {
                    advance.fates.insert(String::clone(partner), Fate::Broken);
                }
                return Ok(Made { advance, active, refused });
            }
            Err(error) => {
                let partner = error.partner().map(str::to_owned).filter(|it| !refused.contains_key(it));
                let Some(partner) = partner else { return Err(error.to_string()) };
                wanted.take(&partner, generation.bundle());
                refused.insert(partner, error);
            }
        }
    }
}
