//! The YAML as written: every value with its span, nothing resolved. Shapes are checked here, names are not.

mod comma;
pub mod contract;
pub mod json;
pub mod json_schema;
mod keys;
mod reader;
pub mod route;
pub mod rule;
pub mod shared;
pub mod sheet;
pub mod yaml;

pub use keys::{Key, Keys, Law, SIZES, Shape, UNITS, Words};
pub use reader::{Fields, NAMES, Reader, forbidden_sign};
pub use yaml::{Kind, Node, Resolved, Scalar, Style};
