//! URLs, headers and texts with parts that come from the message.

use bumpalo::collections::String as Text;

use crate::expression::{Error, Expression, Scope};
use crate::value::Value;

/// A text with gaps; its settings are resolved, its expressions compiled.
#[derive(Debug)]
pub struct Template {
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug)]
pub(crate) enum Part {
    Text(Box<str>),
    Expression(Expression),
}

impl Template {
    /// The URL, if no part of it comes from a message.
    pub(crate) fn as_text(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Some(&**text),
                Part::Expression(_) => None,
            })
            .collect()
    }

    /// Whether any part of it comes from a message.
    pub(crate) fn is_computed(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Expression(_)))
    }

    /// The text of a template that has no gaps.
    fn written(&self) -> Option<&str> {
        match &*self.parts {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The URL for a message: what an expression yields is percent-encoded, so that it stays one segment or one value.
    ///
    /// # Errors
    /// An expression fails, or yields nothing that can stand in a URL.
    pub fn render_url<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>) -> Result<&'a str, Error> {
        if let Some(url) = self.written() {
            return Ok(url);
        }
        let mut url = Text::new_in(scope.arena);
        for part in &self.parts {
            match part {
                Part::Text(text) => url.push_str(text),
                Part::Expression(expression) => match expression.eval(node, scope)? {
                    Value::String(text) if !text.is_empty() => {
                        percent_encode(text.decode_in(scope.arena), &mut url)
                    }
                    Value::Number(number) => percent_encode(number.as_str(), &mut url),
                    _ => return Err(Error::value("url", "a part of the URL is missing or is not text")),
                },
            }
        }
        Ok(url.into_bump_str())
    }

    /// The text for a message, as its expressions yield it.
    ///
    /// # Errors
    /// An expression fails, or yields nothing that can stand in a text.
    pub fn render_text<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>) -> Result<&'a str, Error> {
        if let Some(text) = self.written() {
            scope.pay(text.len())?;
            return Ok(text);
        }
        let mut text = Text::new_in(scope.arena);
        for part in &self.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Expression(expression) => match expression.eval(node, scope)? {
                    Value::String(part) => text.push_str(part.decode_in(scope.arena)),
                    Value::Number(number) => text.push_str(number.as_str()),
                    Value::Bool(truth) => text.push_str(if truth { "true" } else { "false" }),
                    _ => return Err(Error::Rule { detail: "a part of the text is missing or is not text" }),
                },
            }
        }
        scope.pay(text.len())?;
        Ok(text.into_bump_str())
    }
}

/// Everything but RFC 3986's unreserved characters, so that no value can add a segment or a parameter.
fn percent_encode(text: &str, url: &mut Text<'_>) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~')
            || (byte == b'.' && text.len() > 2)
        {
            url.push(char::from(byte));
        } else {
            let digit = |nibble: u8| {
                char::from_digit(nibble.into(), 16).map_or('0', |digit| digit.to_ascii_uppercase())
            };
            url.extend(['%', digit(byte >> 4), digit(byte & 0x0f)]);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_value_stays_one_segment() {
        let arena = crate::value::Arena::new();
        let mut url = super::Text::new_in(&arena);
        super::percent_encode("../a b/ё?x=1", &mut url);
        assert_eq!(url, "..%2Fa%20b%2F%D1%91%3Fx%3D1");
        url.clear();
        super::percent_encode("..", &mut url);
        assert_eq!(url, "%2E%2E");
    }
}
