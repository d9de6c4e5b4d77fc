//! `serde_json::Value` and back: what reading and writing a tree costs, with nothing done in between.

use serde_json::Value;

use super::Case;
use crate::Failure;

#[derive(Default)]
pub struct Raw {
    out: Vec<u8>,
}

impl Case for Raw {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let value: Value = serde_json::from_slice(message)?;
        self.out = serde_json::to_vec(&value)?;
        Ok(&self.out)
    }
}
