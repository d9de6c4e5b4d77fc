//! Comparisons that a schema has decided: they would be the same for every message.

use jmespath::ast::{Ast, Comparator};

use super::Lowering;
use super::call::start_of;
use crate::diagnostic::{Code, suggestion};
use crate::expression::parse::token_range;
use crate::expression::{Expr, Known, Problem, one_of};
use crate::value::Arena;

/// One side: as it was compiled, what is known of it, as it was parsed.
type Side<'x, 's> = (&'x Expr, &'x Known<'s>, &'x Ast);

impl<'s> Lowering<'_, 's> {
    /// A literal is compared with what can never be equal to it: with another type, or with other values.
    pub(super) fn check_comparison(&mut self, by: &Comparator, left: Side<'_, 's>, right: Side<'_, 's>) {
        let (literal, at, known) = match (left, right) {
            ((_, known, _), (Expr::Literal(literal), _, at))
            | ((Expr::Literal(literal), _, at), (_, known, _)) => (literal, at, known),
            _ => return,
        };
        let arena = Arena::new();
        let value = literal.value(&arena);
        let types = known.types();
        // Nothing is known of a path that leads nowhere; and null is for a value that is not there.
        if value.is_null() || types.is_empty() {
            return;
        }
        let (code, message, help) = if !types.contains(&value.kind()) {
            let (types, given) = (one_of(&types), one_of(&[value.kind()]));
            let help = "text is in single quotes: 'a'; other constants are in backquotes: `5`, `true`";
            (Code::TypeNotInSchema, format!("{types} is compared with {given}"), Some(help.to_owned()))
        } else if matches!(by, Comparator::Equal | Comparator::NotEqual)
            && let Some(allowed) = known.forbids(value)
        {
            let given = literal.as_code().unwrap_or_else(|| literal.as_json());
            let help = suggestion(given, allowed.iter().map(String::as_str));
            (Code::BadValue, format!("the schema has no value `{given}` here"), help)
        } else {
            return;
        };
        let truth = if matches!(by, Comparator::NotEqual) { "always" } else { "never" };
        let at = token_range(self.text, start_of(at));
        let mut problem = Problem::new(at, code, format!("{message}: this is {truth} true"));
        problem.help = help;
        self.problems.push(problem);
    }
}
