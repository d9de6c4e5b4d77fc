//! Whether what a rule writes can satisfy the schema of what is sent: a constant, or a value of a known type.

use super::constant::constant;
use super::expressions::Compiler;
use super::mapping::Position;
use crate::diagnostic::{Code, suggestion};
use crate::document::{Kind, Node};
use crate::expression::{Known, one_of};
use crate::source::Span;
use crate::value::{Arena, Constant};

impl<'c> Compiler<'c> {
    /// A constant of the file that the schema does not allow is a mistake that needs no message to be found.
    pub(super) fn checked_constant(&mut self, node: &Node, position: &Position<'_, 'c>) -> Constant {
        self.check_node(node, &position.target, &position.path, position.schema_of);
        constant(node)
    }

    fn check_node(&mut self, node: &Node, target: &Known<'c>, path: &str, of: &str) {
        match &node.kind {
            Kind::Scalar(_) => self.check_literal(&constant(node), node.span, target, path),
            Kind::Sequence(items) => {
                if self.check_types(&["array"], target, node.span, path) {
                    let element = target.element();
                    items.iter().for_each(|item| self.check_node(item, &element, &format!("{path}[]"), of));
                }
            }
            Kind::Mapping(entries) => {
                if self.check_types(&["object"], target, node.span, path) {
                    let lacks = |name: &&str| !entries.iter().any(|(key, _)| key.value == **name);
                    let missing: Vec<&str> = target.required().into_iter().filter(lacks).collect();
                    if !missing.is_empty() {
                        let message =
                            format!("`{path}` lacks `{}`, which the schema requires", missing.join("`, `"));
                        self.error(Code::RequiredTargetMissing, message, node.span, None);
                    }
                    for (name, node) in entries {
                        let inner = format!("{path}.{}", name.value);
                        match target.field(&name.value) {
                            Ok(target) => self.check_node(node, &target, &inner, of),
                            Err(known) => {
                                let message = format!("the schema of {of} has no `{inner}`");
                                let help = suggestion(&name.value, known.iter().map(String::as_str));
                                self.error(Code::TargetNotInSchema, message, name.span, help);
                            }
                        }
                    }
                }
            }
        }
    }

    /// A constant without parts, or one of an expression.
    pub(super) fn check_literal(&mut self, constant: &Constant, at: Span, target: &Known<'c>, path: &str) {
        let arena = Arena::new();
        let value = constant.value(&arena);
        if value.is_null() {
            self.check_null(target, at, path);
            return;
        }
        if let Some(allowed) = target.forbids(value) {
            let message = format!("the schema does not allow this value for `{path}`");
            let given = constant.as_code().unwrap_or_else(|| constant.as_json());
            let help = suggestion(given, allowed.iter().map(String::as_str));
            self.error(Code::BadValue, message, at, help);
        } else {
            let _ = self.check_types(&[value.kind()], target, at, path);
        }
    }

    /// A null that would be written where the schema has none.
    pub(super) fn check_null(&mut self, target: &Known<'c>, at: Span, path: &str) {
        if !target.may_be_null() {
            let message = format!("the schema does not allow null for `{path}`");
            let help = "without a policy a missing value is left out".to_owned();
            self.error(Code::TypeNotInSchema, message, at, Some(help));
        }
    }

    /// Whether a value of one of the types `given` can stand at the target; what cannot is reported.
    pub(super) fn check_types(&mut self, given: &[&str], target: &Known<'c>, at: Span, path: &str) -> bool {
        let wanted = target.types();
        if given.is_empty() || wanted.is_empty() || given.iter().any(|name| wanted.contains(name)) {
            return true;
        }
        let message =
            format!("the schema wants {} for `{path}`, and this is {}", one_of(&wanted), one_of(given));
        let help = match (given, wanted.as_slice()) {
            (["number"], ["string"]) => Some("to_string() makes a string of it".to_owned()),
            (["string"], ["number"]) => Some("to_number() makes a number of it".to_owned()),
            _ => None,
        };
        self.error(Code::TypeNotInSchema, message, at, help);
        false
    }

    /// Whether a value can be of the type that is needed, as far as is known; what cannot is reported.
    pub(super) fn check_is(&mut self, wanted: &str, what: &str, known: &Known<'c>, at: Span) -> bool {
        let given = known.types();
        if given.is_empty() || given.contains(&wanted) {
            return true;
        }
        let message = format!("{what} {}, and this is {}", one_of(&[wanted]), one_of(&given));
        self.error(Code::TypeNotInSchema, message, at, None);
        false
    }
}
