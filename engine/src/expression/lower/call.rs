//! Calls: what may be called here, with how many arguments of which types, and what is bound at load.

use std::ops::Range;

use jmespath::ast::Ast;

use super::{Lowered, Lowering, results, secrecy};
use crate::diagnostic::Code;
use crate::expression::binding::{Binding, Body, Call, Function, Operand, Type};
use crate::expression::parse::token_range;
use crate::expression::{Expr, Known, Problem, counted, functions};

/// The arguments of a call, with what is known of each.
struct Arguments<'s> {
    operands: Vec<Operand>,
    known: Vec<Known<'s>>,
}

impl<'s> Lowering<'_, 's> {
    pub(super) fn call(
        &mut self,
        name: &str,
        args: &[Ast],
        offset: usize,
        current: &Known<'s>,
    ) -> Lowered<'s> {
        let at = self.name_range(name, offset);
        let Some(function) = functions::find(name) else {
            let problem = Problem::new(at, Code::UnknownFunction, format!("there is no function `{name}`"));
            self.problems.push(problem.suggest(name, functions::names()));
            return (Expr::Current, Known::Any);
        };
        if let Some(problem) =
            wrong_arity(function, args.len(), &at).or_else(|| self.out_of_place(function, args, &at))
        {
            self.problems.push(problem);
            return (Expr::Current, Known::Any);
        }
        let before = self.problems.len();
        self.check_commas(args);
        let sealed = self.sealed;
        self.sealed = secrecy::within(name, args, sealed);
        let arguments = self.arguments(function, args, current);
        self.sealed = sealed;
        let mut known = self.result_of(name, &arguments);
        let mut bound = None;
        if let (Body::Bound(bind), true) = (&function.body, self.problems.len() == before) {
            let spans: Vec<_> = args.iter().map(|arg| token_range(self.text, start_of(arg))).collect();
            let arguments = &arguments.operands;
            let (function, names) = (function.name, self.names);
            match bind(&Binding { function, arguments, at, spans: &spans, names, sealed }) {
                Ok(resolved) => {
                    if let Some(told) = resolved.known() {
                        known = told;
                    }
                    bound = Some(resolved);
                }
                Err(problem) => self.problems.push(problem),
            }
        }
        let call = Call { function, arguments: arguments.operands.into(), bound };
        (Expr::Call(Box::new(call)), known)
    }

    /// The parser takes `f(a b)` for `f(a, b)`.
    pub(super) fn check_commas(&mut self, args: &[Ast]) {
        for arg in args.iter().skip(1) {
            let Some(start) = self.first_name(arg) else { continue };
            let before = self.text.get(..start).unwrap_or_default();
            let before = before.trim_end_matches(|char: char| char == '(' || char.is_whitespace());
            if !before.ends_with(',') {
                let at = token_range(self.text, start);
                let message = "a comma is missing before this";
                self.problems.push(Problem::new(at, Code::ExpressionSyntax, message));
            }
        }
    }

    /// Where `arg` begins, if it begins with a name or a literal: of other tokens the parser does not tell.
    fn first_name(&self, arg: &Ast) -> Option<usize> {
        match arg {
            Ast::Field { offset, .. } | Ast::Literal { offset, .. } => Some(*offset),
            Ast::Function { name, offset, .. } => Some(self.name_range(name, *offset).start),
            Ast::Subexpr { lhs, .. }
            | Ast::Projection { lhs, .. }
            | Ast::And { lhs, .. }
            | Ast::Or { lhs, .. }
            | Ast::Comparison { lhs, .. } => self.first_name(lhs),
            Ast::Flatten { node, .. } | Ast::ObjectValues { node, .. } => self.first_name(node),
            _ => None,
        }
    }

    /// A function that would always give null here is a mistake.
    fn out_of_place(&self, function: &Function, args: &[Ast], at: &Range<usize>) -> Option<Problem> {
        let name = function.name;
        let (why, help) = match name {
            "index" if !self.sight.in_each => {
                ("there is no `each` around it", "it counts the elements of an `each`")
            }
            "parent" if self.sight.parents.len() < levels(args) => {
                ("there is no such outer node", "it is the node outside of the nearest `with` or `each`")
            }
            _ => self.sight.stage.forbids(name)?,
        };
        let message = format!("{name}() has no value here: {why}");
        Some(Problem::new(at.clone(), Code::FunctionNotHere, message).help(help))
    }

    /// Values first: an &expression is about the elements of one of them.
    fn arguments(&mut self, function: &Function, args: &[Ast], current: &Known<'s>) -> Arguments<'s> {
        let mut lowered: Vec<Option<(Operand, Known<'s>)>> = Vec::with_capacity(args.len());
        let mut element = None;
        for (position, arg) in args.iter().enumerate() {
            let value = self.value(function, position, arg, current);
            if let (Some((_, known)), Type::Array | Type::MaybeArray) = (&value, function.parameter(position))
            {
                element.get_or_insert(known.element());
            }
            lowered.push(value);
        }
        let element = element.unwrap_or(Known::Any);
        let (operands, known) = (Vec::with_capacity(args.len()), Vec::with_capacity(args.len()));
        let mut arguments = Arguments { operands, known };
        for (arg, value) in args.iter().zip(lowered) {
            let (operand, known) = value.unwrap_or_else(|| self.expression_operand(arg, &element));
            arguments.operands.push(operand);
            arguments.known.push(known);
        }
        arguments
    }

    /// An argument that is a value; `None` for an &expression.
    fn value(
        &mut self,
        function: &Function,
        position: usize,
        arg: &Ast,
        current: &Known<'s>,
    ) -> Option<(Operand, Known<'s>)> {
        let wants_expression = function.parameter(position) == Type::Expression;
        match arg {
            Ast::Expref { offset, .. } => {
                if !wants_expression {
                    let message = format!("{}() takes a value here, not an &expression", function.name);
                    self.problem(*offset, Code::WrongArgument, message);
                }
                None
            }
            _ if wants_expression => {
                let message = format!("{}() takes an &expression here", function.name);
                let at = token_range(self.text, start_of(arg));
                let help = "written with an ampersand: sort_by(items, &price)";
                self.problems.push(Problem::new(at, Code::WrongArgument, message).help(help));
                Some((Operand::Value(Expr::Current), Known::Any))
            }
            _ => {
                let (expr, known) = self.expr(arg, current);
                Some((Operand::Value(expr), known))
            }
        }
    }

    fn expression_operand(&mut self, arg: &Ast, element: &Known<'s>) -> (Operand, Known<'s>) {
        let inner = match arg {
            Ast::Expref { ast, .. } => ast,
            other => other,
        };
        let (expr, known) = self.expr(inner, element);
        (Operand::Expression(expr.into()), known)
    }

    /// The functions that give a node whose shape is known.
    fn result_of(&self, name: &str, arguments: &Arguments<'s>) -> Known<'s> {
        match (name, arguments.known.as_slice()) {
            ("root", _) => self.sight.root.clone(),
            ("current", _) => self.sight.current.clone(),
            ("message", _) => self.sight.message.clone(),
            ("request", _) => self.sight.request.clone(),
            ("answer", _) => self.sight.answer.clone(),
            ("parent", []) => self.sight.parents.last().cloned().unwrap_or(Known::Any),
            ("if", [_, choices @ ..]) | ("coalesce" | "not_null", choices) => Known::OneOf(choices.to_vec()),
            ("reverse" | "sort" | "sort_by" | "unique" | "unique_by", [array, ..]) => array.clone(),
            ("max_by" | "min_by", [array, ..]) => array.element(),
            ("map", [element, _]) => element.clone().list_of(),
            (name, _) => results::known(name),
        }
    }

    /// The parser gives the offset of the parenthesis; the name stands before it.
    fn name_range(&self, name: &str, offset: usize) -> Range<usize> {
        let before = self.text.get(..offset).unwrap_or_default();
        let start = before.rfind(name).unwrap_or(0);
        start..start + name.len()
    }
}

/// How far out `parent()` looks, as far as that is written down.
fn levels(args: &[Ast]) -> usize {
    let level = match args {
        [Ast::Literal { value, .. }] => value.as_number(),
        _ => None,
    };
    // A number of levels is small and whole; what is not fails when it is evaluated.
    level.map_or(1, |level| level as usize)
}

fn wrong_arity(function: &Function, given: usize, at: &Range<usize>) -> Option<Problem> {
    let (least, most) = function.arity();
    if given >= least && most.is_none_or(|most| given <= most) {
        return None;
    }
    let takes = match most {
        Some(0) => "no".to_owned(),
        Some(most) if most == least => format!("{least}"),
        Some(most) => format!("{least} to {most}"),
        None => format!("at least {least}"),
    };
    let message = format!("{}() takes {}, {given} given", function.name, counted(&takes, "argument"));
    Some(Problem::new(at.clone(), Code::WrongArity, message))
}

/// The offset of the first token of `ast`.
pub(super) fn start_of(ast: &Ast) -> usize {
    match ast {
        Ast::Subexpr { lhs, .. }
        | Ast::Projection { lhs, .. }
        | Ast::And { lhs, .. }
        | Ast::Or { lhs, .. }
        | Ast::Comparison { lhs, .. } => start_of(lhs),
        Ast::Flatten { node, .. } | Ast::ObjectValues { node, .. } => start_of(node),
        Ast::Function { offset, name, .. } => offset.saturating_sub(name.len()),
        Ast::Condition { offset, .. }
        | Ast::Identity { offset }
        | Ast::Expref { offset, .. }
        | Ast::Field { offset, .. }
        | Ast::Index { offset, .. }
        | Ast::Literal { offset, .. }
        | Ast::MultiList { offset, .. }
        | Ast::MultiHash { offset, .. }
        | Ast::Not { offset, .. }
        | Ast::Slice { offset, .. } => *offset,
    }
}
