//! jaq: jq as a library.

use bench::Failure;
use bench::case::Case;
use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Filter, Vars, unwrap_valr};
use jaq_json::{Val, read, write};

pub struct Jaq {
    filter: Filter<JustLut<Val>>,
    out: Vec<u8>,
}

impl Jaq {
    pub fn new() -> Result<Self, Failure> {
        let program = File { code: include_str!("../programs/job.jq"), path: () };
        let loader = Loader::new(jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()));
        let arena = Arena::default();
        let modules = loader.load(&arena, program).map_err(|errors| format!("{errors:?}"))?;
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let compiled = Compiler::default().with_funs(functions).compile(modules);
        Ok(Self { filter: compiled.map_err(|errors| format!("{errors:?}"))?, out: Vec::new() })
    }
}

impl Case for Jaq {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let message = read::parse_single(message).map_err(|error| error.to_string())?;
        let context = Ctx::<JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        let mut results = self.filter.id.run((context, message)).map(unwrap_valr);
        let mapped = results.next().ok_or("there is no result")?.map_err(|error| error.to_string())?;
        self.out.clear();
        write::write(&mut self.out, &write::Pp::default(), 0, &mapped)?;
        Ok(&self.out)
    }
}
