//! Reckoning with dates: later ones, the beginning of one, how far they are apart, which comes first.

use std::cmp::Ordering;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan, Unit};

use super::moment::{Moment, OUT_OF_RANGE, moment, zone};
use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding, Bound, Function, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::Value;

pub static FUNCTIONS: &[Function] = &[
    Function::plain("add_days", LATER, 0, |given, scope| {
        add(given, scope, Counted::Days, |days| Span::new().try_days(days))
    }),
    Function::plain("add_months", LATER, 0, |given, scope| {
        add(given, scope, Counted::Days, |months| Span::new().try_months(months))
    }),
    Function::plain("add_seconds", LATER, 0, |given, scope| {
        add(given, scope, Counted::Time, |seconds| Span::new().try_seconds(seconds))
    }),
    Function::bound("add_time", &[Type::MaybeString, Type::String], 0, bind_time),
    Function::bound("after", PAIR, 1, |binding| {
        within(binding, 2, |given, scope, zone| ordered(given, scope, zone, Ordering::Greater))
    }),
    Function::bound("before", PAIR, 1, |binding| {
        within(binding, 2, |given, scope, zone| ordered(given, scope, zone, Ordering::Less))
    }),
    Function::bound("days_between", PAIR, 1, |binding| {
        within(binding, 2, |given, scope, zone| between(given, scope, zone, Unit::Day))
    }),
    Function::bound("in_zone", &[Type::MaybeString, Type::String], 0, |binding| within(binding, 1, in_zone)),
    Function::bound("months_between", PAIR, 1, |binding| {
        within(binding, 2, |given, scope, zone| between(given, scope, zone, Unit::Month))
    }),
    Function::bound("start_of", &[Type::MaybeString, Type::String, Type::String], 1, bind_start),
    Function::bound("years_between", PAIR, 1, |binding| {
        within(binding, 2, |given, scope, zone| between(given, scope, zone, Unit::Year))
    }),
];

const LATER: &[Type] = &[Type::MaybeString, Type::Number];
const PAIR: &[Type] = &[Type::MaybeString, Type::MaybeString, Type::String];

fn iso<'a>(moment: &Moment, scope: &Scope<'a>) -> Value<'a> {
    Value::string(moment.iso(scope.arena))
}

/// What is added: a date has no time of day to which time could be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    Days,
    Time,
}

fn add<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    counted: Counted,
    span: fn(i64) -> Result<Span, jiff::Error>,
) -> Result<Value<'a>, Error> {
    let Some(moment) = moment(arguments, 0, None, scope)? else { return Ok(Value::Null) };
    let count = arguments.number(1).and_then(|count| count.as_i64());
    let count = count.ok_or_else(|| arguments.value_error("what is added is a whole number"))?;
    let span = span(count).map_err(|_| arguments.value_error(OUT_OF_RANGE))?;
    later(arguments, moment, (counted, span), scope)
}

fn later<'a>(
    arguments: &Arguments<'_, 'a>,
    moment: Moment,
    (counted, span): (Counted, Span),
    scope: &Scope<'a>,
) -> Result<Value<'a>, Error> {
    if matches!(moment, Moment::Date(_)) && counted == Counted::Time {
        return Err(arguments.value_error("the value is a date without a time of day"));
    }
    let later = moment.add(span).ok_or_else(|| arguments.value_error(OUT_OF_RANGE))?;
    Ok(iso(&later, scope))
}

/// `add_time(value, '15m')`
#[derive(Debug)]
struct Later(Span);

fn bind_time(binding: &Binding<'_>) -> Result<Box<dyn Bound>, Problem> {
    let text = binding.written(1, "a duration")?.unwrap_or_default();
    let span = span(&text).ok_or_else(|| {
        let message = format!("`{text}` is not a duration");
        Problem::new(binding.span(1), Code::BadDuration, message)
            .help("a whole number and ms, s, m or h: '500ms', '90s', '15m', '-2h'; days are add_days()")
    })?;
    Ok(Box::new(Later(span)))
}

fn span(text: &str) -> Option<Span> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let (number, span) = (number.parse::<i64>().ok()?, Span::new());
    match unit {
        "ms" => span.try_milliseconds(number).ok(),
        "s" => span.try_seconds(number).ok(),
        "m" => span.try_minutes(number).ok(),
        "h" => span.try_hours(number).ok(),
        _ => None,
    }
}

impl Bound for Later {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        match moment(arguments, 0, None, scope)? {
            Some(moment) => later(arguments, moment, (Counted::Time, self.0), scope),
            None => Ok(Value::Null),
        }
    }
}

