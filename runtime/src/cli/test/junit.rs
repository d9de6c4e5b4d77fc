//! The report of a test run in the format of JUnit, as build servers read it
//! (<https://github.com/testmoapp/junitxml>).

use super::{End, Outcome, shown};

/// One suite a route, and one for the flows.
pub(super) fn report(outcomes: &[Outcome]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.push_str(&format!("<testsuites {}>\n", totals(outcomes)));
    for suite in outcomes.chunk_by(|left, right| left.item.suite == right.item.suite) {
        let Some(first) = suite.first() else { continue };
        xml.push_str(&format!("  <testsuite name=\"{}\" {}>\n", escaped(&first.item.suite), totals(suite)));
        for outcome in suite {
            xml.push_str(&case(outcome));
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn totals(outcomes: &[Outcome]) -> String {
    let failures =
        outcomes.iter().filter(|outcome| !matches!(outcome.end, End::Same | End::Unfit(_))).count();
    let errors = outcomes.iter().filter(|outcome| matches!(outcome.end, End::Unfit(_))).count();
    let time: f64 = outcomes.iter().map(|outcome| outcome.took.as_secs_f64()).sum();
    format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{time:.3}\"", outcomes.len())
}

fn case(Outcome { item, took, end }: &Outcome) -> String {
    let name = item.name.rsplit('/').next().unwrap_or(&item.name);
    let head = format!(
        "    <testcase name=\"{}\" classname=\"{}\" time=\"{:.3}\"",
        escaped(name),
        escaped(&item.suite),
        took.as_secs_f64()
    );
    let (element, message) = match end {
        End::Same => return format!("{head}/>\n"),
        End::New { .. } => ("failure", "it has no snapshot yet"),
        End::Differs { .. } => ("failure", "it differs from its snapshot"),
        End::Unmet(_) => ("failure", "it does not go as it says"),
        End::Unfit(_) => ("error", "it cannot be played"),
    };
    let told = anstream::adapter::strip_str(&shown(end)).to_string();
    format!(
        "{head}>\n      <{element} message=\"{message}\">{}</{element}>\n    </testcase>\n",
        escaped(&told)
    )
}

/// Text of an element or an attribute (XML 1.0, sections 2.2 and 2.4); what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(sign),
            sign if sign.is_control() || matches!(sign, '\u{fffe}' | '\u{ffff}') => {}
            sign => out.push(sign),
        }
    }
    out
}
