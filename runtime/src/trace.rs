//! The trace that a message belongs to (W3C Trace Context, level 1): the caller's, or one that begins with it. What is called for
//! the message carries it on, also after a restart.

use hyper::HeaderMap;
use uuid::Uuid;

/// Bytes of a `tracestate` that is passed on (section 3.3.1.5); a longer one is left out.
const LONGEST_STATE: usize = 512;
/// Whoever begins a trace has recorded it.
const SAMPLED: &str = "01";

/// A trace; none of it is our own span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// 32 hexadecimal digits.
    id: String,
    /// Two hexadecimal digits.
    flags: String,
    state: Option<String>,
}

impl Trace {
    /// The caller's, where it names one rightly.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut parents = headers.get_all("traceparent").iter();
        let parent = parents.next().and_then(|parent| parent.to_str().ok());
        let Some((id, flags)) = parent.filter(|_| parents.next().is_none()).and_then(parsed) else {
            return Self::begin();
        };
        let states: Vec<&str> =
            headers.get_all("tracestate").iter().filter_map(|state| state.to_str().ok()).collect();
        let state = Some(states.join(",")).filter(|state| (1..=LONGEST_STATE).contains(&state.len()));
        Self { id: id.to_owned(), flags: flags.to_owned(), state }
    }

    #[must_use]
    pub fn begin() -> Self {
        Self { id: Uuid::new_v4().simple().to_string(), flags: SAMPLED.to_owned(), state: None }
    }

    /// Names the trace in a log.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// `traceparent` of one request: a span of its own.
    #[must_use]
    pub fn parent(&self) -> String {
        let (high, low) = Uuid::new_v4().as_u64_pair();
        let Self { id, flags, .. } = self;
        // A span has an id, and 0 is none.
        format!("00-{id}-{:016x}-{flags}", (high ^ low).max(1))
    }

    /// As it is kept with its message.
    #[must_use]
    pub fn kept(&self) -> String {
        let Self { id, flags, state } = self;
        format!("{id}-{flags}-{}", state.as_deref().unwrap_or_default())
    }

    /// What [`Self::kept`] has written; a message that was kept before there were traces begins one.
    #[must_use]
    pub fn restored(kept: Option<&str>) -> Self {
        let mut parts = kept.unwrap_or_default().splitn(3, '-');
        let (Some(id), Some(flags)) = (parts.next().filter(|id| !id.is_empty()), parts.next()) else {
            return Self::begin();
        };
        let state = parts.next().filter(|state| !state.is_empty()).map(str::to_owned);
        Self { id: id.to_owned(), flags: flags.to_owned(), state }
    }
}

/// Trace id and flags of a `traceparent` (section 3.2); of a version to come, what this one knows of it.
fn parsed(parent: &str) -> Option<(&str, &str)> {
    let mut parts = parent.split('-');
    let (version, id) = (hex(parts.next()?, 2)?, hex(parts.next()?, 32)?);
    let (span, flags) = (hex(parts.next()?, 16)?, hex(parts.next()?, 2)?);
    let ends = version != "00" || parts.next().is_none();
    let is_zero = |id: &str| id.bytes().all(|digit| digit == b'0');
    (version != "ff" && ends && !is_zero(id) && !is_zero(span)).then_some((id, flags))
}

fn hex(text: &str, length: usize) -> Option<&str> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (text.len() == length && text.bytes().all(is_digit)).then_some(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    const ID: &str = "0af7651916cd43dd8448eb211c80319c";

    fn trace(headers: &[(&'static str, &str)]) -> Trace {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        Trace::of(&map)
    }

    #[test]
    fn the_callers_trace_goes_on_with_spans_of_our_own() {
        let parent = format!("00-{ID}-b7ad6b7169203331-00");
        let trace = trace(&[("traceparent", &parent), ("tracestate", "a=1"), ("tracestate", "b=2")]);
        assert_eq!((trace.id(), trace.state()), (ID, Some("a=1,b=2")));
        let (first, second) = (trace.parent(), trace.parent());
        assert!(first.starts_with(&format!("00-{ID}-")) && first.ends_with("-00"), "{first}");
        assert!(parsed(&first).is_some() && first != second && first != parent);
        assert_eq!(Trace::restored(Some(&trace.kept())), trace);
    }

    #[test]
    fn what_is_no_parent_is_left_out() {
        let later = format!("cc-{ID}-b7ad6b7169203331-01-more");
        assert_eq!(trace(&[("traceparent", &later)]).id(), ID, "of a version to come");
        for wrong in [
            String::new(),
            format!("ff-{ID}-b7ad6b7169203331-01"),
            format!("00-{ID}-b7ad6b7169203331-01-more"),
            format!("00-{}-b7ad6b7169203331-01", ID.to_uppercase()),
            format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            format!("00-{ID}-{}-01", "0".repeat(16)),
            format!("00-{ID}-b7ad-01"),
        ] {
            let begun = trace(&[("traceparent", &wrong), ("tracestate", "a=1")]);
            assert!(begun.id() != ID && begun.id().len() == 32 && begun.state().is_none(), "{wrong}");
        }
        let parent = format!("00-{ID}-b7ad6b7169203331-01");
        assert_ne!(trace(&[("traceparent", &parent), ("traceparent", &parent)]).id(), ID);
        let long = "a".repeat(513);
        assert_eq!(trace(&[("traceparent", &parent), ("tracestate", &long)]).state(), None);
        assert_eq!(Trace::restored(None).id().len(), 32);
    }
}
