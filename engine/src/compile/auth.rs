//! How callers are known to us and we to endpoints: settings are resolved, signatures become expressions.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;

use super::expressions::Compiler;
use super::quantity;
use super::template::wrong_header;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use crate::document::Scalar;
use crate::document::contract::{self as written, Scheme};
use crate::expression::{Known, Sight};
use crate::plan::auth::{
    Auth, Caller, ClientTls, Credential, Jwt, Networks, OAuth2, Secret, Signature, SigningKey,
};

/// How far the time of a signature may be from ours: what Standard Webhooks and Stripe recommend.
const WITHIN: Duration = Duration::from_secs(5 * 60);
/// How long a token of ours is good for: an attempt takes no longer.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

impl<'c> Compiler<'c> {
    /// `message` is what is known of the messages that the caller sends.
    pub(super) fn caller(
        &mut self,
        partner: &str,
        written: &written::Caller,
        message: &Known<'c>,
    ) -> Option<Caller> {
        Some(match written {
            written::Caller::Constant(written) => Caller::Constant(self.credential(partner, written)?),
            written::Caller::Jwt(written) => Caller::Jwt(self.jwt(partner, written)?),
            written::Caller::Signature { given, is, at, within } => {
                let sight = Sight::of_proof(message.clone());
                let (given, is) =
                    (self.expression(given, partner, &sight), self.expression(is, partner, &sight));
                let at = at.as_ref().map(|at| self.expression(at, partner, &sight));
                let within = self.within(within.as_ref());
                Caller::Signature(Signature { given: given?, is: is?, at: sound(at)?, within })
            }
            written::Caller::Certificate { name, sha256 } => Caller::Certificate {
                name: text(name.as_ref()),
                sha256: sound(sha256.as_ref().map(|setting| self.fingerprint(partner, setting)))?,
            },
            written::Caller::Webhook { scheme, secret, within } => {
                let found = self.setting(partner, secret)?;
                if *scheme == Scheme::Standard {
                    // Its expression decodes the secret; here only mistakes count.
                    let _ = self.webhook_key(&found, secret);
                }
                let within = self.within(within.as_ref());
                Caller::Signature(self.webhook(partner, *scheme, secret, within)?)
            }
        })
    }

    pub(super) fn auth(&mut self, partner: &str, written: &written::Auth) -> Option<Auth> {
        Some(match written {
            written::Auth::Constant(written) => Auth::Constant(self.credential(partner, written)?),
            written::Auth::Jwt { jwt, subject, lifetime } => {
                let lifetime = self.duration(lifetime.as_ref(), LIFETIME);
                Auth::Jwt { jwt: self.jwt(partner, jwt)?, subject: text(subject.as_ref()), lifetime }
            }
            written::Auth::StandardWebhooks { secret } => {
                let found = self.setting(partner, secret)?;
                Auth::StandardWebhooks { key: self.webhook_key(&found, secret) }
            }
            written::Auth::OAuth2 { token_url, client_id, client_secret, user, scope } => {
                let id = self.setting(partner, client_id);
                let secret = client_secret.as_ref().map(|secret| self.setting(partner, secret));
                let user = user.as_ref().map(|user| {
                    let (name, password) =
                        (self.setting(partner, &user.name), self.setting(partner, &user.password));
                    name.zip(password)
                });
                Auth::OAuth2(OAuth2 {
                    token_url: self.fixed_url(token_url, partner)?,
                    client_id: id?,
                    client_secret: sound(secret)?,
                    user: sound(user)?,
                    scope: text(scope.as_ref()),
                })
            }
        })
    }

    pub(super) fn tls(&mut self, partner: &str, written: &written::Tls) -> Option<ClientTls> {
        let ca = written.ca.as_ref().map(|ca| self.setting(partner, ca));
        let identity = written
            .identity
            .as_ref()
            .map(|(certificate, key)| self.setting(partner, certificate).zip(self.setting(partner, key)));
        // Our own listener, which plays the partner in the sandbox, asks for none.
        let shown = |pair: &(Secret, Secret)| self.only.is_none() || pair.1.reveal() != "none";
        Some(ClientTls { ca: sound(ca)?, identity: sound(identity)?.filter(shown) })
    }

