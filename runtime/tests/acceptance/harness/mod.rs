//! Fakes and drivers: a configuration folder, Tolmach in this process or as the real binary, partners that record.

#![allow(dead_code, reason = "two programs share it, and neither needs all of it")]

mod authority;
mod caller;
mod folder;
mod page;
mod partner;
mod process;
mod tolmach;
mod wait;

pub use authority::{Authority, Identity};
pub use caller::{Answer, Caller, order};
pub use folder::Folder;
pub use page::words;
pub use partner::{Call, Chunks, Gate, Partner, Reply};
pub use process::{Process, command};
pub use tolmach::Tolmach;
pub use wait::{eventually, eventually_so, together};
