//! Contracts: channels and endpoints, resolved.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::auth::sound;
use super::declarations::{Declarations, Face};
use super::documents::Documents;
use super::expressions::Compiler;
use super::quantity;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use crate::document::Scalar;
use crate::document::contract as written;
use crate::exchange::{Encoding, Method, Verdict};
use crate::expression::{Kind, Known, Sight};
use crate::plan::auth::{Authentication, ClientTls};
use crate::plan::contract::{Channel, Endpoint, LONGEST_TIMEOUT, Limits, OutcomeRule, Retry, Target};
use crate::plan::secret::SecretMember;
use crate::source::Span;

const MAX_BODY: usize = 2 << 20;
const TIMEOUT: Duration = Duration::from_secs(15);

/// The channels and endpoints of one partner.
#[derive(Debug, Default)]
pub(super) struct Contract {
    pub channels: Vec<Arc<Channel>>,
    pub endpoints: Vec<Arc<Endpoint>>,
}

pub(super) fn compile(documents: &Documents, compiler: &mut Compiler<'_>) -> Contract {
    let mut compiled = Contract::default();
    let Some(contract) = &documents.contract else { return compiled };
    let partner = documents.partner.as_str();
    let auth = authentications(partner, contract, compiler);
    let surroundings = Surroundings {
        limits: compiler.limits(&contract.limits),
        tls: contract.tls.as_ref().and_then(|tls| compiler.tls(partner, tls)).map(Arc::new),
        auth,
    };
    for (name, channel) in &contract.channels {
        compiled.channels.extend(compiler.channel(partner, &name.value, channel).map(Arc::new));
    }
    for (name, endpoint) in &contract.endpoints {
        let endpoint = compiler.endpoint(partner, &name.value, endpoint, &surroundings);
        compiled.endpoints.extend(endpoint.map(Arc::new));
    }
    compiled
}

/// What all endpoints of a partner have in common.
struct Surroundings {
    /// Each entry of `auth`; `None` where it is there and not sound.
    auth: BTreeMap<String, Option<Authentication>>,
    limits: Limits,
    tls: Option<Arc<ClientTls>>,
}

/// Each entry of `auth`; `None` where it is there and not sound.
fn authentications(
    partner: &str,
    contract: &written::Contract,
    compiler: &mut Compiler<'_>,
) -> BTreeMap<String, Option<Authentication>> {
    let mut entries = BTreeMap::new();
    for (name, auth) in &contract.auth {
        let full = format!("{partner}/{}", name.value).into();
        let auth = compiler.auth(partner, auth);
        entries
            .insert(name.value.clone(), auth.map(|auth| Authentication { name: full, auth: Arc::new(auth) }));
    }
    entries
}

impl<'c> Compiler<'c> {
    fn channel(&mut self, partner: &str, name: &str, written: &written::Channel) -> Option<Channel> {
        let path = written.door.as_ref().map(|(_, path)| path);
        if let Some((path, wrong)) = path.and_then(|path| Some((path, wrong_path(&path.text)?))) {
            let help = Some("a path is written /bank/orders/{id}".to_owned());
            self.error(Code::BadUrl, format!("the path {wrong}"), path.span, help);
        }
        let mut messages: Vec<(Box<str>, Option<Box<str>>)> = Vec::new();
        let mut shapes = Vec::new();
        for (name, schema) in &written.messages {
            shapes.push(self.shape(schema.as_ref(), partner));
            let schema = schema.as_ref().map(|schema| schema.text.as_str().into());
            messages.push((name.value.as_str().into(), schema));
        }
        // The type, the id and the key are read before it is known which of the schemas holds.
        let any = Sight::over(Known::OneOf(shapes));
        let caller = written.auth.as_ref().and_then(Option::as_ref);
        let signs_body = caller.is_some_and(written::Caller::signs_body);
        if let (Encoding::Raw, true, Some(path)) = (written.encoding, signs_body, path) {
            let message = "a body that is passed on unread proves nothing";
            let help = Some("a proof in a header alone: bearer, api_key, jwt".to_owned());
            self.error(Code::BadValue, message, path.span, help);
        }
        let auth = caller.map(|caller| self.caller(partner, caller, &any.message));
        let message_type = self.expression(&written.message, partner, &any);
        let max_body = written.max_body.as_ref().and_then(|size| quantity::size(size, &mut self.diagnostics));
        Some(Channel {
            name: format!("{partner}/{name}").into(),
            partner: partner.into(),
            door: written.door.as_ref().map(|(method, path)| (*method, path.text.as_str().into())),
            auth: sound(auth)?,
            networks: written.networks.as_deref().map(|networks| self.networks(partner, networks)),
            encoding: written.encoding,
            max_body: max_body.unwrap_or(MAX_BODY),
            on_fault: written.on_fault,
            on_conflict: written.on_conflict,
            routes: written.routes,
            messages,
            id: self.optional(written.id.as_ref(), partner, &any),
            key: self.optional(written.key.as_ref(), partner, &any),
            message_type: message_type?,
        })
    }

