//! Unix time: seconds or milliseconds since 1970.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::moment::{Moment, OUT_OF_RANGE, moment, written, zone};
use crate::expression::binding::{Arguments, Binding, Bound, Function, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::{Number, Value};

pub static FUNCTIONS: &[Function] = &[
    Function::bound("from_timestamp", &[Type::MaybeNumber, Type::String, Type::String], 2, |binding| {
        bind(binding, Direction::From)
    }),
    Function::bound("timestamp", &[Type::MaybeString, Type::String, Type::String], 2, |binding| {
        bind(binding, Direction::To)
    }),
];

#[derive(Debug, Clone, Copy)]
enum Direction {
    To,
    From,
}

#[derive(Debug, Clone, Copy)]
enum Tick {
    Second,
    Millisecond,
}

#[derive(Debug)]
struct Clock {
    direction: Direction,
    tick: Tick,
    zone: Option<TimeZone>,
}

fn bind(binding: &Binding<'_>, direction: Direction) -> Result<Box<dyn Bound>, Problem> {
    let ticks = [("s", Tick::Second), ("ms", Tick::Millisecond)];
    let tick = binding.choice(1, "a unit", &ticks)?.unwrap_or(Tick::Second);
    Ok(Box::new(Clock { direction, tick, zone: zone(binding, 2)? }))
}

impl Bound for Clock {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        match self.direction {
            Direction::To => self.to_number(arguments, scope),
            Direction::From => self.to_text(arguments, scope),
        }
    }
}

impl Clock {
    /// What is smaller than the unit is left out.
    fn to_number<'a>(&self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let Some(moment) = moment(arguments, 0, self.zone.as_ref(), scope)? else { return Ok(Value::Null) };
        let instant = moment.instant().ok_or_else(|| {
            arguments.value_error(match moment {
                Moment::Date(_) => "the value is a date without a time of day",
                _ => "the value has no offset; name its zone",
            })
        })?;
        let nanoseconds = match self.tick {
            Tick::Second => 1_000_000_000,
            Tick::Millisecond => 1_000_000,
        };
        let ticks = i64::try_from(instant.as_nanosecond().div_euclid(nanoseconds)).unwrap_or_default();
        Ok(Value::integer(scope.arena, ticks))
    }

    fn to_text<'a>(&self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let ticks = match arguments.value(0) {
            Value::Null => return Ok(Value::Null),
            Value::Number(number) => number.as_i64(),
            Value::String(text) => {
                Number::from_lexeme(scope.decode(text)?).and_then(|number| number.as_i64())
            }
            _ => None,
        };
        let ticks = ticks.ok_or_else(|| arguments.value_error("the time is a whole number"))?;
        let instant = match self.tick {
            Tick::Second => Timestamp::from_second(ticks),
            Tick::Millisecond => Timestamp::from_millisecond(ticks),
        };
        let instant = instant.map_err(|_| arguments.value_error(OUT_OF_RANGE))?;
        let text = match &self.zone {
            Some(zone) => Moment::Zoned(instant.to_zoned(zone.clone())).iso(scope.arena),
            None => written(&instant, scope.arena),
        };
        Ok(Value::string(text))
    }
}
