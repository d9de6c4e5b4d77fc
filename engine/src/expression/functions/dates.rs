//! Dates and times. Nothing is guessed about zones: a value without one stays without one until a zone is named.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding, Body, Bound, Function, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::Value;

pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "add_days",
        parameters: &[Type::MaybeString, Type::Number],
        optional: 0,
        rest: None,
        body: Body::Plain(add_days),
    },
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

const NOT_ISO: &str = "the value is not an ISO 8601 date or time; parse_date() reads other forms";

/// A date or time as precisely as it was given.
enum Moment {
    Date(Date),
    Local(DateTime),
    Zoned(Zoned),
}

impl Moment {
    /// ISO 8601 as it is written in JSON: a date, a date with a time, or one with an offset.
    fn read(text: &str) -> Option<Self> {
        let pieces = Pieces::parse(text).ok()?;
        let Some(time) = pieces.time() else { return Some(Self::Date(pieces.date())) };
        let local = pieces.date().to_datetime(time);
        match pieces.to_numeric_offset() {
            Some(offset) => {
                let instant = offset.to_timestamp(local).ok()?;
                Some(Self::Zoned(instant.to_zoned(TimeZone::fixed(offset))))
            }
            None => Some(Self::Local(local)),
        }
    }

    /// A value without a zone is taken as being in `zone`, one with an offset is converted.
    fn within(self, zone: &TimeZone) -> Option<Self> {
        match self {
            Self::Date(_) => Some(self),
            Self::Local(local) => zone.to_ambiguous_zoned(local).compatible().ok().map(Self::Zoned),
            Self::Zoned(zoned) => Some(Self::Zoned(zoned.with_time_zone(zone.clone()))),
        }
    }

    fn format(&self, format: &str) -> Option<String> {
        let parts = match self {
            Self::Date(date) => BrokenDownTime::from(*date),
            Self::Local(local) => BrokenDownTime::from(*local),
            Self::Zoned(zoned) => BrokenDownTime::from(zoned),
        };
        parts.to_string(format).ok()
    }

    fn iso(&self) -> String {
        match self {
            Self::Date(date) => date.to_string(),
            Self::Local(local) => local.to_string(),
            Self::Zoned(zoned) => zoned.timestamp().display_with_offset(zoned.offset()).to_string(),
        }
    }

    fn add_days(self, days: i64) -> Option<Self> {
        let span = Span::new().try_days(days).ok()?;
        match self {
            Self::Date(date) => date.checked_add(span).ok().map(Self::Date),
            Self::Local(local) => local.checked_add(span).ok().map(Self::Local),
            Self::Zoned(zoned) => zoned.checked_add(span).ok().map(Self::Zoned),
        }
    }
}

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
    zone: Option<TimeZone>,
}

fn bind(binding: &Binding<'_>, format_at: usize, operation: Operation) -> Result<Box<dyn Bound>, Problem> {
    let format = match binding.arguments.len() > format_at {
        true => Some(format(binding, format_at)?),
        false => None,
    };
    let zone = match binding.arguments.len() > format_at + 1 {
        true => Some(zone(binding, format_at + 1)?),
        false => None,
    };
    let clockwork = Clockwork { operation, format, zone };
    clockwork.check(binding, format_at)?;
    Ok(Box::new(clockwork))
}

/// A format that can be written at all; with a time and a zone every directive has something to show.
fn format(binding: &Binding<'_>, position: usize) -> Result<Box<str>, Problem> {
    let format = constant(binding, position, "a format")?;
    match BrokenDownTime::from(&sample()).to_string(&format) {
        Ok(text) if text != *format => Ok(format.into()),
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

fn zone(binding: &Binding<'_>, position: usize) -> Result<TimeZone, Problem> {
    let name = constant(binding, position, "a time zone")?;
    TimeZone::get(&name).map_err(|_| {
        let message = format!("there is no time zone `{name}`");
        Problem::new(binding.span(position), Code::UnknownTimeZone, message)
            .help("use an IANA name, such as 'Europe/Moscow' or 'UTC'")
    })
}

fn constant(binding: &Binding<'_>, position: usize, what: &str) -> Result<String, Problem> {
    binding.constant_text(position).ok_or_else(|| {
        let message = format!("{}() takes {what} as a constant string", binding.function);
        Problem::new(binding.span(position), Code::ConstantArgument, message)
            .help("write it in single quotes: it is checked when the file is loaded")
    })
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
            (Operation::Now, None) => scope.context.now.to_string(),
            (Operation::Read, _) | (_, None) => moment.iso(),
            (Operation::Now | Operation::Write, Some(format)) => moment.format(format).ok_or_else(|| {
                arguments.value_error("the value has no time or no zone, but the format asks for it")
            })?,
        };
        Ok(Value::string(scope.arena.alloc_str(&text)))
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

fn add_days<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    let days = arguments.number(1).and_then(|days| days.as_i64());
    let days = days.ok_or_else(|| arguments.value_error("the number of days is a whole number"))?;
    let moment = Moment::read(text).ok_or_else(|| arguments.value_error(NOT_ISO))?;
    let moved = moment.add_days(days).ok_or_else(|| arguments.value_error("the date is out of range"))?;
    Ok(Value::string(scope.arena.alloc_str(&moved.iso())))
}
