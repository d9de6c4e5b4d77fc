//! How a mapping writes the outgoing message: straight to bytes, nothing built in between.

use super::{Copied, Each, Element, Mapping, Member, Missing, Rule, Source};
use crate::expression::{Error, Expression, Mismatch, Scope, is_true};
use crate::fault::{Fault, Kind};
use crate::script::Script;
use crate::value::{Excess, Limits, Text, Value};

/// No outgoing message is larger.
pub(crate) const MAX_OUTPUT: usize = 64 << 20;
/// More faults of one message than this help nobody.
const MAX_FAULTS: usize = 20;

const TOO_LARGE: Error = Error::Limit { what: "the outgoing message is too large" };
const TOO_DEEP: Error = Error::Limit { what: "the outgoing message nests too deeply" };

/// The outgoing bytes of one message, and its faults. What it has written is JSON that [`read`](crate::value::read)
/// takes.
#[derive(Debug, Default)]
pub struct Writer {
    pub(crate) out: Vec<u8>,
    pub(crate) faults: Vec<Fault>,
    /// How many arrays and objects are being written, each within the one before.
    depth: usize,
}

impl Writer {
    /// With room for so many bytes: what is mapped is mostly no larger than what it is made of.
    pub fn with_room(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Writes what lies between two brackets.
    fn enclosed<T>(
        &mut self,
        brackets: [u8; 2],
        write: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth >= Limits::DEPTH {
            return Err(TOO_DEEP);
        }
        self.out.push(brackets[0]);
        self.depth += 1;
        let written = write(self);
        self.depth -= 1;
        self.out.push(brackets[1]);
        written
    }

    fn value(&mut self, value: Value<'_>) -> Result<(), Error> {
        value.write_json_within(MAX_OUTPUT, Limits::DEPTH - self.depth, &mut self.out).map_err(|excess| {
            match excess {
                Excess::Size => TOO_LARGE,
                Excess::Depth => TOO_DEEP,
            }
        })
    }

    /// Tells the faults from `first` on where their targets lie: in `name`, or in the element `[2]`.
    #[cold]
    pub(crate) fn place(&mut self, first: usize, within: &str) {
        for fault in self.faults.iter_mut().skip(first) {
            let target = fault.target.take().unwrap_or_default();
            let dot = if target.is_empty() || target.starts_with('[') { "" } else { "." };
            fault.target = Some(format!("{within}{dot}{target}"));
        }
    }
}

const OBJECT: [u8; 2] = *b"{}";
const ARRAY: [u8; 2] = *b"[]";

impl Mapping {
    /// Writes the whole object, `{}` if no member has a value; what is wrong with a member is kept.
    ///
    /// # Errors
    /// It would nest too deeply.
    pub fn write<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>, writer: &mut Writer) -> Result<(), Error> {
        writer.enclosed(OBJECT, |writer| {
            self.write_members(node, scope, writer, true);
            Ok(())
        })
    }

    /// Writes the members that have a value; tells whether any had.
    fn write_members<'a>(
        &'a self,
        node: Value<'a>,
        scope: &Scope<'a>,
        writer: &mut Writer,
        mut first: bool,
    ) -> bool {
        let mut any = false;
        for member in &self.members {
            let before = writer.out.len();
            member.label.write(first, &mut writer.out);
            if member.write(node, scope, writer) {
                (first, any) = (false, true);
            } else {
                writer.out.truncate(before);
            }
        }
        any
    }
}

impl Member {
    #[inline(always)]
    fn write<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>, writer: &mut Writer) -> bool {
        match self.rule.pass_on(node, scope, writer) {
            Some(written) => written,
            None => self.work_out(node, scope, writer),
        }
    }

    #[inline(never)]
    fn work_out<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>, writer: &mut Writer) -> bool {
        let faults = writer.faults.len();
        let written = self.rule.work_out(node, scope, writer);
        if writer.faults.len() > faults {
            writer.place(faults, self.name());
        }
        written
    }
}

