//! What a partner can take, resolved.

use std::time::Duration;

use super::expressions::Compiler;
use super::quantity;
use crate::diagnostic::Code;
use crate::document::Scalar;
use crate::document::contract as written;
use crate::plan::contract::{Breaker, Limits, Rate};
use crate::source::Spanned;

impl Compiler<'_> {
    pub(super) fn limits(&mut self, written: &written::Limits) -> Limits {
        let default = Limits::default();
        Limits {
            concurrent: written.concurrent.map(|number| self.within_a_thousand("`concurrent`", number)),
            rate: written.rate.as_ref().and_then(|rate| self.rate(rate)),
            breaker: match &written.breaker {
                None => default.breaker,
                Some(written::Breaker::Off) => None,
                Some(written::Breaker::On { failures, pause }) => {
                    let mut breaker = Breaker::default();
                    if let Some(failures) = failures {
                        breaker.failures = self.within_a_thousand("`failures`", *failures);
                    }
                    if let Some(pause) = pause {
                        let pause = quantity::duration(pause, &mut self.diagnostics);
                        breaker.pause = pause.unwrap_or(breaker.pause);
                    }
                    Some(breaker)
                }
            },
        }
    }

    fn within_a_thousand(&mut self, what: &str, number: Spanned<u32>) -> u32 {
        if !(1..=1000).contains(&number.value) {
            self.error(Code::OutOfRange, format!("{what} is 1 to 1000"), number.span, None);
        }
        number.value
    }

    fn rate(&mut self, written: &Scalar) -> Option<Rate> {
        let parsed = written.text.split_once('/').and_then(|(count, unit)| {
            let seconds =
                [("s", 1), ("m", 60), ("h", 3600)].into_iter().find(|(name, _)| *name == unit.trim());
            let count = count.trim().parse().ok().filter(|count| (1..=1_000_000).contains(count))?;
            Some(Rate { count, per: Duration::from_secs(seconds?.1) })
        });
        if parsed.is_none() {
            let message = format!("`{}` is not a rate", written.text);
            let help =
                Some("a whole number up to 1000000, in a second, minute or hour: 10/s, 300/m".to_owned());
            self.error(Code::BadValue, message, written.span, help);
        }
        parsed
    }
}
