//! What the environment does to a configuration: variables, the sandbox.

use engine::{Bundle, Environment, File, Variables};

const PARTNER: &str = "
partner: bank
settings:
  base_url: {env: BANK_URL, default: 'https://bank.example', sandbox: '{listen}/sandbox/bank'}
  token: {env: BANK_TOKEN, secret: true, sandbox: demo}
endpoints:
  orders: {post: '{base_url}/orders', auth: token}
auth:
  token: {bearer: {token: token}}
";

/// The diagnostics, a line each: code and message.
fn compiled(partner: &str, variables: &[(&str, &str)], sandbox: bool) -> Vec<String> {
    told(
        partner,
        &Environment {
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            listen: "http://127.0.0.1:8080".to_owned(),
            sandbox,
            unset: Variables::Required,
            ..Environment::default()
        },
    )
}

fn told(partner: &str, environment: &Environment) -> Vec<String> {
    let file = File { path: "mappings/bank/partner.yaml".to_owned(), bytes: partner.as_bytes().to_vec() };
    let compiled = engine::compile(&Bundle::from_iter([file]), environment);
    assert_eq!(compiled.engine.is_none(), compiled.diagnostics.has_errors());
    compiled.diagnostics.iter().map(|found| format!("{} {}", found.code, found.message)).collect()
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let unset = "E0801 setting `token` has no value: the variable BANK_TOKEN is not set";
    assert_eq!(compiled(PARTNER, &[], false), [unset]);
    assert_eq!(compiled(PARTNER, &[("BANK_TOKEN", "")], false), [unset]);
    assert!(compiled(PARTNER, &[("BANK_TOKEN", "t")], false).is_empty());
}

#[test]
fn a_value_that_no_header_can_carry_is_found_at_once() {
    let broken = "E0808 the value of setting `token` holds a line break or a control character";
    assert_eq!(compiled(PARTNER, &[("BANK_TOKEN", "t\n")], false), [broken]);
}

#[test]
fn the_sandbox_never_calls_the_real_partner() {
    let real = [("BANK_URL", "https://real.example"), ("BANK_TOKEN", "real")];
    assert!(compiled(PARTNER, &real, true).is_empty());
    let without = PARTNER.replace(", sandbox: '{listen}/sandbox/bank'", "");
    let forbidden = "E0806 in the sandbox this would call the real partner";
    assert_eq!(compiled(&without, &real, true), [forbidden]);
    let near = PARTNER.replace("{listen}/sandbox/bank", "http://127.0.0.1:80801/x");
    assert_eq!(compiled(&near, &real, true), [forbidden]);
}

/// Cases and flows give settings: they need no variable, and are as secret as they were.
#[test]
fn a_setting_that_is_given_wins() {
    let given = |name: &str, value: &str| Environment {
        settings: [(name.to_owned(), value.to_owned())].into(),
        unset: Variables::Required,
        ..Environment::default()
    };
    assert!(told(PARTNER, &given("bank.token", "t")).is_empty());
    let seen = PARTNER.replace("/orders'", "/{token}'");
    let secret = "E0332 `token` is a secret; what is sent is kept and shown in lists";
    assert_eq!(told(&seen, &given("bank.token", "t")), [secret]);
}

/// A partner that asks for a certificate is played without one.
#[test]
fn the_sandbox_needs_no_certificate() {
    let partner = "
partner: bank
settings:
  certificate: {env: BANK_CERTIFICATE, sandbox: none}
  key: {env: BANK_KEY, secret: true, sandbox: none}
endpoints:
  orders: {post: 'http://127.0.0.1:8080/sandbox/bank'}
tls: {certificate: certificate, key: key}
";
    let shows = |sandbox| {
        let file = File { path: "mappings/bank/partner.yaml".to_owned(), bytes: partner.into() };
        let set = ["BANK_CERTIFICATE", "BANK_KEY"].map(|name| (name.to_owned(), "pem".to_owned()));
        let environment = Environment {
            variables: set.into(),
            listen: "http://127.0.0.1:8080".to_owned(),
            sandbox,
            ..Environment::default()
        };
        let engine = engine::compile(&Bundle::from_iter([file]), &environment).engine.unwrap();
        engine.endpoint("bank/orders").unwrap().tls.as_ref().unwrap().identity.is_some()
    };
    assert_eq!((shows(false), shows(true)), (true, false));
}