    /// Addresses and ranges, and the names of settings that hold some, with commas between them.
    pub(super) fn networks(&mut self, partner: &str, written: &[Scalar]) -> Networks {
        let mut found = Vec::new();
        for entry in written {
            let named = format!("{partner}.{}", entry.text);
            let value = self.names_of(partner).setting(&named).map(|setting| setting.value.clone());
            let Some(value) = value else {
                found.extend(network(entry, &mut self.diagnostics));
                continue;
            };
            let texts = value.split(',').map(str::trim).filter(|text| !text.is_empty());
            let entries = texts.map(|text| Scalar { text: text.to_owned(), ..entry.clone() });
            found.extend(entries.filter_map(|entry| network(&entry, &mut self.diagnostics)));
        }
        Networks::new(found)
    }

    fn credential(&mut self, partner: &str, written: &written::Credential) -> Option<Credential> {
        Some(match written {
            written::Credential::Basic { user, password } => {
                let (user, password) = (self.setting(partner, user), self.setting(partner, password));
                Credential::Basic { user: user?, password: password? }
            }
            written::Credential::Bearer { token } => {
                Credential::Bearer { token: self.setting(partner, token)? }
            }
            written::Credential::ApiKey { header, key } => {
                let name = header.text.to_ascii_lowercase();
                if let Some((message, help)) = wrong_header(&name) {
                    self.error(Code::BadName, message, header.span, help.map(str::to_owned));
                }
                Credential::ApiKey { header: name.into(), key: self.setting(partner, key)? }
            }
        })
    }

    fn jwt(&mut self, partner: &str, written: &written::Jwt) -> Option<Jwt> {
        Some(Jwt {
            algorithm: written.algorithm,
            key: self.setting(partner, &written.key)?,
            issuer: text(written.issuer.as_ref()),
            audience: text(written.audience.as_ref()),
        })
    }

    /// What an integrator would write who has read the scheme.
    fn webhook(
        &mut self,
        partner: &str,
        scheme: Scheme,
        secret: &Scalar,
        within: Duration,
    ) -> Option<Signature> {
        let key = format!("setting('{}')", secret.text);
        let (given, is, at) = match scheme {
            Scheme::Standard => (
                "split(header('webhook-signature'), ' ')",
                format!(
                    "join('', ['v1,', hmac(trim_prefix({key}, 'whsec_'), \
                     join('.', [header('webhook-id'), header('webhook-timestamp'), body()]), \
                     'sha256', 'base64', 'base64')])"
                ),
                Some("header('webhook-timestamp')"),
            ),
            Scheme::Stripe => (
                "split(header('stripe-signature'), ',')",
                format!("join('', ['v1=', hmac({key}, join('.', [{STRIPE_TIME}, body()]))])"),
                Some(STRIPE_TIME),
            ),
            Scheme::GitHub => {
                ("header('x-hub-signature-256')", format!("join('', ['sha256=', hmac({key}, body())])"), None)
            }
        };
        let mut compile = |text: &str| {
            let written = Scalar { text: text.to_owned(), ..secret.clone() };
            self.expression(&written, partner, &Sight::of_proof(Known::Any))
        };
        let at = sound(at.map(&mut compile))?;
        Some(Signature { given: compile(given)?, is: compile(&is)?, at, within })
    }