impl Rule {
    /// Writes the value, or what stands for a missing one; `false` when the target is to be left out.
    pub fn write<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>, writer: &mut Writer) -> bool {
        match self.pass_on(node, scope, writer) {
            Some(written) => written,
            None => self.work_out(node, scope, writer),
        }
    }

    #[inline]
    fn work_out<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>, writer: &mut Writer) -> bool {
        self.try_write(node, scope, writer).unwrap_or_else(|error| {
            self.fault(&error, writer);
            false
        })
    }

    /// What most rules do: one scalar of the message is passed on, or left out. `None` where there is more to it.
    #[inline(always)]
    fn pass_on<'a>(&self, node: Value<'a>, scope: &Scope<'a>, writer: &mut Writer) -> Option<bool> {
        let Source::Expression(expression) = &self.source else { return None };
        if self.when.is_some() || writer.out.len() > MAX_OUTPUT {
            return None;
        }
        match expression.at(node, scope)? {
            Value::String(text) => text.write_json(&mut writer.out),
            Value::Number(number) => writer.out.extend_from_slice(number.as_str().as_bytes()),
            Value::Null if matches!(self.missing, Missing::Omit) => return Some(false),
            _ => return None,
        }
        Some(true)
    }

    fn try_write<'a>(
        &'a self,
        node: Value<'a>,
        scope: &Scope<'a>,
        writer: &mut Writer,
    ) -> Result<bool, Error> {
        if let Some(when) = &self.when
            && !is_true(when.eval(node, scope)?)
        {
            return Ok(false);
        }
        if writer.out.len() > MAX_OUTPUT {
            return Err(TOO_LARGE);
        }
        let faults = writer.faults.len();
        if self.source.write(node, scope, writer)? {
            return Ok(true);
        }
        match &self.missing {
            Missing::Omit => Ok(false),
            Missing::Null => {
                writer.out.extend_from_slice(b"null");
                Ok(true)
            }
            Missing::Default(constant) => {
                writer.out.extend_from_slice(constant.as_json().as_bytes());
                Ok(true)
            }
            // A nested rule has said what is missing.
            Missing::Required if writer.faults.len() > faults => Ok(false),
            Missing::Required => Err(Error::Rule { detail: "a value is required here and there is none" }),
        }
    }

    fn fault(&self, error: &Error, writer: &mut Writer) {
        if writer.faults.len() >= MAX_FAULTS {
            return;
        }
        writer.faults.push(Fault {
            rule: Some(self.place.clone()),
            target: Some(String::new()),
            source: self.source.text(),
            ..Fault::new(Kind::Rule, error.to_string()).policy(error.policy())
        });
    }
}

impl Source {
    /// Writes the value if there is one.
    fn write<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>, writer: &mut Writer) -> Result<bool, Error> {
        match self {
            Self::Expression(expression) => put(expression.eval(node, scope)?, writer),
            Self::Constant(constant) => {
                writer.out.extend_from_slice(constant.as_json().as_bytes());
                Ok(true)
            }
            Self::Script { script, args } => put(call(script, args, node, scope)?, writer),
            Self::Copy(written) => copy(written, node, scope, writer),
            Self::Object { with, mapping } => object(with.as_deref(), mapping, node, scope, writer),
            Self::Each(written) => each(written, node, scope, writer),
            Self::List(rules) => list(rules, node, scope, writer),
            Self::First(rules) => Ok(first(rules, node, scope, writer)),
        }
    }

    /// The expression a person would look at.
    fn text(&self) -> Option<String> {
        Some(match self {
            Self::Expression(expression) => expression.text().into_owned(),
            Self::Copy(written) => written.from.text().into_owned(),
            Self::Each(written) => written.items.text().into_owned(),
            Self::Object { with: Some(expression), .. } => expression.text().into_owned(),
            Self::Script { script, .. } => script.name().to_owned(),
            Self::Constant(_) | Self::Object { with: None, .. } | Self::List(_) | Self::First(_) => {
                return None;
            }
        })
    }
}

#[inline(never)]
fn call<'a>(
    script: &'a Script,
    args: &'a [Expression],
    node: Value<'a>,
    scope: &Scope<'a>,
) -> Result<Value<'a>, Error> {
    let mut values = Vec::with_capacity(args.len());
    for arg in args {
        values.push(arg.eval(node, scope)?);
    }
    script.call(&values, scope)
}

fn first<'a>(rules: &'a [Rule], node: Value<'a>, scope: &Scope<'a>, writer: &mut Writer) -> bool {
    let before = writer.out.len();
    let faults = writer.faults.len();
    for rule in rules {
        if rule.write(node, scope, writer) {
            return true;
        }
        writer.out.truncate(before);
        // The next rule is for where there is no value, not for where one cannot be had.
        if writer.faults.len() > faults {
            break;
        }
    }
    false
}

fn put(value: Value<'_>, writer: &mut Writer) -> Result<bool, Error> {
    if value.is_null() {
        return Ok(false);
    }
    writer.value(value).map(|()| true)
}

