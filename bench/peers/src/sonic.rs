//! sonic-rs: a tree read and written again, and only that.

use bench::Failure;
use bench::case::Case;

#[derive(Default)]
pub struct Sonic {
    out: Vec<u8>,
}

impl Case for Sonic {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let value: sonic_rs::Value = sonic_rs::from_slice(message)?;
        self.out = sonic_rs::to_vec(&value)?;
        Ok(&self.out)
    }
}
