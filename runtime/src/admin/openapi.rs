//! The description of the API (OpenAPI 3.1).

use serde_json::{Map, Value, json};

use super::operations::{OPERATIONS, Operation, Parameter};

/// Made of the list that requests are routed by.
pub(super) fn document() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.to_lowercase()] = described(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Tolmach", "version": env!("CARGO_PKG_VERSION")},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {
                "problem": {
                    "description": "What is wrong (RFC 9457)",
                    "content": {"application/problem+json": {}},
                },
            },
        },
        "security": [{"token": []}],
        "paths": paths,
    })
}

fn described(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = in_path(operation.path).collect();
    parameters.extend(operation.query.iter().map(in_query));
    let mut described = json!({
        "operationId": format!("{:?}", operation.verb).to_lowercase(),
        "summary": operation.about,
        "parameters": parameters,
        "responses": {
            "200": {"description": "It is done"},
            "default": {"$ref": "#/components/responses/problem"},
        },
    });
    if operation.open {
        described["security"] = json!([]);
    }
    described
}

fn in_path(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
}

fn in_query(Parameter { name, about, values }: &Parameter) -> Value {
    let mut schema = json!({"type": "string"});
    if !values.is_empty() {
        schema["enum"] = json!(values);
    }
    json!({"name": name, "in": "query", "description": about, "schema": schema})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_all_that_there_is() {
        insta::assert_snapshot!(engine::value::pretty(document().to_string().as_bytes()));
    }
}
