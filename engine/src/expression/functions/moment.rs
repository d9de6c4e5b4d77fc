//! A date or time as messages write it, and the zone that a call names.

use std::fmt::Display;

use jiff::civil::{Date, DateTime};
use jiff::fmt::StdFmtWrite;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding};
use crate::expression::{Error, Problem, Scope};
use crate::value::Arena;

use super::strings::Made;

pub(super) const OUT_OF_RANGE: &str = "the time is out of range";
pub(super) const NOT_ISO: &str = "the value is not an ISO 8601 date or time; parse_date() reads other forms";

/// A date or time as precisely as it was given.
pub(super) enum Moment {
    Date(Date),
    Local(DateTime),
    Zoned(Zoned),
}

impl Moment {
    /// ISO 8601 as it is written in JSON: a date, a date with a time, or one with an offset.
    pub(super) fn read(text: &str) -> Option<Self> {
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
    pub(super) fn within(self, zone: &TimeZone) -> Option<Self> {
        match self {
            Self::Date(_) => Some(self),
            Self::Local(local) => zone.to_ambiguous_zoned(local).compatible().ok().map(Self::Zoned),
            Self::Zoned(zoned) => Some(Self::Zoned(zoned.with_time_zone(zone.clone()))),
        }
    }

    /// Written by a format; `None` where it asks for what is not known.
    pub(super) fn format<'t>(&self, format: &str, arena: &'t Arena) -> Option<&'t str> {
        let parts = match self {
            Self::Date(date) => BrokenDownTime::from(*date),
            Self::Local(local) => BrokenDownTime::from(*local),
            Self::Zoned(zoned) => BrokenDownTime::from(zoned),
        };
        let mut text = Made::new_in(arena);
        parts.format(format, StdFmtWrite(&mut text)).ok()?;
        Some(text.into_bump_str())
    }

    pub(super) fn iso<'t>(&self, arena: &'t Arena) -> &'t str {
        match self {
            Self::Date(date) => written(date, arena),
            Self::Local(local) => written(local, arena),
            Self::Zoned(zoned) if *zoned.time_zone() == TimeZone::UTC => written(&zoned.timestamp(), arena),
            Self::Zoned(zoned) => written(&zoned.timestamp().display_with_offset(zoned.offset()), arena),
        }
    }

    /// So much later. A date takes whole days only.
    pub(super) fn add(self, span: Span) -> Option<Self> {
        match self {
            Self::Date(date) => date.checked_add(span).ok().map(Self::Date),
            Self::Local(local) => local.checked_add(span).ok().map(Self::Local),
            Self::Zoned(zoned) => zoned.checked_add(span).ok().map(Self::Zoned),
        }
    }

    /// The day it is on, where it stands.
    pub(super) fn day(&self) -> Date {
        match self {
            Self::Date(date) => *date,
            Self::Local(local) => local.date(),
            Self::Zoned(zoned) => zoned.date(),
        }
    }

    /// The instant; none without an offset.
    pub(super) fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::Date(_) | Self::Local(_) => None,
            Self::Zoned(zoned) => Some(zoned.timestamp()),
        }
    }
}

/// What is shown, in the arena.
pub(super) fn written<'t>(shown: &dyn Display, arena: &'t Arena) -> &'t str {
    bumpalo::format!(in arena, "{}", shown).into_bump_str()
}

/// The value of an argument as a moment, in the zone if there is one; `None` for null.
///
/// # Errors
/// It is not ISO 8601.
pub(super) fn moment<'a>(
    arguments: &Arguments<'_, 'a>,
    position: usize,
    zone: Option<&TimeZone>,
    scope: &Scope<'a>,
) -> Result<Option<Moment>, Error> {
    let Some(text) = arguments.text(position, scope)? else { return Ok(None) };
    let moment = Moment::read(text).ok_or_else(|| arguments.value_error(NOT_ISO))?;
    let within = match zone {
        Some(zone) => moment.within(zone),
        None => Some(moment),
    };
    within.map(Some).ok_or_else(|| arguments.value_error(OUT_OF_RANGE))
}

/// The zone that a call names, if it names one.
///
/// # Errors
/// There is no such zone, or it is computed.
pub(super) fn zone(binding: &Binding<'_>, position: usize) -> Result<Option<TimeZone>, Problem> {
    let Some(name) = binding.written(position, "a time zone")? else { return Ok(None) };
    TimeZone::get(&name).map(Some).map_err(|_| {
        let message = format!("there is no time zone `{name}`");
        Problem::new(binding.span(position), Code::UnknownTimeZone, message)
            .help("use an IANA name, such as 'Europe/Moscow' or 'UTC'")
    })
}
