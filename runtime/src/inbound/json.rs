//! A body as the JSON that the engine reads. What is kept of a message is its body, so this is done again for what
//! follows its deliveries.

use std::borrow::Cow;

use engine::{Encoding, Method};

use super::form;

/// The JSON of a body that came over a channel with this encoding and this method.
///
/// # Errors
/// [`form::Error`] for a form that cannot be read. JSON is not looked into.
pub fn json_of(encoding: Encoding, method: Method, body: &[u8]) -> Result<Cow<'_, [u8]>, form::Error> {
    match encoding {
        // A request without a body has nothing to say but its path and its query.
        Encoding::Json if body.is_empty() && method == Method::Get => Ok(Cow::Borrowed(b"{}")),
        Encoding::Json => Ok(Cow::Borrowed(body)),
        Encoding::Form => form::to_json(body).map(Cow::Owned),
        Encoding::Raw | Encoding::Nothing => Ok(Cow::Borrowed(b"{}")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn only_a_get_may_have_no_body() {
        let of = |method, body: &'static str| json_of(Encoding::Json, method, body.as_bytes()).unwrap();
        assert_eq!(*of(Method::Get, ""), *b"{}");
        assert_eq!(*of(Method::Get, "[1]"), *b"[1]");
        assert_eq!(*of(Method::Post, ""), *b"");
    }

    #[test]
    fn a_form_is_an_object() {
        assert_eq!(*json_of(Encoding::Form, Method::Post, b"a=1").unwrap(), *br#"{"a":"1"}"#);
        assert_eq!(json_of(Encoding::Form, Method::Post, b"a=%zz"), Err(form::Error::Encoding { field: 1 }));
    }
}
