//! From a record row to what is kept.

use bumpalo::collections::Vec as ArenaVec;

use super::effect::Kept;
use super::parse;
use super::work::Work;
use crate::expression::Scope;
use crate::fault::{Fault, Kind};
use crate::plan::route::RecordRow;
use crate::value::{Arena, Value};

impl<'a> Work<'_, 'a> {
    pub fn record(&mut self, row: &'a RecordRow, node: Value<'a>, scope: &Scope<'a>) {
        let before = self.writer.faults.len();
        self.writer.out.clear();
        self.mapping(&row.fields, &row.place, node, scope);
        if self.writer.faults.len() > before {
            return;
        }
        let json = scope.arena.alloc_slice_copy(&self.writer.out);
        let Some(json) = self.paid(json, &row.place, scope) else { return };
        let kept = parse(json, scope.arena, Kind::Rule, "the record")
            .and_then(|fields| kept(row, fields, json, scope.arena));
        match kept {
            Ok(kept) => self.kept.push(kept),
            Err(fault) => self.fault(&row.place, fault),
        }
    }
}

/// The record to make or change: its key and its unique fields are names, so each is a text that is not empty.
fn kept<'a>(
    row: &'a RecordRow,
    fields: Value<'a>,
    json: &'a [u8],
    arena: &'a Arena,
) -> Result<Kept<'a>, Fault> {
    let name = |field: &str| match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.decode_in(arena))),
        Some(Value::Number(number)) => Ok(Some(number.as_str())),
        Some(_) => {
            let detail = format!(
                "`{field}` of record {} must be a text that is not empty, or a number",
                row.record.name
            );
            Err(Fault::new(Kind::Rule, detail))
        }
    };
    let Some(key) = name(&row.record.key)? else {
        let detail = format!("the key `{}` of record {} is missing", row.record.key, row.record.name);
        return Err(Fault::new(Kind::Rule, detail));
    };
    let mut unique = ArenaVec::new_in(arena);
    for field in &row.record.unique {
        unique.extend(name(field)?.map(|value| (&**field, value)));
    }
    Ok(Kept { record: &row.record, key, unique: unique.into_bump_slice(), json })
}