    fn endpoint(
        &mut self,
        partner: &str,
        name: &str,
        written: &written::Endpoint,
        surroundings: &Surroundings,
    ) -> Option<Endpoint> {
        let request = self.shape(written.request.as_ref(), partner);
        let response = self.shape(written.response.as_ref(), partner);
        let sight = Sight::of_delivery(request.clone(), encoding(written) == Encoding::Json);
        let timeout = written.timeout.as_ref().and_then(|time| self.timeout(time));
        let endpoint = Endpoint {
            name: format!("{partner}/{name}").into(),
            partner: partner.into(),
            target: self.target(partner, &written.target, &sight)?,
            headers: self.headers(&written.headers, partner, &sight),
            encoding: encoding(written),
            auth: written
                .auth
                .as_ref()
                .and_then(|name| self.authentication(partner, name, &surroundings.auth)),
            secrets: self.secrets(partner, written),
            timeout: timeout.unwrap_or(TIMEOUT),
            retry: self.retry(written.retry.as_ref()),
            on_exhausted: written.on_exhausted,
            on_unknown: written.on_unknown,
            limits: surroundings.limits,
            tls: surroundings.tls.clone(),
            request: written.request.as_ref().map(|schema| schema.text.as_str().into()),
            response: written.response.as_ref().map(|schema| schema.text.as_str().into()),
            key: self.optional(written.key.as_ref(), partner, &sight),
            outcome: self.outcome(partner, written, request, response),
        };
        Some(endpoint)
    }

    fn secrets(&mut self, partner: &str, written: &written::Endpoint) -> Vec<SecretMember> {
        if let (Encoding::Nothing, Some((path, _))) = (encoding(written), written.secrets.first()) {
            let message = "no body goes out that could hold a secret";
            let help = Some("a secret in a header is for `auth`: bearer, api_key".to_owned());
            self.error(Code::ConflictingKeys, message, path.span, help);
        }
        let mut secrets = Vec::new();
        for (path, setting) in &written.secrets {
            let names = self.target_path(path);
            let (Some(names), Some(value)) = (names, self.setting(partner, setting)) else { continue };
            if encoding(written) == Encoding::Form && names.len() > 1 {
                let message = "a form holds no object";
                self.error(Code::BadTargetPath, message, path.span, None);
            }
            secrets.push(SecretMember { path: names.into_iter().map(Into::into).collect(), value });
        }
        secrets
    }

    /// Where an endpoint leads. A channel of ours must be there, and read JSON.
    fn target(&mut self, partner: &str, written: &written::Target, sight: &Sight<'c>) -> Option<Target> {
        let name = match written {
            written::Target::Url(method, url) => {
                return Some(Target::Url(*method, self.url(url, partner, sight)?));
            }
            written::Target::Channel(name) => name,
        };
        let (full, channel) = self.channel_of(partner, name)?;
        if channel.encoding != Encoding::Json {
            let message = format!("{full} does not read JSON, which is what is sent");
            let help = "give the sender of forms a channel of its own";
            self.error(Code::ConflictingKeys, message, name.span, Some(help.to_owned()));
        }
        Some(Target::Channel(full.into()))
    }

    /// A channel by its name: `inbox` is this partner's, `market/inbox` another's.
    pub(super) fn channel_of(&mut self, partner: &str, name: &Scalar) -> Option<(String, Arc<Face>)> {
        let own = !name.text.contains('/');
        let full = if own { format!("{partner}/{}", name.text) } else { name.text.clone() };
        let channels = &self.names.channels;
        let Some(found) = channels.get(&full) else {
            if !self.names_of(partner).explains(&full) {
                let message = format!("there is no channel `{}`", name.text);
                let help = suggestion(&full, channels.keys().map(String::as_str));
                self.error(Code::UnknownChannel, message, name.span, help);
            }
            return None;
        };
        self.used.mark(Kind::Channel, &full);
        Some((full, Arc::clone(found)))
    }

    fn authentication(
        &mut self,
        partner: &str,
        name: &Scalar,
        known: &BTreeMap<String, Option<Authentication>>,
    ) -> Option<Authentication> {
        let found = known.get(&name.text);
        if found.is_none() && !self.names_of(partner).explains(&format!("{partner}/{}", name.text)) {
            let message = format!("there is no `{}` under `auth`", name.text);
            let help = suggestion(&name.text, known.keys().map(String::as_str));
            self.error(Code::UnknownAuth, message, name.span, help);
        }
        found.cloned().flatten()
    }

