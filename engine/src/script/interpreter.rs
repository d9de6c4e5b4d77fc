//! The interpreters of a configuration. Each has a meter that its library calls at every step, so it runs one call at a
//! time; there are as many as calls ran at once, made when they are needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rhai::packages::{
    BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage, CorePackage, LogicPackage,
    MoreStringPackage, Package,
};
use rhai::{Dynamic, Engine, OptimizationLevel};

use super::limits::{MAX_CALLS, MAX_DEPTH, MAX_ELEMENTS, MAX_FUNCTIONS, MAX_STRING, MAX_VARIABLES, Meter};
use super::native;

/// The functions that come with the language: how many arguments each takes.
pub type Natives = BTreeMap<Box<str>, BTreeSet<usize>>;

pub struct Pool {
    stopwatch: fn() -> Duration,
    idle: Mutex<Vec<Interpreter>>,
    pub natives: Natives,
}

pub struct Interpreter {
    pub engine: Engine,
    pub meter: Arc<Meter>,
}

impl Pool {
    pub fn new(stopwatch: fn() -> Duration) -> Self {
        let first = Interpreter::new(stopwatch);
        let mut natives = Natives::new();
        let functions =
            |info: rhai::FuncInfo<'_>| Some((info.metadata.name.as_str().into(), info.metadata.num_params));
        for (name, arity) in first.engine.collect_fn_metadata(None, functions, true) {
            natives.entry(name).or_default().insert(arity);
        }
        native::DENIED.iter().for_each(|name| {
            natives.remove(*name);
        });
        Self { stopwatch, idle: Mutex::new(vec![first]), natives }
    }

    /// Lends an interpreter that is idle, or a new one.
    pub fn with<T>(&self, work: impl FnOnce(&Interpreter) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let interpreter = taken.unwrap_or_else(|| Interpreter::new(self.stopwatch));
        let result = work(&interpreter);
        idle().push(interpreter);
        result
    }
}

impl Interpreter {
    fn new(stopwatch: fn() -> Duration) -> Self {
        let mut engine = Engine::new_raw();
        CorePackage::new().register_into_engine(&mut engine);
        LogicPackage::new().register_into_engine(&mut engine);
        BasicIteratorPackage::new().register_into_engine(&mut engine);
        BasicMathPackage::new().register_into_engine(&mut engine);
        BasicArrayPackage::new().register_into_engine(&mut engine);
        BasicMapPackage::new().register_into_engine(&mut engine);
        MoreStringPackage::new().register_into_engine(&mut engine);
        engine
            .set_max_operations(0)
            .set_max_string_size(MAX_STRING)
            .set_max_array_size(MAX_ELEMENTS)
            .set_max_map_size(MAX_ELEMENTS)
            .set_max_call_levels(MAX_CALLS)
            .set_max_expr_depths(MAX_DEPTH, MAX_DEPTH)
            .set_max_variables(MAX_VARIABLES)
            .set_max_functions(MAX_FUNCTIONS)
            .set_strict_variables(true)
            // What is written is what is checked and run.
            .set_optimization_level(OptimizationLevel::None)
            // Built-in operators would come before ours, and `1 / 2` be 0.
            .set_fast_operators(false)
            .on_print(|_| {})
            .on_debug(|_, _, _| {});
        native::register(&mut engine);
        let meter = Arc::new(Meter::new(stopwatch));
        let counted = Arc::clone(&meter);
        engine.on_progress(move |_| (!counted.step()).then_some(Dynamic::UNIT));
        Self { engine, meter }
    }
}
