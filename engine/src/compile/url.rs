//! URLs as written: `{base_url}/orders/{payload.id}`.

use super::expressions::Compiler;
use crate::diagnostic::Code;
use crate::document::{Resolved, Scalar, Style};
use crate::expression::Sight;
use crate::plan::template::{Part, Template};

impl<'c> Compiler<'c> {
    /// `{name}` is a setting where there is one of that name, else an expression over the node `sight` begins with.
    pub(super) fn url(&mut self, written: &Scalar, partner: &str, sight: &Sight<'c>) -> Option<Template> {
        let mut parts = Vec::new();
        let mut rest = written.text.as_str();
        let mut at = 0;
        while let Some(open) = rest.find('{') {
            let Some(length) = rest.get(open..).and_then(|tail| tail.find('}')) else {
                self.bad_url(written, "a `{` is not closed");
                return None;
            };
            parts.push(Part::Text(rest.get(..open)?.into()));
            let name = rest.get(open + 1..open + length)?;
            parts.push(self.url_part(written, at + open + 1, name, partner, sight)?);
            at += open + length + 1;
            rest = written.text.get(at..)?;
        }
        parts.push(Part::Text(rest.into()));
        let template = Template { parts };
        self.check_start(written, &template).then_some(template)
    }

    fn url_part(
        &mut self,
        written: &Scalar,
        at: usize,
        name: &str,
        partner: &str,
        sight: &Sight<'c>,
    ) -> Option<Part> {
        if let Some(setting) = self.names.settings.get(&format!("{partner}.{name}")) {
            return Some(Part::Text(setting.value.trim_end_matches('/').into()));
        }
        let span = written.span_of(self.sources, at, at + name.len());
        let scalar = Scalar { text: name.to_owned(), style: Style::Plain, resolved: Resolved::String, span };
        self.expression(&scalar, partner, sight).map(Part::Expression)
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
        if !known && !unset {
            self.bad_url(
                written,
                "a URL begins with http:// or https:// and a host that no message can change",
            );
        }
        known || unset
    }

    fn bad_url(&mut self, written: &Scalar, message: &str) {
        let help = Some("for example \"{base_url}/orders\", with base_url among the settings".to_owned());
        self.error(Code::BadUrl, message, written.span, help);
    }
}

fn is_text(part: &Part) -> bool {
    matches!(part, Part::Text(_))
}
