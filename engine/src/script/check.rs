//! What can be known of a script without running it: statements outside of functions, calls of what is not there.

use std::collections::BTreeSet;

use rhai::{AST, ASTFlags, ASTNode, Expr, FnCallExpr, FnPtr, Position, Stmt};

use super::Mistake;
use super::interpreter::Natives;
use super::native::DENIED;
use crate::diagnostic::{Code, suggestion};
use crate::expression::counted;

/// What the names of `|x| …` begin with.
pub const ANONYMOUS: &str = "anon$";

/// Calls that are part of the language; they take what they take.
const LANGUAGE: [&str; 6] = ["Fn", "call", "is_def_fn", "is_def_var", "print", "type_of"];

/// All calls that can only fail, and the first statement outside of all functions.
pub fn mistakes(ast: &AST, natives: &Natives) -> Vec<Mistake> {
    let outside = ast.statements().first().map(|statement| {
        let help = "only functions are called; move it into one".to_owned();
        let message = "a statement stands outside of all functions".to_owned();
        mistake(Code::ScriptTopLevel, statement.position(), 1, message, Some(help))
    });
    let known = Known { ast, natives, members: members(ast) };
    let mut mistakes: Vec<Mistake> = outside.into_iter().collect();
    ast.walk(&mut |path| {
        mistakes.extend(path.last().and_then(|node| known.wrong(*node)));
        true
    });
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    mistakes
}

/// The texts that are thrown as they are written.
pub fn thrown(ast: &AST) -> BTreeSet<Box<str>> {
    let mut thrown = BTreeSet::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Return(Some(what), flags, _))) = path.last()
            && flags.contains(ASTFlags::BREAK)
            && let Expr::StringConstant(text, _) = &**what
        {
            thrown.insert(text.as_str().into());
        }
        true
    });
    thrown
}

/// Where the body of a function begins.
pub fn start(ast: &AST, function: &str) -> Option<(usize, usize)> {
    let mut alone = ast.clone();
    alone.retain_functions(|_, _, name, _| name == function);
    let mut first = None;
    alone.walk(&mut |path| {
        first = path.last().map(ASTNode::position);
        first.is_none()
    });
    Some((first?.line()?, first?.position().unwrap_or(1)))
}

struct Known<'k> {
    ast: &'k AST,
    natives: &'k Natives,
    /// Names of members that the script itself makes: one of them may hold a function, and `object.name()` calls it.
    members: BTreeSet<Box<str>>,
}

impl Known<'_> {
    fn wrong(&self, node: ASTNode<'_>) -> Option<Mistake> {
        match node {
            ASTNode::Stmt(Stmt::FnCall(call, at)) | ASTNode::Expr(Expr::FnCall(call, at)) => {
                self.pointer(call).or_else(|| self.call(call, *at, false))
            }
            ASTNode::Expr(Expr::MethodCall(call, at)) => self.call(call, *at, true),
            ASTNode::Expr(Expr::DynamicConstant(constant, at)) => {
                let pointer = constant.clone().try_cast::<FnPtr>()?;
                self.named(pointer.fn_name(), *at)
            }
            _ => None,
        }
    }

    /// `Fn("name")`
    fn pointer(&self, call: &FnCallExpr) -> Option<Mistake> {
        match (call.name.as_str(), call.args.as_slice()) {
            ("Fn", [Expr::StringConstant(name, at)]) => self.named(name, *at),
            _ => None,
        }
    }

    fn named(&self, name: &str, at: Position) -> Option<Mistake> {
        if self.arities(name).is_empty() && !name.starts_with(ANONYMOUS) && !self.natives.contains_key(name) {
            return Some(self.unknown(name, at));
        }
        None
    }

    /// `name(a, b)` or `a.name(b)`.
    fn call(&self, call: &FnCallExpr, at: Position, method: bool) -> Option<Mistake> {
        let name = call.name.as_str();
        let is_word = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
        if call.op_token.is_some() || !is_word || name.starts_with(ANONYMOUS) || LANGUAGE.contains(&name) {
            return None;
        }
        if DENIED.contains(&name) {
            return Some(self.unknown(name, at));
        }
        let given = call.args.len();
        let own = self.arities(name);
        let native = self.natives.get(name);
        if own.contains(&given) || native.is_some_and(|takes| takes.contains(&(given + usize::from(method))))
        {
            return None;
        }
        if method && self.members.contains(name) {
            return None;
        }
        let shown = usize::from(method);
        let takes: BTreeSet<usize> = own
            .into_iter()
            .chain(native.into_iter().flatten().map(|all| all.saturating_sub(shown)))
            .collect();
        if takes.is_empty() {
            return Some(self.unknown(name, at));
        }
        let takes: Vec<String> = takes.iter().map(ToString::to_string).collect();
        let message = format!("`{name}` takes {}, {given} given", counted(&takes.join(" or "), "argument"));
        Some(mistake(Code::ScriptArity, at, name.chars().count(), message, None))
    }

    fn arities(&self, name: &str) -> BTreeSet<usize> {
        let own = self.ast.iter_functions().filter(|known| known.name == name);
        own.map(|known| known.params.len()).collect()
    }

    fn unknown(&self, name: &str, at: Position) -> Mistake {
        let width = name.chars().count();
        if DENIED.contains(&name) {
            let message = format!("a script cannot use `{name}`");
            return mistake(Code::ScriptForbidden, at, width, message, None);
        }
        let own = self.ast.iter_functions().map(|known| known.name);
        let natives = self.natives.keys().map(|name| &**name);
        let known = own.filter(|name| !name.starts_with(ANONYMOUS)).chain(natives);
        let help = suggestion(name, known);
        let message = format!("there is no function `{name}`");
        mistake(Code::UnknownScriptFunction, at, width, message, help)
    }
}

/// All names that the script gives to members, or writes as text.
fn members(ast: &AST) -> BTreeSet<Box<str>> {
    let mut members: BTreeSet<Box<str>> = BTreeSet::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Map(map, _))) => {
                members.extend(map.0.iter().map(|(name, _)| name.as_str().into()));
            }
            Some(ASTNode::Expr(Expr::Property(property, _))) => {
                members.insert(property.2.as_str().into());
            }
            Some(ASTNode::Expr(Expr::StringConstant(text, _))) => {
                members.insert(text.as_str().into());
            }
            _ => {}
        }
        true
    });
    members
}

fn mistake(code: Code, at: Position, width: usize, message: String, help: Option<String>) -> Mistake {
    let (line, column) = (at.line().unwrap_or(1), at.position().unwrap_or(1));
    Mistake { code, line, column, width, message, help }
}