#[inline(never)]
fn object<'a>(
    with: Option<&'a Expression>,
    mapping: &'a Mapping,
    node: Value<'a>,
    scope: &Scope<'a>,
    writer: &mut Writer,
) -> Result<bool, Error> {
    let Some(with) = with else {
        return writer.enclosed(OBJECT, |writer| Ok(mapping.write_members(node, scope, writer, true)));
    };
    let inner = with.eval(node, scope)?;
    if inner.is_null() {
        return Ok(false);
    }
    let scope = scope.inside(node, None);
    writer.enclosed(OBJECT, |writer| Ok(mapping.write_members(inner, &scope, writer, true)))
}

/// The subtree without the excepted members, its own members replaced by those of `with`.
#[inline(never)]
fn copy<'a>(
    Copied { from, except, with, replaced }: &'a Copied,
    node: Value<'a>,
    scope: &Scope<'a>,
    writer: &mut Writer,
) -> Result<bool, Error> {
    let value = from.eval(node, scope)?;
    if value.is_null() || (except.is_empty() && with.members.is_empty()) {
        return put(value, writer);
    }
    let Value::Object(copied) = value else {
        let expected = "an object (beside `except` or `map`)".into();
        let found = value.kind();
        return Err(Error::Type(Box::new(Mismatch { function: "copy", argument: 0, expected, found })));
    };
    writer.enclosed(OBJECT, |writer| {
        let mut first = true;
        for entry in copied.entries() {
            if except.iter().chain(replaced).any(|name| entry.key == Text::plain(name)) {
                continue;
            }
            if !std::mem::replace(&mut first, false) {
                writer.out.push(b',');
            }
            entry.key.write_json(&mut writer.out);
            writer.out.push(b':');
            writer.value(entry.value)?;
        }
        with.write_members(node, scope, writer, first);
        Ok(true)
    })
}

#[inline(never)]
fn each<'a>(
    Each { items, element }: &'a Each,
    node: Value<'a>,
    scope: &Scope<'a>,
    writer: &mut Writer,
) -> Result<bool, Error> {
    let items = match items.eval(node, scope)? {
        Value::Null => return Ok(false),
        Value::Array(items) => items,
        _ => return Err(Error::Rule { detail: "`each` goes over an array, and this is none" }),
    };
    writer.enclosed(ARRAY, |writer| {
        let start = writer.out.len();
        for (index, item) in items.iter().enumerate() {
            if !scope.context.spend(1) {
                return Err(Error::Limit { what: "the message has too many elements" });
            }
            let (before, faults) = (writer.out.len(), writer.faults.len());
            if before > start {
                writer.out.push(b',');
            }
            if !element.write(*item, &scope.inside(node, Some(index)), writer)? {
                writer.out.truncate(before);
            }
            if writer.faults.len() > faults {
                writer.place(faults, &format!("[{index}]"));
            }
        }
        Ok(true)
    })
}

impl Element {
    fn write<'a>(&'a self, item: Value<'a>, scope: &Scope<'a>, writer: &mut Writer) -> Result<bool, Error> {
        match self {
            Self::Same => put(item, writer),
            Self::Expression(expression) => put(expression.eval(item, scope)?, writer),
            Self::Mapping(mapping) => mapping.write(item, scope, writer).map(|()| true),
        }
    }
}

#[inline(never)]
fn list<'a>(
    rules: &'a [Rule],
    node: Value<'a>,
    scope: &Scope<'a>,
    writer: &mut Writer,
) -> Result<bool, Error> {
    writer.enclosed(ARRAY, |writer| {
        let start = writer.out.len();
        for (index, rule) in rules.iter().enumerate() {
            let (before, faults) = (writer.out.len(), writer.faults.len());
            if before > start {
                writer.out.push(b',');
            }
            if !rule.write(node, scope, writer) {
                writer.out.truncate(before);
            }
            if writer.faults.len() > faults {
                writer.place(faults, &format!("[{index}]"));
            }
        }
        Ok(true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_names_all_that_it_lies_in() {
        let fault = || Fault { target: Some(String::new()), ..Fault::new(Kind::Rule, "") };
        let mut writer = Writer { faults: vec![fault(), fault()], ..Writer::default() };
        ["name", "[0]", "parts", "[2]", "items"].iter().for_each(|within| writer.place(1, within));
        let targets: Vec<_> = writer.faults.iter().map(|fault| fault.target.as_deref()).collect();
        assert_eq!(targets, [Some(""), Some("items[2].parts[0].name")]);
    }
}
