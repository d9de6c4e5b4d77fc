//! URLs as written: `{base_url}/orders/{payload.id}`.

use std::ops::Range;

use super::expressions::Compiler;
use crate::diagnostic::{Code, suggestion};
use crate::document::{Resolved, Scalar, Style};
use crate::expression::Sight;
use crate::plan::template::{Part, Template};
use crate::source::Span;

impl<'c> Compiler<'c> {
    /// `{name}` is a setting where there is one of that name, else an expression over the node `sight` begins with.
    pub(super) fn url(&mut self, written: &Scalar, partner: &str, sight: &Sight<'c>) -> Option<Template> {
        let mut parts = Vec::new();
        let mut sound = true;
        let mut at = 0;
        while let Some(open) = written.text.get(at..)?.find('{') {
            let open = at + open;
            let Some(length) = written.text.get(open..)?.find('}') else {
                let span = written.span_of(self.sources, open, written.text.len());
                self.bad_url(span, "a `{` is not closed");
                return None;
            };
            parts.push(Part::Text(written.text.get(at..open)?.into()));
            let part = self.url_part(written, open + 1..open + length, partner, sight);
            sound &= part.is_some();
            parts.extend(part);
            at = open + length + 1;
        }
        parts.push(Part::Text(written.text.get(at..)?.into()));
        let template = Template { parts };
        (sound && self.check_start(written, &template)).then_some(template)
    }

    fn url_part(
        &mut self,
        written: &Scalar,
        at: Range<usize>,
        partner: &str,
        sight: &Sight<'c>,
    ) -> Option<Part> {
        let name = written.text.get(at.clone())?;
        let qualified = format!("{partner}.{name}");
        if let Some(setting) = self.names.settings.get(&qualified) {
            if setting.secret {
                let span = written.span_of(self.sources, at.start, at.end);
                let message = format!("`{name}` is a secret; a URL is shown in logs and lists");
                let help = "use it in `auth`".to_owned();
                self.error(Code::SecretExposed, message, span, Some(help));
                return None;
            }
            return Some(Part::Text(setting.value.trim_end_matches('/').into()));
        }
        if self.names.broken.explains(&qualified) {
            return None;
        }
        let span = written.span_of(self.sources, at.start, at.end);
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
        let known = host.is_some_and(|host| host.contains('/') || template.parts.iter().all(is_text));
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

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

fn is_text(part: &Part) -> bool {
    matches!(part, Part::Text(_))
}
