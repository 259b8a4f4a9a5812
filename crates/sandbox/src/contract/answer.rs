//! Answers in the words of the document: what the sandbox knows, cut and filled until the schema is kept.
//!
//! Behaviour says all it knows (a wallet's `network` and its `type`); the document decides which of it is told. So one
//! set of behaviour speaks every version of the API, and an operation it knows nothing about still answers validly.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::scalar::scalar;
use super::schema::{DEPTH, Schema, resolve};
use super::{Declared, Operation, Violation};
use crate::problem::{Problem, nearest};

/// What goes out: a status the document declares, and a body that keeps its schema.
pub(crate) struct Spoken {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
    /// Headers that the document asks for.
    pub(crate) headers: Vec<(String, String)>,
    /// How the body breaks the document after all. A fault of the sandbox or of the document.
    pub(crate) violation: Option<Violation>,
}

impl Operation {
    /// Puts a success into the document's words: its own 2xx status, its own fields.
    pub(crate) fn speak(&self, status: u16, known: Option<&Value>) -> Spoken {
        let declared = self.answer(status).is_some();
        let status = if declared {
            status
        } else {
            self.first_success().unwrap_or(status)
        };
        // A 204 has no body, whatever the document says of it.
        let body = (status != 204).then(|| match self.schema(status) {
            Some(schema) => Some(Speaker::new(schema.document()).speak(known, schema.raw(), 0)),
            None => known.cloned(),
        });
        self.judged(status, body.flatten())
    }

    /// Puts a refusal into the document's words: the declared status that says nearly the same.
    pub(crate) fn refuse(&self, problem: &Problem, body: &Value) -> Spoken {
        let near = nearest(problem.status)
            .iter()
            .copied()
            .find(|status| self.answer(*status).is_some());
        let status = if problem.undeclared {
            problem.status
        } else {
            near.unwrap_or(problem.status)
        };
        let body = match self.schema(status) {
            Some(schema) => Speaker::new(schema.document()).speak(Some(body), schema.raw(), 0),
            None => body.clone(),
        };
        self.judged(status, Some(body))
    }

    fn judged(&self, status: u16, body: Option<Value>) -> Spoken {
        let schema = self.schema(status).filter(|_| status != 204);
        let violation = schema.and_then(|schema| schema.violation(body.as_ref().unwrap_or(&Value::Null)));
        let headers = self.answer(status).map_or(&[][..], |declared| &declared.headers);
        let headers = headers.iter().map(|(name, schema)| {
            let value = Speaker::new(schema.document()).speak(None, schema.raw(), 0);
            (
                name.clone(),
                value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            )
        });
        Spoken {
            status,
            body,
            headers: headers.collect(),
            violation,
        }
    }

    pub(super) fn schema(&self, status: u16) -> Option<&Schema> {
        self.answer(status).and_then(|declared| declared.schema.as_ref())
    }

    /// What the document declares for a status: itself, its range, or `default`.
    fn answer(&self, status: u16) -> Option<&Declared> {
        let range = format!("{}XX", status / 100);
        self.answers
            .get(&status.to_string())
            .or_else(|| {
                self.answers
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(&range))
                    .map(|(_, answer)| answer)
            })
            .or_else(|| self.answers.get("default"))
    }

    fn first_success(&self) -> Option<u16> {
        self.answers
            .keys()
            .filter_map(|status| status.parse().ok())
            .find(|status| (200..300).contains(status))
    }
}

/// The most schemas that are looked at for one answer: a document that goes in circles must not take for ever.
pub(super) const STEPS: u32 = 20_000;

struct Speaker<'a> {
    document: &'a Value,
    left: Cell<u32>,
}

impl<'a> Speaker<'a> {
    fn new(document: &'a Value) -> Self {
        Self {
            document,
            left: Cell::new(STEPS),
        }
    }

