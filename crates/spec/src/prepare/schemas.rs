//! Passes over schemas everywhere in a document, and the traversal that finds them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Draft;
use crate::Error;
use openapi_document::pointer::escape;

/// Keywords whose value is a schema.
const ONE: [&str; 4] = ["items", "not", "additionalProperties", "schema"];
/// Keywords whose value is a list of schemas.
const LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords whose value maps names to schemas.
const NAMED: [&str; 2] = ["properties", "patternProperties"];

/// Visits every schema below a value that is not itself a schema, under keys named `schema`.
///
/// The visitor gets the JSON pointer of the schema; `pointer` is the JSON pointer of `value`.
pub(crate) fn walk(value: &mut Value, pointer: &str, visit: &mut impl FnMut(&str, &mut Value)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let pointer = format!("{pointer}/{}", escape(key));
                if key == "schema" {
                    walk_schema(value, &pointer, visit);
                } else if !matches!(key.as_str(), "example" | "examples") {
                    walk(value, &pointer, visit);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(item, &format!("{pointer}/{index}"), visit);
            }
        }
        _ => {}
    }
}

/// Visits the inner schemas of a schema, then the schema itself.
pub(crate) fn walk_schema(schema: &mut Value, pointer: &str, visit: &mut impl FnMut(&str, &mut Value)) {
    if let Some(map) = schema.as_object_mut() {
        for key in ONE {
            if let Some(inner) = map.get_mut(key) {
                walk_schema(inner, &format!("{pointer}/{key}"), visit);
            }
        }
        for key in LIST {
            let list = map.get_mut(key).and_then(Value::as_array_mut);
            for (index, inner) in list.into_iter().flatten().enumerate() {
                walk_schema(inner, &format!("{pointer}/{key}/{index}"), visit);
            }
        }
        for key in NAMED {
            let named = map.get_mut(key).and_then(Value::as_object_mut);
            for (name, inner) in named.into_iter().flatten() {
                walk_schema(inner, &format!("{pointer}/{key}/{}", escape(name)), visit);
            }
        }
        visit(pointer, schema);
    }
}

/// Visits every schema of a document, inner schemas first, so that a visitor may replace the schema.
pub(crate) fn each(document: &mut Value, visit: &mut impl FnMut(&str, &mut Value)) {
    if let Some(paths) = document.get_mut("paths") {
        walk(paths, "/paths", visit);
    }
    let components = document.get_mut("components").and_then(Value::as_object_mut);
    for (kind, members) in components.into_iter().flatten() {
        for (name, member) in members.as_object_mut().into_iter().flatten() {
            let pointer = format!("/components/{}/{}", escape(kind), escape(name));
            if kind == "schemas" {
                walk_schema(member, &pointer, visit);
            } else {
                walk(member, &pointer, visit);
            }
        }
    }
}

/// Removes titles. A `title` would become the type name of an inline schema, and two schemas with the same title would
/// become one type. In an alternative, a title only names a variant, so it stays.
pub(super) fn drop_titles(draft: &mut Draft<'_>) -> Result<(), Error> {
    draft.each_schema(|pointer, schema| {
        let holder = pointer.rsplit('/').nth(1);
        if !matches!(holder, Some("oneOf" | "anyOf"))
            && let Some(map) = schema.as_object_mut()
        {
            map.remove("title");
        }
    });
    Ok(())
}

/// Removes repeated values. JSON Schema says that the values of an `enum` should be unique, and a repeated value would
/// become two variants.
pub(super) fn unique_enum_values(draft: &mut Draft<'_>) -> Result<(), Error> {
    draft.each_schema(|_, schema| {
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            let mut seen = BTreeSet::new();
            values.retain(|value| seen.insert(value.to_string()));
        }
    });
    Ok(())
}

pub(super) fn enum_to_items(draft: &mut Draft<'_>) -> Result<(), Error> {
    draft.each_schema(|_, schema| {
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

/// Removes bounds. Responses are not validated here, and requests are validated by the client's own types.
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
    draft.each_schema(|_, schema| {
        let Some(map) = schema.as_object_mut() else { return };
        map.retain(|key, _| !BOUNDS.contains(&key.as_str()));
        if map.get("type").is_some_and(|kind| kind == "string") {
            map.remove("format");
        }
        if map.get("additionalProperties") == Some(&Value::Bool(false)) {
            map.remove("additionalProperties");
        }
        // Remove defaults, since the client would otherwise send or assume the document's default.
        map.remove("default");
    });
    Ok(())
}

pub(super) fn null_is_absent(draft: &mut Draft<'_>) -> Result<(), Error> {
    draft.each_schema(|_, schema| {
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
    fn a_title_goes_but_beside_alternatives_and_a_property_of_that_name_stays() {
        let left = schema(
            "drop-titles",
            &json!({
                "title": "A",
                "properties": { "title": { "title": "T" }, "oneOf": { "title": "O" } },
                "oneOf": [{ "title": "First" }],
            }),
        );
        assert_eq!(
            left,
            json!({ "properties": { "title": {}, "oneOf": {} }, "oneOf": [{ "title": "First" }] })
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
