//! Who may call us, and how we show who we are.

mod grant;
pub mod inbound;
pub mod token;

pub use inbound::{Denied, check};
pub use token::{Token, Tokens};