    /// Whether one more schema may be looked at.
    fn step(&self, depth: usize) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0 && depth < DEPTH
    }

    /// A value for `schema` that says as much of `known` as the schema has room for.
    fn speak(&self, known: Option<&Value>, schema: &Value, depth: usize) -> Value {
        let Some(schema) = resolve(self.document, schema).filter(|_| self.step(depth)) else {
            return known.cloned().unwrap_or(Value::Null);
        };
        if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
            return self.speak(known, &self.merged(schema, all, depth), depth + 1);
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(all) = schema.get(keyword).and_then(Value::as_array)
                && let Some(chosen) = all.iter().find(|one| self.suits(known, one)).or(all.first())
            {
                return self.speak(known, chosen, depth + 1);
            }
        }
        let kind = schema.get("type").and_then(Value::as_str);
        if let Some(values) = schema
            .get("enum")
            .and_then(Value::as_array)
            .filter(|_| kind != Some("array"))
        {
            return known
                .filter(|known| values.contains(known))
                .or(values.first())
                .cloned()
                .unwrap_or(Value::Null);
        }
        if known == Some(&Value::Null) && schema.get("nullable") == Some(&Value::Bool(true)) {
            return Value::Null;
        }
        let is_object = kind == Some("object") || (kind.is_none() && schema.get("properties").is_some());
        match kind {
            _ if is_object => self.object(known, schema, depth),
            Some("array") => self.array(known, schema, depth),
            Some(kind @ ("string" | "integer" | "number" | "boolean")) => scalar(known, kind, schema),
            _ => known.cloned().unwrap_or_else(|| Value::Object(Map::new())),
        }
    }

    fn object(&self, known: Option<&Value>, schema: &Value, depth: usize) -> Value {
        let known = known.and_then(Value::as_object);
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
        let mut out = Map::new();
        for (name, property) in properties.into_iter().flatten() {
            let value = known.and_then(|known| known.get(name));
            if value.is_some() || is_required(name) {
                out.insert(name.clone(), self.speak(value, property, depth + 1));
            }
        }
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !out.contains_key(name) {
                let value = known.and_then(|known| known.get(name)).cloned();
                out.insert(
                    name.to_owned(),
                    value.unwrap_or_else(|| Value::String(String::new())),
                );
            }
        }
        let mut added = Vec::new();
        // An object without declared properties is free-form; with them, what is not declared is not told.
        let free = schema.get("additionalProperties");
        if (properties.is_none() && free != Some(&Value::Bool(false))) || free == Some(&Value::Bool(true)) {
            for (name, value) in known
                .into_iter()
                .flatten()
                .filter(|(name, _)| !out.contains_key(*name))
            {
                let value = match free {
                    Some(of_values @ Value::Object(_)) => self.speak(Some(value), of_values, depth + 1),
                    _ => value.clone(),
                };
                added.push((name.clone(), value));
            }
        }
        out.extend(added);
        Value::Object(out)
    }

    fn array(&self, known: Option<&Value>, schema: &Value, depth: usize) -> Value {
        let any = Value::Object(Map::new());
        let mut items = schema.get("items").unwrap_or(&any).clone();
        // As in `schema`: an enum on the array is meant for its items.
        if let Some(values) = schema
            .get("enum")
            .filter(|_| items.is_object() && items.get("$ref").is_none())
        {
            items["enum"] = values.clone();
        }
        let known = known.and_then(Value::as_array);
        let mut out: Vec<Value> = known
            .into_iter()
            .flatten()
            .map(|value| self.speak(Some(value), &items, depth + 1))
            .collect();
        let bound = |keyword| {
            schema
                .get(keyword)
                .and_then(Value::as_u64)
                .and_then(|n| usize::try_from(n).ok())
        };
        // A bound beyond reason is not worth the memory.
        while out.len() < bound("minItems").unwrap_or(0).min(1000) {
            out.push(self.speak(None, &items, depth + 1));
        }
        out.truncate(bound("maxItems").unwrap_or(usize::MAX));
        Value::Array(out)
    }

    /// `allOf` as one object schema: the properties and required names of all its parts.
    fn merged(&self, schema: &Value, all: &[Value], depth: usize) -> Value {
        let mut merged = schema.as_object().cloned().unwrap_or_default();
        merged.remove("allOf");
        for part in all {
            let Some(part) = resolve(self.document, part).filter(|_| self.step(depth)) else {
                continue;
            };
            let part = match part.get("allOf").and_then(Value::as_array) {
                Some(inner) => self.merged(part, inner, depth + 1),
                _ => part.clone(),
            };
            for (keyword, value) in part.as_object().into_iter().flatten() {
                match (merged.get_mut(keyword), value) {
                    (Some(Value::Object(into)), Value::Object(more)) => {
                        into.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
                    }
                    (Some(Value::Array(into)), Value::Array(more)) if keyword == "required" => {
                        into.extend(more.iter().cloned());
                    }
                    (Some(_), _) => {}
                    (None, value) => {
                        merged.insert(keyword.clone(), value.clone());
                    }
                }
            }
        }
        Value::Object(merged)
    }

    /// Whether an alternative is the one `known` was meant for: it has the right type and all its required names.
    fn suits(&self, known: Option<&Value>, schema: &Value) -> bool {
        let (Some(known), Some(schema)) = (known, resolve(self.document, schema)) else {
            return false;
        };
        let kind = schema.get("type").and_then(Value::as_str);
        let names = schema.get("required").and_then(Value::as_array);
        match known {
            Value::Object(known) => {
                kind.is_none_or(|kind| kind == "object")
                    && names
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str)
                        .all(|name| known.contains_key(name))
            }
            Value::Array(_) => kind == Some("array"),
            Value::String(_) => kind == Some("string"),
            Value::Number(_) => matches!(kind, Some("number" | "integer")),
            Value::Bool(_) => kind == Some("boolean"),
            Value::Null => schema.get("nullable") == Some(&Value::Bool(true)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::schema::Direction;
    use super::*;

    fn speak(known: &Value, schema: Value) -> Value {
        let document = json!({"components": {"schemas": {
            "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
            "Loop": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Base"}}},
        }}});
        let schema = Schema::new(Arc::new(document), schema, Direction::Response);
        let spoken = Speaker::new(schema.document()).speak(Some(known), schema.raw(), 0);
        assert_eq!(schema.violation(&spoken), None, "{spoken}");
        spoken
    }

    #[test]
    fn what_the_document_does_not_declare_is_not_told() {
        let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        assert_eq!(speak(&json!({"a": "1", "b": "2"}), schema), json!({"a": "1"}));
    }

    #[test]
    fn what_the_document_requires_is_made_up() {
        let schema = json!({"type": "object", "required": ["when"], "properties": {
            "when": {"type": "string", "format": "date-time"}, "other": {"type": "string"},
        }});
        assert_eq!(speak(&json!({}), schema), json!({"when": "2022-11-30T12:00:00Z"}));
    }

    #[test]
    fn a_value_outside_the_enum_becomes_one_inside() {
        assert_eq!(
            speak(&json!("BTC"), json!({"type": "string", "enum": ["ETH", "MATIC"]})),
            json!("ETH")
        );
    }

    #[test]
    fn a_decimal_text_becomes_a_number_where_one_is_wanted() {
        assert_eq!(
            speak(&json!("12.50"), json!({"type": "number"})).as_f64(),
            Some(12.5)
        );
    }

    #[test]
    fn a_value_that_breaks_its_schema_is_made_to_fit() {
        for schema in [
            json!({"type": "string", "pattern": "^[A-Z]{3}-(a|b)+[0-9]{2,}$"}),
            json!({"type": "string", "minLength": 30, "maxLength": 40}),
            json!({"type": "string", "maxLength": 2}),
            json!({"type": "string", "format": "uuid"}),
            json!({"type": "integer", "minimum": 5, "exclusiveMinimum": true}),
            json!({"type": "number", "maximum": -3}),
            json!({"type": "integer", "multipleOf": 7, "minimum": 50}),
            json!({"type": "boolean"}),
        ] {
            for known in [json!("far too long or not"), json!(4), json!(null)] {
                speak(&known, schema.clone());
            }
        }
    }

    #[test]
    fn the_values_of_a_map_are_told_in_its_words() {
        let schema = json!({"type": "object", "additionalProperties": {"type": "number"}});
        assert_eq!(speak(&json!({"a": "1.5"}), schema), json!({"a": 1.5}));
    }

    #[test]
    fn the_parts_of_an_all_of_are_told_together() {
        let schema = json!({"allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
        ]});
        assert_eq!(
            speak(&json!({"id": "x", "n": 3, "z": 1}), schema),
            json!({"id": "x", "n": 3})
        );
    }

    #[test]
    fn of_alternatives_the_one_that_suits_is_told() {
        let schema = json!({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Base"}]});
        assert_eq!(speak(&json!({"id": "x"}), schema), json!({"id": "x"}));
    }
}
