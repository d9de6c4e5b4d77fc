//! Texts with gaps as written: `{base_url}/orders/{payload.id}`. `{{` and `}}` are braces.

use std::ops::Range;

use super::expressions::Compiler;
use crate::diagnostic::{Code, suggestion};
use crate::document::{Resolved, Scalar, Style};
use crate::expression::Sight;
use crate::plan::route::Headers;
use crate::plan::template::{Part, Template};
use crate::source::{Span, Spanned};

/// Headers that belong to the message path itself, or that `auth` makes.
const RESERVED: [&str; 10] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "idempotency-key",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Where a text stands: a setting in a URL joins a path, and what is said of a mistake differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Url,
    Other,
}

enum Piece {
    Text(String),
    /// What stands between braces.
    Gap(Range<usize>),
}

impl<'c> Compiler<'c> {
    /// A text; `{name}` is a setting where there is one of that name, else an expression over the node of `sight`.
    pub(super) fn template(
        &mut self,
        written: &Scalar,
        partner: &str,
        sight: &Sight<'c>,
        text: Text,
    ) -> Option<Template> {
        let pieces = match pieces(&written.text) {
            Ok(pieces) => pieces,
            Err((at, message)) => {
                let span = written.span_of(self.sources, at, written.text.len());
                let help = "a brace that is meant as such is written twice: {{ }}".to_owned();
                let code = if text == Text::Url { Code::BadUrl } else { Code::BadValue };
                self.error(code, message, span, Some(help));
                return None;
            }
        };
        let mut parts = Vec::with_capacity(pieces.len());
        let mut sound = true;
        for piece in pieces {
            let part = match piece {
                Piece::Text(text) => Some(Part::Text(text.into())),
                Piece::Gap(at) => self.gap(written, at, partner, sight, text),
            };
            sound &= part.is_some();
            parts.extend(part);
        }
        sound.then_some(Template { parts })
    }

    fn gap(
        &mut self,
        written: &Scalar,
        at: Range<usize>,
        partner: &str,
        sight: &Sight<'c>,
        text: Text,
    ) -> Option<Part> {
        let name = written.text.get(at.clone())?;
        let qualified = format!("{partner}.{name}");
        let span = written.span_of(self.sources, at.start, at.end);
        let names = self.names_of(partner);
        if let Some(setting) = names.setting(&qualified) {
            if setting.secret {
                let (message, help) = (
                    format!("`{name}` is a secret; what is sent is kept and shown in lists"),
                    Some("use it in `auth`".to_owned()),
                );
                self.error(Code::SecretExposed, message, span, help);
                return None;
            }
            let value: &str = &setting.value;
            return Some(Part::Text(
                if text == Text::Url { value.trim_end_matches('/') } else { value }.into(),
            ));
        }
        if names.explains(&qualified) {
            return None;
        }
        if let (true, Err(fields)) = (is_word(name), sight.current.field(name)) {
            self.neither_setting_nor_field(name, &fields, span, partner);
            return None;
        }
        let scalar = Scalar { text: name.to_owned(), style: Style::Plain, resolved: Resolved::String, span };
        self.expression(&scalar, partner, sight).map(Part::Expression)
    }

    fn neither_setting_nor_field(&mut self, name: &str, fields: &[String], span: Span, partner: &str) {
        let names = self.names_of(partner);
        let own = names.known(names.settings).filter(|name| !name.contains('.'));
        let help = suggestion(name, own.chain(fields.iter().map(String::as_str)));
        let message = format!("`{name}` is neither a setting nor a field of what is sent");
        self.error(Code::UnknownSetting, message, span, help);
    }

    pub(super) fn headers(
        &mut self,
        written: &[(Spanned<String>, Scalar)],
        partner: &str,
        sight: &Sight<'c>,
    ) -> Headers {
        let mut headers: Headers = Vec::with_capacity(written.len());
        for (name, text) in written {
            let lower = name.value.to_ascii_lowercase();
            if let Some((message, help)) = wrong_header(&lower) {
                self.error(Code::BadName, message, name.span, help.map(str::to_owned));
            } else if headers.iter().any(|(known, _)| **known == *lower) {
                let message = format!("the header `{}` is written twice", name.value);
                self.error(Code::DuplicateName, message, name.span, None);
            }
            if text.text.chars().any(char::is_control) {
                let message =
                    format!("the header `{}` holds a line break or a control character", name.value);
                self.error(Code::BadValue, message, text.span, None);
            }
            headers.extend(
                self.template(text, partner, sight, Text::Other)
                    .map(|template| (lower.as_str().into(), template)),
            );
        }
        headers
    }
}

pub(super) fn wrong_header(name: &str) -> Option<(String, Option<&'static str>)> {
    // RFC 9110, section 5.6.2.
    let token = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
    if name.is_empty() || !name.chars().all(token) {
        return Some((format!("`{name}` is not a header name"), None));
    }
    let help = match name {
        "authorization" => Some("`auth` proves who we are"),
        "idempotency-key" => Some("every delivery has one already, the same on each attempt"),
        _ => None,
    };
    RESERVED.contains(&name).then(|| (format!("the header `{name}` is not for a contract to set"), help))
}

fn pieces(text: &str) -> Result<Vec<Piece>, (usize, &'static str)> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(brace) = rest.find(['{', '}']) else {
            plain.push_str(rest);
            break;
        };
        plain.push_str(rest.get(..brace).unwrap_or_default());
        let here = at + brace;
        let found = rest.get(brace..).unwrap_or_default();
        if found.starts_with("{{") || found.starts_with("}}") {
            plain.push_str(found.get(..1).unwrap_or_default());
            at = here + 2;
            continue;
        }
        if found.starts_with('}') {
            return Err((here, "a `}` closes nothing"));
        }
        let length = found.find('}').ok_or((here, "a `{` is not closed"))?;
        pieces.push(Piece::Text(std::mem::take(&mut plain)));
        pieces.push(Piece::Gap(here + 1..here + length));
        at = here + length + 1;
    }
    pieces.push(Piece::Text(plain));
    Ok(pieces)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let gap = |at: Range<usize>| format!("<{}>", text.get(at).unwrap_or_default());
        match pieces(text) {
            Ok(pieces) => pieces
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text,
                    Piece::Gap(at) => gap(at),
                })
                .collect(),
            Err((at, message)) => format!("{at}: {message}"),
        }
    }

    #[test]
    fn a_brace_written_twice_is_a_brace() {
        assert_eq!(told("{base}/orders/{payload.id}?x={y}"), "<base>/orders/<payload.id>?x=<y>");
        assert_eq!(told("{{\"ok\":{truth}}}"), "{\"ok\":<truth>}");
        assert_eq!(told("ё{a}"), "ё<a>");
        assert_eq!(told("a{b"), "1: a `{` is not closed");
        assert_eq!(told("a}b"), "1: a `}` closes nothing");
    }
}
