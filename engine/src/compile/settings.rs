//! Settings: the only place where the environment is read.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::Scalar;
use crate::document::contract::Setting as Written;
use crate::expression::Setting;

/// The surroundings a configuration is loaded in.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    pub variables: BTreeMap<String, String>,
    /// Our own base URL, which `{listen}` stands for.
    pub listen: String,
    /// Partners are their sandboxes: `sandbox` values win.
    pub sandbox: bool,
    /// What a variable that is not set means.
    pub unset: Variables,
}

/// What a variable that is not set means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variables {
    /// An error: we are about to run.
    #[default]
    Required,
    /// A warning: the files are checked on another machine.
    Optional,
}

/// The value of one setting.
pub(super) fn resolve(
    name: &str,
    written: &Written,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> Setting {
    match written {
        Written::Constant(scalar) => Setting { value: scalar.text.as_str().into(), secret: false },
        Written::Environment { span, env, default, sandbox, secret } => {
            let set = env.as_ref().and_then(|env| environment.variables.get(&env.text)).map(String::as_str);
            let sandbox = sandbox.as_ref().map(|scalar| expand(scalar, environment));
            let default = default.as_ref().map(|scalar| expand(scalar, environment));
            let set = set.map(str::to_owned);
            let value = match (environment.sandbox, environment.unset) {
                (true, _) => sandbox.or(set).or(default),
                (false, Variables::Required) => set.or(default),
                // A check has nobody to talk to; any value will do.
                (false, Variables::Optional) => set.or(default).or(sandbox),
            };
            if value.is_none() {
                let variable = env.as_ref().map_or("(none)", |env| &env.text);
                let message = format!("setting `{name}` has no value: the variable {variable} is not set");
                let diagnostic = match environment.unset {
                    Variables::Required => Diagnostic::error(Code::UnsetVariable, message, *span),
                    Variables::Optional => Diagnostic::warning(Code::UnsetVariable, message, *span),
                };
                diagnostics.push(diagnostic.help("set the variable, or give the setting a default"));
            }
            Setting { value: value.unwrap_or_default().into(), secret: *secret }
        }
    }
}

fn expand(scalar: &Scalar, environment: &Environment) -> String {
    scalar.text.replace("{listen}", &environment.listen)
}
