//! A part whose type is not the one that OpenAPI requires is reported, wherever it is and whichever document has it.

use openapi_drift::{Document, Level, Options, compare};
use serde_json::{Value, json};

/// A document with most kinds of parts, all of which its one operation reaches.
fn document() -> Value {
    json!({"openapi": "3.0.3", "servers": [{"url": "https://h/{v}", "variables": {"v": {"default": "v1", "enum": ["v1"]}}}],
        "security": [{"k": []}],
        "paths": {"/a/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}],
            "post": {
                "parameters": [
                    {"name": "q", "in": "query", "required": false, "style": "form", "explode": true,
                        "schema": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "maxItems": 3}},
                    {"$ref": "#/components/parameters/H"},
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                    "type": "object", "required": ["a"], "additionalProperties": false, "properties": {
                        "a": {"type": "string", "pattern": "^a"},
                        "b": {"oneOf": [{"type": "string", "nullable": true}, {"$ref": "#/components/schemas/A"}]}}}}}},
                "responses": {
                    "200": {"headers": {"X": {"required": true, "schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
                    "default": {"content": {}}},
            }}},
        "components": {
            "parameters": {"H": {"name": "H", "in": "header", "schema": {"type": "integer", "minimum": 1, "maximum": 9}}},
            "schemas": {"A": {"type": "object", "properties": {
                "c": {"type": "number", "multipleOf": 0.5},
                "d": {"allOf": [{"type": "string"}], "readOnly": true}}}},
            "securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "K"}}},
    })
}

/// The pointers of all parts of a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                found.push(at.clone());
                places(member, &at, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let at = format!("{at}/{index}");
                found.push(at.clone());
                places(item, &at, found);
            }
        }
        _ => {}
    }
}

/// Values with another type than this one.
fn wrong(value: &Value) -> Vec<Value> {
    let all = [
        json!({}),
        json!([]),
        json!("x"),
        json!(7),
        json!(true),
        Value::Null,
    ];
    let kind = |value: &Value| std::mem::discriminant(value);
    all.into_iter().filter(|it| kind(it) != kind(value)).collect()
}

#[test]
fn a_part_of_the_wrong_type_is_never_silent() {
    let good = document();
    let read = |value: &Value| Document::read(value.to_string());
    let mut places_found = Vec::new();
    places(&good, "", &mut places_found);
    let (mut told, mut silent) = (0, Vec::new());
    for at in &places_found {
        // Enum values may have any type, and a schema may be `true`, so these documents are well-formed.
        let is_value = at.contains("/enum/") && !at.contains("variables");
        for other in wrong(good.pointer(at).unwrap()) {
            let is_schema = other == json!(true)
                && (at.ends_with("/schema")
                    || at.ends_with("/items")
                    || at.contains("/properties/")
                    || at.contains("Of/"));
            let is_list_of_types = at.ends_with("/type") && other == json!([]);
            // `{}` in place of `false` is well-formed too.
            let is_open = at.ends_with("/additionalProperties") && other == json!({});
            if is_value || is_open || (is_schema && !at.ends_with("/type")) || is_list_of_types {
                continue;
            }
            let mut bad = good.clone();
            *bad.pointer_mut(at).unwrap() = other.clone();
            let (Ok(good), Ok(bad)) = (read(&good), read(&bad)) else {
                // The whole document is refused, which counts as a report.
                told += 1;
                continue;
            };
            for (base, revision) in [(&good, &bad), (&bad, &good)] {
                let report = compare(base, revision, &Options::default());
                if report.reaches(Level::Risky) {
                    told += 1;
                } else {
                    silent.push(format!("{at}: {other}"));
                }
            }
        }
    }
    assert!(told > 300, "{told}");
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}
