//! Syntax tree -> plan: functions and literals are bound, paths are checked against what is known.

mod call;
mod compare;
mod results;
mod secrecy;

use jmespath::ast::{Ast, Comparator};

use super::eval::Comparison;
use super::parse::{quoted_length, token_range};
use super::path::Path;
use super::{Expr, Known, Names, Problem, Sight};
use crate::diagnostic::Code;
use crate::value::{Arena, Constant, Limits, Value, read};

/// Lowers a whole expression; all problems in one run.
pub fn lower<'s>(
    text: &str,
    ast: &Ast,
    names: &Names<'_>,
    sight: &Sight<'s>,
) -> Result<(Expr, Known<'s>), Vec<Problem>> {
    let mut lowering = Lowering { text, names, sight, sealed: false, problems: Vec::new() };
    let lowered = lowering.expr(ast, &sight.current);
    if lowering.problems.is_empty() { Ok(lowered) } else { Err(lowering.problems) }
}

struct Lowering<'l, 's> {
    text: &'l str,
    names: &'l Names<'l>,
    sight: &'l Sight<'s>,
    /// What is lowered ends in a hash as it is: a secret may be part of it.
    sealed: bool,
    problems: Vec<Problem>,
}

type Lowered<'s> = (Expr, Known<'s>);

