//! Durable state from within expressions: `record('application', 'theirs', number)`, or by its key
//! `record('application', id)`. The result is the record's object, or null.

use std::sync::Arc;

use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding, Body, Bound, Function, Type};
use crate::expression::{Error, Known, Problem, Record, Scope};
use crate::value::{Limits, Value, read};

pub static FUNCTIONS: &[Function] = &[Function {
    name: "record",
    parameters: &[Type::String, Type::Any, Type::Any],
    optional: 1,
    rest: None,
    body: Body::Bound(bind),
}];

#[derive(Debug)]
struct Find {
    record: Arc<Record>,
    field: Box<str>,
    /// Where the sought value stands in the arguments.
    value: usize,
}

fn bind(binding: &Binding<'_>) -> Result<Box<dyn Bound>, Problem> {
    let name = binding.name(0, "a record")?;
    let names = binding.names;
    let Some(record) = names.records.get(&names.qualify(&name)) else {
        return binding.unknown(Code::UnknownRecord, "record", &name, names.records);
    };
    let record = Arc::clone(record);
    if binding.arguments.len() == 2 {
        let field = record.key.clone();
        return Ok(Box::new(Find { record, field, value: 1 }));
    }
    let field = binding.name(1, "a field")?;
    let mut fields = std::iter::once(&record.key).chain(&record.unique);
    if !fields.any(|known| **known == *field) {
        let message = format!("record `{name}` cannot be looked up by `{field}`");
        let problem = Problem::new(binding.span(1), Code::UnknownField, message);
        let known = std::iter::once(&*record.key).chain(record.unique.iter().map(|field| &**field));
        return Err(problem.suggest(&field, known));
    }
    Ok(Box::new(Find { record, field: field.into(), value: 2 }))
}

impl Bound for Find {
    fn known(&self) -> Option<Known<'static>> {
        self.record.fields.clone().map(Known::Fields)
    }

    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let sought = match arguments.value(self.value) {
            Value::Null => return Ok(Value::Null),
            Value::String(text) => scope.decode(text)?,
            Value::Number(number) => number.as_str(),
            other => return Err(arguments.type_error(self.value, "a string or a number", other)),
        };
        let found = scope.context.records.find(&self.record.name, &self.field, sought);
        let Some(json) = found.map_err(|_| Error::Unavailable)? else { return Ok(Value::Null) };
        scope.pay(json.len())?;
        let json = scope.arena.alloc_str(&json);
        read(json.as_bytes(), scope.arena, &Limits::default()).map_err(|_| Error::Unavailable)
    }
}
