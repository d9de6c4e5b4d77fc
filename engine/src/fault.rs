//! A fault: why one message was not translated. It names rules and paths, never values.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// What is to be done with a message that has a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// The sender is told, and nothing is kept.
    Refuse,
    /// The message is kept for a person.
    Park,
    /// Nothing is wrong with the message; the sender may come again.
    Retry,
}

/// The kinds of fault, as they appear in problem documents and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The body is not JSON (or not the form encoding that the channel takes).
    Malformed,
    /// The message is larger than its channel takes.
    TooLarge,
    /// The message type is not one the channel knows.
    UnknownType,
    /// No route takes the message.
    NoRoute,
    /// The message breaks the sender's schema.
    Invalid,
    /// A rule could not be carried out.
    Rule,
    /// The mapped message breaks the receiver's schema.
    InvalidResult,
    /// The identity or the order key of the message is missing.
    NoIdentity,
    /// The configuration that accepted the message is gone.
    Configuration,
}

/// Where in the configuration a rule stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Many rules stand in one file.
    #[serde(serialize_with = "name")]
    pub file: Arc<str>,
    pub line: u32,
    pub column: u32,
}

fn name<S: Serializer>(file: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(file)
}

impl Place {
    /// Lines and columns count from 1; beyond four thousand millions they are not told apart.
    pub fn new(file: Arc<str>, line: usize, column: usize) -> Self {
        let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self { file, line: number(line), column: number(column) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One violation of a schema. It names paths and rules, never values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The path in the message, as JMESPath writes it: `payload.items[0].name`; `@` is all of it.
    pub path: String,
    /// The keyword of the schema that is violated.
    pub keyword: String,
    /// What that keyword demands.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.message)
    }
}

/// One message's failure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fault {
    pub kind: Kind,
    pub policy: Policy,
    /// One sentence for a person.
    pub detail: String,
    /// The route that was being followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Box<str>>,
    /// The rule that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Place>,
    /// The path being written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The expression that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the schema says, for faults of validation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
}

impl Fault {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            policy: Policy::Refuse,
            detail: detail.into(),
            route: None,
            rule: None,
            target: None,
            source: None,
            violations: Vec::new(),
        }
    }

    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    #[must_use]
    pub fn on_route(mut self, route: &str) -> Self {
        self.route.get_or_insert_with(|| route.into());
        self
    }

    #[must_use]
    pub fn violations(mut self, violations: Vec<Violation>) -> Self {
        self.violations = violations;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(rule) = &self.rule {
            write!(f, "{rule}: ")?;
        }
        if let Some(target) = &self.target {
            write!(f, "`{target}`: ")?;
        }
        write!(f, "{}", self.detail)?;
        if let Some(source) = &self.source {
            write!(f, " (from `{source}`)")?;
        }
        for violation in &self.violations {
            write!(f, "; {violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// The policy for a message with these faults: one that is hopeless must not be told to come again, and one whose
/// records could not be read may prove sound yet.
#[must_use]
pub fn policy(faults: &[Fault]) -> Policy {
    let any = |policy| faults.iter().any(|fault| fault.policy == policy);
    if any(Policy::Refuse) {
        Policy::Refuse
    } else if any(Policy::Retry) {
        Policy::Retry
    } else {
        Policy::Park
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_fault_decides() {
        let faults = |policies: &[Policy]| -> Vec<Fault> {
            policies.iter().map(|policy| Fault::new(Kind::Rule, "").policy(*policy)).collect()
        };
        assert_eq!(policy(&faults(&[Policy::Park])), Policy::Park);
        assert_eq!(policy(&faults(&[Policy::Park, Policy::Retry])), Policy::Retry);
        assert_eq!(policy(&faults(&[Policy::Park, Policy::Refuse])), Policy::Refuse);
        assert_eq!(policy(&faults(&[Policy::Retry, Policy::Refuse, Policy::Park])), Policy::Refuse);
    }
}
