//! A schema of OpenAPI 3.0 as JSON Schema of draft 4, compiled when it is first needed.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// A chain of references or a nesting longer than this is a mistake or an attack, not a schema.
pub(crate) const DEPTH: usize = 64;

/// Who sends the value: a property may be for reading only, or for writing only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Response,
}

/// A schema at its place in a document.
pub(crate) struct Schema {
    document: Arc<Value>,
    raw: Value,
    direction: Direction,
    validator: OnceLock<Option<Validator>>,
}

/// Where a value breaks its schema. Carries no value: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// JSON pointer into the value.
    pub(crate) pointer: String,
    /// The property that is missing, when that is the trouble.
    pub(crate) missing: Option<String>,
    /// The JSON Schema keyword that was broken.
    pub(crate) keyword: String,
    pub(crate) reason: String,
}

impl Schema {
    pub(crate) fn new(document: Arc<Value>, raw: Value, direction: Direction) -> Self {
        Self {
            document,
            raw,
            direction,
            validator: OnceLock::new(),
        }
    }

    pub(crate) fn raw(&self) -> &Value {
        &self.raw
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// The first violation, a missing property before anything else; `None` when the value conforms.
    pub(crate) fn violation(&self, value: &Value) -> Option<Violation> {
        let validator = self.validator.get_or_init(|| self.compile()).as_ref()?;
        let mut all = validator
            .iter_errors(value)
            .map(|error| violation(&error))
            .take(16);
        let first = all.next()?;
        if first.missing.is_some() {
            return Some(first);
        }
        Some(all.find(|later| later.missing.is_some()).unwrap_or(first))
    }

    /// A schema that no validator understands (a dangling reference, a broken pattern) constrains nothing.
    fn compile(&self) -> Option<Validator> {
        let mut schema = translate(&self.raw, self.direction, 0);
        let mut schemas = Map::new();
        let mut wanted = BTreeSet::new();
        references(&schema, &mut wanted);
        while let Some(name) = wanted.pop_first() {
            if schemas.contains_key(&name) {
                continue;
            }
            if let Some(found) = self
                .document
                .pointer("/components/schemas")
                .and_then(|all| all.get(&name))
            {
                let found = translate(found, self.direction, 0);
                references(&found, &mut wanted);
                schemas.insert(name, found);
            }
        }
        // Beside a `$ref` nothing else counts in draft 4, so the components need a root of their own.
        schema = json!({"allOf": [schema], "components": {"schemas": schemas}});
        match jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .build(&schema)
        {
            Ok(validator) => Some(validator),
            Err(error) => {
                tracing::warn!(%error, "a schema of the document is unusable, so nothing is held to it");
                None
            }
        }
    }
}

fn violation(error: &jsonschema::ValidationError<'_>) -> Violation {
    use jsonschema::error::ValidationErrorKind;
    let missing = match error.kind() {
        ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
        _ => None,
    };
    Violation {
        pointer: error.instance_path().to_string(),
        missing,
        keyword: error.kind().keyword().to_owned(),
        reason: error.masked().to_string(),
    }
}

/// Rewrites one schema. Only what JSON Schema knows is kept; what OpenAPI 3.0 says its own way is translated.
fn translate(schema: &Value, direction: Direction, depth: usize) -> Value {
    let Some(schema) = schema.as_object() else {
        // `additionalProperties: false` and the like.
        return if schema.is_boolean() {
            schema.clone()
        } else {
            json!({})
        };
    };
    if depth > DEPTH {
        return json!({});
    }
    if let Some(reference) = schema.get("$ref") {
        return json!({ "$ref": reference });
    }
    let mut out = Map::new();
    for (keyword, value) in schema {
        let translated = match (keyword.as_str(), value) {
            ("items" | "additionalProperties" | "not", _) => translate(value, direction, depth + 1),
            ("allOf" | "anyOf" | "oneOf", Value::Array(all)) => all
                .iter()
                .map(|one| translate(one, direction, depth + 1))
                .collect(),
            ("properties", Value::Object(all)) => Value::Object(
                all.iter()
                    .map(|(name, one)| (name.clone(), translate(one, direction, depth + 1)))
                    .collect(),
            ),
            ("required", Value::Array(names)) => {
                let names: Vec<_> = names
                    .iter()
                    .filter(|name| !is_other_way(schema, name, direction))
                    .cloned()
                    .collect();
                // Draft 4 wants at least one name.
                if names.is_empty() {
                    continue;
                }
                Value::Array(names)
            }
            (
                "type" | "enum" | "format" | "pattern" | "minLength" | "maxLength" | "minimum" | "maximum"
                | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" | "minItems" | "maxItems"
                | "uniqueItems" | "minProperties" | "maxProperties",
                _,
            ) => value.clone(),
            _ => continue,
        };
        out.insert(keyword.clone(), translated);
    }
    mend_array_enum(&mut out);
    if schema.get("nullable") == Some(&Value::Bool(true))
        && let Some(kind) = out.get_mut("type")
    {
        *kind = json!([kind, "null"]);
    }
    Value::Object(out)
}

/// The vendor puts the `enum` of an array's items on the array, where no array can satisfy it; it is read as meant.
fn mend_array_enum(schema: &mut Map<String, Value>) {
    let on_array = schema.get("type").is_some_and(|kind| kind == "array")
        && schema
            .get("enum")
            .and_then(Value::as_array)
            .is_some_and(|all| !all.iter().any(Value::is_array));
    if on_array
        && schema.get("items").is_some_and(Value::is_object)
        && let Some(values) = schema.remove("enum")
    {
        schema["items"]["enum"] = values;
    }
}

/// True for a required property that this side does not send.
fn is_other_way(schema: &Map<String, Value>, name: &Value, direction: Direction) -> bool {
    let marker = match direction {
        Direction::Request => "readOnly",
        Direction::Response => "writeOnly",
    };
    let property = name.as_str().and_then(|name| schema.get("properties")?.get(name));
    property.and_then(|property| property.get(marker)) == Some(&Value::Bool(true))
}

fn references(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(component) {
                found.insert(name);
            }
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(all) => all.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn component(reference: &str) -> Option<String> {
    let name = reference
        .strip_prefix("#/components/schemas/")?
        .split('/')
        .next()?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

/// Follows `$ref`s inside the document; `None` when one leads nowhere, outside or in a circle.
pub(crate) fn resolve<'a>(document: &'a Value, mut value: &'a Value) -> Option<&'a Value> {
    for _ in 0..DEPTH {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
            return Some(value);
        };
        value = document.pointer(reference.strip_prefix('#')?)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(raw: Value) -> Schema {
        let document = json!({"components": {"schemas": {
            "Name": {"type": "string", "minLength": 2},
            "Loop": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Loop"}}},
        }}});
        Schema::new(Arc::new(document), raw, Direction::Request)
    }

    #[test]
    fn null_is_allowed_only_where_the_schema_is_nullable() {
        assert!(
            request(json!({"type": "string", "nullable": true}))
                .violation(&Value::Null)
                .is_none()
        );
        assert_eq!(
            request(json!({"type": "string"}))
                .violation(&Value::Null)
                .unwrap()
                .keyword,
            "type"
        );
    }

    #[test]
    fn an_enum_on_an_array_is_held_against_its_items() {
        let schema = request(json!({"type": "array", "items": {"type": "string"}, "enum": ["a", "b"]}));
        assert!(schema.violation(&json!(["a", "b", "a"])).is_none());
        assert_eq!(schema.violation(&json!(["c"])).unwrap().pointer, "/0");
    }

    #[test]
    fn a_reference_is_followed_and_a_circle_ends() {
        let schema = request(json!({"$ref": "#/components/schemas/Name"}));
        assert_eq!(schema.violation(&json!("x")).unwrap().keyword, "minLength");
        let schema = request(json!({"$ref": "#/components/schemas/Loop"}));
        assert_eq!(
            schema.violation(&json!({"next": {"next": 1}})).unwrap().pointer,
            "/next/next"
        );
    }

    #[test]
    fn a_missing_property_is_told_before_a_wrong_one() {
        let schema = request(json!({
            "type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}},
        }));
        assert_eq!(
            schema.violation(&json!({"a": 1})).unwrap().missing.as_deref(),
            Some("b")
        );
    }

    #[test]
    fn a_read_only_property_is_not_required_of_a_request() {
        let schema = request(json!({
            "type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": true}},
        }));
        assert!(schema.violation(&json!({})).is_none());
    }

    #[test]
    fn a_violation_does_not_repeat_the_value() {
        let found = request(json!({"type": "string", "maxLength": 2}))
            .violation(&json!("secret"))
            .unwrap();
        assert!(!found.reason.contains("secret"), "{}", found.reason);
    }

    #[test]
    fn a_dangling_reference_constrains_nothing() {
        assert!(
            request(json!({"$ref": "#/components/schemas/Gone"}))
                .violation(&json!(1))
                .is_none()
        );
    }
}