impl<'s> Lowering<'_, 's> {
    fn expr(&mut self, ast: &Ast, current: &Known<'s>) -> Lowered<'s> {
        let outside = self.sealed;
        self.sealed = outside && secrecy::is_plain(ast);
        let lowered = self.node(ast, current);
        self.sealed = outside;
        lowered
    }

    fn node(&mut self, ast: &Ast, current: &Known<'s>) -> Lowered<'s> {
        match ast {
            Ast::Identity { .. } => (Expr::Current, current.clone()),
            Ast::Field { name, offset } => self.field(name, *offset, current),
            Ast::Index { idx, .. } => (Expr::Path(Path::element(*idx)), current.element()),
            Ast::Slice { start, stop, step, offset } => self.slice(*start, *stop, *step, *offset, current),
            Ast::Literal { value, offset } => {
                (Expr::Literal(self.literal(value, *offset).into()), Known::Any)
            }
            Ast::Subexpr { lhs, rhs, .. } => {
                self.check_not(lhs);
                let (left, known) = self.expr(lhs, current);
                let (right, known) = self.expr(rhs, &known);
                (join(left, right), known)
            }
            Ast::Projection { lhs, rhs, .. } => {
                let (left, known) = self.expr(lhs, current);
                let (right, known) = self.expr(rhs, &known.element());
                (Expr::Project(left.into(), right.into()), known.list_of())
            }
            Ast::Condition { predicate, then, .. } => {
                let (predicate, _) = self.expr(predicate, current);
                let (then, known) = self.expr(then, current);
                (Expr::Keep(predicate.into(), then.into()), known)
            }
            Ast::Flatten { node, .. } => {
                let (node, known) = self.expr(node, current);
                (Expr::Flatten(node.into()), flattened(known))
            }
            Ast::ObjectValues { node, .. } => {
                let (node, known) = self.expr(node, current);
                (Expr::Values(node.into()), known.values().list_of())
            }
            Ast::Not { node, .. } => (Expr::Not(self.expr(node, current).0.into()), Known::Scalar("boolean")),
            Ast::And { lhs, rhs, .. } => {
                let (left, _) = self.expr(lhs, current);
                let (right, known) = self.expr(rhs, current);
                (Expr::And(left.into(), right.into()), known)
            }
            Ast::Or { lhs, rhs, .. } => {
                let (left, _) = self.expr(lhs, current);
                let (right, _) = self.expr(rhs, current);
                (Expr::Or(left.into(), right.into()), Known::Any)
            }
            Ast::Comparison { comparator, lhs, rhs, .. } => {
                let (left, left_known) = self.expr(lhs, current);
                let (right, right_known) = self.expr(rhs, current);
                self.check_comparison(comparator, (&left, &left_known, lhs), (&right, &right_known, rhs));
                let compare = Expr::Compare(comparison(comparator), left.into(), right.into());
                (compare, Known::Scalar("boolean"))
            }
            Ast::MultiList { elements, .. } => {
                self.check_commas(elements);
                let list = elements.iter().map(|element| self.expr(element, current).0).collect();
                (Expr::List(list), Known::Any.list_of())
            }
            Ast::MultiHash { elements, .. } => {
                let mut members = Vec::with_capacity(elements.len());
                let mut known = Vec::with_capacity(elements.len());
                for member in elements {
                    let (expr, shape) = self.expr(&member.value, current);
                    members.push((member.key.as_str().into(), expr));
                    known.push((member.key.clone(), shape));
                }
                (Expr::Object(members.into()), Known::Object(known))
            }
            Ast::Function { name, args, offset } => self.call(name, args, *offset, current),
            Ast::Expref { offset, .. } => {
                let message = "an &expression is an argument of a function, nothing else";
                self.problem(*offset, Code::WrongArgument, message);
                (Expr::Current, Known::Any)
            }
        }
    }

    /// `!` takes only what stands directly behind it: `!a.b` asks a boolean for `b`, and is null whatever comes.
    fn check_not(&mut self, lhs: &Ast) {
        if let Ast::Not { offset, .. } = lhs {
            let message = "`!` is of the first name only, and what stands behind it is always null";
            let problem = Problem::new(token_range(self.text, *offset), Code::ExpressionSyntax, message);
            self.problems.push(problem.help("put it into parentheses: `!(a.b)`"));
        }
    }

    fn problem(&mut self, offset: usize, code: Code, message: impl Into<String>) {
        self.problems.push(Problem::new(token_range(self.text, offset), code, message));
    }

    fn field(&mut self, name: &str, offset: usize, current: &Known<'s>) -> Lowered<'s> {
        let known = current.field(name).unwrap_or_else(|known_names| {
            let (code, message) = current.lacks(name);
            let problem = Problem::new(token_range(self.text, offset), code, message);
            let problem = problem.suggest(name, known_names.iter().map(String::as_str));
            self.problems.push(problem);
            Known::Any
        });
        (Expr::Path(Path::member(name)), known)
    }

    fn slice(
        &mut self,
        start: Option<i32>,
        stop: Option<i32>,
        step: i32,
        offset: usize,
        current: &Known<'s>,
    ) -> Lowered<'s> {
        if step == 0 {
            self.problem(offset, Code::WrongArgument, "a slice's step cannot be 0");
        }
        (Expr::Slice { start, stop, step }, current.clone())
    }

    /// The literal with its own digits: the parser's value went through a float.
    fn literal(&mut self, value: &jmespath::Variable, offset: usize) -> Constant {
        let arena = Arena::new();
        if let Some(text) = value.as_string() {
            return Constant::from_value(Value::string(text));
        }
        let rest = self.text.get(offset..).unwrap_or_default();
        let inner = rest.get(1..quoted_length(rest, '`').saturating_sub(1)).unwrap_or_default();
        let json = inner.replace("\\`", "`");
        match read(json.trim().as_bytes(), &arena, &Limits::default()) {
            Ok(value) => Constant::from_value(value),
            Err(error) => {
                self.problem(offset, Code::ExpressionSyntax, format!("the literal is not JSON: {error}"));
                Constant::from_value(Value::Null)
            }
        }
    }
}

/// `a` then `b[0]` is the path `a.b[0]`: one step of the plan, not three.
fn join(left: Expr, right: Expr) -> Expr {
    match (left, right) {
        (Expr::Current, right) => right,
        (left, Expr::Current) => left,
        (Expr::Path(head), Expr::Path(tail)) => Expr::Path(head.join(tail)),
        (left, right) => Expr::Pipe(left.into(), right.into()),
    }
}

fn flattened(known: Known<'_>) -> Known<'_> {
    let element = known.element();
    if matches!(element, Known::List(_)) {
        return element;
    }
    // Elements that are arrays themselves come apart.
    match element.types().as_slice() {
        ["array"] => element.element().list_of(),
        types if types.contains(&"array") && types.len() < Known::TYPES.len() => Known::Any.list_of(),
        _ => element.list_of(),
    }
}

fn comparison(comparator: &Comparator) -> Comparison {
    match comparator {
        Comparator::Equal => Comparison::Equal,
        Comparator::NotEqual => Comparison::NotEqual,
        Comparator::LessThan => Comparison::Less,
        Comparator::LessThanEqual => Comparison::LessOrEqual,
        Comparator::GreaterThan => Comparison::Greater,
        Comparator::GreaterThanEqual => Comparison::GreaterOrEqual,
    }
}
