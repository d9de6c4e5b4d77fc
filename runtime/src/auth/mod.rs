//! Who may call us, and how we show who we are.

pub mod caller;
mod certificate;
mod grant;
pub mod jwt;
pub mod shown;
mod signature;
pub mod token;

pub use caller::{Denied, Guard};
pub use token::{Token, Tokens};
