//! Compiles Tolmach mappings and runs them over messages.
//!
//! The engine is a function: files, bytes, headers, a clock and a source of ids go in, the outgoing bytes or precise
//! faults come out. It does no I/O and has no state, so every result can be repeated.
//!
//! ```text
//! let compiled = engine::compile(&bundle, &environment);      // or every diagnostic at once
//! let received = engine.open(channel, body, …)?;              // what is it, and who
//! let translation = engine.translate(channel, &received, …)?; // what is answered, sent and remembered
//! let verdict = engine.verdict(endpoint, …)?;                 // what a response means
//! let followed = engine.follow(concluded, …)?;                // what comes next
//! ```

pub mod codes;
mod compile;
pub mod diagnostic;
pub mod document;
mod engine;
mod evaluate;
mod exchange;
pub mod expression;
pub mod fault;
mod generation;
mod mask;
mod plan;
mod router;
pub mod schema;
mod script;
pub mod source;
pub mod value;

pub use compile::{Bundle, Environment, File, Memo, Variables, constant, duration, duration_of, networks};
pub use engine::{
    Answered, Answering, Call, Concluded, Delivery, Engine, Followed, Received, RecordWrite, Reply, Request,
    Response, Signed, Translation, Workspace, World,
};
pub use evaluate::{EvaluateError, evaluate};
pub use exchange::{Conflict, Encoding, Exhausted, Method, Outcome, Unknown, Verdict};
pub use expression::{Ids, Inbound, NilIds, NoRecords, Record, Records, Unavailable};
pub use fault::{Fault, Policy, policy};
pub use generation::{Advance, Fate, Generation};
pub use mask::{Mask, Part as Shown};
pub use plan::auth::{
    Auth, Authentication, Caller, ClientTls, Credential, Jwt, Networks, OAuth2, Secret, Signature, SigningKey,
};
pub use plan::contract::{Breaker, Channel, Endpoint, LONGEST_TIMEOUT, Limits, Rate, Retry};
pub use plan::route::{Route, Sends, Trigger};
pub use plan::sheet::{Part, Row, Sheet};

/// A configuration that was compiled, or what is wrong with it.
pub struct Compiled {
    /// There unless a diagnostic is an error.
    pub engine: Option<Engine>,
    pub diagnostics: diagnostic::Diagnostics,
    /// The texts the diagnostics point into.
    pub sources: source::Sources,
}

/// Compiles a whole configuration.
#[must_use]
pub fn compile(bundle: &Bundle, environment: &Environment) -> Compiled {
    recompile(bundle, environment, &mut Memo::default())
}

/// Compiles a configuration of which much may be as it was when the memo was last given. The result is that of
/// [`compile`]; what it costs depends on what has changed, and it shares all else with what was compiled before.
#[must_use]
pub fn recompile(bundle: &Bundle, environment: &Environment, memo: &mut Memo) -> Compiled {
    let compile::Compilation { plan, diagnostics, sources } = compile::compile(bundle, environment, memo);
    Compiled { engine: plan.map(Engine::new), diagnostics, sources }
}