    /// The key of a secret of Standard Webhooks. A setting that has no value yet is told of where it is declared.
    fn webhook_key(&mut self, secret: &Secret, written: &Scalar) -> SigningKey {
        let text = secret.reveal();
        let key = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).unwrap_or_default();
        if !text.is_empty() && key.is_empty() {
            let message =
                format!("what the setting `{}` holds is no secret of Standard Webhooks", written.text);
            let help = Some("such a secret is base64, perhaps with `whsec_` before it".to_owned());
            self.error(Code::BadValue, message, written.span, help);
        }
        SigningKey::new(key)
    }

    /// 32 bytes in hexadecimal, perhaps with colons between. A setting that has no value yet is told of where it is declared.
    fn fingerprint(&mut self, partner: &str, setting: &Scalar) -> Option<[u8; 32]> {
        let found = self.setting(partner, setting)?;
        let digits: Vec<u8> = found.reveal().bytes().filter(|byte| *byte != b':').collect();
        let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        let fingerprint = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        if fingerprint.is_none() && !digits.is_empty() {
            let message = format!("what the setting `{}` holds is no SHA-256", setting.text);
            let help = Some("64 hexadecimal digits: openssl x509 -noout -fingerprint -sha256".to_owned());
            self.error(Code::BadValue, message, setting.span, help);
        }
        // What nobody has lets nobody in.
        Some(fingerprint.unwrap_or_default())
    }

    fn within(&mut self, written: Option<&Scalar>) -> Duration {
        let within = self.duration(written, WITHIN);
        if let (true, Some(written)) = (within.is_zero(), written) {
            let help = Some("two clocks are hardly ever one: 5m".to_owned());
            self.error(Code::OutOfRange, "`within` lets no message in", written.span, help);
        }
        within
    }

    fn duration(&mut self, written: Option<&Scalar>, default: Duration) -> Duration {
        written.and_then(|written| quantity::duration(written, &mut self.diagnostics)).unwrap_or(default)
    }

    pub(super) fn setting(&mut self, partner: &str, name: &Scalar) -> Option<Secret> {
        let qualified = format!("{partner}.{}", name.text);
        let names = self.names_of(partner);
        let found = names.setting(&qualified).map(|setting| Secret::new(setting.value.clone()));
        if found.is_none() && !names.explains(&qualified) {
            let message = format!("there is no setting `{}`", name.text);
            let help = suggestion(&name.text, names.known(names.settings))
                .or_else(|| Some("the names in `auth` are names of settings".to_owned()));
            self.error(Code::UnknownSetting, message, name.span, help);
        }
        found
    }

    fn fixed_url(&mut self, written: &Scalar, partner: &str) -> Option<Box<str>> {
        let template = self.url(written, partner, &Sight::blind())?;
        let text = template.as_text();
        if text.is_none() {
            let message = "the URL of a token is made of settings only";
            self.error(Code::BadUrl, message, written.span, None);
        }
        text.map(Into::into)
    }
}

/// Nothing where nothing is written, and the whole is nothing where what is written is not sound.
#[allow(
    clippy::option_option,
    reason = "the outer one is whether it is sound, the inner one whether it is written"
)]
pub(super) fn sound<T>(written: Option<Option<T>>) -> Option<Option<T>> {
    written.map_or(Some(None), |compiled| compiled.map(Some))
}

/// The time in `t=1614265330,v1=…`.
const STRIPE_TIME: &str =
    "trim_prefix(split(header('stripe-signature'), ',')[?starts_with(@, 't=')] | [0], 't=')";

fn text(written: Option<&Scalar>) -> Option<Box<str>> {
    written.map(|written| written.text.as_str().into())
}

/// Addresses, and ranges of them; what is wrong with them is reported.
pub fn networks(written: &[Scalar], diagnostics: &mut Diagnostics) -> Networks {
    Networks::new(written.iter().filter_map(|written| network(written, diagnostics)).collect())
}

fn network(written: &Scalar, diagnostics: &mut Diagnostics) -> Option<IpNet> {
    let address = written.text.parse::<IpAddr>().ok().map(IpNet::from);
    let network = address.or_else(|| written.text.parse().ok());
    if network.is_none_or(|network| network != network.trunc()) {
        let message = format!("`{}` is not an address, and not a range of addresses", written.text);
        let help = match network {
            Some(network) => format!("the range that holds it is {}", network.trunc()),
            None => "10.1.2.3, 10.1.0.0/16, 2001:db8::/32; or a setting that holds such".to_owned(),
        };
        diagnostics.push(Diagnostic::error(Code::BadValue, message, written.span).help(help));
    }
    network
}
