//! Durable state from within expressions: `record('application', 'theirs', number)`, or by its key
//! `record('application', id)`, gives the record's object, or null; `records('application')` gives all of them.

use std::sync::Arc;

use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding, Bound, Function, Type};
use crate::expression::{Error, Known, Problem, Record, Scope};
use crate::value::{Limits, Value, read};

pub static FUNCTIONS: &[Function] = &[
    Function::bound("record", &[Type::String, Type::Any, Type::Any], 1, bind_one),
    Function::bound("records", &[Type::String, Type::String, Type::Any], 2, bind_many),
];

/// More are never cut off in silence.
/// What a look-up and a listing cost of the message's budget, whatever they find: they read a database.
const LOOK_UP: usize = 1_000;
const LISTING: usize = 50_000;
const MAX_RECORDS: usize = 10_000;

#[derive(Debug)]
struct Find {
    record: Arc<Record>,
    field: Box<str>,
    /// Where the sought value stands in the arguments.
    value: usize,
}

/// The record that the first argument names; what stands for it where its declaration could not be read.
fn declared(binding: &Binding<'_>) -> Result<Result<Arc<Record>, Box<dyn Bound>>, Problem> {
    let name = binding.name(0, "a record")?;
    match binding.names.record(&name) {
        Some(record) => Ok(Ok(Arc::clone(record))),
        None => binding.unknown(Code::UnknownRecord, "record", &name, binding.names.records).map(Err),
    }
}

fn bind_one(binding: &Binding<'_>) -> Result<Box<dyn Bound>, Problem> {
    let record = match declared(binding)? {
        Ok(record) => record,
        Err(unread) => return Ok(unread),
    };
    if binding.arguments.len() == 2 {
        let field = record.key.clone();
        return Ok(Box::new(Find { record, field, value: 1 }));
    }
    let field = binding.name(1, "a field")?;
    let mut fields = std::iter::once(&record.key).chain(&record.unique);
    if !fields.any(|known| **known == *field) {
        let name = binding.constant_text(0).unwrap_or_default();
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
        let Some(sought) = sought(arguments, self.value, scope)? else { return Ok(Value::Null) };
        scope.pay(LOOK_UP)?;
        let found = scope.context.records.find(&self.record.name, &self.field, sought);
        match found.map_err(|_| Error::Unavailable)? {
            Some(json) => parsed(&json, scope),
            None => Ok(Value::Null),
        }
    }
}

/// `records(name)`, or `records(name, field, value)`.
#[derive(Debug)]
struct List {
    record: Arc<Record>,
    field: Option<Box<str>>,
}

fn bind_many(binding: &Binding<'_>) -> Result<Box<dyn Bound>, Problem> {
    if binding.arguments.len() == 2 {
        let message = "records() takes 1 or 3 arguments, 2 given";
        return Err(Problem::new(binding.at.clone(), Code::WrongArity, message)
            .help("records('order'), or records('order', 'state', 'OPEN')"));
    }
    let record = match declared(binding)? {
        Ok(record) => record,
        Err(unread) => return Ok(unread),
    };
    let field = binding.written(1, "a field")?;
    if let (Some(field), Some(fields)) = (&field, &record.fields)
        && !fields.names.iter().any(|known| **known == **field)
    {
        let message = format!("the {} has no {} `{field}`", fields.of, fields.noun);
        let problem = Problem::new(binding.span(1), fields.code, message);
        return Err(problem.suggest(field, fields.names.iter().map(|name| &**name)));
    }
    Ok(Box::new(List { record, field: field.map(Into::into) }))
}

impl Bound for List {
    fn known(&self) -> Option<Known<'static>> {
        let record = self.record.fields.clone().map_or(Known::Any, Known::Fields);
        Some(record.list_of())
    }

    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let filter = match &self.field {
            None => None,
            Some(field) => match sought(arguments, 2, scope)? {
                Some(value) => Some((&**field, value)),
                None => return Ok(Value::Null),
            },
        };
        scope.pay(LISTING)?;
        // One more than is allowed tells that there are too many.
        let found = scope.context.records.list(&self.record.name, filter, MAX_RECORDS + 1);
        let found = found.map_err(|_| Error::Unavailable)?;
        if found.len() > MAX_RECORDS {
            let detail = format!("there are more than {MAX_RECORDS} records `{}` to list", self.record.name);
            return Err(arguments.value_error(detail));
        }
        let mut records = scope.list();
        for json in found {
            records.push(parsed(&json, scope)?);
        }
        Ok(Value::Array(records.into_bump_slice()))
    }
}

/// The value that is looked for, as text; `None` for null.
fn sought<'a>(
    arguments: &Arguments<'_, 'a>,
    position: usize,
    scope: &Scope<'a>,
) -> Result<Option<&'a str>, Error> {
    let value = arguments.value(position);
    match scope.scalar(value)? {
        None if !value.is_null() => {
            Err(arguments.type_error(position, "a string, a number or a boolean", value))
        }
        sought => Ok(sought),
    }
}

fn parsed<'a>(json: &str, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    scope.pay(json.len())?;
    let json = scope.arena.alloc_str(json);
    read(json.as_bytes(), scope.arena, &Limits::default()).map_err(|_| Error::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Context, Inbound, NilIds, Records, Unavailable};
    use crate::value::Arena;

    /// So many records of every kind.
    struct Many(usize);

    impl Records for Many {
        fn find(&self, _: &str, _: &str, _: &str) -> Result<Option<String>, Unavailable> {
            Ok(None)
        }

        fn list(&self, _: &str, _: Option<(&str, &str)>, limit: usize) -> Result<Vec<String>, Unavailable> {
            Ok(vec!["{}".to_owned(); self.0.min(limit)])
        }
    }

    fn listed(count: usize) -> Result<usize, Error> {
        let (arena, inbound, records) = (Arena::new(), Inbound::default(), Many(count));
        let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &NilIds, &records, &inbound, Value::Null);
        let scope = Scope::new(&arena, &context, Value::Null);
        let record = Arc::new(Record {
            name: "bank.order".into(),
            key: "id".into(),
            unique: Vec::new(),
            keep: None,
            schema: None,
            fields: None,
        });
        let list = List { record, field: None };
        let all = list.call(&Arguments::new("records", Value::Null, &[]), &scope)?;
        Ok(all.as_array().map_or(0, <[_]>::len))
    }

    #[test]
    fn too_many_are_not_cut_off() {
        assert_eq!(listed(MAX_RECORDS), Ok(MAX_RECORDS));
        let detail = "there are more than 10000 records `bank.order` to list";
        assert_eq!(listed(MAX_RECORDS + 1), Err(Error::value("records", detail)));
    }
}
