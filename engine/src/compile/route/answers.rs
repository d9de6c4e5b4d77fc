//! What the caller gets: the first answer that holds, for each end that a call can have.

use super::Routing;
use crate::compile::template::Text;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::route as written;
use crate::exchange::Outcome;
use crate::expression::{Known, Sight};
use crate::plan::route::{Answer, Content};
use crate::source::{Span, Spanned};

impl<'c> Routing<'_, 'c> {
    /// The answers of a route, over the message, or over the response of its `call`.
    pub(super) fn answers(&mut self, written: &written::Route, sight: &Sight<'c>) -> Vec<Answer> {
        let sight = match &written.call {
            Some(call) => self.sight_of_call(call),
            None => sight.clone(),
        };
        let answers = written.answers.iter().map(|answer| self.answer(answer, &sight)).collect();
        self.check_answers(written);
        answers
    }

    fn answer(&mut self, written: &written::Answer, sight: &Sight<'c>) -> Answer {
        let on = written.on.as_ref().map_or(Outcome::Delivered, |on| on.value);
        let position = self.position(sight, Known::Any, written.span);
        Answer {
            on,
            place: self.compiler.place(written.span),
            when: self.compiler.condition(written.when.as_ref(), self.partner, sight),
            status: self.status(written.status.as_ref(), on),
            headers: self.compiler.headers(&written.headers, self.partner, sight),
            content: match &written.content {
                written::Content::Nothing => Content::Nothing,
                written::Content::Text(text) => self
                    .compiler
                    .template(text, self.partner, sight, Text::Other)
                    .map_or(Content::Nothing, Content::Text),
                written::Content::Json(body) => {
                    self.body(body, &position).map_or(Content::Nothing, Content::Json)
                }
            },
        }
    }

    /// A refusal must not look like a success because nobody wrote down a status.
    fn status(&mut self, written: Option<&Spanned<u32>>, on: Outcome) -> u16 {
        let default = match on {
            Outcome::Delivered => 200,
            Outcome::Rejected => 422,
            Outcome::Failed => 503,
        };
        let Some(status) = written else { return default };
        let valid = u16::try_from(status.value).ok().filter(|status| (200..600).contains(status));
        if valid.is_none() {
            self.compiler.error(Code::OutOfRange, "an HTTP status is 200 to 599", status.span, None);
        }
        valid.unwrap_or(default)
    }

    /// For a call that is delivered, and for a message, some answer must hold whatever the message.
    fn check_answers(&mut self, written: &written::Route) {
        for on in [Outcome::Delivered, Outcome::Rejected, Outcome::Failed] {
            let given = |answer: &&written::Answer| outcome(answer) == on;
            let given: Vec<&written::Answer> = written.answers.iter().filter(given).collect();
            self.check_order(&given);
            match (on, given.last()) {
                (Outcome::Delivered, Some(last)) if last.when.is_some() => self.no_last_answer(last.span),
                (Outcome::Rejected | Outcome::Failed, Some(first)) if written.call.is_none() => {
                    let at = first.on.as_ref().map_or(first.span, |on| on.span);
                    let message = "`on` has no effect without `call`";
                    self.compiler.error(Code::UselessKey, message, at, None);
                }
                _ => {}
            }
        }
        let Some(call) = &written.call else { return };
        let delivered = written.answers.iter().find(|answer| outcome(answer) == Outcome::Delivered);
        match (call.forward, delivered) {
            (false, None) => {
                let message = "nothing says what the caller gets";
                let help = "`answer: {map: …}` is made of the response, `answer: {copy: \"@\"}` is the response, \
                            `forward: true` passes it on unread";
                self.compiler.error(Code::MissingKey, message, call.endpoint.span, Some(help.to_owned()));
            }
            (true, Some(answer)) => {
                let message = "the caller gets the response itself: `forward` leaves nothing to answer";
                let help = "`on: rejected` or `on: failed` says what it gets otherwise";
                self.compiler.error(Code::ConflictingKeys, message, answer.span, Some(help.to_owned()));
            }
            _ => {}
        }
    }

    fn check_order(&mut self, answers: &[&written::Answer]) {
        let Some(always) = answers.iter().position(|answer| answer.when.is_none()) else { return };
        for answer in answers.iter().skip(always + 1) {
            let mut diagnostic =
                Diagnostic::error(Code::UnreachableRow, "the answer is never given", answer.span)
                    .help("an answer without `when` comes last");
            if let Some(earlier) = answers.get(always) {
                diagnostic = diagnostic.context(earlier.span, "this one always holds");
            }
            self.compiler.diagnostics.push(diagnostic);
        }
    }

    fn no_last_answer(&mut self, at: Span) {
        let message = "there is no answer where no `when` holds";
        let help = Some("the last answer has no `when`".to_owned());
        self.compiler.error(Code::MissingKey, message, at, help);
    }
}

fn outcome(answer: &written::Answer) -> Outcome {
    answer.on.as_ref().map_or(Outcome::Delivered, |on| on.value)
}
