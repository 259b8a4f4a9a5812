//! Passes over schemas wherever they stand, and the walk that finds them.

use serde_json::Value;

use super::Draft;
use crate::Error;

/// Keywords whose value is one schema.
const ONE: [&str; 4] = ["items", "not", "additionalProperties", "schema"];
/// Keywords whose value is a list of schemas.
const LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords whose value maps names to schemas.
const NAMED: [&str; 2] = ["properties", "patternProperties"];

/// Visits every schema below a value that is not a schema itself: it hangs on a `schema` key.
pub(super) fn walk(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "schema" {
                    walk_schema(value, visit);
                } else if !matches!(key.as_str(), "example" | "examples") {
                    walk(value, visit);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

/// Visits a schema's inner schemas, then the schema.
pub(super) fn walk_schema(schema: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    if let Some(map) = schema.as_object_mut() {
        for key in ONE {
            if let Some(inner) = map.get_mut(key) {
                walk_schema(inner, visit);
            }
        }
        for key in LIST {
            for inner in map
                .get_mut(key)
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                walk_schema(inner, visit);
            }
        }
        for key in NAMED {
            let named = map.get_mut(key).and_then(Value::as_object_mut);
            for inner in named.into_iter().flat_map(|map| map.values_mut()) {
                walk_schema(inner, visit);
            }
        }
        visit(schema);
    }
}

pub(super) fn enum_to_items(draft: &mut Draft<'_>) -> Result<(), Error> {
    draft.each_schema(|schema| {
        if schema["type"] == "array"
            && let Some(map) = schema.as_object_mut()
            && let Some(values) = map.remove("enum")
            && let Some(items) = map.get_mut("items").and_then(Value::as_object_mut)
            && !items.contains_key("enum")
            && !items.contains_key("$ref")
        {
            items.insert("enum".to_owned(), values);
        }
    });
    Ok(())
}

/// What a server may send is not ours to judge, and what we send is validated by our own types.
pub(super) fn loosen(draft: &mut Draft<'_>) -> Result<(), Error> {
    const BOUNDS: [&str; 13] = [
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    ];
    draft.each_schema(|schema| {
        let Some(map) = schema.as_object_mut() else { return };
        map.retain(|key, _| !BOUNDS.contains(&key.as_str()));
        if map.get("type").is_some_and(|kind| kind == "string") {
            map.remove("format");
        }
        if map.get("additionalProperties") == Some(&Value::Bool(false)) {
            map.remove("additionalProperties");
        }
        // A default in the document would become our opinion in the client.
        map.remove("default");
    });
    Ok(())
}

pub(super) fn null_is_absent(draft: &mut Draft<'_>) -> Result<(), Error> {
    draft.each_schema(|schema| {
        let Some(map) = schema.as_object_mut() else { return };
        let mut nullable = Vec::new();
        for (name, property) in map
            .get_mut("properties")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
        {
            if let Some(property) = property.as_object_mut()
                && property.remove("nullable") == Some(Value::Bool(true))
            {
                if let Some(values) = property.get_mut("enum").and_then(Value::as_array_mut) {
                    values.retain(|value| !value.is_null());
                }
                nullable.push(name.clone());
            }
        }
        if let Some(required) = map.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| {
                name.as_str()
                    .is_none_or(|name| !nullable.iter().any(|other| other == name))
            });
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{GET_A, run};
    use serde_json::{Value, json};

    fn schema(pass: &str, schema: &Value) -> Value {
        let document = json!({ "paths": {}, "components": { "schemas": { "A": schema } } });
        run(pass, &document, GET_A).unwrap().0["components"]["schemas"]["A"].clone()
    }

    #[test]
    fn an_enum_on_an_array_moves_to_its_items() {
        let left = schema(
            "enum-to-items",
            &json!({ "properties": { "events": { "type": "array", "enum": ["a"], "items": { "type": "string" } } } }),
        );
        assert_eq!(
            left["properties"]["events"],
            json!({ "type": "array", "items": { "type": "string", "enum": ["a"] } })
        );
    }

    #[test]
    fn formats_and_bounds_are_dropped_but_a_property_of_that_name_stays() {
        let left = schema(
            "loosen",
            &json!({
                "type": "object", "additionalProperties": false,
                "properties": {
                    "pattern": { "type": "string", "format": "date-time", "pattern": "^a", "default": "a" },
                    "n": { "type": "integer", "format": "int64", "minimum": 1 },
                },
            }),
        );
        assert_eq!(
            left,
            json!({ "type": "object", "properties": { "pattern": { "type": "string" }, "n": { "type": "integer", "format": "int64" } } })
        );
    }

    #[test]
    fn what_may_be_null_is_optional() {
        let left = schema(
            "null-is-absent",
            &json!({
                "required": ["a", "b"],
                "properties": { "a": { "nullable": true, "enum": ["x", null] }, "b": { "nullable": false } },
            }),
        );
        assert_eq!(
            left,
            json!({ "required": ["b"], "properties": { "a": { "enum": ["x"] }, "b": {} } })
        );
    }
}
