//! Formats that show a day and nothing else, such as `%d.%m.%Y`: most formats that partners ask for. They are read once, when
//! the mapping is loaded.

use jiff::civil::Date;

use super::strings::Made;
use crate::value::Arena;

/// A format of days, months and years of four digits.
#[derive(Debug)]
pub(super) struct DayFormat(Box<[Part]>);

#[derive(Debug)]
enum Part {
    /// `%d`, two digits.
    Day,
    /// `%m`, two digits.
    Month,
    /// `%Y`, four digits.
    Year,
    Sign(char),
}

impl DayFormat {
    /// `None` of a format that has other directives.
    pub(super) fn of(format: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut signs = format.chars();
        while let Some(sign) = signs.next() {
            parts.push(match sign {
                '%' => match signs.next()? {
                    'd' => Part::Day,
                    'm' => Part::Month,
                    'Y' => Part::Year,
                    _ => return None,
                },
                sign => Part::Sign(sign),
            });
        }
        Some(Self(parts.into()))
    }

    /// `None` of a year that has not four digits.
    pub(super) fn write<'t>(&self, date: Date, arena: &'t Arena) -> Option<&'t str> {
        let year = u16::try_from(date.year()).ok()?;
        let mut text = Made::with_capacity_in(self.0.len() * 4, arena);
        for part in &self.0 {
            match part {
                Part::Day => two(date.day().unsigned_abs().into(), &mut text),
                Part::Month => two(date.month().unsigned_abs().into(), &mut text),
                Part::Year => {
                    two(year / 100, &mut text);
                    two(year % 100, &mut text);
                }
                Part::Sign(sign) => text.push(*sign),
            }
        }
        Some(text.into_bump_str())
    }
}

fn two(number: u16, text: &mut Made<'_>) {
    let digit = |digit: u16| char::from(b'0' + (digit % 10) as u8);
    text.push(digit(number / 10));
    text.push(digit(number));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::fmt::strtime;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_formats_are_left_alone() {
        for format in ["%H:%M", "%d.%m.%y", "%-d.%m.%Y", "%F", "%", "%%"] {
            assert!(DayFormat::of(format).is_none(), "{format}");
        }
        assert!(DayFormat::of("%d.%m.%Y").unwrap().write(Date::constant(-1, 1, 1), &Arena::new()).is_none());
    }

    proptest! {
        #[test]
        fn a_day_is_written_as_the_library_writes_it(
            year in 0_i16..=9999, month in 1_i8..=12, day in 1_i8..=28, format in "(%d|%m|%Y|[./ года-]){0,8}"
        ) {
            let date = Date::constant(year, month, day);
            let arena = Arena::new();
            let written = DayFormat::of(&format).unwrap().write(date, &arena);
            prop_assert_eq!(written.unwrap(), strtime::format(&format, date).unwrap());
        }
    }
}
