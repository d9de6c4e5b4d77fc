//! Dates and times. Nothing is guessed about zones: a value without one stays without one until a zone is named.

use jiff::Zoned;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use super::day::DayFormat;
use super::moment::{Moment, NOT_ISO, written, zone};
use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding, Body, Bound, Function, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::Value;

pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "date",
        parameters: &[Type::MaybeString, Type::String, Type::String],
        optional: 1,
        rest: None,
        body: Body::Bound(|binding| bind(binding, 1, Operation::Write)),
    },
    Function {
        name: "now",
        parameters: &[Type::String, Type::String],
        optional: 2,
        rest: None,
        body: Body::Bound(|binding| bind(binding, 0, Operation::Now)),
    },
    Function {
        name: "parse_date",
        parameters: &[Type::MaybeString, Type::String, Type::String],
        optional: 1,
        rest: None,
        body: Body::Bound(|binding| bind(binding, 1, Operation::Read)),
    },
];

#[derive(Debug, Clone, Copy)]
enum Operation {
    /// `date(value, format[, zone])`
    Write,
    /// `parse_date(text, format[, zone])`
    Read,
    /// `now([format[, zone]])`
    Now,
}

#[derive(Debug)]
struct Clockwork {
    operation: Operation,
    format: Option<Box<str>>,
    /// The same format, where it shows a day and nothing else.
    day: Option<DayFormat>,
    zone: Option<TimeZone>,
}

fn bind(binding: &Binding<'_>, format_at: usize, operation: Operation) -> Result<Box<dyn Bound>, Problem> {
    let format = format(binding, format_at)?;
    let zone = zone(binding, format_at + 1)?;
    let day = format.as_deref().and_then(DayFormat::of);
    let clockwork = Clockwork { operation, format, day, zone };
    clockwork.check(binding, format_at)?;
    Ok(Box::new(clockwork))
}

/// A format that can be written at all; with a time and a zone every directive has something to show.
fn format(binding: &Binding<'_>, position: usize) -> Result<Option<Box<str>>, Problem> {
    let Some(format) = binding.written(position, "a format")? else { return Ok(None) };
    match BrokenDownTime::from(&sample()).to_string(&format) {
        Ok(text) if text != *format => Ok(Some(format.into())),
        Ok(_) => Err(bad_format(binding, position, "it has no directive, so every date would look the same")),
        Err(error) => {
            let text = error.to_string();
            let reason = text.rsplit(": ").next().unwrap_or_default();
            Err(bad_format(binding, position, reason))
        }
    }
}

fn sample() -> Zoned {
    Zoned::new(jiff::Timestamp::UNIX_EPOCH, TimeZone::UTC)
}

fn bad_format(binding: &Binding<'_>, position: usize, why: &str) -> Problem {
    let message = format!("the date format is not valid: {why}");
    Problem::new(binding.span(position), Code::BadDateFormat, message)
        .help("a format is written as '%d.%m.%Y' or '%Y-%m-%dT%H:%M:%S'")
}

impl Bound for Clockwork {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let moment = match self.operation {
            Operation::Now => {
                let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
                Moment::Zoned(scope.context.now.to_zoned(zone))
            }
            Operation::Write | Operation::Read => {
                let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
                self.moment(text).map_err(|detail| arguments.value_error(detail))?
            }
        };
        let text = match (self.operation, &self.format) {
            (Operation::Now, None) => written(&scope.context.now, scope.arena),
            (Operation::Read, _) | (_, None) => moment.iso(scope.arena),
            (Operation::Now | Operation::Write, Some(format)) => {
                let day = self.day.as_ref().and_then(|format| format.write(moment.day(), scope.arena));
                day.or_else(|| moment.format(format, scope.arena)).ok_or_else(|| {
                    arguments.value_error("the value has no time or no zone, but the format asks for it")
                })?
            }
        };
        Ok(Value::string(text))
    }
}

impl Clockwork {
    /// What can be tried without a message: a format that reads no date, a constant that is none.
    fn check(&self, binding: &Binding<'_>, format_at: usize) -> Result<(), Problem> {
        let written = self.format.as_deref().map(|format| BrokenDownTime::from(&sample()).to_string(format));
        if let (Operation::Read, Some(Ok(text))) = (self.operation, written)
            && self.parse(&text).is_none()
        {
            let why = "a date cannot be read by it; it needs the day, the month and the year";
            return Err(bad_format(binding, format_at, why));
        }
        match (binding.constant_text(0), self.operation) {
            (Some(value), Operation::Read | Operation::Write) => {
                self.moment(&value).map(drop).map_err(|detail| {
                    let message = format!("{}(): {detail}", binding.function);
                    Problem::new(binding.span(0), Code::WrongArgument, message)
                })
            }
            _ => Ok(()),
        }
    }

    /// The date that `text` is, or why it is none.
    fn moment(&self, text: &str) -> Result<Moment, String> {
        match self.operation {
            Operation::Read => self.parse(text).ok_or_else(|| {
                format!("the text is not a date of the form {}", self.format.as_deref().unwrap_or_default())
            }),
            Operation::Write | Operation::Now => {
                let moment = Moment::read(text).ok_or(NOT_ISO)?;
                Ok(self.in_zone(moment).ok_or("the time is out of range")?)
            }
        }
    }

    fn in_zone(&self, moment: Moment) -> Option<Moment> {
        match &self.zone {
            Some(zone) => moment.within(zone),
            None => Some(moment),
        }
    }

    fn parse(&self, text: &str) -> Option<Moment> {
        let parts = BrokenDownTime::parse(self.format.as_deref()?, text).ok()?;
        let moment = if parts.offset().is_some() {
            Moment::Zoned(parts.to_zoned().ok()?)
        } else if parts.hour().is_some() {
            Moment::Local(parts.to_datetime().ok()?)
        } else {
            Moment::Date(parts.to_date().ok()?)
        };
        self.in_zone(moment)
    }
}
