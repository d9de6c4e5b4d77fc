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
    let file = File { path: "mappings/bank/partner.yaml".to_owned(), bytes: partner.as_bytes().to_vec() };
    let environment = Environment {
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        listen: "http://127.0.0.1:8080".to_owned(),
        sandbox,
        unset: Variables::Required,
        ..Environment::default()
    };
    let compiled = engine::compile(&Bundle::from_iter([file]), &environment);
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
