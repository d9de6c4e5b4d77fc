//! Code tables from within expressions. `theirs('product', x)` reads this partner's table, `theirs('goodfin.product',
//! x)` another's. A null code gives null; an unknown code is what the table's `unknown` says.

use std::sync::Arc;

use crate::codes::{Direction, Table, UnknownCode};
use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding, Body, Bound, Function, Type};
use crate::expression::{Error, Fields, Known, Problem, Scope};
use crate::value::Value;

pub static FUNCTIONS: &[Function] = &[
    lookup("ours", |binding| bind(binding, Find::Code(Direction::ToOurs))),
    lookup("ours_row", |binding| bind(binding, Find::Row(Direction::ToTheirs))),
    Function {
        name: "table",
        parameters: &[Type::String],
        optional: 0,
        rest: None,
        body: Body::Bound(|binding| bind(binding, Find::All)),
    },
    lookup("theirs", |binding| bind(binding, Find::Code(Direction::ToTheirs))),
    lookup("theirs_row", |binding| bind(binding, Find::Row(Direction::ToOurs))),
];

const fn lookup(name: &'static str, body: fn(&Binding<'_>) -> Result<Box<dyn Bound>, Problem>) -> Function {
    Function {
        name,
        parameters: &[Type::String, Type::Any],
        optional: 0,
        rest: None,
        body: Body::Bound(body),
    }
}

#[derive(Debug, Clone, Copy)]
enum Find {
    /// The code on the other side.
    Code(Direction),
    /// The whole row found by the code this direction starts from.
    Row(Direction),
    All,
}

#[derive(Debug)]
struct Lookup {
    table: Arc<Table>,
    find: Find,
}

fn bind(binding: &Binding<'_>, find: Find) -> Result<Box<dyn Bound>, Problem> {
    let name = binding.name(0, "a code table")?;
    let names = binding.names;
    let Some(table) = names.table(&name) else {
        return binding.unknown(Code::UnknownTable, "code table", &name, names.tables);
    };
    if matches!(find, Find::Code(Direction::ToTheirs) | Find::Row(Direction::ToTheirs)) && !table.leads_back()
    {
        let message = format!("no code of ours leads back in the code table `{name}`");
        return Err(Problem::new(binding.span(0), Code::UnreachableRow, message)
            .help("its rows are inbound_only or have no `ours`; one row of each code is the way back"));
    }
    Ok(Box::new(Lookup { table: Arc::clone(table), find }))
}

impl Bound for Lookup {
    fn known(&self) -> Option<Known<'static>> {
        let row = || {
            Known::Fields(Fields {
                of: format!("code table `{}`", self.table.name()).into(),
                names: self.table.columns().map(Into::into).collect(),
                noun: "column",
                code: Code::UnknownColumn,
            })
        };
        match self.find {
            Find::All => Some(row().list_of()),
            Find::Row(_) => Some(row()),
            Find::Code(Direction::ToTheirs) if self.table.theirs_is_text() => Some(Known::Scalar("string")),
            Find::Code(_) => None,
        }
    }

    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let (direction, row) = match self.find {
            Find::Code(direction) => (direction, false),
            Find::Row(direction) => (direction, true),
            Find::All => {
                scope.pay(self.table.size())?;
                return Ok(self.table.rows(scope.arena));
            }
        };
        let given = arguments.value(1);
        if given.is_null() {
            return Ok(Value::Null);
        }
        let Some(code) = scope.scalar(given)? else {
            return Err(arguments.type_error(1, "a string, a number or a boolean", given));
        };
        let found = if row {
            self.table.row(direction, code, scope.arena)
        } else {
            self.table.code(direction, code, scope.arena)
        };
        found.map_err(|unknown| self.error(unknown))
    }
}

impl Lookup {
    fn error(&self, unknown: UnknownCode) -> Error {
        let direction = match unknown.direction {
            Direction::ToOurs => "the partner's code",
            Direction::ToTheirs => "our code",
        };
        let table = self.table.name().into();
        Error::UnknownCode(Box::new(crate::expression::UnknownCode {
            table,
            direction,
            policy: unknown.policy,
        }))
    }
}
