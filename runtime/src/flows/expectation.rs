//! What must be in a body, and where it is not.

use engine::value::{Arena, Limits, Value, read};

/// The first place where what came is not what was expected: its path, and what is there. Members and elements that are not
/// named may be anything.
pub fn unmet(expected: &str, came: &[u8]) -> Option<String> {
    let arena = Arena::new();
    let limits = Limits::default();
    let expected = read(expected.as_bytes(), &arena, &limits).ok()?;
    match read(came, &arena, &limits) {
        Ok(came) => differs(&expected, Some(&came), "body"),
        Err(_) => Some("the body is not JSON".to_owned()),
    }
}

fn differs(expected: &Value<'_>, came: Option<&Value<'_>>, path: &str) -> Option<String> {
    match (expected, came) {
        (Value::Object(members), Some(Value::Object(object))) => members.entries().iter().find_map(|entry| {
            let name = entry.key.decode();
            differs(&entry.value, object.get(&name).as_ref(), &format!("{path}.{name}"))
        }),
        (Value::Array(elements), Some(Value::Array(found))) if elements.len() == found.len() => {
            let mut pairs = elements.iter().zip(*found).enumerate();
            pairs.find_map(|(at, (expected, came))| differs(expected, Some(came), &format!("{path}[{at}]")))
        }
        (expected, Some(came)) if expected.equals(came) => None,
        (_, came) => {
            let came = came.map_or_else(|| "nothing".to_owned(), short);
            Some(format!("`{path}` should be {}, and {came} came", short(expected)))
        }
    }
}

fn short(value: &Value<'_>) -> String {
    let mut json = Vec::new();
    value.write_json(&mut json);
    let text = String::from_utf8_lossy(&json);
    if text.chars().count() > 120 {
        text.chars().take(119).chain(['…']).collect()
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::unmet;

    #[test]
    fn what_is_not_named_may_be_anything() {
        let came = br#"{"a":{"b":1.10,"c":[{"d":"x","e":2}]},"f":null}"#;
        for met in ["{}", r#"{"a":{"b":1.1}}"#, r#"{"a":{"c":[{"d":"x"}]}}"#, r#"{"f":null}"#] {
            assert_eq!(unmet(met, came), None, "{met}");
        }
    }

    #[test]
    fn the_place_is_told() {
        let came = br#"{"a":{"b":1.10,"c":[1,2]}}"#;
        let told = |expected| unmet(expected, came).unwrap_or_default();
        assert_eq!(told(r#"{"a":{"b":"1.10"}}"#), "`body.a.b` should be \"1.10\", and 1.10 came");
        assert_eq!(told(r#"{"a":{"c":[1]}}"#), "`body.a.c` should be [1], and [1,2] came");
        assert_eq!(told(r#"{"a":{"c":[1,3]}}"#), "`body.a.c[1]` should be 3, and 2 came");
        assert_eq!(told(r#"{"z":1}"#), "`body.z` should be 1, and nothing came");
        assert_eq!(unmet("{}", b"OK").as_deref(), Some("the body is not JSON"));
    }
}
