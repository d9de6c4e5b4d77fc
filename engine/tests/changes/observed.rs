//! All that can be seen of what was compiled.

use engine::diagnostic::render::text;
use engine::{Compiled, Engine, Inbound, NilIds, NoRecords, Workspace, World};

use super::files::Message;

#[derive(Debug, PartialEq)]
pub struct Observed {
    pub told: String,
    /// There where nothing is wrong: every route as a sheet, and what becomes of each message.
    engine: Option<(Vec<String>, Vec<String>)>,
}

impl Observed {
    pub fn of(compiled: Compiled, messages: &[Message]) -> Self {
        let Compiled { engine, diagnostics, sources } = compiled;
        let told = text::render(&diagnostics.into_sorted(&sources), &sources, false);
        Self { told, engine: engine.map(|engine| (sheets(&engine), outcomes(&engine, messages))) }
    }
}

/// Every channel, endpoint and route.
pub fn sheets(engine: &Engine) -> Vec<String> {
    let channels = engine.channels().map(|channel| {
        let auth = channel.auth.is_some();
        format!("{} {:?} {auth} {:?} {}", channel.name, channel.door, channel.encoding, channel.max_body)
    });
    let endpoints = engine.endpoints().map(|endpoint| {
        format!("{} {:?} {:?} {:?}", endpoint.name, endpoint.method(), endpoint.timeout, endpoint.retry)
    });
    let routes = engine.routes().map(|route| format!("{:?}", route.sheet()));
    channels.chain(endpoints).chain(routes).collect()
}

/// What each route makes of its messages, or what is wrong with them.
pub fn outcomes(engine: &Engine, messages: &[Message]) -> Vec<String> {
    let world = World { now: jiff::Timestamp::UNIX_EPOCH, ids: &NilIds, records: &NoRecords };
    let (inbound, mut workspace) = (Inbound::default(), Workspace::default());
    let mut outcome = |(route, body): &Message| {
        let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        match engine.map(route, body, &inbound, world, &mut workspace) {
            None => format!("{route}: none"),
            Some(Ok(bodies)) => bodies.iter().map(|body| text(body)).collect(),
            Some(Err(faults)) => format!("{faults:?}"),
        }
    };
    messages.iter().map(&mut outcome).collect()
}
