//! When a partner wants to be asked again: `Retry-After` (RFC 9110, section 10.2.3), and what others say it with.

use std::time::Duration;

use hyper::header::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// No answer makes us wait longer.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// In milliseconds: Azure's services.
const MILLISECONDS: [&str; 2] = ["retry-after-ms", "x-ms-retry-after-ms"];
/// When a spent limit begins anew: in seconds (draft-ietf-httpapi-ratelimit-headers-07), or in seconds since 1970 (GitHub).
const RESETS: [&str; 3] = ["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"];
/// More seconds than this are a time and no wait.
const EPOCH: u64 = 1_000_000_000;

/// The wait that a response asks for. Where limits begin anew is heeded only where one is spent: other responses tell as well.
pub(crate) fn of(headers: &HeaderMap, status: u16, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let milliseconds = || MILLISECONDS.iter().find_map(|name| text(name)?.trim().parse().ok());
    let resets = || RESETS.iter().find_map(|name| text(name)?.trim().parse().ok());
    let spent = matches!(status, 429 | 503);
    let wait = text("retry-after")
        .and_then(|value| parse(value, now))
        .or_else(|| milliseconds().map(Duration::from_millis))
        .or_else(|| resets().filter(|_| spent).map(|seconds| until(seconds, now)))?;
    Some(wait.min(LONGEST))
}

fn until(seconds: u64, now: Timestamp) -> Duration {
    let passed = if seconds > EPOCH { u64::try_from(now.as_second()).unwrap_or_default() } else { 0 };
    Duration::from_secs(seconds.saturating_sub(passed))
}

/// The wait that a header's value asks for: seconds, or a date against `now`. `None` if it is
/// neither.
fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only a number too large for 64 bits does not parse.
        value.parse().map_or(LONGEST, Duration::from_secs)
    } else {
        let date = DateTimeParser::new().parse_timestamp(value).ok()?;
        // A date that has passed asks for no wait.
        Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO)
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn vendors_say_it_in_other_words() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let wait = |status, pairs: &[(&'static str, &str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (hyper::header::HeaderName::from_static(name), value.parse().unwrap()));
            of(&headers.collect(), status, now).map(|wait| wait.as_millis())
        };
        assert_eq!(wait(503, &[("retry-after-ms", "250")]), Some(250));
        assert_eq!(wait(200, &[("x-ms-retry-after-ms", "250")]), Some(250));
        assert_eq!(wait(429, &[("ratelimit-reset", "30")]), Some(30_000));
        assert_eq!(wait(429, &[("x-ratelimit-reset", "1800000060")]), Some(60_000));
        assert_eq!(wait(429, &[("x-rate-limit-reset", "1700000000")]), Some(0), "it is over");
        assert_eq!(wait(200, &[("x-ratelimit-reset", "30")]), None, "no limit is spent");
        assert_eq!(wait(429, &[("retry-after", "5"), ("x-ratelimit-reset", "30")]), Some(5_000));
        assert_eq!(wait(429, &[("retry-after", "soon"), ("ratelimit-reset", "30")]), Some(30_000));
    }

    #[test]
    fn seconds_and_dates_are_read() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        let seconds = |value| parse(value, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(7));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0));
        assert_eq!(seconds("Sat, 06 Nov 2094 08:49:37 GMT"), Some(86_400));
        assert_eq!(seconds("99999999999999999999999"), Some(86_400));
        for neither in ["", "-1", "1.5", "soon", "Sun, 06 Nov"] {
            assert_eq!(seconds(neither), None, "{neither}");
        }
    }
}
