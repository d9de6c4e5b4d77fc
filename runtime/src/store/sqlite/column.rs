//! How times and states are written in columns.

use jiff::Timestamp;
use rusqlite::{
    Row, RowIndex, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Type, ValueRef},
};
use serde_json::json;

use crate::store::{AttemptOutcome, DeliveryState, Exhausted, MessageState};

/// A time as microseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Micros(pub Timestamp);

impl ToSql for Micros {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_microsecond().into())
    }
}

impl FromSql for Micros {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = value.as_i64()?;
        Timestamp::from_microsecond(micros).map(Self).map_err(|_| FromSqlError::OutOfRange(micros))
    }
}

/// Reads a column of a time.
pub(super) fn time<I: RowIndex>(row: &Row<'_>, index: I) -> rusqlite::Result<Timestamp> {
    Ok(row.get::<_, Micros>(index)?.0)
}

/// Reads a column of a count that the schema keeps as a signed number.
pub(super) fn unsigned(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(index)?;
    u64::try_from(value)
        .map_err(|source| rusqlite::Error::FromSqlConversionFailure(index, Type::Integer, Box::new(source)))
}

/// Headers as JSON text.
pub(super) struct Headers<'h>(pub &'h [(String, String)]);

impl ToSql for Headers<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(json!(self.0).to_string().into())
    }
}

/// Reads a column of headers.
pub(super) fn headers(row: &Row<'_>, index: usize) -> rusqlite::Result<Vec<(String, String)>> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text)
        .map_err(|source| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(source)))
}

/// A limit as SQL takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The numbers are part of the schema: partial indexes rely on 0 and 1 being the unfinished states of a delivery.
macro_rules! numbered {
    ($state:ty { $($variant:ident = $number:literal),+ $(,)? }) => {
        impl ToSql for $state {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let number: i64 = match self { $(Self::$variant => $number),+ };
                Ok(number.into())
            }
        }

        impl FromSql for $state {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_i64()? {
                    $($number => Ok(Self::$variant),)+
                    unknown => Err(FromSqlError::OutOfRange(unknown)),
                }
            }
        }
    };
}

numbered!(MessageState {
    Accepted = 0,
    Delivered = 1,
    Rejected = 2,
    Parked = 3,
    Done = 4,
    Queued = 5,
    Discarded = 6,
    Superseded = 7,
});
numbered!(DeliveryState {
    Pending = 0,
    InFlight = 1,
    Delivered = 2,
    Rejected = 3,
    Parked = 4,
    Discarded = 5,
    Superseded = 6,
});
numbered!(AttemptOutcome { Delivered = 0, Retry = 1, Rejected = 2, Parked = 3, Lost = 4, Unknown = 5 });
numbered!(Exhausted { ParkMessage = 0, ParkKey = 1, LatestWins = 2 });
