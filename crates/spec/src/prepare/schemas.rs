//! Passes over schemas everywhere in a document, and the traversal that finds them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Draft;
use crate::Error;
use openapi_document::pointer::escape;
use openapi_document::{Holds, Part};

/// Visits every schema below a value that `holds` describes, inner schemas first, so that a visitor may replace the
/// schema.
///
/// The visitor gets the JSON pointer of the schema; `pointer` is the JSON pointer of `value`.
pub(crate) fn walk(value: &mut Value, holds: Holds, pointer: &str, visit: &mut impl FnMut(&str, &mut Value)) {
    match (holds, &mut *value) {
        (Holds::One(part), Value::Object(map)) => {
            for (key, inner) in map {
                if let Some(holds) = part.under(key) {
                    walk(inner, holds, &format!("{pointer}/{}", escape(key)), visit);
                }
            }
            if part == Part::Schema {
                visit(pointer, value);
            }
        }
        (Holds::Map(part), Value::Object(map)) => {
            for (name, inner) in map {
                let pointer = format!("{pointer}/{}", escape(name));
                walk(inner, Holds::One(part), &pointer, visit);
            }
        }
        (Holds::List(part), Value::Array(items)) => {
            for (index, inner) in items.iter_mut().enumerate() {
                walk(inner, Holds::One(part), &format!("{pointer}/{index}"), visit);
            }
        }
        _ => {}
    }
}

/// Visits every schema of a document, inner schemas first.
pub(crate) fn each(document: &mut Value, visit: &mut impl FnMut(&str, &mut Value)) {
    walk(document, Holds::One(Part::Document), "", visit);
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
        // A type of fewer bits would refuse a number beyond its range, or round it.
        let kind = map.get("type").and_then(Value::as_str);
        let format = map.get("format").and_then(Value::as_str);
        if matches!(kind, Some("string" | "number"))
            || (kind == Some("integer") && !matches!(format, Some("int64" | "uint64")))
        {
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
                    "small": { "type": "integer", "format": "int32" },
                    "price": { "type": "number", "format": "float" },
                },
            }),
        );
        assert_eq!(
            left,
            json!({ "type": "object", "properties": {
                "pattern": { "type": "string" }, "n": { "type": "integer", "format": "int64" },
                "small": { "type": "integer" }, "price": { "type": "number" },
            } })
        );
    }

    #[test]
    fn nullable_properties_are_optional() {
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