    fn timeout(&mut self, written: &Scalar) -> Option<Duration> {
        let timeout = quantity::duration(written, &mut self.diagnostics)?;
        if timeout.is_zero() || timeout > LONGEST_TIMEOUT {
            let help = Some("an endpoint that needs longer answers at once and calls back".to_owned());
            self.error(Code::OutOfRange, "a timeout is at most 5m, and not 0", written.span, help);
        }
        Some(timeout)
    }

    fn retry(&mut self, written: Option<&written::Retry>) -> Retry {
        let mut retry = Retry::default();
        let Some(written) = written else { return retry };
        if let Some(attempts) = &written.attempts {
            if attempts.value == 0 || attempts.value > 1000 {
                let message = "there are 1 to 1000 attempts";
                self.error(Code::OutOfRange, message, attempts.span, None);
            }
            retry.attempts = attempts.value;
        }
        let mut duration = |scalar: &Option<Scalar>| {
            scalar.as_ref().and_then(|scalar| quantity::duration(scalar, &mut self.diagnostics))
        };
        retry.first = duration(&written.first).unwrap_or(retry.first);
        retry.max = duration(&written.max).unwrap_or(retry.max.max(retry.first));
        retry.within = duration(&written.within);
        retry
    }

    /// Rows over the response; what the last row leaves open is decided by the HTTP status.
    fn outcome(
        &mut self,
        partner: &str,
        written: &written::Endpoint,
        request: Known<'c>,
        response: Known<'c>,
    ) -> Vec<OutcomeRule> {
        let sight = Sight::of_outcome(request, response);
        let mut rules = Vec::new();
        let mut always = None;
        for row in &written.outcome {
            if let Some(earlier) = always {
                let message = "the row is never reached";
                self.diagnostics.push(
                    Diagnostic::error(Code::UnreachableRow, message, row.span)
                        .context(earlier, "this row always holds")
                        .help("a row without `when` comes last"),
                );
            }
            if row.when.is_none() {
                always = Some(row.span);
            }
            let when = self.condition(row.when.as_ref(), partner, &sight);
            rules.push(OutcomeRule { when, verdict: row.verdict });
        }
        let delivers = rules.iter().any(|rule| rule.verdict == Verdict::Delivered);
        if let (Some(always), false) = (always, delivers) {
            let message = "nothing is ever delivered: no row says so, and the last row takes the rest";
            self.error(Code::BadValue, message, always, None);
        }
        rules
    }
}

/// A body is what a method is for, unless it is `get` or `delete` (RFC 9110, section 9.3).
pub(super) fn encoding(written: &written::Endpoint) -> Encoding {
    match (&written.encoding, &written.target) {
        (Some(encoding), _) => encoding.value,
        (None, written::Target::Url(Method::Get | Method::Delete, _)) => Encoding::Nothing,
        (None, written::Target::Url(..) | written::Target::Channel(_)) => Encoding::Json,
    }
}

/// Two channels cannot listen on one path.
pub(super) fn check_paths<'d>(
    declarations: impl Iterator<Item = &'d Declarations>,
    diagnostics: &mut Diagnostics,
) {
    let mut seen: BTreeMap<(&str, String), Span> = BTreeMap::new();
    let channels = declarations.flat_map(|declarations| &declarations.channels);
    for (method, path, at) in channels.filter_map(|channel| channel.door.as_ref()) {
        let segments = path.split('/');
        let shape: Vec<&str> =
            segments.map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect();
        if let Some(first) = seen.insert((method.as_str(), shape.join("/")), *at) {
            let message = format!("two channels listen on {path}");
            diagnostics
                .push(Diagnostic::error(Code::DuplicatePath, message, *at).context(first, "the first"));
        }
    }
}

/// What is wrong with a channel's path: a parameter is a whole segment, `{name}`.
fn wrong_path(path: &str) -> Option<&'static str> {
    let Some(rest) = path.strip_prefix('/') else { return Some("does not begin with /") };
    if path.contains(['?', '#', '*']) || path.contains(char::is_whitespace) {
        return Some("holds a sign that a path cannot have");
    }
    let mut names = Vec::new();
    for segment in rest.split('/') {
        let name = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'));
        match name {
            None if segment.contains(['{', '}']) => {
                return Some("has a brace that is not around a whole segment");
            }
            None => {}
            Some(name) if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                return Some("has a parameter without a proper name");
            }
            Some(name) if names.contains(&name) => return Some("has two parameters of one name"),
            Some(name) => names.push(name),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::wrong_path;

    #[test]
    fn a_parameter_is_a_whole_segment() {
        assert_eq!(wrong_path("/bank/orders/{id}/items/{item}"), None);
        for wrong in ["bank", "/bank/{id", "/a{id}", "/{}", "/{a}/{a}", "/a b", "/a?x=1", "/{*rest}"] {
            assert!(wrong_path(wrong).is_some(), "{wrong}");
        }
    }
}
