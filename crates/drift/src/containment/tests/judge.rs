//! The judge as the engine uses it, compared with a second validator that is given a schema's meaning. Also the texts
//! of its reasons.

use openapi_document::Version;
use serde_json::{Value, json};

use super::pools::{arrays, columns, objects, read, told_apart};
use super::{Second, Sole};
use crate::containment::engine::{Engine, Question};
use crate::containment::reading::Reading;
use crate::containment::verdict::Verdict;
use crate::options::Nullable;
use crate::report::Direction;

struct Asked<'v> {
    schema: &'v Value,
    version: Version,
    direction: Option<Direction>,
    reading: Reading,
}

const LENIENT: Reading = Reading {
    nullable: Nullable::Lenient,
    formats: false,
};

impl<'v> Asked<'v> {
    fn new(schema: &'v Value, version: Version) -> Self {
        Self {
            schema,
            version,
            direction: None,
            reading: LENIENT,
        }
    }

    fn with<T>(&self, ask: impl for<'d> FnOnce(&mut Engine<'d>, Question<'d>) -> T) -> T {
        let schema = Sole::new(self.schema, self.version);
        let mut engine = Engine::new([&schema.document; 2], self.reading, 1);
        ask(&mut engine, schema.question(0, self.direction))
    }

    /// Asserts that the judge and the second validator agree on every value.
    #[track_caller]
    fn means(&self, meaning: &Value, values: &[Value]) {
        let second = Second::new(meaning);
        self.with(|engine, question| {
            for value in values {
                let admitted = engine.admits(question, value);
                assert_eq!(admitted, Ok(second.admits(value)), "{value} of {}", self.schema);
                let refused = engine.refusal(question, value);
                assert_eq!(
                    refused.is_none(),
                    second.admits(value),
                    "{value} of {}",
                    self.schema
                );
            }
        });
    }

    fn admits(&self, value: &Value) -> Result<bool, String> {
        self.with(|engine, question| engine.admits(question, value))
    }
}

fn values() -> Vec<Value> {
    let mut values = told_apart();
    // The second validator computes with floating-point numbers.
    values.retain(|value| *value != json!(1e19));
    values.extend(arrays(
        &[json!(0), json!(1), json!("a"), json!(true), json!(null)],
        3,
    ));
    values.extend(objects(&["a", "b", "c", "ab"], &[json!(1), json!("a")]));
    values
}

#[test]
fn every_keyword_is_handed_on() {
    let values = values();
    for lines in [
        include_str!("pools/kinds.jsonl"),
        include_str!("pools/numbers.jsonl"),
        include_str!("pools/strings.jsonl"),
        include_str!("pools/arrays.jsonl"),
        include_str!("pools/counts.jsonl"),
        include_str!("pools/differences.jsonl"),
        include_str!("pools/objects.jsonl"),
    ] {
        for schema in lines.lines().map(read) {
            Asked::new(&schema, Version::V3_1).means(&schema, &values);
        }
    }
}

#[test]
fn the_older_version_is_read_as_it_is_meant() {
    let values = told_apart();
    for [old, lenient, strict] in columns(include_str!("pools/openapi-3.0.jsonl")) {
        let mut asked = Asked::new(&old, Version::V3_0);
        asked.means(&lenient, &values);
        asked.reading.nullable = Nullable::Strict;
        asked.means(&strict, &values);
    }
}

#[test]
fn an_unsent_property_is_not_missing() {
    let values = told_apart();
    for [schema, request, response] in columns(include_str!("pools/directions.jsonl")) {
        for dialect in [Version::V3_0, Version::V3_1] {
            let mut asked = Asked::new(&schema, dialect);
            asked.direction = Some(Direction::Request);
            asked.means(&request, &values);
            asked.direction = Some(Direction::Response);
            asked.means(&response, &values);
        }
    }
}

#[test]
fn a_keyword_of_the_wrong_type_has_no_effect() {
    for odd in [
        json!({"properties": 1, "patternProperties": [], "dependentSchemas": null, "items": [{"type": "null"}]}),
        json!({"allOf": {}, "anyOf": 1, "oneOf": "x", "prefixItems": true, "required": "a", "allOf": []}),
        json!({"minimum": "1", "multipleOf": null, "minLength": -1, "maxItems": 1.5, "minProperties": "2"}),
        json!({"uniqueItems": 1, "pattern": 7, "type": 3, "enum": "a", "$ref": 4, "nullable": "yes", "format": "ipv4"}),
        json!({"minContains": "x", "title": {"type": "string"}, "x-a": {"type": "string"}, "exclusiveMinimum": true}),
    ] {
        Asked::new(&odd, Version::V3_1).means(&json!(true), &told_apart());
    }
    let twice = json!({"required": ["a", "a", "b"], "minLength": 1.0});
    Asked::new(&twice, Version::V3_1).means(&json!({"required": ["a", "b"], "minLength": 1}), &told_apart());
}

