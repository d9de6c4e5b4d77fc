//! VRL, Vector's remap language.

use bench::Failure;
use bench::case::Case;
use vrl::compiler::state::RuntimeState;
use vrl::compiler::{Context, Program, TargetValue, TimeZone};
use vrl::value::{Secrets, Value};

pub struct Vrl {
    program: Program,
    state: RuntimeState,
    zone: TimeZone,
    out: Vec<u8>,
}

impl Vrl {
    pub fn new() -> Result<Self, Failure> {
        let source = include_str!("../programs/job.vrl");
        let compiled = vrl::compiler::compile(source, &vrl::stdlib::all())
            .map_err(|diagnostics| vrl::diagnostic::Formatter::new(source, diagnostics).to_string())?;
        let state = RuntimeState::default();
        Ok(Self { program: compiled.program, state, zone: TimeZone::default(), out: Vec::new() })
    }
}

impl Case for Vrl {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let value: Value = serde_json::from_slice(message)?;
        let metadata = Value::Object(std::collections::BTreeMap::new());
        let mut target = TargetValue { value, metadata, secrets: Secrets::default() };
        self.state.clear();
        let mut context = Context::new(&mut target, &mut self.state, &self.zone);
        let mapped = self.program.resolve(&mut context).map_err(|error| error.to_string())?;
        self.out = serde_json::to_vec(&mapped)?;
        Ok(&self.out)
    }
}
