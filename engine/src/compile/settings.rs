//! Settings: the only place where the environment is read.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::Scalar;
use crate::document::contract::Setting as Written;
use crate::expression::Setting;
use crate::source::Span;

/// The surroundings a configuration is loaded in.
#[derive(Debug, Clone)]
pub struct Environment {
    pub variables: BTreeMap<String, String>,
    /// Values of settings, `partner.setting`, that stand instead of all that the files and the variables say.
    pub settings: BTreeMap<String, String>,
    /// Our own base URL, which `{listen}` stands for.
    pub listen: String,
    /// Partners are their sandboxes: `sandbox` values win.
    pub sandbox: bool,
    /// What a variable that is not set means.
    pub unset: Variables,
    /// The time since some moment, which only ever grows: it bounds how long a script may take. It stands still
    /// unless it is given.
    pub stopwatch: fn() -> Duration,
}

impl Environment {
    /// Whether a configuration means the same in both.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let Self { variables, settings, listen, sandbox, unset, stopwatch: _ } = other;
        self.variables == *variables
            && self.settings == *settings
            && self.listen == *listen
            && self.sandbox == *sandbox
            && self.unset == *unset
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            variables: BTreeMap::new(),
            settings: BTreeMap::new(),
            listen: String::new(),
            sandbox: false,
            unset: Variables::default(),
            stopwatch: || Duration::ZERO,
        }
    }
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

/// The value of one setting of the partner.
pub(super) fn resolve(
    (partner, name): (&str, &str),
    written: &Written,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> Setting {
    if let Some(given) = environment.settings.get(&format!("{partner}.{name}")) {
        let secret = matches!(written, Written::Environment { secret: true, .. });
        return Setting { value: given.as_str().into(), secret };
    }
    match written {
        Written::Constant(scalar) => Setting { value: scalar.text.as_str().into(), secret: false },
        Written::Environment { span, env, default, sandbox, secret } => {
            // A variable that is set to nothing is what a failed injection of a secret looks like.
            let set = env.as_ref().and_then(|env| environment.variables.get(&env.text));
            let set = set.filter(|value| !value.is_empty()).cloned();
            let sandbox = sandbox.as_ref().map(|scalar| expand(scalar, environment));
            let default = default.as_ref().map(|scalar| expand(scalar, environment));
            let value = match environment.sandbox {
                true => sandbox.or(set).or(default),
                false => set.or(default),
            };
            if let Some(diagnostic) = mistake(name, env.as_ref(), value.as_deref(), environment.unset, *span)
            {
                diagnostics.push(diagnostic);
            }
            Setting { value: value.unwrap_or_default().into(), secret: *secret }
        }
    }
}

fn mistake(
    name: &str,
    variable: Option<&Scalar>,
    value: Option<&str>,
    unset: Variables,
    span: Span,
) -> Option<Diagnostic> {
    let Some(value) = value else {
        let (code, why, help) = match variable {
            Some(variable) => (
                Code::UnsetVariable,
                format!("the variable {} is not set", variable.text),
                "set the variable; what is not secret may have a default",
            ),
            None => (
                Code::MissingKey,
                "it has neither `env` nor `default`".to_owned(),
                "give it one of them; `sandbox` is its value in the sandbox only",
            ),
        };
        let message = format!("setting `{name}` has no value: {why}");
        let diagnostic = match unset {
            Variables::Required => Diagnostic::error(code, message, span),
            Variables::Optional => Diagnostic::warning(code, message, span),
        };
        return Some(diagnostic.help(help));
    };
    // The value itself is not shown: it may be a secret. Keys and certificates are written on several lines.
    let is_pem = value.trim_start().starts_with("-----BEGIN ");
    (!is_pem && value.chars().any(char::is_control)).then(|| {
        let message = format!("the value of setting `{name}` holds a line break or a control character");
        Diagnostic::error(Code::BadSettingValue, message, span)
            .help("a value that was read from a file often ends with a line break")
    })
}

fn expand(scalar: &Scalar, environment: &Environment) -> String {
    scalar.text.replace("{listen}", &environment.listen)
}