#[test]
fn references_are_followed_in_the_document_only() {
    let document = |reference: &str| {
        json!({"$ref": reference, "$defs": {"a": {"type": "string"}, "a/b ~c%": {"type": "null"}, "a_b": {"type": "null"},
            "a b": {"$ref": "#/$defs/a"}, "list": {"items": {"$ref": "#/$defs/list"}, "type": "array"}}})
    };
    for (reference, meaning) in [
        ("#/$defs/a", json!({"type": "string"})),
        ("#/$defs/a~1b%20~0c%25", json!({"type": "null"})),
        ("#/$defs/a%20b", json!({"type": "string"})),
        ("#/%24defs/a_b", json!({"type": "null"})),
        (
            "#/$defs/list",
            json!({"type": "array", "items": {"type": "array", "items": {"type": "array"}}}),
        ),
    ] {
        for dialect in [Version::V3_0, Version::V3_1] {
            Asked::new(&document(reference), dialect).means(&meaning, &told_apart());
        }
    }
    for reference in ["#/$defs/none", "other.json#/a", "#/$defs/%zz", "#/$defs/%4", "a"] {
        let schema = document(reference);
        let why = Asked::new(&schema, Version::V3_1).admits(&json!(1)).unwrap_err();
        assert!(
            why.contains(&format!("its reference {reference:?} cannot be followed")),
            "{why}"
        );
    }
}

#[test]
fn the_judge_follows_names() {
    for schema in [
        json!({"$ref": "#name", "$defs": {"a": {"$anchor": "name", "type": "string"}}}),
        json!({"$ref": "http://a.test/s", "$defs": {"a": {"$id": "http://a.test/s", "type": "string"}}}),
        json!({"$id": "http://a.test/s", "$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}),
        json!({"$id": "http://a.test/s", "type": "string"}),
    ] {
        Asked::new(&schema, Version::V3_1).means(&json!({"type": "string"}), &told_apart());
    }
}

#[test]
fn formats_refuse_only_where_they_are_asserted() {
    let schema = json!({"format": "ipv4"});
    for dialect in [Version::V3_0, Version::V3_1, Version::JsonSchema] {
        let mut asked = Asked::new(&schema, dialect);
        assert_eq!(asked.admits(&json!("a")), Ok(true));
        asked.reading.formats = true;
        assert_eq!(asked.admits(&json!("a")), Ok(false));
        assert_eq!(asked.admits(&json!("192.0.2.1")), Ok(true));
    }
}

/// The reason why a schema refuses a value, as it is reported with a witness.
#[track_caller]
fn because(schema: &Value, value: &Value) -> String {
    match super::ask(&json!({ "const": value }), schema) {
        Verdict::Refuted(refutation) => refutation.because,
        other => panic!("{other:?}"),
    }
}

#[test]
fn why_a_witness_is_refused_is_told_with_its_place() {
    assert_eq!(
        because(&json!({"items": {"type": "integer"}}), &json!(["x"])),
        r#"at /0: "x" is not of type "integer""#
    );
    assert_eq!(
        because(&json!({"type": "integer"}), &json!("x")),
        r#""x" is not of type "integer""#
    );
}

#[test]
fn lists_of_types_are_read_like_one_type() {
    for (written, meaning) in [
        (
            json!({"type": ["integer", "null"], "format": "int32"}),
            json!({"type": ["integer", "null"], "minimum": i32::MIN, "maximum": i32::MAX}),
        ),
        (
            json!({"type": ["string", "null"], "format": "int32"}),
            json!({"type": ["string", "null"]}),
        ),
        (
            json!({"type": ["array", "null"], "enum": ["a"]}),
            json!({"type": ["array", "null"], "items": {"const": "a"}}),
        ),
        (
            json!({"type": ["array", "string"], "enum": ["a"]}),
            json!({"const": "a"}),
        ),
        (json!({"type": "array", "enum": [null, "a"]}), json!(false)),
    ] {
        Asked::new(&written, Version::V3_1).means(&meaning, &told_apart());
    }
}

#[test]
fn objects_in_arrays_are_judged_whole() {
    let schema = json!({"items": {"properties": {"a": {"type": "integer"}, "b": false}}});
    let values = [
        json!([{"a": 1}]),
        json!([{"a": "x"}]),
        json!([{"b": 1}]),
        json!([[{"b": 1}], {"c": 1}]),
    ];
    Asked::new(&schema, Version::V3_1).means(&schema, &values);
}