type InZone = for<'x, 'a> fn(&Arguments<'x, 'a>, &Scope<'a>, Option<&TimeZone>) -> Result<Value<'a>, Error>;

/// A function whose last argument is a zone, resolved.
#[derive(Debug)]
struct Zoned {
    zone: Option<TimeZone>,
    body: InZone,
}

fn within(binding: &Binding<'_>, zone_at: usize, body: InZone) -> Result<Box<dyn Bound>, Problem> {
    Ok(Box::new(Zoned { zone: zone(binding, zone_at)?, body }))
}

impl Bound for Zoned {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        (self.body)(arguments, scope, self.zone.as_ref())
    }
}

fn in_zone<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    zone: Option<&TimeZone>,
) -> Result<Value<'a>, Error> {
    Ok(moment(arguments, 0, zone, scope)?.map_or(Value::Null, |moment| iso(&moment, scope)))
}

/// Whole units from the day of the first to the day of the second; negative when it is earlier.
fn between<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    zone: Option<&TimeZone>,
    unit: Unit,
) -> Result<Value<'a>, Error> {
    let (from, to) = (moment(arguments, 0, zone, scope)?, moment(arguments, 1, zone, scope)?);
    let (Some(from), Some(to)) = (from, to) else { return Ok(Value::Null) };
    let span = from.day().until((unit, to.day())).map_err(|_| arguments.value_error(OUT_OF_RANGE))?;
    let count = match unit {
        Unit::Day => span.get_days(),
        Unit::Month => span.get_months(),
        _ => span.get_years().into(),
    };
    Ok(Value::integer(scope.arena, count.into()))
}

/// Whether the first is earlier, or later. Nothing is guessed: both are dates, or both times without a zone, or both have one.
fn ordered<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    zone: Option<&TimeZone>,
    sought: Ordering,
) -> Result<Value<'a>, Error> {
    let (left, right) = (moment(arguments, 0, zone, scope)?, moment(arguments, 1, zone, scope)?);
    let (Some(left), Some(right)) = (left, right) else { return Ok(Value::Null) };
    let order = match zone {
        None => order(&left, &right),
        // A day begins at its midnight there.
        Some(zone) => instant(&left, zone).zip(instant(&right, zone)).map(|(left, right)| left.cmp(&right)),
    };
    let order = order.ok_or_else(|| {
        arguments
            .value_error("of the two values one has a time or an offset that the other has not; name a zone")
    })?;
    Ok(Value::Bool(order == sought))
}

fn order(left: &Moment, right: &Moment) -> Option<Ordering> {
    match (left, right) {
        (Moment::Date(left), Moment::Date(right)) => Some(left.cmp(right)),
        (Moment::Local(left), Moment::Local(right)) => Some(left.cmp(right)),
        (Moment::Zoned(left), Moment::Zoned(right)) => Some(left.timestamp().cmp(&right.timestamp())),
        _ => None,
    }
}

fn instant(moment: &Moment, zone: &TimeZone) -> Option<jiff::Timestamp> {
    match moment {
        Moment::Date(date) => date.to_zoned(zone.clone()).ok().map(|midnight| midnight.timestamp()),
        other => other.instant(),
    }
}

/// `start_of(value, unit, zone)`
#[derive(Debug)]
struct Start {
    unit: Unit,
    zone: Option<TimeZone>,
}

fn bind_start(binding: &Binding<'_>) -> Result<Box<dyn Bound>, Problem> {
    let units = [("year", Unit::Year), ("month", Unit::Month), ("week", Unit::Week), ("day", Unit::Day)];
    let unit = binding.choice(1, "a unit", &units)?.unwrap_or(Unit::Day);
    Ok(Box::new(Start { unit, zone: zone(binding, 2)? }))
}

impl Bound for Start {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let Some(moment) = moment(arguments, 0, self.zone.as_ref(), scope)? else { return Ok(Value::Null) };
        let day = first_day(moment.day(), self.unit).ok_or_else(|| arguments.value_error(OUT_OF_RANGE))?;
        let midnight = day.to_datetime(Time::midnight());
        let start = match moment {
            Moment::Date(_) => Some(Moment::Date(day)),
            Moment::Local(_) => Some(Moment::Local(midnight)),
            Moment::Zoned(zoned) => midnight.to_zoned(zoned.time_zone().clone()).ok().map(Moment::Zoned),
        };
        Ok(iso(&start.ok_or_else(|| arguments.value_error(OUT_OF_RANGE))?, scope))
    }
}

/// A week begins on Monday (ISO 8601).
fn first_day(day: Date, unit: Unit) -> Option<Date> {
    match unit {
        Unit::Year => Some(day.first_of_year()),
        Unit::Month => Some(day.first_of_month()),
        Unit::Week => day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok(),
        _ => Some(day),
    }
}
