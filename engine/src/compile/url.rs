//! URLs as written: `{base_url}/orders/{payload.id}`.

use super::expressions::Compiler;
use super::template::Text;
use crate::diagnostic::Code;
use crate::document::Scalar;
use crate::expression::Sight;
use crate::plan::template::{Part, Template};
use crate::source::Span;

impl<'c> Compiler<'c> {
    /// A URL whose host is known at load.
    pub(super) fn url(&mut self, written: &Scalar, partner: &str, sight: &Sight<'c>) -> Option<Template> {
        let template = self.template(written, partner, sight, Text::Url)?;
        self.check_start(written, &template).then_some(template)
    }

    /// The destination must be known at load; only what comes after it may depend on a message.
    fn check_start(&mut self, written: &Scalar, template: &Template) -> bool {
        let mut start = String::new();
        for part in &template.parts {
            match part {
                Part::Text(text) => start.push_str(text),
                Part::Expression(_) => break,
            }
        }
        let host = start.strip_prefix("https://").or_else(|| start.strip_prefix("http://"));
        let known = host.is_some_and(|rest| ends_its_host(rest) || template.parts.iter().all(is_text));
        // A setting that has no value is reported where it is declared.
        let unset = start.is_empty() || start.starts_with('/');
        if known {
            self.check_sandbox(written, &start);
        }
        if !known && !unset {
            let message = match host {
                None => "the URL does not begin with http:// or https://",
                Some(_) => "the host of a URL cannot come from a message",
            };
            self.bad_url(written.span, message);
        }
        known || unset
    }

    /// A sandbox must not reach the real partner, whatever the environment says.
    fn check_sandbox(&mut self, written: &Scalar, start: &str) {
        let Some(listen) = self.only else { return };
        let rest = start.strip_prefix(listen);
        if rest.is_none_or(|rest| !(rest.is_empty() || rest.starts_with('/'))) {
            let message = "in the sandbox this would call the real partner";
            let help = "give the setting a value for the sandbox: {env: …, sandbox: \"{listen}/sandbox/…\"}";
            self.error(Code::ForbiddenDestination, message, written.span, Some(help.to_owned()));
        }
    }

    fn bad_url(&mut self, span: Span, message: &str) {
        let help = Some("for example \"{base_url}/orders\", with base_url among the settings".to_owned());
        self.error(Code::BadUrl, message, span, help);
    }
}

/// Whether the host is over before a message has its say. URL parsers look past slashes before a host, read `\` as one, and
/// take line breaks out (<https://url.spec.whatwg.org/#url-parsing>).
fn ends_its_host(rest: &str) -> bool {
    rest.split_once('/').is_some_and(|(host, _)| {
        !host.is_empty()
            && !host.contains(|sign: char| sign == '\\' || sign.is_whitespace() || sign.is_control())
    })
}

fn is_text(part: &Part) -> bool {
    matches!(part, Part::Text(_))
}
