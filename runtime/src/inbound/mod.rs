//! What partners send us: the listener, the bodies it reads, the paths it knows, and what it
//! refuses.

pub mod body;
mod carried;
pub mod form;
mod json;
pub mod listener;
pub mod media;
pub mod origin;
mod percent;
pub mod problem;
pub mod refusal;
pub mod router;
pub mod tls;

pub use json::json_of;
pub use listener::{Body, Handler, Limits, Peer, Response, serve, whole};
pub use problem::Problem;
pub use refusal::Refusal;
pub use router::Paths;
pub use tls::Tls;
